"""IV-01: ordering a callback, to the own number or another one."""

import pytest

from apps.events.vocabulary import StepFailed
from apps.flows import interpreter as f
from apps.flows.compile import compile_version
from apps.flows.dry_run import Assumed, dry_run
from apps.flows.known import NOTHING
from apps.flows.models import CallbackStep
from apps.flows.run import Say
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder

OWN, OTHER = "+4790000001", "+4722334455"
ENTER = f.PlayPrompts(("callback_enter",), barge_in=True)


def order(**fields) -> FlowBuilder:
    exits = {"next": "Thanks", "already": "Already", "declined": "Bye", "maximum_tries": "Bye", "error": "Bye"}
    return (
        FlowBuilder("Night")
        .callback("Callback", fields.pop("prompt", None), fields=fields, **exits)
        .message("Thanks", 1, next="Bye")
        .message("Already", 2, next="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
    )


def calls(number: str = OWN, **fields) -> Caller:
    return Caller(order(**fields), caller=number)


def ordered(caller: Caller) -> list[str]:
    return [said.number for said in caller.said if isinstance(said, f.OrderCallback)]


def test_the_own_number_is_read_out_and_ordered_with_1():
    kari = calls()
    assert kari.actions() == [f.PlayPrompts(("callback_to", Say("4790000001"), "callback_choose"), barge_in=True)]
    kari.presses("1")
    assert ordered(kari) == [OWN]
    kari.hears(f.CallbackTaken("ordered"))
    assert kari.step == "Thanks" and kari.left() == ("next", "ordered")


def test_the_administrators_sound_comes_first_and_once():
    kari = calls(prompt=7)
    assert kari.actions()[0].prompts[0] == 7
    kari.presses("9")
    assert 7 not in kari.actions()[-1].prompts


@pytest.mark.parametrize("withheld", ["", "anonymous", "113", "22334455"])
def test_a_caller_without_a_number_that_can_be_called_enters_one(withheld):
    kari = calls(withheld)
    assert kari.actions() == [ENTER]


@pytest.mark.parametrize(("typed", "number"), [("22334455", OTHER), ("004722334455", OTHER), ("0046812345678", "+46812345678")])
def test_another_number_is_entered_read_back_and_confirmed(typed, number):
    kari = calls()
    assert kari.presses("2")[-1] == ENTER
    assert Say(typed) in kari.presses(f"{typed}#")[-1].prompts
    kari.presses("#")
    assert ordered(kari) == [number]


def test_a_star_lets_him_enter_it_again():
    kari = calls("")
    kari.presses("22334456#*22334455##")
    assert ordered(kari) == [OTHER]


def test_a_number_that_is_none_uses_up_a_try():
    kari = calls("", tries=2)
    assert kari.presses("1111##")[-1] == ENTER
    kari.presses("1111##")
    assert kari.step == "" and kari.left() == ("maximum_tries", "invalid")


def test_a_number_that_waits_already_is_told_so():
    kari = calls()
    kari.presses("1")
    kari.hears(f.CallbackTaken("already"))
    assert kari.step == "Already" and kari.left() == ("already", "already_ordered")


def test_a_star_declines():
    kari = calls()
    kari.presses("*")
    assert kari.left() == ("declined", "declined") and not ordered(kari)


@pytest.mark.parametrize("number", [OWN, ""])
def test_silence_uses_up_the_tries(number):
    kari = calls(number)
    for _ in range(3):
        kari.hears(f.Played())
        kari.waits(5.0)
    assert kari.left() == ("maximum_tries", "no_input") and kari.step == ""


def test_an_order_that_nobody_takes_is_an_error():
    """IV-09"""
    kari = calls()
    kari.presses("1")
    kari.waits(5.0)
    assert kari.left() == ("error", "error") and any(isinstance(said, StepFailed) for said in kari.said)


@pytest.mark.parametrize(("outcome", "step"), [("ordered", "Thanks"), ("already", "Already")])
def test_a_dry_run_orders(outcome, step):
    """IV-08"""
    report = dry_run(order().graph(), {"caller": OWN}, 1000.0, NOTHING, Assumed(digits="1", outcomes={"Callback": outcome}))
    assert [line.name for line in report.lines] == ["Callback", step, "Bye"]


@pytest.mark.django_db
def test_a_row_becomes_the_step(settings):
    settings.COUNTRY = "SE"
    version = FlowBuilder("X").callback("Callback", next="Bye", already="Bye", declined="Bye", maximum_tries="Bye").hang_up("Bye")
    version = version.after_fault("Bye").save()
    row = CallbackStep.objects.get()
    graph, problems = compile_version(version)
    assert problems == []
    assert (graph.steps[row.pk].country, graph.steps[row.pk].tries, graph.steps[row.pk].queue) == ("SE", 3, None)
