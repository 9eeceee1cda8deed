"""A customer and an agent in a conversation, on the running product: what each hears is told by tones, gaps by when packets came."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Error

from tests import tones
from tests.main_path.desk_person import AtDesk
from tests.page_lost.cable import Cable
from tests.product import Product, until
from tests.sip.sipp import Caller, SippError

NUMBER = "+4722334499"  # leads straight into the queue
CALLER_HZ, AGENT_HZ = 440, 1000
LOST_AND_BACK = ("AgentMediaLost", "AgentMediaBack")
WINDOW = 0.3  # s: one syllable of the microphone's tone and its pause
STUMBLES = 0.1  # s in which a browser sends nothing: with a pause of its voice, a window may be silent
SUPPORT = """
from apps.flows import services
from apps.numbers.models import AccessNumber
from apps.queues.models import Queue
version = services.draft_of(services.create_flow(name="Straight to Support"))
queue = services.add_step(version, "queue", "Support", queue=Queue.objects.get(name="Support"))
end = services.add_step(version, "hang_up", "End")
services.wire(queue, dict.fromkeys(("full", "maximum_wait", "no_agents"), end))
services.set_entrances(version, start=queue, default_exit=end)
services.publish(version)
AccessNumber.objects.create(number="%s", name="Straight", flow=version.flow)
"""


class Talk(contextlib.AbstractContextManager):
    """A customer who has called; `with` it. `answer` begins the conversation."""

    def __init__(self, product: Product, agent: AtDesk, folder: Path) -> None:
        self.product, self.agent = product, agent
        before = product.value("SELECT count(*) FROM calls_call")
        self.caller = Caller(product.trunk, NUMBER, folder=folder, hertz=CALLER_HZ, seconds=200)
        self.caller.wait_answered()
        self.audio = self.caller.audio
        self.call = until(
            lambda: product.value("SELECT count(*) FROM calls_call") > before
            and product.value("SELECT id FROM calls_call ORDER BY started_at DESC LIMIT 1"),
            "the call is known",
        )  # fmt: skip

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """A test that failed leaves the next one an agent who is free, if he is to be freed by anything."""
        with contextlib.suppress(SippError, Error, AssertionError):
            self._give_up()
        self.caller.close()

    def _give_up(self) -> None:
        if self.caller.process.poll() is not None:
            return
        self.caller.hang_up()
        self.caller.wait(5)
        wrap_up_ends(self.agent)

    def answer(self) -> "Talk":
        self.agent.answers()
        self.both_hear()
        self.both_heard_at = time.time()
        return self

    def both_hear(self, timeout: float = 10.0) -> None:
        self.audio.wait_for_tone(AGENT_HZ, timeout)
        self.agent.hears(lambda pcm: tones.hears(pcm, CALLER_HZ), "the customer", timeout)

    def end(self) -> None:
        """The customer hangs up, and the agent is ready again."""
        self.caller.hang_up()
        assert self.caller.wait() == 200
        wrap_up_ends(self.agent)

    def until_customer_hears(self, what: str, since: float, timeout: float = 10.0) -> float:
        """Seconds from `since` (time.monotonic) to the first WINDOW of agent, music, or silence."""
        return until(lambda: self._first(what, since), f"the customer hears {what}", timeout)

    def _first(self, what: str, since: float) -> float | None:
        return next((at for at, heard in self.heard(since) if heard == what), None)

    def heard(self, since: float) -> list[tuple[float, str]]:
        """What came since then, a WINDOW at a time: (seconds after `since`, what)."""
        packets = [packet for packet in list(self.audio.packets) if packet.at >= since]
        size = round(WINDOW * tones.RATE / 160)
        windows = [packets[place : place + size] for place in range(0, len(packets) - size + 1, size // 2)]
        return [(window[0].at - since, _named(np.concatenate([packet.pcm for packet in window]))) for window in windows]

    def heard_of(self, cable: Cable, since: float) -> set[str]:
        """What came since then, but for silence that was the browser's own: it is not what the product did."""
        windows = [(since + at, what) for at, what in self.heard(since)]
        return {what for at, what in windows if what != "silence" or cable.longest_pause(at - WINDOW, at + WINDOW) < STUMBLES}

    def longest_gap(self, since: float) -> float:
        """Milliseconds between two packets that the customer got one after the other."""
        times = [packet.at for packet in list(self.audio.packets) if packet.at >= since]
        return 1000 * float(np.max(np.diff(times)))

    def sees_in_time_line(self, kinds: Sequence[str], expected: Sequence[str]) -> None:
        """Those of `kinds` that are in the call's time line are `expected`, each once."""
        until(
            lambda: [kind for kind in self.product.time_line(self.call) if kind in kinds] == list(expected), f"{expected} in the time line"
        )


def wrap_up_ends(agent: AtDesk) -> None:
    agent.sees_panel("wrap_up", timeout=20)
    agent.page.locator(".wrap-up [data-do=ready]").click()
    agent.sees_panel("idle")


def _named(pcm: np.ndarray) -> str:
    """By the share of the agent's tone in all that is heard: a window may hold little of it, but then little else."""
    if tones.rms(pcm) < 30:
        return "silence"
    share = tones.strength(pcm, AGENT_HZ) * 32767 / np.sqrt(2) / tones.rms(pcm)
    return "agent" if share > 0.4 else "music"
