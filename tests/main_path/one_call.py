"""The whole main job once, on the running product: telephone, menu, queue, desk, hold, recording, time line (issue: the main path).

`OneCall(product, chromium, folder).run()` returns what was measured as one dictionary, `problems` among it: empty when all is right.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np

from apps.telephony.ports import MASK_HERTZ
from tests import tones
from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.product import ARCHIVED, Product, until
from tests.sip.sipp import Caller

NUMBER, CALLER = "+4722334455", "+4791234567"
CALLER_HZ, AGENT_HZ = 440, 1000
OBEYED = 0.5  # seconds until a cell has done what the desk says of it, on a machine that wakes it late (decision 62), and a window more
STEPS = [
    "CallArrived", "StepEntered", "StepLeft", "QueueEntered", "OfferMade", "OfferEnded", "QueueLeft", "ConversationStarted",
    "RecordingBegan", "HoldStarted", "HoldEnded", "RecordingMasked", "RecordingUnmasked", "ConversationEnded", "CallEnded",
]  # fmt: skip


class OneCall:
    def __init__(self, product: Product, chromium: Chromium, folder: Path) -> None:
        self.product, self.chromium, self.folder = product, chromium, folder
        self.figures: dict[str, Any] = {}
        self.problems: list[str] = []

    def run(self) -> dict[str, Any]:
        self.agent = AtDesk(self.chromium, self.product)
        self.agent.log_on()
        before = self.product.newest()
        with Caller(self.product.trunk, NUMBER, caller=CALLER, folder=self.folder, hertz=CALLER_HZ, seconds=120) as self.caller:
            self._hear_the_welcome()
            self.call = self.product.call_of(CALLER, before)
            self._through_the_menu()
            self._talk()
            self._hold()
            self._mask()
            self._end()
        self._facts()
        return {**self.figures, "problems": self.problems}

    def must(self, right: bool, what: str) -> None:
        if not right:
            self.problems.append(what)

    def _hear_the_welcome(self) -> None:
        begun = time.monotonic()
        self.caller.wait_answered()
        until(lambda: tones.rms(self.caller.audio.heard()) > 100, "the caller hears the welcome")
        self.figures["invite_to_prompt_ms"] = round((time.monotonic() - begun) * 1000)

    def _through_the_menu(self) -> None:
        until(lambda: "StepLeft" in self.product.time_line(self.call), "the welcome is over", 20)
        self.caller.audio.press("1")
        pressed = time.monotonic()
        self.agent.sees_panel("ringing")
        self.figures["digit_to_ringing_ms"] = round((time.monotonic() - pressed) * 1000)

    def _talk(self) -> None:
        answered = time.monotonic()
        self.agent.answers()
        self.caller.audio.wait_for_tone(AGENT_HZ, window=0.1)
        self.figures["answer_to_caller_hears_ms"] = round((time.monotonic() - answered) * 1000)
        self.agent.hears(lambda pcm: tones.hears(pcm, CALLER_HZ), f"{CALLER_HZ} Hz")
        self.both_heard_at = time.time()
        self.figures["tone_to_agent_hz"] = round(tones.dominant(self.agent.listens()))
        since = time.monotonic()
        until(lambda: len(self.caller.audio.heard(since)) > tones.RATE, "a second of the agent's tone")
        self.figures["tone_to_caller_hz"] = round(tones.dominant(self.caller.audio.heard(since)))
        self.must(abs(self.figures["tone_to_agent_hz"] - CALLER_HZ) < 10, "the agent does not hear the caller")
        self.must(abs(self.figures["tone_to_caller_hz"] - AGENT_HZ) < 10, "the caller does not hear the agent")

    def _hold(self) -> None:
        self.agent.holds()
        self.agent.hears(lambda pcm: not tones.hears(pcm, CALLER_HZ, at_least=0.01), "nobody on hold")
        since = time.monotonic()
        until(lambda: len(self.caller.audio.heard(since)) > tones.RATE, "a second of hold")
        heard = self.caller.audio.heard(since)
        self.figures["hold_music_rms"] = round(tones.rms(heard))
        self.must(tones.rms(heard) > 50 and not tones.hears(heard, AGENT_HZ), "hold: not music, or the agent is heard")
        self.agent.holds(on=False)
        self.caller.audio.wait_for_tone(AGENT_HZ)
        self.agent.hears(lambda pcm: tones.hears(pcm, CALLER_HZ), "the caller again")

    def _mask(self) -> None:
        """RC-03: they hear each other, and it is not recorded."""
        self.masked = self._masks()
        since = time.monotonic()
        until(lambda: len(self.caller.audio.heard(since)) > tones.RATE, "a second of the agent's tone")
        self.must(tones.hears(self.caller.audio.heard(since), AGENT_HZ), "masked: the caller does not hear the agent")
        self.agent.hears(lambda pcm: tones.hears(pcm, CALLER_HZ), "the caller")
        self.unmasked = self._masks(on=False)
        self.agent.hears(lambda pcm: tones.hears(pcm, CALLER_HZ), "the caller")

    def _masks(self, on: bool = True) -> tuple[float, float]:
        """When the agent asked for it, and when he had seen that it is so (Unix seconds)."""
        asked = time.time()
        self.agent.masks(on)
        return asked, time.time()

    def _end(self) -> None:
        self.agent.hangs_up()
        hung_up = time.monotonic()
        self.figures["sip_result"] = self.caller.wait()
        self.figures["hang_up_to_bye_ms"] = round((time.monotonic() - hung_up) * 1000)
        self.must(self.figures["sip_result"] == 200, "the call did not end by a BYE")
        self.agent.sees_panel("wrap_up")
        self.agent.page.locator(".wrap-up [data-do=ready]").click()
        self.agent.sees_panel("idle")
        self.agent.logs_off()

    def _facts(self) -> None:
        self.figures["time_line"] = self.product.time_line_with(self.call, "CallEnded")
        missing = [kind for kind in STEPS if kind not in self.figures["time_line"]]
        self.must(not missing, f"the time line lacks {missing}")
        row = until(lambda: self._stored(), "the recording is in the archive", ARCHIVED)
        channels, rate = tones.read_wav(self.product.recordings / row["file"])
        talk = self._both_talk(rate)
        self.figures["recording"] = {
            "channels": len(channels),
            "seconds": round(len(channels[0]) / rate, 2),
            "left_hz": round(tones.dominant(channels[0][talk], rate=rate)),
            "right_hz": round(tones.dominant(channels[-1][talk], rate=rate)),
        }
        self._mask_in_the_file(channels)

    def _both_talk(self, rate: int) -> slice:
        """Of the recording: from when both were heard to the hold. It begins with the answer, before there is any sound of the agent."""
        began, held = (self.product.fact(self.call, kind)["at"] for kind in ("RecordingBegan", "HoldStarted"))
        return slice(round((self.both_heard_at - began) * rate), round((held - began) * rate))

    def _mask_in_the_file(self, channels: list[np.ndarray]) -> None:
        """As long as the agent wanted, and in it nothing of what was said, on either side; then it is recorded again."""
        began, ended = (self.product.fact(self.call, kind)["at"] for kind in ("RecordingMasked", "RecordingUnmasked"))
        self.figures["masked_seconds"] = round(ended - began, 2)
        for at, (asked, seen), what in ((began, self.masked, "masked"), (ended, self.unmasked, "unmasked")):
            self.must(asked <= at <= seen, f"the facts say {what} at another time than the page")
        least, most = self.unmasked[0] - self.masked[1] - OBEYED, self.unmasked[1] - self.masked[0] + OBEYED
        for pcm, spoken, whose in zip(channels, (CALLER_HZ, AGENT_HZ), ("caller", "agent"), strict=True):
            windows = [pcm[at : at + 400] for at in range(0, len(pcm) - 400, 400)]
            masked = [number for number, window in enumerate(windows) if tones.hears(window, MASK_HERTZ)]
            inside, after = windows[masked[0] + 1 : masked[-1]], windows[masked[-1] + 1 :]
            self.must(least < 0.05 * len(masked) < most, f"the mask is not as long as it was: {whose}")
            self.must(not any(tones.hears(window, spoken, at_least=0.02) for window in inside), f"what was masked is recorded: {whose}")
            self.must(any(tones.hears(window, spoken) for window in after), f"nothing is recorded after the mask: {whose}")
        self.must(len(channels) == 2, "the recording is not stereo")
        self.must(abs(self.figures["recording"]["left_hz"] - CALLER_HZ) < 10, "the caller is not on the left channel")
        self.must(abs(self.figures["recording"]["right_hz"] - AGENT_HZ) < 10, "the agent is not on the right channel")

    def _stored(self) -> dict[str, Any] | None:
        return next(
            iter(self.product.rows("SELECT file FROM recordings_recording WHERE state = 'stored' AND call_id = ?", self.call)), None
        )
