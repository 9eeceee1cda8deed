"""A customer is brought to somebody who was not asked, and back if that fails (TR-02, TR-04).

Its races: test_passing_on_races.py. Queues where nobody takes him: test_transfer_into_a_queue.py.
"""

import pytest

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.telephony import protocol as t
from tests.switch.company import SALES, SUPPORT
from tests.switch.passing import ANNA, NUMBER, PER, Desk, both


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_blind_to_an_agent(desk):
    """TR-02"""
    assert desk.asks(r.Transfer, to=r.Target("agent", PER)) == ""
    b = desk.b
    assert desk.a in desk.hung_up() and desk.anna.status == "wrap_up" and desk.music == {desk.customer: "/audio/ringing.wav"}
    assert desk.card(PER).asked_by == "Agent 1" and not desk.card(PER).consulted
    desk.leg(t.LegAnswered, b)
    assert desk.mix == both(desk.customer, b) and desk.music == {} and desk.per.status == "connected"
    assert desk.ended(v.TransferEnded) == ["answered"] and desk.company.of(v.ConversationEnded)[0].transferred


@pytest.mark.parametrize("how", ["busy", "rejects", "rings out"])
def test_what_fails_brings_the_customer_back_to_the_agent_in_the_wrap_up_of_this_call(desk, how):
    """TR-04"""
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    if how == "busy":
        desk.over(desk.b, 486)
    elif how == "rejects":
        desk.per.asks(r.RejectOffer, leg=desk.b)
    else:
        desk.company.passes(25)
    assert desk.anna.status == "offered" and desk.card(ANNA).returned and desk.per.status != "offered"
    desk.leg(t.LegAnswered, desk.b)
    assert desk.mix == both(desk.customer, desk.kari.call.talk.leg) and desk.kari.call.talk.agent == ANNA
    assert desk.anna.status == "connected" and [fact.agent for fact in desk.company.of(v.TransferReturned)] == [ANNA]


@pytest.mark.parametrize("what", ["pauses", "logs off", "has another call"])
def test_or_to_the_queue_with_the_time_that_he_had_waited(what):
    """TR-04"""
    desk = Desk(wrap_up=0.0)
    desk.kari.hangs_up()
    desk.per.asks(r.Pause, reason="Lunch")
    desk.anna.asks(r.Pause, reason="Lunch")
    desk.kari = desk.company.caller("+4790000002").chooses("1")
    desk.company.passes(40)
    desk.anna.asks(r.BecomeReady)
    desk.anna.answers()
    desk.a = desk.kari.call.talk.leg
    desk.company.passes(100)
    desk.per.asks(r.BecomeReady)
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    if what == "has another call":
        desk.company.caller("+4790000003").chooses("1")
        desk.anna.answers()
    else:
        desk.asks(r.LogOff) if what == "logs off" else desk.asks(r.Pause, reason="Lunch")
    desk.over(desk.b, 486)
    place = desk.kari.call.place
    assert place.queue == SUPPORT and desk.company.now - place.entered_at == 40.0
    assert desk.company.of(v.TransferReturned)[0].queue == SUPPORT and desk.music == {desk.customer: "/audio/music.wav"}
    desk.company.passes(11)
    desk.leg(t.LegAnswered, desk.kari.call.offer.leg)
    assert desk.per.status == "connected"


def test_he_who_does_not_take_it_back_leaves_it_to_the_queue(desk):
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    desk.over(desk.b, 486)
    desk.over(desk.b, 486)
    assert desk.kari.call.place.queue == SUPPORT and desk.anna.status == "busy"


def test_blind_to_a_number_that_hangs_up_later(desk):
    desk.asks(r.Transfer, to=r.Target("number", number=NUMBER))
    b = desk.b
    desk.leg(t.LegAnswered, b)
    assert desk.mix == both(desk.customer, b)
    desk.over(b)
    assert desk.company.of(v.StepLeft)[-1].result == "answered" and desk.company.of(v.CallEnded)


def test_blind_to_a_queue(desk):
    assert desk.asks(r.Transfer, to=r.Target("queue", SALES)) == ""
    assert desk.ended(v.TransferEnded) == []
    desk.per.answers()
    assert desk.ended(v.TransferEnded) == ["answered"]
    assert desk.kari.call.talk.queue == SALES and desk.mix == both(desk.customer, desk.kari.call.talk.leg)


def test_blind_to_a_flow_with_what_is_known_of_him(desk):
    """TR-01: an IVR entry."""
    assert desk.asks(r.Transfer, to=r.Target("flow", 1)) == ""
    assert desk.kari.call.session.state == "alone" and desk.company.of(v.StepLeft)[-1].result == "transferred"
    assert desk.ended(v.TransferEnded) == ["entered"]
    assert [step.name for step in desk.company.of(v.StepEntered)][-1] == "Welcome"
    desk.kari.chooses("1")
    assert desk.kari.call.place.queue == SUPPORT or desk.kari.call.offer


def test_left_while_it_still_rings_the_transfer_is_blind(desk):
    desk.consults(answered=False)
    b = desk.b
    assert desk.asks(r.CompleteTransfer) == ""
    assert desk.b == b and b not in desk.hung_up() and desk.music == {desk.customer: "/audio/ringing.wav"} and desk.anna.status == "wrap_up"
    desk.leg(t.LegAnswered, b)
    assert desk.mix == both(desk.customer, b) and desk.ended(v.TransferEnded) == ["answered"]
