"""Consult, three-party and completed transfer (TR-01 to TR-05): every state, and who hears whom in it. Races: test_passing_on_races.py."""

import pytest
from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.outbound.rules import CallerId
from apps.queues.acd.state import ProfileRules
from apps.switch import board
from apps.switch import requests as r
from apps.switch.core import Configured
from apps.telephony import protocol as t
from tests.switch.company import SALES, SUPPORT
from tests.switch.passing import ANNA, NUMBER, OLE, PER, SALES_ONLY, Desk, both


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- consult


def test_the_customer_hears_music_while_an_agent_is_rung_and_asked(desk):
    """TR-02"""
    assert desk.consults(answered=False) == ""
    assert desk.per.status == "offered" and desk.music == {desk.customer: "/audio/music.wav", desk.a: "/audio/ringing.wav"}
    assert desk.mix == set()
    card = desk.card(PER)
    assert (card.state, card.asked_by, card.consulted, card.caller) == ("ringing", "Agent 1", True, desk.kari.number)
    assert (desk.card(ANNA).consult.state, desk.card(ANNA).consult.name) == ("ringing", "Agent 2")
    desk.leg(t.LegAnswered, desk.b)
    assert desk.per.status == "connected" and desk.mix == both(desk.a, desk.b)
    assert desk.music == {desk.customer: "/audio/music.wav"}
    assert desk.card(PER).state == desk.card(ANNA).state == "consulting"


def test_completed_the_customer_talks_to_whom_was_asked_and_the_agent_wraps_up(desk):
    """TR-02, TR-05, RC-05"""
    desk.consults()
    b = desk.b
    desk.company.passes(7)
    assert desk.asks(r.CompleteTransfer) == ""
    assert desk.mix == both(desk.customer, b) and desk.music == {} and desk.a in desk.hung_up()
    assert desk.anna.status == "wrap_up" and desk.per.status == "connected"
    (ended,) = desk.company.of(v.ConversationEnded)
    assert (ended.agent, ended.consults, ended.transferred, ended.holds, ended.held) == (ANNA, 1, True, 1, 7.0)
    (_, second) = desk.company.of(v.ConversationStarted)
    assert (second.agent, second.queue) == (PER, SUPPORT)
    first, other = desk.company.told(t.Record)[0], desk.company.told(t.Record)[-1]
    assert first.recording != other.recording and (other.left, other.right) == ((desk.customer,), (b,))
    assert [stop.recording for stop in desk.company.told(t.StopRecord)] == [first.recording]
    assert desk.card(PER).state == "talking" and desk.card(ANNA) is None
    desk.over(b)
    assert desk.per.status == "wrap_up"
    desk.kari.hangs_up()
    assert desk.company.of(v.CallEnded)


def test_the_consult_is_recorded_of_the_agent_alone(desk):
    """RC-05: whom he asks is recorded only when he talks to the customer."""
    desk.consults()
    assert (desk.company.told(t.Record)[-1].left, desk.company.told(t.Record)[-1].right) == ((), (desk.a,))
    b = desk.b
    desk.asks(r.JoinAll)
    record = desk.company.told(t.Record)[-1]
    assert (record.left, record.right) == ((desk.customer,), (desk.a, b))


def test_taken_back_the_customer_talks_to_his_agent_again(desk):
    """TR-02"""
    desk.consults()
    b = desk.b
    assert desk.asks(r.TakeBack) == ""
    assert desk.mix == both(desk.customer, desk.a) and desk.music == {} and b in desk.hung_up()
    assert desk.per.status == "ready" and desk.card(PER) is None and desk.ended(v.ConsultEnded) == ["taken_back"]
    assert desk.card(ANNA).state == "talking" and desk.card(ANNA).consult is None


def test_three_hear_each_other(desk):
    """TR-02"""
    desk.consults()
    b = desk.b
    assert desk.asks(r.JoinAll) == ""
    assert desk.mix == both(desk.customer, desk.a) | both(desk.customer, b) | both(desk.a, b) and desk.music == {}
    assert desk.card(ANNA).state == desk.card(PER).state == "three_party"
    assert desk.per.asks(r.Mute, on=True) == ""
    assert not {edge for edge in desk.mix if edge[0] == b} and desk.card(PER).muted and not desk.card(ANNA).muted
    desk.over(b)
    assert desk.mix == both(desk.customer, desk.a) and desk.ended(v.ConsultEnded) == ["hung_up"] and desk.per.status == "ready"


def test_an_agent_who_leaves_three_leaves_the_other_two(desk):
    desk.consults()
    b = desk.b
    desk.asks(r.JoinAll)
    assert desk.asks(r.HangUpCall) == ""
    assert desk.mix == both(desk.customer, b) and desk.anna.status == "wrap_up" and desk.ended(v.TransferEnded) == ["answered"]


@pytest.mark.parametrize("how", ["phone", "click"])
def test_who_is_asked_hangs_up_and_the_customer_is_back(desk, how):
    """TR-02"""
    desk.consults()
    if how == "phone":
        desk.over(desk.b)
    else:
        assert desk.per.asks(r.HangUpCall) == ""
    assert desk.mix == both(desk.customer, desk.a) and desk.ended(v.ConsultEnded) == ["hung_up"] and desk.per.status == "ready"


@pytest.mark.parametrize(
    ("code", "result", "status"),
    [(486, "busy", "busy"), (603, "rejected", "busy"), (408, "no_answer", "no_answer"), (503, "unreachable", "busy")],
)
def test_who_does_not_answer_is_told_apart_and_the_customer_is_back(desk, code, result, status):
    desk.consults(answered=False)
    desk.over(desk.b, code)
    assert desk.ended(v.ConsultEnded) == [result] and desk.per.status == status
    assert desk.mix == both(desk.customer, desk.a) and desk.music == {}


def test_nobody_is_rung_for_ever(desk):
    desk.consults(answered=False)
    b = desk.b
    desk.company.passes(60)
    assert desk.ended(v.ConsultEnded) == ["no_answer"] and b in desk.hung_up() and desk.mix == both(desk.customer, desk.a)


def test_rejected_by_a_click(desk):
    desk.consults(answered=False)
    assert desk.per.asks(r.RejectOffer, leg=desk.b) == ""
    assert desk.per.status == "busy" and desk.ended(v.ConsultEnded) == ["rejected"] and desk.mix == both(desk.customer, desk.a)


def test_the_card_says_why_the_customer_is_back_until_somebody_else_is_asked(desk):
    desk.consults(r.Target("number", number=NUMBER), answered=False)
    assert desk.card(ANNA).in_vain is None
    desk.over(desk.b, 486)
    assert desk.card(ANNA).in_vain == board.InVainCard("", NUMBER, "busy")
    desk.consults(answered=False)
    assert desk.card(ANNA).in_vain is None
    desk.over(desk.b, 480)
    assert desk.card(ANNA).in_vain == board.InVainCard("Agent 2", "", "no_answer")
    desk.company.passes(11)
    desk.consults()
    desk.asks(r.TakeBack)
    assert desk.card(ANNA).in_vain is None  # he knows


def test_a_number_is_asked_and_gets_the_keys_that_the_agent_presses(desk):
    """TR-01, OB-02"""
    assert desk.consults(r.Target("number", number=NUMBER)) == ""
    dial = desk.company.told(t.Dial)[-1]
    assert dial.uri == f"sip:{NUMBER}@operator.example;transport=udp" and dial.caller == "+4722000000"
    desk.asks(r.PressKeys, digits="5")
    assert desk.company.told(t.SendDigits)[-1].leg == desk.b
    desk.asks(r.CompleteTransfer)
    assert desk.company.of(v.ConversationStarted)[-1].agent is None and desk.company.core.world.agent(ANNA).calls_out_today == 1
    desk.over(desk.kari.call.talk.leg)
    assert desk.company.of(v.CallEnded)[0].cause == "agent_hung_up"


@pytest.mark.parametrize("kind", [r.Consult, r.Transfer])
@pytest.mark.parametrize(("chosen", "shown"), [(0, "+4721000001"), (2, "+4721000002"), (3, "")], ids=["nothing", "his", "not his"])
def test_a_number_sees_the_one_that_the_agent_has_chosen(desk, kind, chosen, shown):
    """OB-01"""
    first, second = CallerId(1, "+4721000001", everybody=True), CallerId(2, "+4721000002", everybody=True)
    others = CallerId(3, "+4721000003", teams=frozenset({9}))
    settings = desk.company.core.world.configuration
    desk.company.tell(Configured(replace(settings, calls_out=replace(settings.calls_out, callers=(first, second, others)))))
    code = desk.asks(kind, to=r.Target("number", number=NUMBER, caller_id=chosen))
    dialled = [dial.caller for dial in desk.company.told(t.Dial) if NUMBER in dial.uri]
    assert (code, dialled) == (("", [shown]) if shown else ("unknown_caller_id", []))
    assert shown or desk.mix == both(desk.customer, desk.a)


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (r.Target("agent", ANNA), "unknown_target"),
        (r.Target("agent", 99), "unknown_target"),
        (r.Target("agent", OLE), "agent_not_free"),
        (r.Target("queue", 99), "unknown_target"),
        (r.Target("flow", 99), "unknown_target"),
        (r.Target("number", number="x"), "unknown_target"),
        (r.Target("number", number="+4782912345"), "number_denied"),
    ],
)
def test_what_is_no_target_is_refused_and_nothing_happens(desk, to, code):
    """TR-01, OB-02"""
    before = desk.mix
    for kind in (r.Consult, r.Transfer):
        assert desk.asks(kind, to=to) == code
    assert desk.mix == before and not desk.company.of(v.HoldStarted) and desk.anna.status == "connected"


def test_a_flow_cannot_be_asked(desk):
    assert desk.asks(r.Consult, to=r.Target("flow", 1)) == "not_allowed"


def test_a_cell_at_its_capacity_says_so(desk):
    call = desk.kari.call
    desk.company.core.world.put(call, open_legs=(*call.open_legs, "listener", "other"))
    assert desk.asks(r.Consult, to=r.Target("agent", PER)) == "cell_full"


def test_one_consult_at_a_time_and_no_hold_in_it(desk):
    desk.consults()
    assert desk.asks(r.Consult, to=r.Target("number", number=NUMBER)) == "not_now"
    assert desk.asks(r.Transfer, to=r.Target("number", number=NUMBER)) == "not_now"
    assert desk.asks(r.Hold, on=True) == "not_now"


def test_a_customer_on_hold_already_was_held_once(desk):
    desk.asks(r.Hold, on=True)
    desk.consults()
    desk.asks(r.TakeBack)
    assert len(desk.company.of(v.HoldStarted)) == len(desk.company.of(v.HoldEnded)) == 1
    assert desk.mix == both(desk.customer, desk.a)


def test_an_agent_who_is_asked_is_offered_nothing(desk):
    desk.consults()
    desk.company.caller("+4790000009").chooses("1")
    assert len(desk.company.of(v.OfferMade)) == 1
    desk.asks(r.TakeBack)
    assert [offer.agent for offer in desk.company.of(v.OfferMade)] == [ANNA, PER]


# -- consult with a queue (TR-03)


def test_the_agent_waits_in_the_queue_and_completes_after_somebody_answered():
    desk = Desk()
    desk.per.asks(r.Pause, reason="Lunch")
    assert desk.asks(r.Consult, to=r.Target("queue", SALES)) == ""
    assert desk.music == {desk.customer: "/audio/music.wav", desk.a: "/audio/music.wav"} and desk.card(ANNA).consult.state == "waiting"
    assert desk.asks(r.CompleteTransfer) == "not_now"
    desk.per.asks(r.BecomeReady)
    offer = desk.kari.call.offer
    assert (offer.agent, offer.queue) == (PER, SALES) and desk.card(PER).consulted
    desk.leg(t.LegAnswered, offer.leg)
    assert desk.mix == both(desk.a, offer.leg) and desk.card(ANNA).consult.found == "Agent 2"
    assert desk.asks(r.CompleteTransfer) == ""
    assert desk.mix == both(desk.customer, offer.leg) and desk.per.status == "connected" and desk.anna.status == "wrap_up"


def test_the_agent_gives_up_waiting(desk):
    desk.per.asks(r.Pause, reason="Lunch")
    desk.asks(r.Consult, to=r.Target("queue", SALES))
    assert desk.asks(r.TakeBack) == ""
    assert desk.mix == both(desk.customer, desk.a) and desk.company.of(v.QueueLeft)[-1].exit == "taken_back"
    desk.per.asks(r.BecomeReady)
    assert len(desk.company.of(v.OfferMade)) == 1


def test_given_up_as_a_phone_rings_there(desk):
    desk.asks(r.Consult, to=r.Target("queue", SALES))
    rung = desk.kari.call.offer.leg
    desk.asks(r.TakeBack)
    assert rung in desk.hung_up() and desk.per.status == "ready"
    desk.leg(t.LegAnswered, rung)  # it answered in that very moment
    assert desk.mix == both(desk.customer, desk.a) and desk.per.status == "ready"


def test_who_leaves_while_he_waits_leaves_the_customer_in_the_queue(desk):
    desk.per.asks(r.Pause, reason="Lunch")
    desk.asks(r.Consult, to=r.Target("queue", SALES))
    desk.over(desk.a)
    assert desk.kari.call.place.queue == SALES and desk.music == {desk.customer: "/audio/music.wav"} and desk.anna.status == "wrap_up"
    desk.per.asks(r.BecomeReady)
    desk.per.answers()
    assert desk.per.status == "connected" and desk.kari.call.talk.queue == SALES


def test_a_queue_that_nobody_serves_takes_nobody():
    desk = Desk()
    for person in (desk.per,):
        person.asks(r.LogOff)
    world = desk.company.core.world
    settings = world.configuration
    profiles = settings.acd.profiles | {SALES_ONLY: ProfileRules(SALES_ONLY, "Sales")}
    queues = settings.acd.queues | {SALES: replace(settings.acd.queues[SALES], skills={5: 5})}
    world.engine.configure(replace(settings.acd, queues=queues, profiles=profiles))
    assert desk.asks(r.Consult, to=r.Target("queue", SALES)) == desk.asks(r.Transfer, to=r.Target("queue", SALES)) == "queue_closed"
    assert desk.anna.status == "connected" and desk.mix == both(desk.customer, desk.a)
