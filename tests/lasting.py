"""How long something lasted of which only moments around its begin and its end are known; and how long the machine stood still."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lasting:
    """In seconds: `1.02 in Lasting(least=…, most=…)`."""

    least: float
    most: float

    def __contains__(self, seconds: float) -> bool:
        return self.least <= seconds <= self.most


def stolen() -> float:
    """Seconds since the machine began in which it wanted to run and its host let others run (proc_stat(5), steal)."""
    all_processors = Path("/proc/stat").read_text().splitlines()[0].split()
    return int(all_processors[8]) / os.sysconf("SC_CLK_TCK")
