"""The desk shows a call when its phone rings, not before: a cell may be late, and an answer before that would be lost (SP-04)."""

import pytest

from apps.switch import requests as r
from apps.telephony import protocol as t
from tests.switch.calling_out import Calling
from tests.switch.calling_out import office as office_that_calls
from tests.switch.passing import ANNA, PER, Desk


@pytest.fixture
def desk() -> Desk:
    """From now on a cell says itself when a phone rings."""
    desk = Desk()
    desk.company.phones_ring = False
    return desk


def shown(desk: Desk, agent: int) -> str:
    card = desk.card(agent)
    return card.state if card else ""


def test_an_offer_is_shown_when_the_phone_rings(desk):
    """Of two callers in a row: that the phone rang for the first says nothing of the second."""
    first, second = (desk.company.caller(f"+479000002{n}").chooses("1") for n in (1, 2))
    for caller in (first, second):
        leg = caller.call.offer.leg
        assert desk.per.status == "offered" and shown(desk, PER) == ""
        caller.event(t.LegRinging, leg=leg)
        assert shown(desk, PER) == "ringing" and desk.card(PER).leg == leg
        caller.hangs_up()


def test_the_same_caller_offered_again_is_shown_when_the_phone_rings_again(desk):
    kari = desk.company.caller("+4790000021").chooses("1")
    before = kari.call.offer.leg
    kari.event(t.LegRinging, leg=before)
    kari.event(t.LegEnded, leg=before, code=503, by_us=False)
    desk.per.asks(r.BecomeReady)
    assert kari.call.offer.leg != before and shown(desk, PER) == ""
    kari.event(t.LegRinging, leg=before)  # late
    assert shown(desk, PER) == ""
    kari.event(t.LegRinging, leg=kari.call.offer.leg)
    assert shown(desk, PER) == "ringing"
    kari.event(t.LegRinging, leg=before)  # very late
    assert shown(desk, PER) == "ringing"


@pytest.mark.parametrize("kind", [r.Consult, r.Transfer])
def test_who_is_asked_or_brought_a_customer_sees_it_when_his_phone_rings(desk, kind):
    desk.asks(kind, to=r.Target("agent", PER))
    assert desk.per.status == "offered" and shown(desk, PER) == ""
    desk.leg(t.LegRinging, desk.b)
    assert shown(desk, PER) == "ringing"


def test_a_phone_that_answers_without_ringing_is_shown_as_well(desk):
    desk.asks(r.Consult, to=r.Target("agent", PER))
    desk.leg(t.LegAnswered, desk.b)
    assert shown(desk, PER) == "consulting"


def test_who_calls_out_is_connected_when_his_own_phone_rings():
    calling = Calling(office_that_calls())
    calling.company.phones_ring = False
    calling.calls()
    assert calling.card == ""
    calling.leg(t.LegRinging, 2)
    assert calling.card == "phone"


def test_a_telephone_outside_is_shown_at_once():
    """Not every network says that it rings, and nobody answers it at the desk."""
    calling = Calling(office_that_calls(), phone="+4740000001")
    calling.calls()
    assert calling.card == "phone"
    desk = Desk(phone="+4740000001")
    desk.over(desk.a)  # he hangs up, and is ready for the next one after his wrap-up
    desk.anna.asks(r.BecomeReady)
    desk.per.asks(r.LogOff)
    desk.company.caller("+4790000021").chooses("1")
    assert shown(desk, ANNA) == "ringing"
