"""The register of calls: places in a trunk that are always given back (AN-03), and what a restart of Redis or of the front door leaves."""

import time

import pytest
import redis.asyncio

from apps.telephony import leases
from apps.telephony.frontdoor import calls
from apps.telephony.frontdoor.calls import Calls, Placed

CELL, OTHER = "127.0.0.1:20000", "127.0.0.1:20010"


@pytest.fixture
async def source(redis_url):
    source = redis.asyncio.Redis.from_url(redis_url)
    yield source
    await source.aclose()


@pytest.fixture
def register(source) -> Calls:
    return Calls(source)


async def taken(source) -> set[str]:
    return {key.decode() for key in await source.zrange(calls.trunk_key("1"), 0, -1)}


async def offer(source, *addresses: str) -> None:
    """Cells that are free, for ever."""
    await source.zadd(leases.OFFERS, {f"cell-{address} {address}": float("inf") for address in addresses})


async def room(source, cells: int) -> None:
    """A media machine that can start so many cells more."""
    await source.hset(leases.ROOM, "machine", f"{cells} {time.time() + 60}")


async def call(register: Calls, key: str, address: str = CELL) -> None:
    """A caller gets the cell at `address`."""
    await offer(register.redis, address)
    assert await register.seat("1", key, 1, 10) == Placed(key, address, "1", 1)


async def test_a_trunk_has_so_many_places_and_a_call_takes_one(register):
    """AN-03."""
    assert [await register.let_out("1", key, CELL, 2) for key in ("a", "b", "c", "a")] == [True, True, False, True]
    await register.release("1", "a")
    assert await register.let_out("1", "c", CELL, 2)


async def test_a_caller_needs_a_place_in_his_trunk_and_a_free_cell(register, source):
    """AN-03, PF-09."""
    await offer(source, CELL, OTHER)
    assert isinstance(await register.seat("1", "a", 1, 1), Placed)
    assert await register.seat("1", "b", 1, 1) == "trunk full"
    assert await register.seat("2", "b", 1, 1) == Placed("b", CELL, "2", 1)
    assert await source.zcard(leases.LEASED) == 2


async def test_without_a_free_cell_he_keeps_his_place_while_one_is_started_and_leaves_no_trace_if_there_is_none(register, source):
    """PF-09."""
    assert await register.seat("1", "a", 1, 10) == "full"
    assert await taken(source) == set()
    await room(source, 1)
    assert await register.seat("1", "a", 1, 10) == "warming"
    assert await taken(source) == {"a"}


async def test_an_invite_that_another_process_has_placed_goes_to_the_same_cell_and_a_new_try_to_a_new_one(register, source):
    """RFC 3261 16.11: a retransmission meets the transaction of its INVITE, also after a restart."""
    await call(register, "a")
    await offer(source, OTHER)
    later = Calls(source)
    assert await later.seat("1", "a", 1, 10) == Placed("a", CELL, "1", 1)
    assert await later.seat("1", "a", 2, 10) == Placed("a", OTHER, "1", 2)


async def test_a_caller_who_gives_up_while_he_is_placed_leaves_no_trace(register, source):
    await call(register, "a")
    await register.release("1", "a")
    assert await taken(source) == set()
    assert await register.find("a") is None


async def test_a_call_that_ends_gives_its_place_back_and_its_cell_is_remembered(register, source):
    await call(register, "a")
    await register.end("a")
    await register.end("a")
    await register.end("never heard of")
    assert await taken(source) == set()
    assert register.recall("a").address == CELL
    assert register.running() == []


async def test_a_place_lapses_when_the_cell_answers_no_probe(register, source):
    """A lost BYE or a killed cell holds no place for good."""
    assert await register.let_out("1", "a", CELL, 1)
    assert not await register.let_out("1", "b", CELL, 1)
    await source.zadd(calls.trunk_key("1"), {"a": time.time() - 1})
    assert await register.let_out("1", "b", CELL, 1)


async def test_a_cell_that_lives_keeps_its_place(register, source):
    await call(register, "a")
    before = await source.zscore(calls.trunk_key("1"), "a")
    await register.renew("a")
    assert await source.zscore(calls.trunk_key("1"), "a") > before
    assert [placed.key for placed in register.running()] == ["a"]


async def test_a_call_that_is_over_is_not_revived_by_a_late_probe(register, source):
    await call(register, "a")
    await register.end("a")
    await register.renew("a")
    assert await taken(source) == set()


async def test_a_cell_is_one_call_a_new_caller_ends_what_it_had(register, source):
    await call(register, "a")
    assert await register.let_out("1", "out", CELL, 10)
    await call(register, "elsewhere", OTHER)
    assert await taken(source) == {"a", "out", "elsewhere"}
    await call(register, "b")
    assert await taken(source) == {"b", "elsewhere"}


async def test_another_process_finds_the_calls_of_the_one_before(register, source):
    """PF-08."""
    await call(register, "a")
    later = Calls(source)
    await later.load(["1", "2"])
    assert later.recall("a") == Placed("a", CELL, "1", 1)
    assert [placed.key for placed in later.running()] == ["a"]


async def test_what_a_restart_of_redis_lost_is_put_back(register, source):
    """PF-08: state is rebuilt."""
    await call(register, "a")
    await source.flushall()
    await register.renew("a")
    assert await taken(source) == {"a"}
    assert await Calls(source).find("a") == Placed("a", CELL, "1", 1)
