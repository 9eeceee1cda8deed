"""Kills while a conversation is recorded: what was said is in the archive, but for the last two seconds (RC-06)."""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import tones
from tests.lasting import Lasting
from tests.page_lost.talk import AGENT_HZ, CALLER_HZ, Talk, wrap_up_ends
from tests.product import ARCHIVED, START_SECONDS, Product, until
from tests.sip.rtp import FRAME_SECONDS

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]

LOSS = 2.0  # s, RC-06
GOODBYE_HZ = 640  # of the customer's last words
BUFFERED = 0.2  # s: what has arrived waits in the cell's jitter buffer before it is heard and recorded, and is not when he has hung up
TALK = LOSS + 1.2  # s: after the greatest loss there is a second to be heard


def cell_of(product: Product) -> int:
    """The process that has the recording open."""
    return until(lambda: next((pid for pid in product.pids() if records(pid)), None), "a cell records")


def records(pid: int) -> bool:
    try:
        return any(str(link.readlink()).endswith(".left.wav") for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or the file is closed, meanwhile
        return False


def stored(talk: Talk) -> dict[str, Any]:
    query = "SELECT * FROM recordings_recording WHERE call_id = ? AND state = 'stored'"
    return until(lambda: next(iter(talk.product.rows(query, talk.call)), None), "the recording is in the archive", ARCHIVED)


def recorded(talk: Talk) -> tuple[tones.Pcm, tones.Pcm, int, float]:
    """Left, right, rate, and when it began (Unix seconds)."""
    row = stored(talk)
    (left, right), rate = tones.read_wav(talk.product.recordings / row["file"])
    return left, right, rate, datetime.fromisoformat(row["started_at"]).replace(tzinfo=UTC).timestamp()


def whole(talk: Talk, until_when: float) -> float:
    """Seconds that are missing at the end of the recording; the rest is checked to be there, on both sides, since they heard each other."""
    left, right, rate, began = recorded(talk)
    parts = [slice(at, at + rate) for at in range(round((talk.both_heard_at - began) * rate), len(left) - rate + 1, rate)]
    assert parts, "a second of what was said after both had heard each other"
    for second, part in enumerate(parts):
        assert any(tones.hears(left[part], hertz, rate=rate) for hertz in (CALLER_HZ, GOODBYE_HZ)), f"the customer, second {second}"
        assert tones.hears(right[part], AGENT_HZ, rate=rate), f"the agent, second {second}"
    return until_when - began - len(left) / rate


def says_goodbye(talk: Talk) -> Lasting:
    """The customer speaks in another tone for a second, and hangs up. Returns how long he did."""
    before = time.time()
    talk.audio.change_tone(GOODBYE_HZ)
    after = time.time() + FRAME_SECONDS
    talks_on(talk, 1)
    talk.caller.hang_up()
    assert talk.caller.wait() == 200
    return Lasting(talk.caller.moments("sent", "BYE")[-1] - after - BUFFERED, time.time() - before)


def heard_of(pcm: tones.Pcm, hertz: float, rate: int) -> float:
    """Seconds in which this is the tone."""
    size = rate // 50
    windows = [pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size)]
    return sum(tones.hears(window, hertz, rate=rate, at_least=0.15) for window in windows) / 50


def talks_on(talk: Talk, seconds: float) -> None:
    since = time.monotonic()
    until(lambda: time.monotonic() - since > seconds, "they talk", seconds + 1)


def test_a_killed_cells_recording_is_repaired(talk: Talk, record_property):
    """RC-06, PF-08."""
    talks_on(talk, TALK)
    os.kill(cell_of(talk.product), signal.SIGKILL)
    killed = time.time()
    talk.agent.sees_panel("wrap_up")
    lost = whole(talk, killed)
    record_property("lost_seconds", round(lost, 2))
    assert -0.2 < lost < LOSS
    wrap_up_ends(talk.agent)


def test_nothing_is_lost_when_everything_around_the_cell_is_killed(talk: Talk):
    """RC-06, PF-08: media supervisor, switch and worker, one after the other, while it records."""
    product = talk.product
    for name in ("media", "switch", "worker"):
        killed = product.kill(name)
        until(lambda name=name, killed=killed: product.pid_of(name) not in (0, killed), f"a new {name}", 15)
    talks_on(talk, 1)
    talk.both_hear()
    spoken = says_goodbye(talk)
    until(lambda: product.has_begun_anew("worker", killed), "the new worker is at work", START_SECONDS)
    left, right, rate, _ = recorded(talk)
    whole(talk, 0)
    assert len(left) == len(right)
    assert heard_of(left, GOODBYE_HZ, rate) in spoken
    wrap_up_ends(talk.agent)


def test_a_cell_that_is_killed_together_with_its_supervisor_loses_no_more(talk: Talk):
    """RC-06, PF-08: nobody saw it die."""
    cell = cell_of(talk.product)
    talks_on(talk, TALK)
    media = talk.product.kill("media")
    os.kill(cell, signal.SIGKILL)
    killed = time.time()
    until(lambda: talk.product.has_begun_anew("media", media), "a new supervisor is at work", START_SECONDS)
    talk.agent.sees_panel("wrap_up", timeout=20)
    assert -0.2 < whole(talk, killed) < LOSS
    wrap_up_ends(talk.agent)
