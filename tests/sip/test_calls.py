"""The register of calls: places in a trunk that are always given back (AN-03), and what a restart of Redis or of the front door leaves."""

import pytest
import redis.asyncio

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


async def call(register: Calls, key: str, address: str = CELL, cseq: int = 1) -> None:
    assert await register.admit("1", key, 10)
    await register.place(Placed(key, address, "1", cseq))


async def test_a_trunk_has_so_many_places_and_a_call_takes_one(register):
    """AN-03."""
    assert [await register.admit("1", key, 2) for key in ("a", "b", "c", "a")] == [True, True, False, True]
    await register.release("1", "a")
    assert await register.admit("1", "c", 2)


async def test_a_call_that_ends_gives_its_place_back_and_its_cell_is_remembered(register, source):
    await call(register, "a")
    await register.end("a")
    await register.end("a")
    await register.end("never heard of")
    assert await taken(source) == set()
    assert register.recall("a").address == CELL
    assert register.running() == []


async def test_a_place_lapses_when_the_cell_answers_no_probe(register, source, monkeypatch):
    """A lost BYE or a killed cell holds no place for good."""
    monkeypatch.setattr(calls, "COUNT_SECONDS", 0.0)
    await register.admit("1", "a", 1)
    assert await register.admit("1", "b", 1)


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
    await call(register, "out", cseq=0)
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
