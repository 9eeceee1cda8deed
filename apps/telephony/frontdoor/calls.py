"""Which cell has which call, and how many calls a trunk has: in memory, and in Redis for a front door that is started again.

A call is counted while its cell answers probes: an entry lapses after `COUNT_SECONDS` unless it is renewed, so neither a
lost BYE nor a killed process holds a place for good.
"""

import time
from dataclasses import dataclass, field

import msgspec
import redis.asyncio
from msgspec import Struct

PROBE_SECONDS = 20.0
COUNT_SECONDS = 75.0  # a place in a trunk: three probes may get lost
MEMORY_SECONDS = 40.0  # how long the cell of a call that is over is remembered, for retransmissions (RFC 3261: 64 * T1 = 32 s)
MAX_REMEMBERED = 20_000

# KEYS: the trunk's calls. ARGV: key, most calls, seconds. Returns 1 if the call has its place now.
_ADMIT = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3] * 2))
return 1
"""
# KEYS: the trunk's calls, the call's record. ARGV: key, record, seconds. Also puts back what a restart of Redis lost.
_RENEW = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
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

    async def admit(self, trunk: str, key: str, most: int) -> bool:
        """Take a place in `trunk`; True also for a call that has one."""
        return bool(await self.redis.eval(_ADMIT, 1, trunk_key(trunk), key, most, COUNT_SECONDS))

    async def place(self, placed: Placed) -> None:
        """The call has its cell. What a cell had before its caller came is over: a cell is one call."""
        before = self._of_cell.pop(placed.address, []) if placed.cseq else []
        self._remember(placed)
        for other in before:
            if other != placed.key and other in self._known:
                await self.end(other)
        await self.redis.set(call_record(placed.key), msgspec.json.encode(placed), ex=int(COUNT_SECONDS))

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
        """A place that was not needed after all."""
        await self.redis.zrem(trunk_key(trunk), key)

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
