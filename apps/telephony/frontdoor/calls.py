"""Which cell has which call, and how many calls a trunk has: in memory, and in Redis for a front door that is started again.

A call is counted while its cell answers probes: an entry lapses after `COUNT_SECONDS` unless it is renewed, so neither a
lost BYE nor a killed process holds a place for good.
"""

import time
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import redis.asyncio
from msgspec import Struct

from apps.telephony import leases

PROBE_SECONDS = 20.0
COUNT_SECONDS = 75.0  # a place in a trunk: three probes may get lost
MEMORY_SECONDS = 40.0  # how long the cell of a call that is over is remembered, for retransmissions (RFC 3261: 64 * T1 = 32 s)
MAX_REMEMBERED = 20_000
NoSeat = Literal["trunk full", "warming", "full"]
_NO_SEATS: dict[bytes, NoSeat] = {b"trunk full": "trunk full", b"warming": "warming", b"full": "full"}

# Lua: whether `key` has a place among a trunk's `calls` now.
_ADMIT = """
local function admit(calls, key, most, seconds)
  redis.call('ZREMRANGEBYSCORE', calls, '-inf', now)
  if not redis.call('ZSCORE', calls, key) and redis.call('ZCARD', calls) >= tonumber(most) then return false end
  redis.call('ZADD', calls, now + seconds, key)
  redis.call('EXPIRE', calls, math.ceil(seconds * 2))
  return true
end
"""
# All that a new call in needs, in one round trip: it is on the caller's way to his prompt.
# KEYS: the trunk's calls, the call's record, then those of leases.TAKE. ARGV: key, trunk, CSeq, most calls, seconds, seconds of a lease.
# Returns the call's record as it is now, or why there is none: trunk full, warming (it keeps its place), full.
_SEAT = f"""{leases.NOW}{_ADMIT}{leases.TAKE}
local record = redis.call('GET', KEYS[2])
if record and cjson.decode(record).cseq == tonumber(ARGV[3]) then return record end
if not admit(KEYS[1], ARGV[1], ARGV[4], ARGV[5]) then return 'trunk full' end
local cell = take(KEYS[3], KEYS[4], KEYS[5], ARGV[6])
if cell == 'full' then redis.call('ZREM', KEYS[1], ARGV[1]) end
local address = string.match(cell, '%S+ (%S+)')
if not address then return cell end
record = cjson.encode({{key = ARGV[1], address = address, trunk = ARGV[2], cseq = tonumber(ARGV[3])}})
redis.call('SET', KEYS[2], record, 'EX', ARGV[5])
return record
"""
# A call out: its place and its record. KEYS: the trunk's calls, the call's record. ARGV: key, most calls, seconds, record.
_LET_OUT = f"""{leases.NOW}{_ADMIT}
if not admit(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[3])
return 1
"""
# KEYS: the trunk's calls, the call's record. ARGV: key, record, seconds. Also puts back what a restart of Redis lost.
_RENEW = f"""{leases.NOW}
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3] * 2))
redis.call('SET', KEYS[2], ARGV[2], 'EX', math.ceil(ARGV[3]))
"""


class Placed(Struct, frozen=True):
    """`address`: the cell's SIP host:port. `cseq`: of the INVITE that got it (another one: a new try); 0: the cell called."""

    key: str
    address: str
    trunk: str
    cseq: int


def trunk_key(trunk: str) -> str:
    return f"cc:frontdoor:trunk:{trunk}"


def call_record(key: str) -> str:
    return f"cc:frontdoor:call:{key}"


@dataclass
class _Remembered:
    placed: Placed
    until: float  # monotonic
    over: bool = False


@dataclass
class Calls:
    """The register of one front door. Its methods raise `redis.RedisError` where Redis is needed and away."""

    redis: redis.asyncio.Redis
    _known: dict[str, _Remembered] = field(default_factory=dict)
    _of_cell: dict[str, list[str]] = field(default_factory=dict)  # address -> keys of its caller's call, and of those it made since

    async def seat(self, trunk: str, key: str, cseq: int, most: int) -> Placed | NoSeat:
        """A place in `trunk` and a cell for a new call; or what an earlier process has given this INVITE."""
        keys = (trunk_key(trunk), call_record(key), leases.OFFERS, leases.ROOM, leases.LEASED)
        answer = await self.redis.eval(_SEAT, len(keys), *keys, key, trunk, cseq, most, int(COUNT_SECONDS), leases.LEASE_SECONDS)
        if answer in _NO_SEATS:
            return _NO_SEATS[answer]
        placed = msgspec.json.decode(answer, type=Placed)
        await self._take_over(placed)
        return placed

    async def let_out(self, trunk: str, key: str, cell: str, most: int) -> bool:
        """The cell at `cell` calls somebody over `trunk`. False: it has its `most` calls; True also for a call that has its place."""
        placed = Placed(key, cell, trunk, 0)
        keys, record = (trunk_key(trunk), call_record(key)), msgspec.json.encode(placed)
        room = bool(await self.redis.eval(_LET_OUT, len(keys), *keys, key, most, int(COUNT_SECONDS), record))
        if room:
            self._remember(placed)
        return room

    async def _take_over(self, placed: Placed) -> None:
        """What a cell had before its caller came is over: a cell is one call."""
        before = [key for key in self._of_cell.pop(placed.address, []) if key != placed.key and key in self._known]
        self._remember(placed)
        for key in before:
            await self.end(key)

    def _remember(self, placed: Placed) -> None:
        if len(self._known) >= MAX_REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[placed.key] = _Remembered(placed, time.monotonic() + COUNT_SECONDS)
        keys = self._of_cell.setdefault(placed.address, [])
        if placed.key not in keys:
            keys.append(placed.key)

    def recall(self, key: str) -> Placed | None:
        known = self._known.get(key)
        return known.placed if known else None

    def is_of_another(self, key: str, trunk: str) -> bool:
        """Whether `key` is a call that goes on over another trunk than `trunk`."""
        known = self._known.get(key)
        return known is not None and not known.over and known.placed.trunk != trunk

    async def find(self, key: str) -> Placed | None:
        """From memory, else from Redis: an earlier process may have placed it."""
        if placed := self.recall(key):
            return placed
        document = await self.redis.get(call_record(key))
        if not document:
            return None
        placed = msgspec.json.decode(document, type=Placed)
        self._remember(placed)
        return placed

    async def end(self, key: str) -> None:
        """The call is over: its place is free now, its cell is remembered a while. Unknown keys are ignored."""
        placed = await self.find(key)
        if placed is None or self._known[key].over:
            return
        self._known[key] = _Remembered(placed, time.monotonic() + MEMORY_SECONDS, over=True)
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.zrem(trunk_key(placed.trunk), key)
            pipe.expire(call_record(key), int(MEMORY_SECONDS))
            await pipe.execute()

    async def release(self, trunk: str, key: str) -> None:
        """A place that was not needed after all; the lease of its cell lapses."""
        self._known.pop(key, None)
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.zrem(trunk_key(trunk), key)
            pipe.delete(call_record(key))
            await pipe.execute()

    async def renew(self, key: str) -> None:
        """Its cell lives."""
        known = self._known.get(key)
        if known and not known.over:
            known.until = time.monotonic() + COUNT_SECONDS
            record = msgspec.json.encode(known.placed)
            await self.redis.eval(_RENEW, 2, trunk_key(known.placed.trunk), call_record(key), key, record, COUNT_SECONDS)

    async def load(self, trunks: list[str]) -> None:
        """After a start: the calls of `trunks` that an earlier process placed."""
        for trunk in trunks:
            for key in await self.redis.zrange(trunk_key(trunk), 0, -1):
                await self.find(key.decode())

    def running(self) -> list[Placed]:
        """Calls to probe; forgets those whose time is over."""
        now = time.monotonic()
        self._known = {key: known for key, known in self._known.items() if known.until > now}
        self._of_cell = {cell: keys for cell, keys in self._of_cell.items() if any(key in self._known for key in keys)}
        return [known.placed for known in self._known.values() if not known.over]
