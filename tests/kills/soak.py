"""A bad day by chance: under a steady load some process is killed every few seconds, and in the end nothing may be left of it.

    python -m tests.kills.soak --seconds 1200 --seed 7      (make soak)

The seed is printed; the same one kills the same processes at the same times. Exit status 0 only if all is as it was: no leg, session,
lease, process or port too many, every call's time line complete, no agent stuck, memory flat.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from apps.telephony import leases
from tests.kills.bad_day import archive_is_behind, incomplete_time_lines, stuck_agents, unsettled_recordings
from tests.load.busy_hour import BusyHour
from tests.load.company import LINE
from tests.load.crowd import Callers
from tests.product import Product, until

PHONES, AT_ONCE = 6, 10  # agents, callers at once
RATE, TALK_SECONDS = 0.8, 9.0  # calls a second, and how long each caller stays
PAUSES = (5.0, 15.0)  # seconds between two kills
PROCESSES = ("web", "switch", "frontdoor", "media", "gateway", "journal", "worker", "redis", "cell")
SETTLE_SECONDS = 150.0  # until the last call that nobody ended is given up (legs.SILENCE, and a roll call)
GROWTH = 1.25  # of the memory of all processes: they are started anew now and then, so it cannot be exact
MOST_CALLS = 20_000


@dataclass
class Soak:
    """`run` returns what was wrong, and tells what it did in `figures`."""

    product: Product
    hour: BusyHour
    seed: int
    figures: dict[str, Any] = field(default_factory=dict)

    def run(self, seconds: float) -> list[str]:
        self.hour.log_on_phones()
        before = self._state()
        ports = [self.hour.caller_ports[index % AT_ONCE] for index in range(MOST_CALLS)]
        callers = Callers(self.product.trunk, LINE, folder=self.hour.folder, ports=ports, rate=RATE, seconds=TALK_SECONDS, at_once=AT_ONCE)
        try:
            kills = self._kill(seconds)
            callers.end(TALK_SECONDS + 30)
        finally:
            callers.close()
        problems = self._settle(before)
        codes = Counter(callers.finals().values())
        self.figures |= {"seed": self.seed, "seconds": seconds, "kills": dict(kills), "calls": {str(code): codes[code] for code in codes}}
        return problems

    def _kill(self, seconds: float) -> Counter[str]:
        chance, done = random.Random(self.seed), Counter[str]()
        due = time.monotonic()
        end = due + seconds
        while (due := due + chance.uniform(*PAUSES)) < end:
            name = chance.choice(PROCESSES)
            pick = chance.random()
            time.sleep(max(0.0, due - time.monotonic()))
            done[name] += self._kill_one(name, pick)
        time.sleep(max(0.0, end - time.monotonic()))
        return done

    def _kill_one(self, name: str, pick: float) -> int:
        """1, or 0 if it was not there: it had just been killed, or no call is up."""
        found = self._cells() if name == "cell" else [pid] if (pid := self.product.pid_of(name)) else []
        if not found:
            return 0
        os.kill(found[int(pick * len(found))], signal.SIGKILL)
        return 1

    def _cells(self) -> list[int]:
        """Those and the warm parent: both are forked, and both may be killed."""
        return sorted(pid for pid, command in self.product.pids().items() if "apps.telephony.cell.warm" in command)

    # -- what is there

    def _state(self) -> dict[str, Any]:
        until(lambda: self._calm(), "the product is at rest", 60)
        worker = self.product.pid_of("worker")
        pids = {pid: command for pid, command in self.product.pids().items() if _parent(pid) != worker}  # a job of it is at work and ends
        return {
            "processes": Counter(map(_kind, pids.values())),
            "ports": len(_bound(pids)),
            "memory_mb": sum(map(_memory, pids)),
        }

    def _calm(self) -> bool:
        """Ready, and as many cells warm as there should be."""
        try:
            return self.product.is_ready() and self.hour.redis.zcard(leases.OFFERS) == 4 == len(self._cells()) - 1
        except redis.RedisError:
            return False

    def _settle(self, before: dict[str, Any]) -> list[str]:
        problems = []
        looks = (
            (lambda: not self.hour.redis.hlen("cc:calls"), "calls are left"),
            (self._calm, "it does not come to rest"),
            (lambda: not unsettled_recordings(self.product), "recordings are not in the archive"),
        )
        for look, what in looks:
            try:
                until(look, what, SETTLE_SECONDS)
            except (AssertionError, redis.RedisError) as late:
                problems.append(str(late))
        until(lambda: not archive_is_behind(self.product, self.hour.redis), "the archive has all facts", 30)
        after = self._state()
        problems += [
            f"{kind}: {before[kind]} before, {after[kind]} after" for kind in ("processes", "ports") if before[kind] != after[kind]
        ]
        if after["memory_mb"] > before["memory_mb"] * GROWTH:
            problems.append(f"memory: {before['memory_mb']:.0f} MB before, {after['memory_mb']:.0f} MB after")
        self.figures |= {"memory_mb": [round(before["memory_mb"]), round(after["memory_mb"])], "inbox": self.hour.redis.xlen("cc:inbox")}
        problems += [f"leased: {entry}" for entry in self.hour.redis.zrange(leases.LEASED, 0, -1) if self._holds(entry)]
        return problems + incomplete_time_lines(self.product) + stuck_agents(self.hour.redis)

    def _holds(self, lease: bytes) -> bool:
        """A lease that has not lapsed although nobody calls."""
        seconds, micros = self.hour.redis.time()
        return (self.hour.redis.zscore(leases.LEASED, lease) or 0.0) > seconds + micros / 1e6


def _kind(command: str) -> str:
    return next((word for word in command.split() if word in PROCESSES or "cell.warm" in word or "redis-server" in word), "other")


def _bound(pids: dict[int, str]) -> set[str]:
    """Inodes of the UDP sockets that the processes hold."""
    held = {link for pid in pids for link in _links(pid)}
    return {columns[9] for line in Path("/proc/net/udp").read_text().splitlines()[1:] if f"socket:[{(columns := line.split())[9]}]" in held}


def _links(pid: int) -> set[str]:
    try:
        return {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()


def _parent(pid: int) -> int:
    """0: it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _memory(pid: int) -> float:
    """Megabytes of its own (Pss)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def soak(seconds: float, seed: int) -> tuple[dict[str, Any], list[str]]:
    """A product of its own. (figures, what is wrong)."""
    with (
        Product(CC_CELLS_MAX=30) as product,
        tempfile.TemporaryDirectory() as folder,
        BusyHour(product, Path(folder), phones=PHONES, callers=AT_ONCE, answers=MOST_CALLS) as hour,
    ):
        day = Soak(product, hour, seed)
        try:
            problems = day.run(seconds)
        except BaseException:
            sys.stderr.write("\n".join([*list(product.lines)[-100:], ""]))
            raise
    return day.figures, problems + [f"left over: {command}" for command in product.left_over()]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    figures, problems = soak(given.seconds, given.seed)
    sys.stdout.write(json.dumps({**figures, "problems": problems}) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
