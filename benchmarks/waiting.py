"""What a caller costs who waits with music: `python -m benchmarks.waiting [callers]` prints one JSON object per line, in half a minute.

Each is a real cell that a telephone has called: it takes the caller's RTP and plays a looped file of 8 kHz to him, as in a queue.
"""

import os
import sys

from benchmarks.calls import Stage, audible, stage
from benchmarks.figures import tell
from benchmarks.processes import memory, share

CALLERS = 50


def measure(world: Stage, callers: int) -> None:
    pids = world.pids([world.waiting() for _ in range(callers)])
    with audible(world.telephones, callers):
        tell(f"cell: CPU, caller waiting with music ({callers} at once)", share(pids), "% of a core", 1.0)
    tell("cell: private memory, caller waiting with music", memory(pids), "MB", 10)


def main() -> None:
    callers = int(sys.argv[1]) if len(sys.argv) > 1 else CALLERS
    with stage(callers + 6) as world:
        measure(world, callers)


if __name__ == "__main__":
    os.environ.setdefault("CC_LOG_LEVEL", "ERROR")
    main()
