"""How the kernel ranks a process' threads (sched(7))."""

import contextlib
import os
from pathlib import Path


def policies(pid: int) -> list[tuple[int, int]]:
    """(policy, priority) of each of its threads, in no order; of one that ends meanwhile, nothing."""
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            policy = os.sched_getscheduler(int(thread.name)) & ~os.SCHED_RESET_ON_FORK
            found.append((policy, os.sched_getparam(int(thread.name)).sched_priority))
    return found
