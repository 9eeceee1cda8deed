"""How the kernel ranks a process' threads (sched(7))."""

import os
from pathlib import Path


def policies(pid: int) -> list[tuple[int, int]]:
    """(policy, priority) of each of its threads, in no order."""
    threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
    return [(os.sched_getscheduler(thread), os.sched_getparam(thread).sched_priority) for thread in threads]
