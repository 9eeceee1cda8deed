"""Which cells are free, and who may use one: leases with expiry in Redis, shared by all media machines.

A warm cell offers itself and renews the offer every second; an offer that is not renewed lapses after `OFFER_SECONDS`
(the cell hangs or is dead). Taking is one atomic script, so a cell is never given to two calls; the taker has
`LEASE_SECONDS` to get an INVITE to it. The cell need not know that it is leased: while the lease lasts its offers count for nothing,
and after that, if it is still unused, they count again. (A plain LPOP is no lease: a stall between POP and INVITE loses the cell for good.)
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal, NamedTuple

import redis
import redis.asyncio

OFFERS = "cc:cells:offers"  # sorted set: "cell address" -> Redis time at which the offer lapses
FRONT_DOORS = "cc:frontdoors"  # sorted set: "host:port" -> Redis time at which it lapses
GATEWAYS = "cc:gateways"  # sorted set: "gateway sip-address" -> Redis time at which it lapses
ROOM = "cc:cells:room"  # hash: media machine -> cells it could still start; each machine keeps its own field true
LEASED = "cc:cells:leased"  # sorted set: "cell address" -> Redis time at which the lease ends
OFFER_SECONDS = 3.0
LEASE_SECONDS = 5.0
ROOM_SECONDS = 5.0
WARMING_SECONDS = 1.0  # how long a new call waits for a cell that is being started
ASK_AGAIN_SECONDS = 0.05

NOW = "local now = redis.call('TIME'); now = now[1] + now[2] / 1e6\n"
# Lua: take(offers, room, leased, seconds) is "cell address", warming or full. For scripts that begin with NOW.
TAKE = """
local function take(offers, room, leased, seconds)
  redis.call('ZREMRANGEBYSCORE', offers, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', leased, '-inf', now)
  local best = redis.call('ZPOPMAX', offers)
  if best[1] then
    redis.call('ZADD', leased, now + seconds, best[1])
    return best[1]
  end
  for _, machine in ipairs(redis.call('HVALS', room)) do
    local cells, until_ = string.match(machine, '(%S+) (%S+)')
    if tonumber(cells) > 0 and tonumber(until_) > now then return 'warming' end
  end
  return 'full'
end
"""
_TAKE = f"{NOW}{TAKE}return take(KEYS[1], KEYS[2], KEYS[3], ARGV[1])"
_OFFER_CELL = (
    NOW
    + """
local leased = redis.call('ZSCORE', KEYS[2], ARGV[1])
if leased and tonumber(leased) > now then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
"""
)
_SET_ROOM = NOW + "return redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %.3f', ARGV[2], now + ARGV[3]))"
_OFFER = NOW + "return redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])"
_LIVE = NOW + "return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')"
_SEEN = (
    NOW
    + """
local machines, room = 0, 0
for _, field in ipairs(redis.call('HVALS', KEYS[4])) do
    local cells, until_ = string.match(field, '(%S+) (%S+)')
    if tonumber(until_) > now then machines, room = machines + 1, room + tonumber(cells) end
end
local function live(key) return redis.call('ZCOUNT', key, now, '+inf') end
return {live(KEYS[1]), live(KEYS[2]), live(KEYS[3]), machines, room}
"""
)


@dataclass(frozen=True, slots=True)
class FreeCell:
    """`address` is the cell's SIP host:port."""

    cell: str
    address: str


class Seen(NamedTuple):
    """How many there are now. `machines`: supervisors of cells; `room`: cells that they could still start."""

    front_doors: int
    gateways: int
    free_cells: int
    machines: int
    room: int


SEEN = (_SEEN, 4, FRONT_DOORS, GATEWAYS, OFFERS, ROOM)  # for `eval`, also in a pipeline; the answer are the fields of `Seen`
NoCell = Literal["warming", "full"]  # warming: one will be ready in a moment, ask again; full: refuse the call


def offer(to: redis.Redis, cell: str, address: str) -> bool:
    """A warm cell offers itself, and again every second while it is free. False: somebody has it on lease."""
    return bool(to.eval(_OFFER_CELL, 2, OFFERS, LEASED, f"{cell} {address}", OFFER_SECONDS))


def withdraw(to: redis.Redis, cell: str, address: str) -> None:
    """The cell got its INVITE, or ends."""
    to.zrem(OFFERS, f"{cell} {address}")
    to.zrem(LEASED, f"{cell} {address}")


def set_room(to: redis.Redis, machine: str, cells: int) -> None:
    """`machine` could start this many cells more than it runs; said again within `ROOM_SECONDS`, or it lapses."""
    to.eval(_SET_ROOM, 1, ROOM, machine, cells, ROOM_SECONDS)


def has_room_of(source: redis.Redis, machine: str) -> bool:
    """Whether a supervisor of `machine` has told its room and has not ended properly since."""
    return bool(source.hexists(ROOM, machine))


def forget_room(to: redis.Redis, machine: str) -> None:
    """Its supervisor ends; no more cells come from there."""
    to.hdel(ROOM, machine)


def _taken(answer: bytes) -> FreeCell | NoCell:
    text = answer.decode()
    if text in ("warming", "full"):
        return text  # type: ignore[return-value]  # the script's two words
    return FreeCell(*text.split(" ", 1))


def take(source: redis.Redis) -> FreeCell | NoCell:
    return _taken(source.eval(_TAKE, 3, OFFERS, ROOM, LEASED, LEASE_SECONDS))


async def take_async(source: redis.asyncio.Redis) -> FreeCell | NoCell:
    return _taken(await source.eval(_TAKE, 3, OFFERS, ROOM, LEASED, LEASE_SECONDS))


def take_soon(source: redis.Redis) -> FreeCell | NoCell:
    """As `take`; a cell that is warming is waited for, `WARMING_SECONDS` at the most."""
    deadline = time.monotonic() + WARMING_SECONDS
    while (found := take(source)) == "warming" and time.monotonic() < deadline:
        time.sleep(ASK_AGAIN_SECONDS)
    return found


async def take_soon_async(source: redis.asyncio.Redis) -> FreeCell | NoCell:
    """As `take_soon`, for event loops."""
    deadline = time.monotonic() + WARMING_SECONDS
    while (found := await take_async(source)) == "warming" and time.monotonic() < deadline:  # noqa: ASYNC110 - it is Redis that knows
        await asyncio.sleep(ASK_AGAIN_SECONDS)
    return found


def offer_gateway(to: redis.Redis, gateway: str, sip_address: str) -> None:
    """A gateway tells that it lives, every second."""
    to.eval(_OFFER, 1, GATEWAYS, f"{gateway} {sip_address}", OFFER_SECONDS)


async def offer_gateway_async(to: redis.asyncio.Redis, gateway: str, sip_address: str) -> None:
    """As `offer_gateway`, for event loops."""
    await to.eval(_OFFER, 1, GATEWAYS, f"{gateway} {sip_address}", OFFER_SECONDS)


async def withdraw_gateway_async(to: redis.asyncio.Redis, gateway: str, sip_address: str) -> None:
    """The gateway takes no new legs."""
    await to.zrem(GATEWAYS, f"{gateway} {sip_address}")


def offer_front_door(to: redis.asyncio.client.Pipeline, address: str) -> None:
    """A front door tells that it lives, every second."""
    to.eval(_OFFER, 1, FRONT_DOORS, address, OFFER_SECONDS)


def gateways(source: redis.Redis) -> dict[str, str]:
    """Gateways alive: name -> SIP host:port."""
    return _named(source.eval(_LIVE, 1, GATEWAYS))


async def gateways_async(source: redis.asyncio.Redis) -> dict[str, str]:
    """As `gateways`, for event loops."""
    return _named(await source.eval(_LIVE, 1, GATEWAYS))


def _named(entries: list[bytes]) -> dict[str, str]:
    return dict(entry.decode().split(" ", 1) for entry in entries)
