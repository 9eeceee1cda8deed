"""The switch's memory in Redis: one lease, and one commit for all that follows from a batch of messages.

A commit is one script: snapshots of what changed, facts onto the journal, documents onto the board, commands to the cells,
replies to the pages, and the cursor of the inbox, all or nothing. It is refused when another switch has taken the lease
(fencing), and done once when it is sent twice because its answer was lost (number of the commit). So a switch that is
killed at any moment has either handled a message completely or not at all.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import msgspec
import redis

from apps.events.vocabulary import Event
from apps.flows.graph import FlowGraph
from apps.switch.state import AgentState, Call
from apps.telephony import load
from contactcenter.lib import bus

LEASE = "cc:switch:lease"  # token of the switch that decides
COMMIT = "cc:switch:commit"  # number of the last commit
CURSOR = "cc:switch:cursor"  # last entry of the inbox that was handled
DAY = "cc:switch:day"  # whose figures the agents have: ISO 8601, in the company's time zone
CALLS = "cc:calls"  # hash: call -> Call
AGENTS = "cc:agents"  # hash: agent -> AgentState
GRAPHS = "cc:graphs"  # hash: flow version -> FlowGraph, of calls that run it
JOURNAL_SEQ = "cc:journal:seq"
BOARD_SEQ = "cc:board:seq"
LEASE_MS = 1_500

_COMMIT = """
local lease, commit, journal, journal_seq, board, feed, board_seq = unpack(KEYS)
local holder, last = redis.call('GET', lease), tonumber(redis.call('GET', commit) or 0)
if holder and holder ~= ARGV[1] then return redis.error_reply('FENCED another switch has the lease') end
if not holder and last >= tonumber(ARGV[3]) then return redis.error_reply('FENCED another switch may have decided meanwhile') end
if not holder and last < ARGV[3] - 1 then return redis.error_reply('LOST the last commit is not known here') end
redis.call('SET', lease, ARGV[1], 'PX', ARGV[2])
local function state()
  local time = redis.call('TIME')
  return {time[1] * 1000 + math.floor(time[2] / 1000), redis.call('XLEN', journal)}
end
if redis.call('GET', commit) == ARGV[3] then return state() end
redis.call('SET', commit, ARGV[3])
local batch = cmsgpack.unpack(ARGV[4])
for _, command in ipairs(batch.commands) do redis.call(unpack(command)) end
local function next_seq(key)
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', key) or 0)
  local seq = string.format('%.0f', math.max(time[1] * 1e6 + time[2], last + 1))
  redis.call('SET', key, seq)
  return seq
end
for _, fact in ipairs(batch.facts) do
  redis.call('XADD', journal, 'MAXLEN', '~', batch.journal_length, next_seq(journal_seq) .. '-0', 'm', fact)
end
for _, entry in ipairs(batch.documents) do
  local seq = next_seq(board_seq)
  local text = '{"seq":' .. seq .. ',"topic":"' .. entry[1] .. '","document":' .. entry[2] .. '}'
  redis.call('HSET', board, entry[1], text)
  redis.call('XADD', feed, 'MAXLEN', '~', batch.feed_length, seq .. '-0', 'm', text)
end
return state()
"""
# Returns whether the lease is ours now, and the number of the last commit. ARGV: token, milliseconds, a commit that must be known,
# the token of one that is known to be dead: what it sent before it died may still be on its way, and is fenced from now on.
_TAKE_LEASE = """
local holder, last = redis.call('GET', KEYS[1]), tonumber(redis.call('GET', KEYS[2]) or 0)
local free = not holder or holder == ARGV[1] or holder == ARGV[4]
if not free or last < tonumber(ARGV[3]) then return {0, last} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, last}
"""


class Written(NamedTuple):
    """What Redis said after a commit: its clock, in milliseconds since 1970, and how many facts are in the journal."""

    at_ms: int
    facts: int


class Fenced(Exception):
    """Another switch decides now; this one must stop."""

    code = "fenced"


@dataclass
class Batch:
    """One commit. `commands`: Redis commands as lists of strings (Redis's MessagePack knows no byte strings)."""

    commands: list[list[str]] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    documents: list[tuple[str, msgspec.Raw]] = field(default_factory=list)

    def snapshot_call(self, call: str, state: Call | None) -> None:
        self._snapshot(CALLS, call, state)

    def snapshot_agent(self, agent: int, state: AgentState) -> None:
        self._snapshot(AGENTS, str(agent), state)

    def snapshot_graph(self, graph: FlowGraph) -> None:
        self._snapshot(GRAPHS, str(graph.version), graph)

    def _snapshot(self, key: str, name: str, state: msgspec.Struct | None) -> None:
        self.commands.append(["HSET", key, name, _text(state)] if state is not None else ["HDEL", key, name])

    def send(self, stream: str, message: msgspec.Struct) -> None:
        self.commands.append(["XADD", stream, "MAXLEN", "~", str(bus.SHORT), "*", "m", _text(message)])

    def reply(self, reply_to: str, answer: msgspec.Struct) -> None:
        self.commands += bus.reply_commands(reply_to, answer)

    def forget_cell(self, cell: str) -> None:
        """Its stream is of no use a minute after its call; the last command in it must still be read."""
        self.commands.append(["EXPIRE", bus.cell_stream(cell), "60"])

    def load(self, lag: float, behind: bool) -> None:
        document = load.encode(load.Load(round(lag, 3), behind)).decode()
        self.commands.append(["SET", load.KEY, document, "PX", str(round(load.SILENT_SECONDS * 1000))])

    def fact(self, event: Event) -> None:
        self.facts.append(_text(event))

    def encoded(self) -> bytes:
        documents = [(topic, bytes(document).decode()) for topic, document in self.documents]
        lengths = {"journal_length": bus.LENGTHS[bus.JOURNAL], "feed_length": bus.LENGTHS[bus.BOARD_FEED]}
        return msgspec.msgpack.encode({"commands": self.commands, "facts": self.facts, "documents": documents, **lengths})


class Store:
    """Errors of all methods: `redis.RedisError` when Redis is away; nothing has happened, or `commit` may be sent again."""

    def __init__(self, client: redis.Redis, token: str) -> None:
        self._redis = client
        self._token = token
        self._commit = client.register_script(_COMMIT)
        self._take = client.register_script(_TAKE_LEASE)

    def take_lease(self) -> bool:
        """True: this switch decides, for the next 1.5 s."""
        return self.take_over(0)[0]

    def take_over(self, known: int, died: str = "") -> tuple[bool, int]:
        """As `take_lease`, unless Redis has forgotten the commit `known`; and the number of the last commit that it remembers.

        `died`: the token of a switch whose process has ended; its lease counts no more.
        """
        taken, last = self._take(keys=[LEASE, COMMIT], args=[self._token, LEASE_MS, known, died])
        return bool(taken), int(last)

    def give_up_lease(self) -> None:
        """At a proper end, so that the next switch need not wait."""
        if self._redis.get(LEASE) == self._token.encode():
            self._redis.delete(LEASE)

    def commit(self, number: int, batch: Batch) -> Written:
        """A lease that has lapsed is taken again, if nobody has decided meanwhile. Errors: Fenced; RedisError, Redis has lost its data."""
        keys = [LEASE, COMMIT, bus.JOURNAL, JOURNAL_SEQ, bus.BOARD, bus.BOARD_FEED, BOARD_SEQ]
        try:
            return Written(*self._commit(keys=keys, args=[self._token, LEASE_MS, number, batch.encoded()]))
        except redis.ResponseError as error:
            if str(error).startswith("FENCED"):
                raise Fenced(str(error)) from error
            raise

    def last_commit(self) -> int:
        return int(self._redis.get(COMMIT) or 0)

    def cursor(self) -> str:
        cursor = self._redis.get(CURSOR)
        return cursor.decode() if isinstance(cursor, bytes) else "0"

    def day(self) -> date | None:
        day = self._redis.get(DAY)
        return date.fromisoformat(day.decode()) if isinstance(day, bytes) else None

    def calls(self) -> list[Call]:
        return [_decode_call(value) for value in self._redis.hvals(CALLS)]

    def agents(self) -> list[AgentState]:
        return [_decode_agent(value) for value in self._redis.hvals(AGENTS)]

    def graphs(self) -> dict[int, FlowGraph]:
        return {int(version): _decode_graph(value) for version, value in self._redis.hgetall(GRAPHS).items()}


def _text(message: msgspec.Struct) -> str:
    return bus.encoder.encode(message).decode()


_decode_call = msgspec.json.Decoder(Call).decode
_decode_agent = msgspec.json.Decoder(AgentState).decode
_decode_graph = msgspec.json.Decoder(FlowGraph).decode
