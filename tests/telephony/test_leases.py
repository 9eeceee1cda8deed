"""Leases of cells: who may send a call to which cell (PL-01: one machine to many)."""

import asyncio
import threading
from collections import Counter

import pytest
import redis as redis_library

from apps.telephony import leases
from apps.telephony.leases import FreeCell
from contactcenter.lib import bus


def expire(redis: redis_library.Redis, key: str) -> None:
    """The time of every entry of `key` is over."""
    for member in redis.zrange(key, 0, -1):
        redis.zadd(key, {member: 1.0})


def test_a_cell_is_given_away_once(redis: redis_library.Redis) -> None:
    leases.offer(redis, "a", "127.0.0.1:1000")
    assert leases.take(redis) == FreeCell("a", "127.0.0.1:1000")
    assert leases.take(redis) == "full"


def test_of_many_takers_at_once_each_gets_another_cell(redis: redis_library.Redis, redis_url: str) -> None:
    for number in range(50):
        leases.offer(redis, str(number), f"127.0.0.1:{number}")
    got: Counter[str] = Counter()

    def take_ten() -> None:
        own = redis_library.Redis.from_url(redis_url)
        got.update(found.cell for found in (leases.take(own) for _ in range(10)) if isinstance(found, FreeCell))

    takers = [threading.Thread(target=take_ten) for _ in range(5)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert got == Counter({str(number): 1 for number in range(50)})


def test_an_offer_of_a_leased_cell_counts_for_nothing(redis: redis_library.Redis) -> None:
    """The cell goes on offering itself until its INVITE comes: that must not give it to a second call."""
    assert leases.offer(redis, "a", "127.0.0.1:1000")
    leases.take(redis)
    assert not leases.offer(redis, "a", "127.0.0.1:1000")
    assert leases.take(redis) == "full"


def test_a_leased_cell_that_got_no_invite_is_offered_again(redis: redis_library.Redis) -> None:
    leases.offer(redis, "a", "127.0.0.1:1000")
    leases.take(redis)
    expire(redis, leases.LEASED)
    assert leases.offer(redis, "a", "127.0.0.1:1000")
    assert isinstance(leases.take(redis), FreeCell)


def test_an_offer_that_is_not_renewed_lapses(redis: redis_library.Redis) -> None:
    leases.offer(redis, "a", "127.0.0.1:1000")
    expire(redis, leases.OFFERS)
    assert leases.take(redis) == "full"


def test_a_cell_that_is_withdrawn_is_not_given_away(redis: redis_library.Redis) -> None:
    leases.offer(redis, "a", "127.0.0.1:1000")
    leases.withdraw(redis, "a", "127.0.0.1:1000")
    assert leases.take(redis) == "full"


def test_without_free_cells_the_room_says_whether_to_wait(redis: redis_library.Redis) -> None:
    leases.set_room(redis, "media-1", 0)
    assert leases.take(redis) == "full"
    leases.set_room(redis, "media-2", 3)
    assert leases.take(redis) == "warming"


def test_the_room_of_a_machine_that_is_gone_lapses(redis: redis_library.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "ROOM_SECONDS", -1.0)
    leases.set_room(redis, "media-1", 3)
    assert leases.take(redis) == "full"


def test_a_cell_that_is_warming_is_waited_for(redis: redis_library.Redis) -> None:
    """A second at the most: calls out and those that a program begins, as front door and gateway do it for theirs."""
    leases.set_room(redis, "media-1", 1)
    soon = threading.Timer(0.2, leases.offer, (redis, "a", "127.0.0.1:1000"))
    soon.start()
    assert leases.take_soon(redis) == FreeCell("a", "127.0.0.1:1000")
    soon.join()


async def test_a_cell_that_is_warming_is_waited_for_in_an_event_loop(redis: redis_library.Redis, redis_url: str) -> None:
    leases.set_room(redis, "media-1", 1)
    asyncio.get_running_loop().call_later(0.2, leases.offer, redis, "a", "127.0.0.1:1000")
    source = bus.connect_async(redis_url)
    assert await leases.take_soon_async(source) == FreeCell("a", "127.0.0.1:1000")
    await source.aclose()


def test_a_cell_that_does_not_come_is_not_waited_for_any_longer(redis: redis_library.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "WARMING_SECONDS", 0.1)
    leases.set_room(redis, "media-1", 1)
    assert leases.take_soon(redis) == "warming"


def test_nobody_waits_where_all_lines_are_in_use(redis: redis_library.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases.time, "sleep", lambda seconds: pytest.fail("somebody waits"))
    leases.set_room(redis, "media-1", 0)
    assert leases.take_soon(redis) == "full"
