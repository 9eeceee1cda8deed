"""What of a conversation is recorded: paused, masked, failed (RC-01 to RC-04)."""

import pytest

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch.documents import agent_document
from apps.telephony import protocol as t
from tests.switch.company import Company, talks
from tests.switch.passing import ANNA, PER, Desk
from tests.switch.test_passing_on_races import restarted


@pytest.mark.parametrize(("mode", "allowed"), [(("1", "pausable"), ""), (("2", "forced"), "not_allowed")])
def test_recording_is_paused_only_where_the_mode_allows_it(mode, allowed):
    """RC-01, RC-02"""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses(mode[0])
    anna.answers()
    company.passes(5)
    assert anna.asks(r.SetRecording, on=False) == allowed
    assert company.told(t.Record)[-1].running is (allowed != "")
    assert bool(company.of(v.RecordingPaused)) is (allowed == "")


def test_a_recording_that_fails_is_said_so_and_the_conversation_goes_on():
    """RC-04, RC-06: the disk is full."""
    company, anna, kari = talks()
    recording = kari.call.taping.id
    kari.event(t.RecordingStopped, recording=recording, path="/recordings/x.wav", seconds=0.0, error="No space left on device")
    card = agent_document(company.core.world, anna.id).card
    assert (card.state, card.recording, card.recording_since) == ("talking", "failed", None)
    assert company.of(v.RecordingFinished)[0].error == "No space left on device"
    assert anna.asks(r.SetRecording, on=True) == "not_now"
    anna.asks(r.HangUpCall)
    assert anna.status == "wrap_up"


# -- masked (RC-03)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def newest(desk: Desk) -> t.Record:
    return desk.company.told(t.Record)[-1]


def masks(desk: Desk) -> list[tuple[str, float, float, int]]:
    """(recording, from, to, agent)"""
    ends = {fact.recording: fact for fact in desk.company.of(v.RecordingUnmasked)}
    return [(fact.recording, fact.at, ends[fact.recording].at, fact.agent) for fact in desk.company.of(v.RecordingMasked)]


@pytest.mark.parametrize("queue", ["1", "2"])
def test_what_is_recorded_is_masked_in_every_mode(queue):
    """Who masked from when to when is told."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses(queue)
    anna.answers()
    assert anna.asks(r.MaskRecording, on=True) == anna.asks(r.MaskRecording, on=True) == ""
    assert company.told(t.Record)[-1].masked is agent_document(company.core.world, anna.id).card.masked is True
    company.passes(5)
    assert anna.asks(r.MaskRecording, on=False) == ""
    assert company.told(t.Record)[-1].masked is agent_document(company.core.world, anna.id).card.masked is False
    (began,), (ended,) = company.of(v.RecordingMasked), company.of(v.RecordingUnmasked)
    assert (began.agent, began.recording, ended.at - began.at) == (anna.id, ended.recording, 5)


def test_hold_pause_and_lost_media_leave_a_mask_as_it_is(desk):
    desk.asks(r.MaskRecording, on=True)
    for change in (
        lambda: desk.asks(r.Hold, on=True),
        lambda: desk.asks(r.Hold, on=False),
        lambda: desk.asks(r.SetRecording, on=False),
        lambda: desk.asks(r.SetRecording, on=True),
        lambda: desk.asks(r.SoftphoneDown, connection=f"page{ANNA}", left=True),
    ):
        assert change() == ""
        assert newest(desk).masked is True
    assert desk.card(ANNA).state == "lost" and desk.card(ANNA).masked is True


def test_a_mask_goes_on_with_the_customer_until_the_next_agent_takes_it_away(desk):
    """It ends with the call, and not with the first agent's part of it: nothing of the next file is said in clear unasked."""
    desk.consults()
    desk.asks(r.JoinAll)
    desk.asks(r.MaskRecording, on=True)
    first = newest(desk).recording
    desk.company.passes(3)
    desk.asks(r.HangUpCall)
    second = [command for command in desk.company.told(t.Record) if command.recording != first]
    assert second and all(command.masked for command in second) and desk.card(PER).masked is True
    desk.company.passes(4)
    assert desk.per.asks(r.MaskRecording, on=False) == ""
    assert newest(desk).masked is False
    now = desk.company.now
    assert masks(desk) == [(first, now - 7, now - 4, ANNA), (second[0].recording, now - 4, now, ANNA)]


def test_a_mask_that_nobody_takes_away_ends_with_the_call(desk):
    desk.asks(r.MaskRecording, on=True)
    desk.company.passes(3)
    desk.kari.hangs_up()
    assert [(began, ended) for _, began, ended, _ in masks(desk)] == [(desk.company.now - 3, desk.company.now)]
    desk.company.caller("90000002").chooses("1")
    desk.per.answers()
    assert newest(desk).masked is False


def test_whom_an_agent_asks_masks_nothing(desk):
    desk.consults()
    desk.asks(r.JoinAll)
    assert desk.per.asks(r.MaskRecording, on=True) == "no_call"
    assert newest(desk).masked is False


def test_after_a_restart_the_cell_is_told_again_that_it_is_masked(desk):
    desk.asks(r.MaskRecording, on=True)
    restarted(desk)
    assert newest(desk).masked is True and desk.card(ANNA).masked is True


def test_a_recording_that_failed_is_masked_no_more(desk):
    desk.asks(r.MaskRecording, on=True)
    desk.company.passes(2)
    desk.kari.event(t.RecordingStopped, recording=newest(desk).recording, path="/x.wav", seconds=0.0, error="No space left on device")
    assert [ended - began for _, began, ended, _ in masks(desk)] == [2]
    assert desk.asks(r.MaskRecording, on=False) == "not_now"
