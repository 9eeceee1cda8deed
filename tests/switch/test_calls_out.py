"""An agent calls somebody (OB-01 to OB-03)."""

import pytest

from apps.events import vocabulary as v
from apps.switch import board, restoring
from apps.switch import requests as r
from apps.switch.core import DayBegan
from apps.telephony import protocol as t
from tests.switch.calling_out import NUMBER, Calling, office, talking
from tests.switch.company import AgentPerson, Company


@pytest.fixture
def calling() -> Calling:
    return Calling(office())


def test_her_own_phone_first_then_whom_she_calls(calling):
    """OB-01"""
    assert calling.calls() == ""
    (own,) = calling.company.told(t.Dial)
    assert own.uri == "sip:agent-1@127.0.0.1:9" and calling.card == "phone" and calling.anna.status == "connected"
    calling.leg(t.LegAnswered, 2)
    dial = calling.company.told(t.Dial)[-1]
    assert (dial.uri, dial.caller) == (f"sip:{NUMBER}@operator.example;transport=udp", "+4721000001")
    assert calling.card == "dialling" and calling.mix == (("out1-l1", "out1-l2"),)
    calling.leg(t.LegRinging, 1)
    assert calling.card == "alerting"
    calling.leg(t.LegAnswered, 1)
    assert calling.card == "talking" and set(calling.mix) == {("out1-l1", "out1-l2"), ("out1-l2", "out1-l1")}


def test_an_external_phone_must_answer_before_anything_else_is_dialled():
    """OB-01"""
    calling = Calling(office(), phone="+4740000001")
    calling.calls()
    assert [dial.uri for dial in calling.company.told(t.Dial)] == ["sip:+4740000001@operator.example;transport=udp"]
    calling.leg(t.LegRinging, 2)
    assert calling.card == "phone" and not calling.company.told(t.Play)
    calling.leg(t.LegAnswered, 2)
    assert calling.company.told(t.Dial)[-1].leg == "out1-l1"


def test_the_agent_hears_our_ringing_tone_unless_the_network_has_its_own(calling):
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.leg(t.LegRinging, 1)
    (tone,) = calling.company.told(t.Play)
    assert (tone.leg, tone.files) == ("out1-l2", ("/audio/ringing.wav",))
    calling.leg(t.EarlyMedia, 1)
    (stop,) = calling.company.told(t.StopPlay)
    assert (stop.leg, stop.playback) == ("out1-l2", tone.playback)


def test_the_tone_ends_with_the_answer(calling):
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.leg(t.EarlyMedia, 1)
    calling.leg(t.LegRinging, 1)
    assert not calling.company.told(t.Play)
    other = Calling(office())
    other.calls()
    other.leg(t.LegAnswered, 2)
    other.leg(t.LegRinging, 1)
    other.leg(t.LegAnswered, 1)
    assert [stop.leg for stop in other.company.told(t.StopPlay)] == ["out1-l2"]


@pytest.mark.parametrize(
    ("code", "result"),
    [(486, "busy"), (600, "busy"), (408, "no_answer"), (480, "no_answer"), (603, "rejected"), (503, "unreachable"), (404, "unreachable")],
)
def test_why_nobody_answers_is_told_apart(calling, code, result):
    """OB-03"""
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.over(1, code)
    assert calling.company.of(v.CallEnded)[0].cause == result
    assert calling.document.called_out == board.CalledOut(NUMBER, result, calling.company.now)
    assert calling.anna.status == "ready" and calling.card == ""
    assert [hang_up.leg for hang_up in calling.company.told(t.HangUp)][-1] == "out1-l2"
    calling.over(2, 200)
    assert calling.company.told(t.Retire) and not calling.company.core.world.calls


@pytest.mark.parametrize(("code", "result"), [(486, "phone_busy"), (408, "phone_no_answer"), (503, "phone_unreachable")])
def test_her_own_phone_that_does_not_answer_is_told_as_such(calling, code, result):
    calling.calls()
    calling.over(2, code)
    assert calling.company.of(v.CallEnded)[0].cause == result and calling.anna.status == "ready"
    assert len(calling.company.told(t.Dial)) == 1


@pytest.mark.parametrize("answered", [0, 1])
def test_she_may_cancel_at_any_time(calling, answered):
    """OB-03"""
    calling.calls()
    if answered:
        calling.leg(t.LegAnswered, 2)
    assert calling.anna.asks(r.HangUpCall) == ""
    assert calling.company.of(v.CallEnded)[0].cause == "cancelled" and calling.anna.status == "ready"
    wanted = {"out1-l2", "out1-l1"} if answered else {"out1-l2"}
    assert wanted <= {hang_up.leg for hang_up in calling.company.told(t.HangUp)}


def test_an_external_phone_that_hangs_up_while_it_rings_elsewhere_cancels():
    calling = Calling(office(), phone="+4740000001")
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.over(2, 200)
    assert calling.company.of(v.CallEnded)[0].cause == "cancelled"
    assert "out1-l1" in {hang_up.leg for hang_up in calling.company.told(t.HangUp)}


@pytest.mark.parametrize(
    ("number", "fields", "code"),
    [("+4782912345", {}, "number_denied"), (NUMBER, {"caller_id": 2}, "unknown_caller_id"), ("x", {}, "no_line_out")],
)
def test_what_is_not_allowed_is_refused_before_anything_is_dialled(calling, number, fields, code):
    """OB-02"""
    assert calling.calls(number, **fields) == code
    assert not calling.company.told(t.Dial) and calling.anna.status == "ready" and not calling.company.core.world.calls


def test_no_more_calls_than_the_day_allows_until_midnight():
    """OB-02"""
    calling = Calling(office(calls_out=1))
    calling.calls()
    calling.anna.asks(r.HangUpCall)
    assert calling.calls(call="out2") == "calls_out_used_up"
    calling.company.tell(DayBegan())
    assert calling.calls(call="out3") == ""


def test_only_one_who_is_logged_on_and_in_no_call_may_call_out(calling):
    assert AgentPerson(calling.company, 2).asks(r.CallOut, call="o", cell="c", number=NUMBER) == "not_logged_on"
    calling.calls()
    assert calling.calls(call="out2") == "not_now"
    assert len(calling.company.told(t.Dial)) == 1


def test_nobody_is_offered_to_one_who_calls_out(calling):
    calling.calls()
    calling.company.caller().chooses("1")
    assert not calling.company.of(v.OfferMade)
    calling.anna.asks(r.HangUpCall)
    assert calling.company.of(v.OfferMade)


def test_the_call_is_held_and_ended_as_any_other(calling):
    talking(calling)
    assert calling.anna.asks(r.Hold, on=True) == "" and calling.mix == ()
    assert calling.company.told(t.Play)[-1].leg == "out1-l1"
    calling.anna.asks(r.Hold, on=False)
    assert calling.anna.asks(r.HangUpCall) == ""
    assert calling.company.of(v.CallEnded)[0].cause == "agent_hung_up" and calling.anna.status == "ready"
    assert {"out1-l1", "out1-l2"} <= {hang_up.leg for hang_up in calling.company.told(t.HangUp)}
    assert calling.document.called_out.result == "agent_hung_up" and calling.document.calls_today == 1


def test_whom_she_calls_may_hang_up(calling):
    talking(calling)
    calling.over(1, 200)
    assert calling.company.of(v.CallEnded)[0].cause == "caller_hung_up" and calling.anna.status == "ready"
    assert len(calling.company.of(v.ConversationEnded)) == 1


def test_wrap_up_only_if_the_profile_wants_it():
    calling = talking(Calling(office(wrap_up_out=True)))
    calling.over(1, 200)
    assert calling.anna.status == "wrap_up"
    failed = Calling(office(wrap_up_out=True))
    failed.calls()
    failed.over(2, 486)
    assert failed.anna.status == "ready"


def test_it_is_recorded_as_the_team_wants():
    calling = talking(Calling(office(recording="pausable")))
    (record,) = calling.company.told(t.Record)
    assert (record.left, record.right) == (("out1-l1",), ("out1-l2",)) and calling.document.card.recording == "on"
    assert not talking(Calling(office())).company.told(t.Record)


def test_a_pause_goes_on_after_the_call(calling):
    calling.anna.asks(r.Pause, reason="Lunch")
    calling.calls()
    assert calling.anna.status == "connected"
    calling.anna.asks(r.HangUpCall)
    assert calling.anna.status == "pause" and calling.document.reason == "Lunch"


def test_nobody_is_called_by_an_agent_whose_sound_is_away(calling):
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.leg(t.MediaLost, 2, seconds=1.0)
    assert calling.company.of(v.CallEnded)[0].cause == "media_lost" and calling.anna.status == "ready"


def test_a_cell_that_dies_frees_her(calling):
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.company.tell(t.CellLost(cell="cell-out1", call="out1", at=calling.company.now))
    assert calling.company.of(v.CallEnded)[0].cause == "cell_lost" and calling.anna.status == "ready"


def test_a_switch_that_starts_anew_takes_the_call_and_the_days_count_up(calling):
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    world = calling.company.core.world
    after = Company(calling.company.core.world.configuration)
    restoring.restore(after.core.world, world.now, list(world.calls.values()), list(world.agents.values()), {})
    after.now = world.now
    calling.company = after
    calling.leg(t.LegAnswered, 1)
    assert after.core.world.agent(1).calls_out_today == 1 and after.of(v.ConversationStarted)


def test_the_fact_says_who_made_it_and_what_was_shown(calling):
    calling.calls(caller_id=1)
    arrived = calling.company.of(v.CallArrived)[0]
    assert (arrived.placed, arrived.agent, arrived.caller, arrived.dialled) == (True, 1, NUMBER, "+4721000001")
    assert [choice.id for choice in calling.document.callers] == [1]


def test_who_let_her_call_is_told():
    """By API: a team leader, or a program."""
    calling = Calling(office())
    calling.calls(by=7)
    assert calling.company.of(v.CallArrived)[0].by == 7
    assert calling.calls(call="out2") == "not_now", "she is in a call already"
