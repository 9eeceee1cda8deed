"""Two switches, one lease: who decides when it lapses, and when Redis forgets everything. (PF-08)"""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis as redis_library

from apps.switch.holder import Holder
from apps.switch.management.commands.switch import _become_active
from apps.switch.store import CALLS, LEASE, Batch, Fenced, Store
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


@contextmanager
def stands_by(redis_url: str, file: Path) -> Iterator[Callable[[float], bool]]:
    """A second switch; what is given waits so many seconds for it to decide."""
    stopping, active = threading.Event(), threading.Event()

    def stand_by() -> None:
        if _become_active(Store(redis_library.Redis.from_url(redis_url), token="standby"), Holder(file), stopping, lambda: None):
            active.set()

    thread = threading.Thread(target=stand_by)
    thread.start()
    try:
        yield active.wait
    finally:
        stopping.set()
        thread.join()


def looked_at_the_lease(redis: redis_library.Redis, times: int) -> bool:
    return redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"] > times


def test_who_stands_by_leaves_a_redis_without_memory_to_the_one_that_decides(redis, redis_url, clock, tmp_path):
    """It knows only what Redis knows: it would believe that nobody is in a call."""
    switch = Switch(redis, clock)
    arrive(redis, "c1", clock)
    switch.shell.step()
    with stands_by(redis_url, tmp_path / "holder") as decides:
        eventually(lambda: looked_at_the_lease(redis, 5), "it looks at the lease")
        redis.flushall()
        assert not decides(1.0), "it waits for the one that decides"
        switch.shell.recover()
        switch.shell.step()
        redis.delete(LEASE)
        assert decides(5.0), "but not for ever"
        assert redis.hexists(CALLS, "c1")


HOLD = """
import pathlib, sys, time
from apps.switch.holder import Holder
Holder(pathlib.Path(sys.argv[1])).hold("one")
print("holds", flush=True)
time.sleep(60)
"""


def test_who_stands_by_need_not_wait_for_the_lease_of_a_process_that_has_died(redis, redis_url, tmp_path):
    file = tmp_path / "holder"
    process = subprocess.Popen([sys.executable, "-c", HOLD, file], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"holds\n"
        assert Store(redis, "one").take_lease()
        redis.persist(LEASE)  # it would never lapse
        with stands_by(redis_url, file) as decides:
            eventually(lambda: looked_at_the_lease(redis, 5), "it looks at the lease")
            assert not decides(0.3), "while that process lives it decides"
            process.kill()
            assert decides(5.0)
    finally:
        process.kill()
        process.communicate()


FULL_DISK = """
import os, pathlib, resource, signal, sys
from apps.switch.holder import Holder
file = pathlib.Path(sys.argv[1])
holder = Holder(file)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
holder.hold("one")
print(file.stat().st_size, flush=True)
if sys.argv[2] == "room":
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    holder.hold("one")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("later", "known"), [("full", ""), ("room", "one")])
def test_a_full_disk_costs_the_one_that_decides_no_more_than_the_wait_for_its_lease(tmp_path, later, known):
    file = tmp_path / "holder"
    ended = subprocess.run([sys.executable, "-c", FULL_DISK, file, later], stdout=subprocess.PIPE, timeout=20)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, b"0\n")
    assert Holder(file).died() == known


def test_what_a_dead_switch_sent_last_is_fenced_though_its_lease_had_not_lapsed(redis, tmp_path):
    one, two = Store(redis, "one"), Store(redis, "two")
    assert one.take_lease()
    assert two.take_over(0, died="another") == (False, 0)
    assert two.take_over(0, died="one") == (True, 0)
    with pytest.raises(Fenced):
        one.commit(1, Batch())


def test_a_folder_that_cannot_be_written_keeps_nobody_from_deciding(tmp_path):
    """The lease lapses, then."""
    holder = Holder(tmp_path / "missing" / "holder")
    holder.hold("one")
    assert holder.died() == ""
