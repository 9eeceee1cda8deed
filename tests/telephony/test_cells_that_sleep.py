"""Cells without legs cost next to nothing: their threads sleep."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.telephony.protocol import HangUp, LegEnded
from tests.telephony.pools import Office, eventually

pytestmark = pytest.mark.media

SECONDS = 1.0
SLEEPY = 20.0  # wake-ups a second: a thread that polls media has 33 and more; a cell's mail and loop have 3


@pytest.fixture
def office(redis_url: str) -> Iterator[Office]:
    found = Office(redis_url)
    yield found
    found.close()


def wake_ups(pid: int) -> dict[str, int]:
    """How often each thread of a process has gone to sleep so far."""
    states = {task.name: (task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir()}
    return {thread: int(state.partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for thread, state in states.items()}


def rate(pid: int) -> float:
    """Wake-ups a second, from now on, of the threads that stay."""
    before, began = wake_ups(pid), time.monotonic()
    time.sleep(SECONDS)
    after, took = wake_ups(pid), time.monotonic() - began
    return sum(after[thread] - before[thread] for thread in before.keys() & after.keys()) / took


def test_a_warm_cell_sleeps_until_it_is_called(office: Office) -> None:
    pid = office.pid(office.lease())
    eventually(lambda: rate(pid) < SLEEPY, "it sleeps")


def test_a_cell_hears_its_leg_and_sleeps_again_after_it(office: Office) -> None:
    call = office.connect()
    pid = office.pid(call.into)
    assert rate(pid) > 2 * SLEEPY, "nothing comes from the other side"
    office.order(call.out.cell, HangUp, "out", leg="leg")
    quality = office.hear(LegEnded, cell=call.into.cell).quality
    assert quality and quality.received > 30
    eventually(lambda: rate(pid) < SLEEPY, "it sleeps")
