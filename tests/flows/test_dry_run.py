"""IV-08: a dry run without audio: given digits and a time, the steps passed are listed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.flows import services
from apps.flows.dry_run import Assumed, Report, UnknownOutcome, dry_run
from apps.flows.kinds import KINDS
from apps.flows.known import NOTHING
from apps.flows.models import FlowVersion
from apps.flows.run import Run
from apps.flows.variables import MASK
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound
from tests.hours.conftest import service  # noqa: F401  a fixture


def flow(sound=101, queue=10, **collect) -> FlowBuilder:
    return (
        FlowBuilder("Main line")
        .message("Welcome", sound, next="Menu")
        .menu("Menu", sound, {"1": ("Customer", "Customer"), "2": ("Boss", "Boss")}, maximum_tries="Bye")
        .collect("Customer", sound, "customer", fields=collect, next="Mobile?", maximum_tries="Bye")
        .condition("Mobile?", ({"operator": "begins_with", "value": "+479", "label": "Mobile"}, "Support"), otherwise="Bye")
        .queue("Support", queue, answered="Satisfied?", maximum_wait="Bye", full="Bye")
        .dial("Boss", "+4722334455", busy="Bye", no_answer="Bye")
        .survey("Satisfied?", sound, next="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
    )


def rehearsed(digits: str = "", *, caller: str = "+4790000000", lengths=None, collect: dict | None = None, **outcomes: str) -> Report:
    assumed = Assumed(digits=digits, outcomes=outcomes, lengths=lengths)
    return dry_run(flow(**(collect or {})).graph(), {"caller": caller}, 1000.0, NOTHING, assumed)


def way(report: Report) -> list[tuple[str, str, str]]:
    return [(line.name, line.exit, line.result) for line in report.lines]


def test_the_steps_passed_with_exit_result_and_target():
    report = rehearsed("1 12345# # 4")
    assert way(report) == [
        ("Welcome", "next", "played"),
        ("Menu", "1", "choice"),
        ("Customer", "next", "collected"),
        ("Mobile?", "branch_1", "branch"),
        ("Support", "answered", "answered"),
        ("Satisfied?", "next", "choice"),
        ("Bye", "", "ended"),
    ]
    assert [line.target for line in report.lines] == ["Menu", "Customer", "Mobile?", "Support", "Satisfied?", "Bye", ""]
    assert (report.end, report.unused) == ("flow_ended", "")
    assert report.variables == {"caller": "+4790000000", "customer": "12345"}


def test_digits_left_over_are_pressed_when_the_flow_asks_next():
    assert way(rehearsed("1 12345## 4")) == way(rehearsed("1 12345# # 4"))


def test_the_clock_goes_on_with_sounds_and_waits():
    """A sound of unknown length takes 2 s, a digit half a second, the wait after the last digit 3 s."""
    report = rehearsed("1 12345", collect={"confirm": False})
    at = {line.name: line.at - 1000.0 for line in report.lines}
    assert (at["Menu"], at["Customer"], at["Mobile?"]) == (2.0, 4.5, 4.5 + 2 + 5 * 0.5 + 3)


def test_a_caller_who_stays_silent_uses_up_his_tries():
    report = rehearsed("-")
    assert way(report)[1] == ("Menu", "maximum_tries", "no_input")
    assert report.lines[1].seconds == 3 * (2.0 + 5.0)


def test_a_group_may_stay_silent_once():
    report = rehearsed("- 1 12# #")
    assert way(report)[1] == ("Menu", "1", "choice")


@pytest.mark.parametrize(("outcome", "target"), [("full", "Bye"), ("maximum_wait", "Bye"), ("answered", "Satisfied?")])
def test_what_others_decide_is_assumed(outcome, target):
    for name in ("queue", "Support"):
        report = rehearsed("1 12345# #", **{name: outcome})
        line = next(line for line in report.lines if line.name == "Support")
        assert (line.result, line.target) == (outcome, target)


def test_an_outcome_that_a_step_does_not_have_is_told_with_those_it_has():
    with pytest.raises(UnknownOutcome, match=r"Support: asleep is none of answered, maximum_wait, full"):
        rehearsed("1 12345# #", queue="asleep")


def test_what_is_decided_after_a_silence_is_heard_too():
    """A step that asks first and then waits for others: a callback order."""
    flow = FlowBuilder("x")._step("callback", "Order", {}, {"next": "Bye", "maximum_tries": "Bye"}).hang_up("Bye").after_fault("Bye")
    report = dry_run(flow.graph(), {"caller": "+4790000000"}, 0.0, NOTHING, Assumed(digits="- 1"))
    assert (report.lines[0].exit, report.lines[0].fault) == ("next", "")


def test_a_dialled_number_that_answers_ends_the_call_after_the_conversation():
    assert way(rehearsed("2"))[-1] == ("Boss", "", "answered")


def test_a_sound_without_a_file_is_the_fault_that_it_would_be():
    """IV-09."""
    report = rehearsed("1", lengths={})
    assert way(report) == [("Welcome", "default", "error"), ("Bye", "", "ended")]
    assert report.lines[0].fault == "A sound could not be played: sound 101 has no file"


def test_sensitive_values_are_masked():
    """IV-04."""
    report = rehearsed("1 12345# #", collect={"sensitive": True})
    assert report.variables["customer"] == MASK
    assert "12345" not in repr(report)


def test_digits_that_nobody_asked_for_are_told():
    assert rehearsed("1 12345# # 4 77").unused == "77"


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_that_waits_for_others_says_what_may_become_of_it(kind):
    """Else a dry run would end where a call goes on: such a step is entered, waits, and has neither a sound, a timer nor outcomes."""
    step = KINDS[kind](id=1, name="x")
    outcomes = step.outcomes(Run(version=1, call="c", visits=1))
    waits_for_others = kind not in ("message", "menu", "collect", "condition", "set_variable", "survey", "hang_up", "opening_hours")
    assert bool(outcomes) is waits_for_others


# -- the command


@pytest.fixture
def active(db, settings) -> FlowVersion:
    settings.TIME_ZONE = "Europe/Oslo"
    for key in ("you_have_entered", "confirm_or_again"):  # as `prepare` installs them
        spoken = a_sound(key)
        spoken.key = key
        spoken.save()
    return flow(a_sound("Sound"), a_queue("Support")).publish()


def command(*words: str) -> list[str]:
    out = StringIO()
    call_command("dry_run", *words, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_a_line_per_step(active):
    lines = command("main LINE", "--at", "2026-12-24T09:30", "--from", "90000000", "--digits", "1 12345# # 4", "--queue", "maximum_wait")
    assert lines[0] == "Main line v1 (active)"
    assert lines[1].startswith("09:30:00 ")
    assert [" ".join(line.split()[1:]) for line in lines[1:7]] == [
        "message Welcome next played -> Menu",
        "menu Menu 1 choice 1 Customer -> Customer",
        "collect Customer next collected 12345 -> Mobile?",
        "condition Mobile? branch_1 branch Mobile -> Support",
        "queue Support maximum_wait maximum_wait -> Bye",
        "hang_up Bye - ended -> flow_ended",
    ]
    assert lines[7:] == ["end: flow_ended", "caller = +4790000000", "customer = 12345", "digits that nobody asked for: 4"]


def test_the_draft_and_old_versions_are_run_too(active):
    draft = services.new_draft(active)
    services.set_entrances(draft, start=draft.steps.get(name="Bye"), default_exit=draft.steps.get(name="Bye"))
    assert len(command("Main line", "--version", "draft")) < len(command("Main line", "--version", "1"))
    assert command("Main line", "--version", "1")[0] == "Main line v1 (active)"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Main lnie"], "There is no call flow “Main lnie”. Did you mean: Main line?"),
        (["Main line", "--version", "draft"], "has no version “draft”. Did you mean: active, 1?"),
        (["Main line", "--at", "half past nine"], "is no time. Write it so: 2026-12-24T09:30"),
        (["Main line", "--from", "90000000", "--digits", "1 1# #", "--queue", "asleep"], "Support: asleep is none of answered"),
    ],
)
def test_mistakes_are_told_clearly(active, words, told):
    with pytest.raises(CommandError, match="(?s).*") as refused:
        command(*words)
    assert told in str(refused.value)


def test_opening_hours_are_those_of_the_time_that_is_given(service):  # noqa: F811
    """TM-01, IV-08: the calendar is asked for the time of the dry run."""
    exits = {"Open": "Yes", "Lunch": "No", "Closed": "No"}
    flow = FlowBuilder("Hours").opening_hours("Now?", service, exits).hang_up("Yes").hang_up("No").after_fault("No").save()
    assert flow.state == "draft"
    for at, target in (("2026-12-21T09:30", "Yes"), ("2026-12-21T11:30", "No"), ("2026-12-25T09:30", "No")):
        assert command("Hours", "--version", "draft", "--at", at)[1].endswith(f"-> {target}")
