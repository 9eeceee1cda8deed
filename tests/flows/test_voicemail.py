"""IV-01: leaving a message: what is played, recorded, kept and thrown away."""

import pytest
from django.core.exceptions import ValidationError

from apps.events.vocabulary import RecordingDiscarded, StepFailed, VoicemailLeft
from apps.flows import interpreter as f
from apps.flows.compile import compile_version
from apps.flows.dry_run import Assumed, dry_run
from apps.flows.known import NOTHING
from apps.flows.models import VoicemailStep
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder, a_sound

LEAVE_A_MESSAGE = 7
FIRST, SECOND = "call-1-m1.0", "call-1-m1.1"
QUESTION = f.PlayPrompts(("keep_or_again",), barge_in=True)


def mailbox(**fields) -> FlowBuilder:
    return (
        FlowBuilder("Evening")
        .voicemail("Voicemail", LEAVE_A_MESSAGE, fields=fields, next="Thanks", empty="Sorry", error="Sorry")
        .message("Thanks", 1, next="Goodbye")
        .message("Sorry", 2, next="Goodbye")
        .hang_up("Goodbye")
        .after_fault("Sorry")
    )


def speaks(seconds: float = 10.0, **fields) -> Caller:
    """He has heard greeting and beep, and spoken."""
    kari = Caller(mailbox(**fields))
    kari.hears(f.Played())
    kari.now += seconds
    return kari


def asked(seconds: float = 10.0) -> Caller:
    """He has ended with # and is asked whether to keep it."""
    kari = speaks(seconds)
    kari.presses("#")
    kari.hears(f.Taped(FIRST, seconds))
    return kari


def facts(caller: Caller, kind: type) -> list:
    return [said for said in caller.said if isinstance(said, kind)]


def test_after_greeting_and_beep_the_caller_is_recorded():
    kari = Caller(mailbox(maximum=60.0))
    assert kari.actions() == [f.PlayPrompts((LEAVE_A_MESSAGE, "beep"), barge_in=True)]
    assert kari.hears(f.Played()) == [f.StartTape(FIRST)]
    assert f.next_timer(kari.run) == kari.now + 60


def test_a_digit_leads_to_the_beep_at_once():
    kari = Caller(mailbox())
    assert kari.presses("1") == [f.StopPrompts(), f.PlayPrompts(("beep",))]
    assert kari.hears(f.Played()) == [f.StartTape(FIRST)]


def test_the_hash_ends_the_message_and_other_digits_do_not():
    kari = speaks()
    assert kari.presses("5") == []
    assert kari.presses("#") == [f.StopTape(FIRST)]
    assert kari.hears(f.Taped(FIRST, 10.0)) == [QUESTION]


def test_the_longest_message_ends_by_itself():
    kari = Caller(mailbox(maximum=30.0))
    kari.hears(f.Played())
    assert kari.waits(29.9) == []
    assert kari.waits(0.1) == [f.StopTape(FIRST)]


@pytest.mark.parametrize("how", ["1", "silence"])
def test_a_message_is_kept_with_1_or_when_nobody_says_anything(how):
    kari = asked()
    if how == "1":
        kari.presses("1")
    else:
        for _ in range(3):
            kari.hears(f.Played())
            kari.waits(5.0)
    (left,) = facts(kari, VoicemailLeft)
    assert (left.recording, left.box, left.seconds, left.step) == (FIRST, "Voicemail", 10.0, 1)
    assert kari.left() == ("next", "message_left")
    assert kari.step == "Thanks"


def test_2_plays_the_message_and_asks_again():
    kari = asked()
    assert kari.presses("2") == [f.StopPrompts(), f.PlayPrompts((f.Tape(FIRST), "keep_or_again"), barge_in=True)]
    kari.presses("1")
    assert facts(kari, VoicemailLeft)


def test_3_throws_it_away_and_records_again_after_the_beep():
    kari = asked()
    kari.presses("3")
    assert [fact.recording for fact in facts(kari, RecordingDiscarded)] == [FIRST]
    assert kari.actions()[-1] == f.PlayPrompts(("beep",))
    assert kari.hears(f.Played()) == [f.StartTape(SECOND)]
    kari.now += 4
    kari.presses("#")
    kari.hears(f.Taped(SECOND, 4.0))
    kari.presses("1")
    assert [left.recording for left in facts(kari, VoicemailLeft)] == [SECOND]


def test_nobody_records_for_ever():
    kari = asked()
    for attempt in range(1, 10):
        kari.presses("3")
        assert kari.hears(f.Played()) == [f.StartTape(f"call-1-m1.{attempt}")]
        kari.now += 4
        kari.presses("#")
        kari.hears(f.Taped(f"call-1-m1.{attempt}", 4.0))
    for _ in range(3):
        assert kari.step == "Voicemail"
        kari.presses("3")
    assert [left.recording for left in facts(kari, VoicemailLeft)] == ["call-1-m1.9"]


def test_without_review_it_is_kept_at_once():
    kari = speaks(review=False)
    kari.presses("#")
    kari.hears(f.Taped(FIRST, 10.0))
    assert facts(kari, VoicemailLeft) and kari.step == "Thanks"


def test_a_message_that_is_too_short_is_none():
    kari = speaks(1.0)
    kari.presses("#")
    kari.hears(f.Taped(FIRST, 1.0))
    assert facts(kari, RecordingDiscarded) and not facts(kari, VoicemailLeft)
    assert kari.left() == ("empty", "too_short")


@pytest.mark.parametrize(("seconds", "kept"), [(10.0, True), (1.0, False)])
def test_whoever_hangs_up_has_left_his_message_unless_it_is_too_short(seconds, kept):
    kari = speaks(seconds)
    kari.hears(f.CallerGone())
    assert bool(facts(kari, VoicemailLeft)) == kept
    assert bool(facts(kari, RecordingDiscarded)) != kept


def test_whoever_hangs_up_at_the_question_has_left_his_message():
    kari = asked()
    kari.hears(f.CallerGone())
    assert facts(kari, VoicemailLeft)


@pytest.mark.parametrize("pressed", ["", "3"])
def test_whoever_hangs_up_before_he_speaks_has_left_none(pressed):
    kari = asked() if pressed else Caller(mailbox())
    kari.presses(pressed)
    kari.hears(f.CallerGone())
    assert not facts(kari, VoicemailLeft)


def test_a_message_whose_file_is_not_reported_in_time_is_kept():
    """RC-06: what there is of it is found later."""
    kari = speaks()
    kari.presses("#")
    kari.waits(5.0)
    assert facts(kari, VoicemailLeft) and kari.step == "Thanks"


def test_a_recording_that_fails_takes_the_error_exit():
    """IV-09: a full disk, say."""
    kari = speaks()
    kari.hears(f.Taped(FIRST, 0.0, "No space left on device"))
    assert facts(kari, StepFailed) and kari.step == "Sorry" and kari.left() == ("error", "error")


def test_the_end_of_another_recording_changes_nothing():
    kari = speaks()
    assert kari.hears(f.Taped("call-1-m9.0", 10.0)) == []
    assert kari.step == "Voicemail"


# -- rows


@pytest.mark.django_db
def test_a_row_becomes_the_step_and_must_make_sense():
    flow = FlowBuilder("Night").voicemail("Voicemail", a_sound("Leave a message"), next="Goodbye", empty="Goodbye")
    version = flow.hang_up().after_fault("Goodbye").save()
    row = VoicemailStep.objects.get()
    step = compile_version(version)[0].steps[row.pk]
    assert (step.prompt, step.maximum, step.minimum, step.review, step.team) == (row.prompt_id, 120.0, 2.0, True, None)
    assert compile_version(version)[1] == []
    row.minimum, row.maximum = 30, 20
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == ["maximum"]


@pytest.mark.parametrize(("outcome", "step"), [("message", "Thanks"), ("empty", "Sorry"), ("error", "Sorry")])
def test_a_dry_run_goes_through_it(outcome, step):
    """IV-08"""
    report = dry_run(mailbox().graph(), {}, 1000.0, NOTHING, Assumed(outcomes={"voicemail": outcome}))
    assert [line.name for line in report.lines] == ["Voicemail", step, "Goodbye"]
