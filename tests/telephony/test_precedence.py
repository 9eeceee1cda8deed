"""Threads that carry sound go before others where the system lets them, and only they; where it does not, calls work all the same."""

import os
from collections.abc import Iterator

import pytest

from apps.telephony import precedence
from apps.telephony.precedence import PRIORITY
from tests.telephony.contract.calls import call
from tests.telephony.threads import policies
from tests.telephony.worlds import RealWorld

pytestmark = pytest.mark.media
HIGHEST = os.sched_get_priority_max(os.SCHED_RR)  # what pjmedia's clock gives itself, if nothing keeps it
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="has the right, and takes it away")


@pytest.fixture
def world() -> Iterator[RealWorld]:
    world = RealWorld()
    yield world
    world.close()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param((), [PRIORITY, HIGHEST], id="root", marks=only_root),
        pytest.param(("setpriv", "--bounding-set=-sys_nice"), [], id="it may not", marks=only_root),
        pytest.param((), [], id="anybody", marks=pytest.mark.skipif(os.geteuid() == 0, reason="root is not anybody")),
    ],
)
def test_of_a_cell_clock_and_receiver_go_before_others(world: RealWorld, before: tuple[str, ...], expected: list[int]) -> None:
    cell = world.party(before)
    call(world, world.party(), cell, "kari")
    assert sorted(priority for policy, priority in policies(cell.process.pid) if policy == os.SCHED_RR) == expected


def test_who_starts_them_is_afterwards_what_it_was() -> None:
    before = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
    with precedence.for_what_starts() as taken:
        assert (os.sched_getscheduler(0) == os.SCHED_RR) is taken
    assert (os.sched_getscheduler(0), os.sched_getparam(0).sched_priority) == before
