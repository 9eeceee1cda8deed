"""Threads that carry sound go before all others (sched(7)), where the system lets them.

A packet is due every 20 ms and costs microseconds. On a machine that is busy in bursts the kernel's fair scheduler has let a thread that
hardly ever runs wait for up to 350 ms (decision 62); one with a real-time policy waits for others of its kind only.

Root may take it (CAP_SYS_NICE), and whom RLIMIT_RTPRIO allows PRIORITY; for all others everything stays as it was.
"""

import contextlib
import os
from collections.abc import Iterator

PRIORITY = 5  # 1 to 99; pjmedia raises its clock to the highest that it may have by itself


def take() -> bool:
    """For this thread, and for those that it starts from now on. False: it may not."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def for_what_starts() -> Iterator[bool]:
    """For the threads that are started in here; this one is afterwards what it was. Whether they have it."""
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    taken = take()
    try:
        yield taken
    finally:
        if taken:
            os.sched_setscheduler(0, policy, parameters)
