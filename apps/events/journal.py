"""The journal: facts in the order in which they became true, as the Redis stream `bus.JOURNAL`.

Layout: entry id ``<seq>-0``, field ``m`` = the event as JSON (vocabulary.encode). `seq` = microseconds since 1970 by Redis's
clock, or one more than the last if that is not greater; the last stands in the key `SEQ`. So `seq` grows strictly over all
processes that write, also after a Redis that forgot everything.

Whoever must append in one atomic step with other changes (the switch) puts `APPEND` in front of its own Lua script.
"""

import logging
from dataclasses import dataclass

import msgspec
import redis

from apps.events.vocabulary import AnyEvent, Entry, Event, decode, encode
from contactcenter.lib import bus

SEQ = "cc:journal:seq"
WRITTEN = "cc:journal:written"  # seq of the newest fact in the database, as the writer told last
ALARM = bus.LENGTHS[bus.JOURNAL] // 2  # facts: from here on it is said that more of them would be lost
WAITS = 60.0  # seconds: a fact that has waited so long is not on its way, the database is away

log = logging.getLogger(__name__)

# append(seq key, journal key, greatest length, message) -> seq as a decimal string. Both keys belong into the script's KEYS.
# Lua's numbers are doubles, exact up to 2^53: enough for microseconds until the year 2255. The length only saves Redis's
# memory when nobody copies for hours; behind what is written, the writer trims (see writer.py).
APPEND = """
local function append(seq_key, journal_key, length, message)
    local time = redis.call('TIME')
    local seq = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', seq_key) or '0') + 1)
    local text = string.format('%.0f', seq)
    redis.call('SET', seq_key, text)
    redis.call('XADD', journal_key, 'MAXLEN', '~', length, text .. '-0', 'm', message)
    return text
end
"""
_APPEND_ONE = APPEND + "return append(KEYS[1], KEYS[2], ARGV[1], ARGV[2])"
_BACKLOG = """
local time = redis.call('TIME')
local after = string.format('%.0f', tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
local first = redis.call('XRANGE', KEYS[1], after, '+', 'COUNT', 1)[1]
return {redis.call('XLEN', KEYS[1]), time[1] * 1000000 + time[2], first and first[1] or ''}
"""
_RAISE = """
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """`facts`: all that are in Redis, also those that are in the database too. `waiting`: seconds since the first one that is not."""

    facts: int
    waiting: float

    def warning(self) -> str:
        """Empty: nothing is in danger."""
        if self.facts < ALARM or self.waiting < WAITS:
            return ""
        most = bus.LENGTHS[bus.JOURNAL]
        return f"facts wait for the database since {self.waiting:.0f} s; Redis holds {self.facts} of {most}, then the oldest are lost"


def backlog(source: redis.Redis) -> Backlog:
    """What still has to reach the database. Errors: `redis.RedisError`."""
    return backlog_of(source.eval(*BACKLOG))


BACKLOG = (_BACKLOG, 2, bus.JOURNAL, WRITTEN)  # for `eval`, also in a pipeline; the answer goes to `backlog_of`


def backlog_of(answer: tuple[int, int, bytes]) -> Backlog:
    facts, now, first = answer
    return Backlog(facts, max(0.0, (now - int(first.split(b"-")[0])) / 1e6) if first else 0.0)


def append(to: redis.Redis, event: Event) -> int:
    """Append one fact; returns its seq. Errors: `redis.RedisError`, and then it may or may not be in the journal."""
    return int(to.eval(_APPEND_ONE, 2, SEQ, bus.JOURNAL, bus.LENGTHS[bus.JOURNAL], encode(event)))


def raise_floor(to: redis.Redis, seq: int) -> None:
    """See to it that the next fact comes after `seq`, even if Redis lost its data and its clock was set back."""
    to.eval(_RAISE, 1, SEQ, seq)


def read_encoded(source: redis.Redis, after_seq: int, *, count: int = 500, block_ms: int | None = None) -> list[tuple[int, bytes]]:
    """(seq, event as JSON) after `after_seq`, oldest first, at most `count`; waits up to `block_ms` for the first (None: does not wait)."""
    found = bus.read(source, bus.JOURNAL, f"{after_seq}-0", block_ms=block_ms, count=count)
    return [(int(entry_id.split("-")[0]), message) for entry_id, message in found]


def read(source: redis.Redis, after_seq: int, *, count: int = 500, block_ms: int | None = None) -> list[Entry]:
    """As `read_encoded`, decoded. What this process does not understand (a newer one wrote it) is left out and logged."""
    return [
        Entry(seq, event)
        for seq, message in read_encoded(source, after_seq, count=count, block_ms=block_ms)
        if (event := understood(seq, message)) is not None
    ]


def understood(seq: int, message: bytes) -> AnyEvent | None:
    """The event, or None if it is none of the vocabulary's."""
    try:
        return decode(message)
    except msgspec.DecodeError:  # ValidationError is one of them; its text may quote a caller's data, so it is not logged
        log.error("fact %d is not understood", seq)
        return None


def trim(source: redis.Redis, seq: int) -> int:
    """Forget all facts before `seq`; returns how many."""
    return source.xtrim(bus.JOURNAL, minid=f"{seq}-0", approximate=False)
