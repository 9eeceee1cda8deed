"""Two switches, one lease: who decides when it lapses, and when Redis forgets everything. (PF-08)"""

import threading

import pytest
import redis as redis_library

from apps.switch.management.commands.switch import _become_active
from apps.switch.store import CALLS, LEASE, Fenced, Store
from tests.switch.test_restart import Clock, Switch, arrive
from tests.telephony.pools import eventually


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_lease_that_lapsed_is_taken_again_when_nobody_else_has_decided(redis, clock):
    """A machine that stood still for two seconds must not lose its switch."""
    switch = Switch(redis, clock)
    redis.delete(LEASE)
    arrive(redis, "c1", clock)
    switch.shell.step()
    assert redis.hexists(CALLS, "c1")
    assert redis.get(LEASE)


def test_a_switch_whose_lease_lapsed_is_fenced_when_another_has_decided(redis, clock):
    first = Switch(redis, clock, "one")
    redis.delete(LEASE)
    second = Switch(redis, clock, "two")
    arrive(redis, "c1", clock)
    second.shell.step()
    redis.delete(LEASE)
    arrive(redis, "c2", clock)
    with pytest.raises(Fenced):
        first.shell.step()
    with pytest.raises(Fenced):
        first.shell.recover()


def next_millisecond(redis: redis_library.Redis) -> None:
    def milliseconds() -> int:
        seconds, micro = redis.time()
        return seconds * 1000 + micro // 1000

    before = milliseconds()
    eventually(lambda: milliseconds() > before, "time passes")


def test_a_redis_that_forgot_everything_without_going_away_is_filled_again(redis, clock):
    switch = Switch(redis, clock)
    arrive(redis, "c1", clock)
    switch.shell.step()
    redis.flushall()
    next_millisecond(redis)  # entries of a stream are numbered by it, and what was before the flush was read
    arrive(redis, "c2", clock)
    with pytest.raises(redis_library.RedisError):
        switch.shell.step()
    switch.shell.recover()
    switch.shell.step()
    assert redis.hexists(CALLS, "c1")


def test_who_stands_by_leaves_a_redis_without_memory_to_the_one_that_decides(redis, redis_url, clock):
    """It knows only what Redis knows: it would believe that nobody is in a call."""
    switch = Switch(redis, clock)
    arrive(redis, "c1", clock)
    switch.shell.step()
    stopping, active = threading.Event(), threading.Event()

    def stand_by() -> None:
        if _become_active(Store(redis_library.Redis.from_url(redis_url), token="standby"), stopping):
            active.set()

    thread = threading.Thread(target=stand_by)
    thread.start()
    try:
        eventually(lambda: redis.info("commandstats")["cmdstat_evalsha"]["calls"] > 5, "it looks at the lease")
        redis.flushall()
        assert not active.wait(1.0), "it waits for the one that decides"
        switch.shell.recover()
        switch.shell.step()
        redis.delete(LEASE)
        assert active.wait(5.0), "but not for ever"
        assert redis.hexists(CALLS, "c1")
    finally:
        stopping.set()
        thread.join()
