"""IV-09: a broken step never drops the caller: its error exit is taken, else the flow's default exit, and the fault is told.

Every kind of step has its row in BROKEN; a new kind without one fails here.
"""

import re

import pytest
from msgspec import Struct

from apps.events.vocabulary import StepFailed, StepLeft
from apps.flows import interpreter as f
from apps.flows.graph import FlowGraph
from apps.flows.kinds import KINDS, HangUp, Message
from apps.flows.kinds.condition import Branch
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder


class Case(Struct):
    """What breaks a step: fields that it has, and what it hears until it is broken."""

    fields: dict = {}
    hears: tuple[f.Input, ...] = ()


GONE = f.Played(error="sound 1 has no file")
CHOSEN = (*map(f.DigitPressed, "12345678#"), f.CodeProved(7), *map(f.DigitPressed, "17#"), f.SoundFound(17), f.Played())
BROKEN: dict[str, dict[str, Case]] = {
    "message": {"no sound": Case(), "missing file": Case({"prompts": (1,)}, (GONE,))},
    "menu": {"no sound": Case(), "missing file": Case({"prompt": 1}, (GONE,))},
    "collect": {
        "no sound": Case(),
        "missing file": Case({"prompt": 1}, (GONE,)),
        "missing file while it is read back": Case({"prompt": 1, "maximum": 5}, (f.DigitPressed("1"), f.DigitPressed("#"), GONE)),
        "a pattern that is none": Case({"prompt": 1, "pattern": "("}),
    },
    "condition": {
        "number list deleted meanwhile": Case({"branches": (Branch(1, "VIP", operator="in_list", numbers=7),)}),
        "a pattern that is none": Case({"branches": (Branch(1, "x", operator="matches", value="("),)}),
    },
    "set_variable": {"an exit that leads nowhere": Case({"variable": "a"})},
    "survey": {"no sound": Case(), "missing file": Case({"prompt": 1}, (GONE,))},
    "opening_hours": {"no calendar": Case(), "calendar deleted meanwhile": Case({"calendar": 7})},
    "queue": {"no queue": Case(), "queue deleted meanwhile": Case({"queue": 7}, (f.QueueLeft("error"),))},
    "dial": {"number not complete": Case({"number": "22"}), "not dialable": Case({"number": "+4722334455"}, (f.Dialled("error"),))},
    "voicemail": {
        "no sound": Case(),
        "missing file": Case({"prompt": 1}, (GONE,)),
        "it cannot be recorded": Case({"prompt": 1}, (f.Played(), f.Taped("call-1-m1.0", 0.0, "disk full"))),
    },
    "callback": {"missing file": Case({}, (GONE,))},
    "record_sound": {
        "missing file": Case({}, (GONE,)),
        "missing file while the number is read back": Case({}, (*CHOSEN[:-1], GONE)),
        "it cannot be recorded": Case({}, (*CHOSEN, f.Taped("call-1-m1.0", 0.0, "disk full"))),
    },
    "web_request": {
        "no address": Case(),
        "late": Case({"url": "https://crm.example"}, (f.WebAnswered(1, error="late"),)),
        "a fault of the service": Case({"url": "https://crm.example"}, (f.WebAnswered(1, error="failed"),)),
    },
}
NEVER_BROKEN = {"hang_up"}
CASES = [(kind, what, case) for kind, cases in BROKEN.items() for what, case in cases.items()]
ERROR, DEFAULT = 2, 3


def meets(kind: str, case: Case, exits: dict[str, int], default_exit: int | None) -> tuple[f.Run, list]:
    """A call that begins with the broken step. Steps 2 and 3 are messages, to see where the caller came to."""
    steps = {
        1: KINDS[kind](id=1, name="Broken", exits=exits, **case.fields),
        ERROR: Message(id=ERROR, name="Error exit", prompts=(9,)),
        DEFAULT: Message(id=DEFAULT, name="Default exit", prompts=(9,)),
    }
    graph = FlowGraph(version=1, flow=1, name="x", language="nb", start=1, default_exit=default_exit, steps=steps)
    run, said = f.start(graph, 0.0, "call-1")
    for heard in case.hears:
        run, more = f.handle(graph, run, heard, 1.0)
        said += more
    return run, said


def test_every_kind_has_its_broken_cases():
    assert set(BROKEN) | NEVER_BROKEN == set(KINDS)
    assert not KINDS["hang_up"](id=1, name="x").ways_out(), "a step without ways out has nothing that could break"
    assert HangUp is KINDS["hang_up"]


@pytest.mark.parametrize(("kind", "what", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_error_exit_is_taken(kind, what, case):
    run, said = meets(kind, case, {"error": ERROR}, DEFAULT)
    assert run.step == ERROR
    assert told(said)[0] == "error"


@pytest.mark.parametrize(("kind", "what", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_else_the_default_exit_is_taken(kind, what, case):
    run, said = meets(kind, case, {}, DEFAULT)
    assert run.step == DEFAULT
    assert told(said)[0] == "default"


@pytest.mark.parametrize(("kind", "what", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_only_where_nothing_is_wired_the_call_ends_and_it_is_told_why(kind, what, case):
    run, said = meets(kind, case, {}, None)
    assert run.over
    assert said[-1] == f.EndCall("error")
    assert told(said)[0] == ""


def told(said: list) -> tuple[str, str]:
    """How the broken step was left; the fault is told once, with a reason."""
    [failed] = [fact for fact in said if isinstance(fact, StepFailed)]
    assert failed.step == 1
    assert len(failed.reason) > 10
    left = next(fact for fact in said if isinstance(fact, StepLeft) and fact.step == 1)
    return left.exit, left.result


def test_a_loop_is_left_after_500_steps():
    """IV-09: also one of steps that take no time at all."""
    flow = (
        FlowBuilder("Round")
        .set_variable("A", "a", "1", next="B")
        .condition("B", ({"operator": "empty"}, "A"), otherwise="A")
        .message("Sorry", 3)
        .after_fault("Sorry")
    )
    caller = Caller(flow)
    assert caller.step == "Sorry"
    [failed] = [fact for fact in caller.said if isinstance(fact, StepFailed)]
    assert re.search("500 steps", failed.reason)
    assert caller.run.visits == f.VISITS_MAX + 1
