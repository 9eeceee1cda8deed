"""IV-01: a survey question, before or after a conversation."""

import pytest

from apps.events.vocabulary import StepLeft, SurveyAnswered
from apps.flows import interpreter as f
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder

QUESTION = 101


def kari(**exits: str) -> Caller:
    return Caller(FlowBuilder("x").survey("Satisfied?", QUESTION, next="Bye", **exits).message("Bye", 102, next="End").hang_up("End"))


def test_an_answer_is_a_fact_and_the_call_goes_on():
    caller = kari()
    caller.now += 2
    said = caller.presses("4")
    assert said[:2] == [
        f.StopPrompts(),
        SurveyAnswered(at=1002.0, call="call-1", step=1, flow_version=1, question="Satisfied?", answer=4),
    ]
    assert caller.left() == ("next", "choice")
    assert caller.step == "Bye"


@pytest.mark.parametrize("digit", ["0", "6", "*", "#"])
def test_other_digits_are_asked_again(digit):
    caller = kari()
    assert caller.presses(digit) == [f.StopPrompts(), f.PlayPrompts((QUESTION,), barge_in=True)]


def test_whoever_does_not_answer_goes_on_all_the_same():
    """IV-05: the result says what it was."""
    caller = kari()
    for _ in range(3):
        caller.hears(f.Played())
        caller.waits(5)
    [left] = [fact for fact in caller.said if isinstance(fact, StepLeft)]
    assert (left.exit, left.result) == ("next", "no_input")
    assert caller.step == "Bye"
    assert not any(isinstance(fact, SurveyAnswered) for fact in caller.said)
