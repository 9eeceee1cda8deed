"""What processes cost: the kernel's own account of their CPU time (schedstat) and of the memory that they share with nobody (smaps)."""

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

WINDOWS, SECONDS = 5, 3.0


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def private_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def memory(pids: Sequence[int]) -> float:
    """Mean private memory in MB."""
    return statistics.mean(map(private_megabytes, pids))


def share(pids: Sequence[int]) -> float:
    """What one of these processes takes of a core, in per cent: mean over the processes, median of `WINDOWS` times `SECONDS`."""
    return statistics.median(_window(pids) for _ in range(WINDOWS)) / len(pids)


def _window(pids: Sequence[int]) -> float:
    """What all of them took together."""
    before, began = sum(map(cpu_seconds, pids)), time.perf_counter()
    time.sleep(SECONDS)
    after, ended = sum(map(cpu_seconds, pids)), time.perf_counter()
    return (after - before) / (ended - began) * 100
