"""AU-02: a service number with a personal code: what is asked, what is kept, and what nobody gets to see."""

import msgspec
import pytest

from apps.events.vocabulary import PromptRecorded, RecordingDiscarded, StepFailed, StepLeft
from apps.flows import interpreter as f
from apps.flows.compile import compile_version
from apps.flows.dry_run import Assumed, dry_run
from apps.flows.known import NOTHING
from apps.flows.run import Say
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder

CODE = "48213957"
ANNA, SOUND = 7, 17
ENTER_CODE = f.PlayPrompts(("code_enter",), barge_in=True)
WRONG = f.PlayPrompts(("code_wrong", "code_enter"), barge_in=True)
ENTER_NUMBER = f.PlayPrompts(("sound_enter",), barge_in=True)
CHOSEN = f.PlayPrompts(("you_have_entered", Say("17"), "star_for_another", "record_after_tone", "beep"), barge_in=True)
QUESTION = f.PlayPrompts(("keep_or_again",), barge_in=True)


def line() -> FlowBuilder:
    return (
        FlowBuilder("Sounds")
        .record_sound("Record", next="Done", refused="Sorry", error="Sorry")
        .hang_up("Done")
        .message("Sorry", 2, next="Done")
        .after_fault("Done")
    )


class Speaker(Caller):
    """Somebody who calls the service number; whose code it is and which sounds there are, the test says."""

    def __init__(self) -> None:
        super().__init__(line())

    def proves_himself(self) -> "Speaker":
        self.presses(CODE + "#")
        self.hears(f.CodeProved(ANNA))
        return self

    def chooses(self) -> "Speaker":
        self.presses(f"{SOUND}#")
        self.hears(f.SoundFound(SOUND))
        return self

    def speaks(self, tape: str, seconds: float = 5.0) -> "Speaker":
        self.hears(f.Played())
        self.now += seconds
        self.presses("#")
        self.hears(f.Taped(tape, seconds))
        return self

    def of(self, kind: type) -> list:
        return [said for said in self.said if isinstance(said, kind)]


def asked() -> Speaker:
    return Speaker().proves_himself().chooses().speaks("call-1-m1.0")


def test_code_number_and_then_as_when_the_system_calls():
    anna = Speaker()
    assert anna.actions() == [ENTER_CODE]
    assert anna.presses(CODE) == [] and anna.presses("#") == [f.ProveCode(CODE)]
    assert anna.hears(f.CodeProved(ANNA)) == [ENTER_NUMBER]
    assert anna.presses("17")[:1] == [] and anna.presses("#") == [f.FindSound(ANNA, "17")]
    assert anna.hears(f.SoundFound(SOUND)) == [CHOSEN]
    assert anna.hears(f.Played()) == [f.StartTape("call-1-m1.0", "prompt")]
    anna.now += 5
    assert anna.presses("#") == [f.StopTape("call-1-m1.0")]
    assert anna.hears(f.Taped("call-1-m1.0", 5.0)) == [QUESTION]
    anna.presses("1")
    assert [fact.recording for fact in anna.of(PromptRecorded)] == ["call-1-m1.0"]
    assert anna.actions()[-1] == f.PlayPrompts(("sound_saved", "another_sound"), barge_in=True)


def test_two_sounds_in_one_call_have_recordings_of_their_own():
    anna = asked()
    anna.presses("3")
    anna.speaks("call-1-m1.1").presses("1")
    anna.hears(f.Played())
    assert anna.presses("1") == [ENTER_NUMBER]
    anna.chooses().speaks("call-1-m1.2").presses("1")
    assert [fact.recording for fact in anna.of(PromptRecorded)] == ["call-1-m1.2"]
    anna.hears(f.Played())
    anna.waits(5.0)
    assert anna.left() == ("next", "saved") and anna.run.over


@pytest.mark.parametrize("digit", ["2", "#", "*"])
def test_whoever_wants_no_other_sound_is_done(digit):
    anna = asked()
    anna.presses("1")
    anna.presses(digit)
    assert anna.left() == ("next", "saved")


def test_star_goes_back_to_the_number_before_it_is_recorded():
    anna = Speaker().proves_himself().chooses()
    assert anna.presses("*") == [f.StopPrompts(), ENTER_NUMBER]
    anna.chooses()
    assert anna.hears(f.Played()) == [f.StartTape("call-1-m1.1", "prompt")]


def test_the_code_that_is_wrong_three_times_is_refused():
    eve = Speaker()
    for again in (WRONG, WRONG):
        eve.presses("11111111#")
        assert eve.hears(f.CodeProved()) == [again]
    eve.presses("11111111#")
    eve.hears(f.CodeProved())
    assert eve.left() == ("refused", "refused") and eve.step == "Sorry"


def test_where_no_code_is_looked_at_any_more_it_is_refused_at_once():
    eve = Speaker()
    eve.presses(CODE + "#")
    eve.hears(f.CodeProved(blocked=True))
    assert eve.left() == ("refused", "refused")


@pytest.mark.parametrize(
    ("typed", "result"), [(["123#", "#", "*"], "maximum_tries"), (["123#", "1#", "1234567#"], "invalid"), ([""] * 3, "no_input")]
)
def test_what_can_be_no_code_is_not_even_looked_at(typed, result):
    eve = Speaker()
    for digits in typed:
        eve.presses(digits)
        assert not eve.of(f.ProveCode)
        if not digits:
            eve.hears(f.Played())
            eve.waits(5.0)
    assert eve.left() == ("refused", result)


def test_a_number_that_no_sound_has_is_asked_for_again_and_ends_after_three():
    anna = Speaker().proves_himself()
    for _ in range(2):
        anna.presses("9#")
        assert anna.hears(f.SoundFound()) == [f.PlayPrompts(("sound_unknown", "sound_enter"), barge_in=True)]
    anna.presses("9#")
    anna.hears(f.SoundFound())
    assert anna.left() == ("next", "invalid")


def test_the_tries_of_the_number_begin_anew():
    anna = Speaker()
    anna.presses("11111111#")
    anna.hears(f.CodeProved())
    anna.presses("22222222#")
    anna.hears(f.CodeProved())
    anna.proves_himself()
    for _ in range(2):
        anna.presses("9#")
        anna.hears(f.SoundFound())
    assert anna.step == "Record"


def test_who_lost_the_right_in_mid_call_records_nothing_more():
    anna = asked()
    anna.presses("11")
    anna.presses("17#")
    anna.hears(f.SoundFound(allowed=False))
    assert anna.left() == ("refused", "refused")


@pytest.mark.parametrize("typed", [CODE, "17"])
def test_a_switch_that_does_not_answer_is_a_fault(typed):
    """IV-09"""
    anna = Speaker() if typed == CODE else Speaker().proves_himself()
    anna.presses(typed + "#")
    assert anna.waits(4.9) == [] and anna.presses("1#") == []
    anna.waits(0.1)
    assert anna.of(StepFailed) and anna.left() == ("error", "error") and anna.step == "Sorry"


PHASES = {
    "code": Speaker,
    "number": lambda: Speaker().proves_himself(),
    "before the tone": lambda: Speaker().proves_himself().chooses(),
    "speaking": lambda: Speaker().proves_himself().chooses(),
    "asked": asked,
}


@pytest.mark.parametrize("phase", PHASES)
def test_hanging_up_keeps_nothing(phase):
    anna = PHASES[phase]()
    if phase == "speaking":
        anna.hears(f.Played())
    anna.hears(f.CallerGone())
    assert not anna.of(PromptRecorded)
    assert bool(anna.of(RecordingDiscarded)) == (phase in ("speaking", "asked"))


def test_hanging_up_after_saving_keeps_what_was_saved():
    anna = asked()
    anna.presses("1")
    assert anna.of(PromptRecorded)
    anna.hears(f.CallerGone())
    assert not anna.of(RecordingDiscarded)


def test_silence_at_the_question_saves_nothing_and_another_sound_is_offered():
    anna = asked()
    for _ in range(3):
        anna.hears(f.Played())
        anna.waits(5.0)
    assert anna.of(RecordingDiscarded) and not anna.of(PromptRecorded)
    assert anna.actions()[-1] == f.PlayPrompts(("sound_not_saved", "another_sound"), barge_in=True)
    anna.presses("#")
    assert anna.left() == ("next", "not_saved")


@pytest.mark.parametrize("end", ["refused", "blocked", "no_input", "proved"])
def test_the_code_is_in_no_fact_and_gone_from_memory_once_it_is_asked_about(end):
    anna = Speaker()
    said = list(anna.said)
    for digit in CODE + "#":
        said += anna.presses(digit)
    assert CODE not in str(msgspec.to_builtins(anna.run))
    for answer in {"refused": [f.CodeProved()], "blocked": [f.CodeProved(blocked=True)], "proved": [f.CodeProved(ANNA)]}.get(end, []):
        said += anna.hears(answer)
    said += anna.hears(f.CallerGone())
    assert CODE not in str([one for one in said if not isinstance(one, f.ProveCode)])
    assert CODE not in str(msgspec.to_builtins(anna.run))
    assert [left.value for left in said if isinstance(left, StepLeft)][:1] == [""]


@pytest.mark.parametrize(
    ("outcome", "passed", "result"),
    [
        ("recorded", ["Record", "Done"], "saved"),
        ("empty", ["Record", "Done"], "not_saved"),
        ("refused", ["Record", "Sorry", "Done"], "refused"),
        ("error", ["Record", "Sorry", "Done"], "error"),
    ],
)
def test_a_dry_run_goes_through_it(outcome, passed, result):
    """IV-08"""
    report = dry_run(line().graph(), {}, 1000.0, NOTHING, Assumed(outcomes={"record_sound": outcome}))
    assert [line.name for line in report.lines] == passed and report.lines[0].result == result


def test_a_dry_run_tells_of_no_code_whether_it_is_good():
    """Or whoever may make dry runs could try codes without limit. Two sounds, all by digits."""
    report = dry_run(line().graph(), {}, 1000.0, NOTHING, Assumed(digits="11111111# 17# # 1 1 18# # 1 2"))
    assert (report.lines[0].result, report.unused, report.end) == ("saved", "", "flow_ended")


@pytest.mark.django_db
def test_a_row_becomes_the_step_and_nothing_hinders_publishing():
    version = FlowBuilder("Sounds").record_sound("Record", next="Goodbye", refused="Goodbye").hang_up().after_fault("Goodbye").save()
    graph, problems = compile_version(version)
    assert [step.kind for step in graph.steps.values()] == ["record_sound", "hang_up"] and problems == []
