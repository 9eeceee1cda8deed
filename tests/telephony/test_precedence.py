"""Threads that carry sound go before others where the system lets them, and only they; where it does not, calls work all the same."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from apps.telephony import precedence
from apps.telephony.precedence import PRIORITY
from tests.telephony.contract.calls import call
from tests.telephony.threads import policies
from tests.telephony.worlds import ROOT, RealWorld

pytestmark = pytest.mark.media
AMONG_EQUALS = (os.SCHED_OTHER, 0)
TOLD = "from apps.telephony import precedence; print(precedence.allowed())"
NOT_ALLOWED = ("prlimit", "--rtprio=0", "setpriv", "--bounding-set=-sys_nice")  # setpriv needs root to take a right away
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes a right away")
needs_the_right = pytest.mark.skipif(not precedence.allowed(), reason="this machine does not allow it")


@pytest.fixture
def world() -> Iterator[RealWorld]:
    world = RealWorld()
    yield world
    world.close()


def first(world: RealWorld, before: tuple[str, ...] = ()) -> list[int]:
    """Priorities of the threads of a cell with a call that go before others."""
    cell = world.party(before)
    call(world, world.party(), cell, "kari")
    return sorted(priority for policy, priority in policies(cell.process.pid) if policy == os.SCHED_RR)


@needs_the_right
def test_of_a_cell_clock_and_receiver_go_before_others(world: RealWorld) -> None:
    receiver, clock = first(world)
    assert receiver == PRIORITY <= clock


@needs_root
def test_where_it_is_not_allowed_calls_work_among_equals(world: RealWorld) -> None:
    assert first(world, NOT_ALLOWED) == []


@needs_root
@needs_the_right
@pytest.mark.parametrize(("before", "told"), [((), "True"), (NOT_ALLOWED, "False"), (("chrt", "--rr", "50"), "True")])
def test_whether_it_is_allowed_is_told_as_it_is(before: tuple[str, ...], told: str) -> None:
    assert subprocess.run([*before, sys.executable, "-c", TOLD], cwd=ROOT, capture_output=True, text=True).stdout.strip() == told


@needs_the_right
def test_who_starts_them_is_afterwards_what_it_was() -> None:
    with precedence.for_what_starts():
        assert os.sched_getscheduler(0) == os.SCHED_RR
    assert (os.sched_getscheduler(0), os.sched_getparam(0).sched_priority) == AMONG_EQUALS


@needs_the_right
def test_who_was_started_with_a_precedence_of_somebodys_choice_keeps_it() -> None:
    code = "import os; from apps.telephony import precedence\nwith precedence.for_what_starts(): precedence.take()\n"
    code += "print(os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)"
    said = subprocess.run(["chrt", "--fifo", "50", sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
    assert said.split() == [str(os.SCHED_FIFO), "50"]
