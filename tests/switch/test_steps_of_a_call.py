"""Steps that collect, ask and decide, in the switch: what cells are told, what is shown, and what happens after a conversation."""

import msgspec
import pytest
from msgspec.structs import replace

from apps.audio import prompts
from apps.events import vocabulary as v
from apps.flows.kinds import KINDS
from apps.flows.kinds.condition import Branch
from apps.flows.kinds.step import Step
from apps.flows.known import Known
from apps.numbers.lists import NumberSet
from apps.switch import requests as r
from apps.switch.configuration import Configuration
from apps.switch.core import Configured
from apps.telephony import protocol as t
from tests.switch.company import SALES, SUPPORT, Company, configuration, flow

CARD = "4111111111111111"
SECRET = {"prompt": 2, "variable": "card", "sensitive": True}


def company_with(*steps: Step, **changes: object) -> Company:
    """A flow of these steps, the first one first; step 9 is a message, and the step after a fault. The system's sounds have files."""
    numbered = {step.id: step for step in (*steps, KINDS["message"](id=9, name="Sorry", prompts=(1,)))}
    graph = replace(flow(), steps=numbered, start=steps[0].id, default_exit=9)
    keys = {row.key: 1000 + place for place, row in enumerate(prompts.system_sounds())}
    files = {sound: {language: f"/audio/{key}-{language}.wav" for language in ("nb", "en")} for key, sound in keys.items()}
    settings = configuration(graph)
    settings = replace(settings, system_sounds=keys, prompts=settings.prompts | files, **changes)
    return Company(settings)


def step(kind: str, number: int, /, **fields: object) -> Step:
    return KINDS[kind](id=number, name=f"{kind} {number}", **fields)


def heard(company: Company, call: str) -> list[str]:
    """The files of the newest playback."""
    return [file.removeprefix("/audio/").removesuffix(".wav") for file in company.told(t.Play, call)[-1].files]


def presses(caller, digits: str) -> None:
    for digit in digits:
        caller.presses(digit)


def test_a_value_is_read_back_digit_by_digit_in_the_callers_language():
    """IV-04."""
    company = company_with(step("collect", 1, prompt=2, variable="customer", exits={"next": 9}))
    kari = company.caller()
    presses(kari, "40#")
    assert heard(company, kari.id) == ["you_have_entered-nb", "digit_4-nb", "digit_0-nb", "confirm_or_again-nb"]
    kari.hears_all()
    presses(kari, "#")
    assert kari.call.run.variables["customer"] == "40"
    assert kari.call.run.path[-1].label == "40"


def test_a_sensitive_value_leaves_the_switch_only_to_the_cell_that_reads_it_back_and_in_the_snapshot():
    """IV-04: masked in facts and on the agent's screen; a later step can use it."""
    company = company_with(
        step("collect", 1, confirm=False, exits={"next": 2}, **SECRET),
        step("set_variable", 2, variable="note", value="{card}", exits={"next": 3}),
        step("queue", 3, queue=SUPPORT),
    )
    anna = company.agent()
    anna.logs_on()
    kari = company.caller()
    presses(kari, CARD + "#")
    anna.answers()
    assert CARD not in msgspec.json.encode(company.facts).decode()
    assert CARD not in str(company.board)
    assert kari.call.run.variables["note"] == CARD
    assert CARD in msgspec.json.encode(kari.call).decode(), "the snapshot has it, while the call lives"
    kari.hangs_up()
    assert CARD not in msgspec.json.encode(company.facts).decode()


def test_after_the_conversation_the_caller_stays_and_is_asked():
    """IV-01: a survey question after a conversation; the agent hangs up first and is free for others meanwhile."""
    company = company_with(
        step("queue", 1, queue=SUPPORT, exits={"answered": 2}), step("survey", 2, prompt=2, exits={"next": 3}), step("hang_up", 3)
    )
    anna = company.agent()
    anna.logs_on()
    kari = company.caller()
    anna.answers()
    company.passes(20)
    assert anna.asks(r.HangUpCall) == ""
    assert anna.status == "wrap_up"
    assert heard(company, kari.id) == ["menu"]
    company.passes(2)
    kari.presses("4")
    [answer] = company.of(v.SurveyAnswered)
    assert (answer.call, answer.question, answer.answer, answer.flow_version) == (kari.id, "survey 2", 4, 1)
    [ended] = company.of(v.CallEnded)
    assert ended.cause == "flow_ended"
    assert company.told(t.HangUp, kari.id)[-1].leg == f"{kari.id}-caller"


def test_who_hangs_up_after_the_conversation_gives_no_answer():
    company = company_with(step("queue", 1, queue=SUPPORT, exits={"answered": 2}), step("survey", 2, prompt=2, exits={"next": 9}))
    anna = company.agent()
    anna.logs_on()
    kari = company.caller()
    anna.answers()
    anna.asks(r.HangUpCall)
    kari.hangs_up()
    assert company.of(v.SurveyAnswered) == []
    assert [(fact.exit, fact.result) for fact in company.of(v.StepLeft)] == [("answered", "answered"), ("", "hung_up")]


def test_a_caller_on_a_list_is_led_elsewhere_by_the_newest_list():
    """IV-01: list membership; Known is that of the moment."""
    company = company_with(
        step("message", 1, prompts=(1,), exits={"next": 2}),
        step("condition", 2, branches=(Branch(1, "VIP", operator="in_list", numbers=7),), exits={"branch_1": 3, "otherwise": 9}),
        step("queue", 3, queue=SALES),
        known=Known(lists={7: NumberSet()}),
    )
    kari = company.caller("90000001")
    settings = company.core.world.configuration
    configured(company, replace(settings, known=Known(lists={7: NumberSet.of(["+4790000001"])})))
    kari.hears_all()
    assert kari.call.place is not None
    assert kari.call.place.queue == SALES


def configured(company: Company, settings: Configuration) -> None:
    company.tell(Configured(settings))


@pytest.mark.parametrize("exits", [{"error": 8}, {}])
@pytest.mark.parametrize(
    ("kind", "fields", "changes"),
    [
        ("message", {"prompts": (77,)}, {}),  # a sound that has no file
        ("collect", {"prompt": 77, "variable": "a"}, {}),
        ("queue", {"queue": 99}, {}),  # deleted since the flow was published
        ("dial", {"number": "+4722334455"}, {"outbound": None, "outbounds": ()}),  # no trunk leads out
        ("dial", {"number": "+999"}, {}),
    ],
)
def test_a_broken_step_never_drops_the_caller(kind, fields, changes, exits):
    """IV-09, on the whole way through the switch."""
    company = company_with(step(kind, 1, exits=exits, **fields), step("message", 8, prompts=(1,)), **changes)
    kari = company.caller()
    assert company.of(v.StepFailed, kari.id)
    assert company.of(v.CallEnded) == []
    assert kari.call.run.step == (8 if exits else 9)
    assert heard(company, kari.id) == ["welcome"]
