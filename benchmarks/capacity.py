"""How many conversations at once: through front door, flow and queue to agents' external phones, all recorded, on this machine.

    python -m benchmarks.capacity           60 at once, the figure of `make bench`
    python -m benchmarks.capacity 10 25 50  one line per number as well, for the plot (benchmarks/results/capacity.jsonl)

SIPp calls and is called; one process of voices speaks and listens for all of them. A conversation is intact when, for `SECONDS`, each side
hears the tone of the other without a gap over 40 ms (a telephone's jitter buffer of 60 ms included), no packet is missing, and its
recording has both tones on their channels.
"""

import json
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from benchmarks.figures import tell
from benchmarks.processes import cpu_seconds
from tests import tones
from tests.load.busy_hour import BusyHour, Talk
from tests.load.crowd import Callers
from tests.product import Product, until

GOAL = 60
RATE = 5  # calls a second
SECONDS = 20.0
GAP = 0.04
RECORDED = 0.02  # share of full scale that a tone has at least in its recording
RESULTS = Path(__file__).parent / "results" / "capacity.jsonl"
STAMP = re.compile(r"^-+ (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d\.\d+)", re.MULTILINE)
PARTS = {
    "cell.warm": "cells",
    "switch": "switch",
    "frontdoor": "front door",
    "redis-server": "redis",
    "journal": "journal",
    "media": "supervisor",
}


def part_of(command: str) -> str:
    """The part of the product that a process is; empty: one that has nothing to do with calls."""
    return next((part for word, part in PARTS.items() if word in command), "")


def cpu_by_part(product: Product) -> dict[str, float]:
    """Seconds of processor time so far."""
    found: dict[str, float] = defaultdict(float)
    for pid, command in product.pids().items():
        try:
            found[part_of(command)] += cpu_seconds(pid)
        except OSError:  # it has ended meanwhile
            continue
    return found


def setup_ms(callers: Callers) -> list[float]:
    """From the INVITE to the 200, of each call, as SIPp stamps its messages."""
    log = (callers.folder / "messages.log").read_text(errors="replace").replace("\r", "")
    invited, answered = {}, {}
    for found, following in zip(stamps := list(STAMP.finditer(log)), [*(later.start() for later in stamps[1:]), len(log)], strict=True):
        text, at = log[found.end() : following], datetime.fromisoformat(f"{found[1]} {found[2]}").timestamp()
        call = re.search(r"^Call-ID: *(\S+)", text, re.MULTILINE)
        if call and "\nINVITE " in text:
            invited.setdefault(call[1], at)
        elif call and "\nSIP/2.0 200" in text and "1 INVITE" in text:
            answered.setdefault(call[1], at)
    return [(answered[call] - at) * 1000 for call, at in invited.items() if call in answered]


def intact(talk: Talk) -> bool:
    sides = (talk.caller, talk.agent.hertz), (talk.agent, talk.caller.hertz)
    return all(side.heard.longest_gap(other) <= GAP and side.heard.lost() == 0 for side, other in sides)


def recorded(product: Product, talks: list[Talk]) -> int:
    """Recordings in the archive that have the tones of one of the conversations on their channels."""
    pairs = {(talk.caller.hertz, talk.agent.hertz) for talk in talks}
    files = [product.recordings / row["file"] for row in product.rows("SELECT file FROM recordings_recording WHERE state = 'stored'")]
    return sum(_has_one(path, *zip(*pairs, strict=True)) for path in files)


def _has_one(path: Path, lefts: Sequence[int], rights: Sequence[int]) -> bool:
    """Of the pairs, in its middle two seconds."""
    channels, rate = tones.read_wav(path)
    middle = len(channels[0]) // 2
    there = [
        tones.mean_strengths(channel[middle - rate : middle + rate], hertz, rate=rate) >= RECORDED
        for channel, hertz in zip(channels, (lefts, rights), strict=True)
    ]
    return bool((there[0] & there[1]).any())


def measure(conversations: int) -> dict[str, float]:
    with (
        Product(CC_CELLS_MAX=conversations + 8, CC_CELLS_WARM=8) as product,
        tempfile.TemporaryDirectory() as folder,
        BusyHour(product, Path(folder), phones=conversations, callers=conversations) as hour,
    ):
        hour.log_on_phones()
        callers = hour.calls(conversations, rate=RATE)
        callers.wait_answered(conversations, conversations / RATE + 30)
        until(lambda: hour.talking() == conversations, "all talk", 30)
        hour.listen()
        before, began = cpu_by_part(product), time.monotonic()
        heard = hour.listen_for(SECONDS)
        took = time.monotonic() - began
        after = cpu_by_part(product)
        talks = hour.talks(heard)
        late = max(max(talk.caller.heard.late(), talk.agent.heard.late()) for talk in talks)
        times = sorted(setup_ms(callers))
        for caller in range(conversations):
            hour.hangs_up(caller)
        until(lambda: not hour.redis.hlen("cc:calls"), "all have hung up", 60)
        stored = "SELECT count(*) FROM recordings_recording WHERE state = 'stored'"
        until(lambda: product.value(stored) == conversations, "all recordings are in the archive", 120)
        whole = recorded(product, talks)
    point = {"calls": conversations, "talks": len(talks), "intact": sum(map(intact, talks)), "recordings": whole, "late_ms": late * 1000}
    point |= {"setup_ms_median": statistics.median(times), "setup_ms_p95": times[int(len(times) * 0.95)]}
    cpu = {part: (after[part] - before[part]) / took * 100 for part in before if part}
    return point | {f"cpu {part}": share for part, share in cpu.items()} | {"cpu": sum(cpu.values())}


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:]]
    for conversations in numbers or [GOAL]:
        point = {name: round(value, 2) for name, value in measure(conversations).items()}
        if numbers:
            RESULTS.parent.mkdir(exist_ok=True)
            with RESULTS.open("a") as results:
                results.write(json.dumps(point) + "\n")
        whole = min(point["intact"], point["recordings"])
        tell(f"conversations at once, audio and recording intact (of {conversations})", whole, "conversations", GOAL, "higher")
        tell(f"CPU of all processes, {conversations} recorded conversations", point["cpu"], "% of a core", 1.5 * conversations)
        tell(f"INVITE to answer, 95th percentile, {conversations} calls at {RATE} a second", point["setup_ms_p95"], "ms", 150)


if __name__ == "__main__":
    main()
