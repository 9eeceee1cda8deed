"""IV-01: set variable and condition. The first branch that applies is taken, else "otherwise"."""

import pytest

from apps.events.vocabulary import StepFailed, StepLeft
from apps.flows import interpreter as f
from apps.flows import variables
from apps.flows.known import Known
from apps.flows.run import Say
from apps.numbers.lists import NumberSet
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder

SOUND = 101
VIP = NumberSet.of(["+4790000000", "+4791*"])


def decides(text: str, operator: str, value: str = "", *, numbers: int | None = None, known: Known | None = None) -> str:
    """The step that a call with this caller comes to."""
    branch = {"variable": "caller", "operator": operator, "value": value, "numbers": numbers}
    flow = FlowBuilder("x").condition("If", (branch, "Yes"), otherwise="No").message("Yes", SOUND).message("No", SOUND).after_fault("No")
    return Caller(flow, known or Known(), caller=text).step


@pytest.mark.parametrize(
    ("text", "operator", "value", "yes"),
    [
        ("+4722334455", "is", "+4722334455", True),
        ("+4722334455", "is", "+472233445", False),
        ("Gold", "is", "gold", True),
        ("+4790123456", "begins_with", "+479", True),
        ("+4722334455", "begins_with", "+479", False),
        ("b", "one_of", "a, b ,c", True),
        ("", "one_of", "a,b", False),
        ("12345", "matches", "1[0-9]*5", True),
        ("123456", "matches", "1[0-9]*5", False),
        ("", "empty", "", True),
        ("0", "empty", "", False),
        ("10", "greater", "9", True),
        ("9", "greater", "10", False),
        ("9,5", "less", "9.6", True),
        ("9", "less", "9", False),
        ("many", "greater", "1", False),
        ("NaN", "greater", "1", False),
        ("5", "no such operator", "5", False),
    ],
)
def test_operators(text, operator, value, yes):
    assert decides(text, operator, value) == ("Yes" if yes else "No")


@pytest.mark.parametrize(("number", "yes"), [("+4790000000", True), ("+4791234567", True), ("+4790000001", False), ("", False)])
def test_membership_of_a_number_list(number, yes):
    """IV-01: list membership; a prefix ends with a star."""
    assert decides(number, "in_list", numbers=7, known=Known(lists={7: VIP})) == ("Yes" if yes else "No")


def test_the_newest_list_counts():
    flow = (
        FlowBuilder("x")
        .message("Welcome", SOUND, next="If")
        .condition("If", ({"variable": "caller", "operator": "in_list", "numbers": 7}, "Yes"), otherwise="No")
        .message("Yes", SOUND)
        .message("No", SOUND)
    )
    caller = Caller(flow, Known(lists={7: NumberSet()}), caller="+4790000000")
    caller.known = Known(lists={7: VIP})
    caller.hears(f.Played())
    assert caller.step == "Yes"


def test_a_list_that_is_gone_is_a_fault_of_the_step():
    """IV-09."""
    branch = {"variable": "caller", "operator": "in_list", "numbers": 7}
    caller = Caller(FlowBuilder("x").condition("If", (branch, "No"), otherwise="No").message("No", SOUND).after_fault("No"), caller="+47")
    assert any(isinstance(fact, StepFailed) for fact in caller.said)
    assert caller.left() == ("default", "error")


def test_the_first_branch_that_applies_is_taken_and_named():
    flow = (
        FlowBuilder("x")
        .condition(
            "If",
            ({"variable": "dialled", "operator": "is", "value": "+4780000000", "label": "Freephone"}, "A"),
            ({"variable": "caller", "operator": "begins_with", "value": "+47", "label": "Norway"}, "B"),
            ({"variable": "caller", "operator": "begins_with", "value": "+479", "label": "Mobile"}, "A"),
            otherwise="A",
        )
        .message("A", SOUND)
        .message("B", SOUND)
    )
    caller = Caller(flow, caller="+4790123456", dialled="+4722334455", forwarded_from="")
    assert caller.step == "B"
    [left] = [fact for fact in caller.said if isinstance(fact, StepLeft)]
    assert (left.exit, left.result, left.label, left.value) == ("branch_2", "branch", "Norway", "")
    assert caller.run.path[0].label == "Norway"


def test_a_variable_is_set_from_others():
    flow = FlowBuilder("x").set_variable("Set", "greeting", "{caller} to {dialled}{nobody}", next="End").message("End", SOUND)
    caller = Caller(flow, caller="+4790", dialled="+4722")
    assert caller.run.variables["greeting"] == "+4790 to +4722"
    [left] = [fact for fact in caller.said if isinstance(fact, StepLeft)]
    assert (left.exit, left.result, left.value) == ("next", "set", "+4790 to +4722")


def test_places_are_names_and_nothing_more():
    """No attribute of an object can be reached by a text that somebody typed."""
    assert (
        variables.fill("{caller.__class__} {0} {} {Caller} {caller!r}", {"caller": "x"}) == "{caller.__class__} {0} {} {Caller} {caller!r}"
    )


def test_a_value_in_a_circle_does_not_grow_for_ever():
    flow = FlowBuilder("x").set_variable("Twice", "a", "{a}{a}x", next="Twice").message("End", SOUND).after_fault("End")
    caller = Caller(flow, a="start")
    assert len(caller.run.variables["a"]) == variables.LONGEST
    assert caller.step == "End"


def test_a_message_says_a_variable_after_its_sounds():
    """AU-05: digit by digit, as a number or as a time, in the flow's language."""
    flow = (
        FlowBuilder("x")._step("message", "Say", {"sounds": (SOUND,), "variable": "wait", "how": "number"}, {"next": "End"}).hang_up("End")
    )
    caller = Caller(flow, wait="12")
    assert caller.actions() == [f.PlayPrompts((SOUND, Say("12", "number")))]
    assert Caller(flow).actions() == [f.PlayPrompts((SOUND,))], "a variable that is not set is silent"


def test_a_message_that_has_nothing_to_say_goes_on():
    flow = FlowBuilder("x")._step("message", "Say", {"variable": "wait"}, {"next": "End"}).message("End", SOUND)
    assert Caller(flow).step == "End"
