"""Threads that carry sound go before all others (sched(7)), where the system lets them.

A packet is due every 20 ms and costs microseconds. On a machine that is busy in bursts the kernel's fair scheduler has let a thread that
hardly ever runs wait for up to 350 ms (decision 62); one with a real-time policy waits for others of its kind only.

Who has CAP_SYS_NICE may take it, and whom RLIMIT_RTPRIO allows PRIORITY; for all others everything stays as it was.
"""

import contextlib
import os
from collections.abc import Iterator

PRIORITY = 5  # 1 to 99; pjmedia raises its clock by itself, to the highest, where nothing but CAP_SYS_NICE decides


def take() -> None:
    """For this thread alone: what it starts is among equals."""
    _set(os.SCHED_RR | os.SCHED_RESET_ON_FORK)


@contextlib.contextmanager
def for_what_starts() -> Iterator[None]:
    """For the threads that are started in here; this one is afterwards what it was."""
    taken = _set(os.SCHED_RR)
    try:
        yield
    finally:
        if taken:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def allowed() -> bool:
    """Whether threads of this process may have it."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        return True
    taken = _set(os.SCHED_RR)
    if taken:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return taken


def _set(policy: int) -> bool:
    """Whether it was done: not where it may not be, nor where whoever started us has chosen already (chrt(1), CPUSchedulingPolicy)."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        return False
    try:
        os.sched_setscheduler(0, policy, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True
