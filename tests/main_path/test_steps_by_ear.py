"""A telephone goes through every kind of step of the running product that needs nothing but a telephone (IV-01 to IV-05).

Each sound is a tone of its own (tone_company.py): what is said and read back is known by ear. The other kinds: test_outside.py.
"""

import json
import re
import time

import numpy as np
import pytest

from tests import tones
from tests.main_path.test_outside import calls_go_to, is_found
from tests.main_path.tone_company import FROM, HERTZ, NUMBER, OUTSIDE
from tests.product import until
from tests.sip.sipp import Caller, Phone

pytestmark = [pytest.mark.media, pytest.mark.timeout(180)]

WINDOW = 480  # samples: 60 ms
EXPERT_HZ, KARI_HZ = 440, 520
FIRST, SECOND = "40713", "52087"  # what is typed; the caller begins anew after the first


@pytest.fixture(scope="module")
def product(product):
    """With numbers whose sounds are tones, and no longer with what the system says."""
    product.run("tests.main_path.tone_company")
    is_found(product)
    return product


def sounds(pcm: np.ndarray) -> list[str]:
    """The names of the tones in `pcm`, in their order, each as long as it lasts once; one shorter than 120 ms is none."""
    names = [name_of(pcm[at : at + WINDOW]) for at in range(0, len(pcm) - WINDOW, WINDOW)]
    heard: list[str] = []
    for before, name in zip(names, names[1:], strict=False):
        if name and name == before and heard[-1:] != [name]:
            heard.append(name)
    return heard


def name_of(pcm: np.ndarray) -> str:
    hertz = tones.dominant(pcm)
    return next((name for name, own in HERTZ.items() if abs(own - hertz) < 30), "")


class Listener:
    """A caller who knows what he has heard since he last pressed something, at first since he was answered."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.since = caller, 0.0

    def heard(self) -> list[str]:
        return sounds(self.caller.audio.heard(self.since))

    def hears(self, name: str, timeout: float = 8.0) -> list[str]:
        """All that was heard until a sound of this name."""
        return until(lambda: (heard := self.heard()) and heard[-1] == name and heard, f"the sound {name}", timeout)

    def presses(self, digits: str) -> None:
        self.caller.audio.press(digits)
        self.since = time.monotonic() + 0.1


def ways(facts: list[dict]) -> list[tuple[str, str]]:
    """Exit and result of each step that was left."""
    left = (json.loads(fact["data"]) for fact in facts if fact["kind"] == "StepLeft")
    return [(step["exit"], step["result"]) for step in left]


def test_a_value_is_typed_read_back_typed_again_and_confirmed(product, tmp_path):
    """IV-04: read back digit by digit, * re-enters, # confirms; sensitive: in no fact and no log. IV-02: a digit stops the sound."""
    with Caller(product.trunk, NUMBER, folder=tmp_path, caller=FROM, seconds=60) as caller:
        caller.wait_answered()
        kari = Listener(caller)
        assert kari.hears("menu") == ["welcome", "menu"]
        kari.presses("1")
        assert kari.hears("ask") in (["ask"], ["menu", "ask"])
        kari.presses(FIRST + "#")
        assert kari.hears("confirm")[-len(FIRST) - 2 :] == ["entered", *FIRST, "confirm"]
        kari.presses("*")
        kari.hears("ask")
        kari.presses(SECOND + "#")
        assert kari.hears("confirm")[-len(SECOND) - 2 :] == ["entered", *SECOND, "confirm"]
        kari.presses("#")
        call = product.call_of(FROM)
        product.time_line_with(call, "QueueEntered")
        caller.hang_up()
        assert caller.wait() == 200
    product.time_line_with(call, "CallEnded")
    facts = product.rows("SELECT kind, data FROM events_event WHERE call = ? ORDER BY seq", call)
    assert ways(facts) == [
        ("next", "played"),
        ("branch_1", "branch"),
        ("1", "choice"),
        ("next", "collected"),
        ("", "hung_up"),
    ]
    typed = re.compile(rf"(?<![0-9a-f])({FIRST}|{SECOND})(?![0-9a-f])")  # ids have all kinds of digits
    assert not [text for text in (*(fact["data"] for fact in facts), *product.lines) if typed.search(text)]


def test_hours_a_variable_a_condition_and_a_question_lead_to_a_telephone_outside(product, tmp_path):
    """IV-01: both hear each other, and when the telephone outside hangs up, the flow goes on."""
    before = product.newest()
    with Phone(folder=tmp_path, hertz=EXPERT_HZ, seconds=60) as expert:
        calls_go_to(product, expert)
        with Caller(product.trunk, OUTSIDE, folder=tmp_path, caller=FROM, hertz=KARI_HZ, seconds=60) as caller:
            caller.wait_answered()
            kari = Listener(caller)
            assert kari.hears("survey") == ["important", "survey"]
            kari.presses("9")  # which is no answer: the question is asked again
            kari.hears("survey")
            kari.presses("4")
            expert.wait_answered()
            caller.audio.wait_for_tone(EXPERT_HZ)
            expert.audio.wait_for_tone(KARI_HZ)
            expert.hang_up()
            kari.hears("goodbye")
            assert caller.wait() == 200
        expert.wait()
    call = product.call_of(FROM, before)
    product.time_line_with(call, "CallEnded")
    facts = product.rows("SELECT kind, data FROM events_event WHERE call = ? ORDER BY seq", call)
    assert ways(facts) == [
        ("Open", "opening_hours"),
        ("next", "set"),
        ("branch_1", "branch"),
        ("next", "played"),
        ("next", "choice"),
        ("ended", "answered"),
        ("next", "played"),
        ("", "ended"),
    ]
    assert [json.loads(fact["data"])["answer"] for fact in facts if fact["kind"] == "SurveyAnswered"] == [4]
