"""Consult and transfer (TR-01 to TR-05): what happens in the same moment, to a page, a cell or the switch; and calls that agents made."""

import pytest

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.telephony import protocol as t
from tests.switch.company import SALES, AgentPerson
from tests.switch.passing import ANNA, OLE, PER, Desk, both, restarted


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- races


def test_the_customer_hangs_up_during_the_consult(desk):
    desk.consults()
    legs = {desk.a, desk.b}
    desk.kari.hangs_up()
    assert legs <= desk.hung_up() and desk.per.status == "ready" and desk.anna.status == "wrap_up"
    assert desk.ended(v.ConsultEnded) == ["caller_gone"] and len(desk.company.of(v.HoldEnded)) == 1
    for leg in legs:
        desk.over(leg)
    assert desk.kari.id not in desk.company.core.world.calls


@pytest.mark.parametrize("kind", [r.Consult, r.Transfer])
def test_the_customer_hangs_up_while_it_rings(desk, kind):
    desk.asks(kind, to=r.Target("agent", PER))
    b = desk.b
    desk.kari.hangs_up()
    assert b in desk.hung_up() and desk.per.status == "ready" and desk.company.of(v.CallEnded)
    desk.leg(t.LegAnswered, b)
    assert desk.per.status == "ready" and desk.card(PER) is None


def test_the_target_answers_as_the_agent_gives_up(desk):
    desk.consults(answered=False)
    b = desk.b
    desk.asks(r.TakeBack)
    desk.leg(t.LegAnswered, b)
    assert b in desk.hung_up() and desk.mix == both(desk.customer, desk.a) and desk.per.status == "ready"
    desk.over(b)
    assert desk.mix == both(desk.customer, desk.a)


def test_both_complete_at_once(desk):
    """The agent clicks twice; and whom he asked hangs up in that moment."""
    desk.consults()
    b = desk.b
    assert (desk.asks(r.CompleteTransfer), desk.asks(r.CompleteTransfer), desk.asks(r.TakeBack)) == ("", "no_call", "no_call")
    desk.over(b)
    assert len(desk.company.of(v.TransferEnded)) == 1 and desk.per.status == "wrap_up" and desk.company.of(v.CallEnded)


def test_the_agents_page_dies_in_the_consult_and_comes_back(desk):
    """SP-07"""
    desk.consults()
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    assert (
        desk.mix == set() and desk.music == {desk.customer: "/audio/music.wav", b: "/audio/music.wav"} and desk.card(ANNA).state == "lost"
    )
    desk.leg(t.MediaBack, desk.a)
    assert desk.mix == both(desk.a, b) and desk.music == {desk.customer: "/audio/music.wav"} and desk.card(ANNA).state == "consulting"


def test_or_does_not_come_back_and_whom_he_asked_has_the_customer(desk):
    desk.consults()
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.company.passes(31)
    assert desk.mix == both(desk.customer, b) and desk.kari.call.talk.agent == PER and desk.anna.status == "wrap_up"


def test_it_dies_while_it_rings_there_and_he_is_answered(desk):
    desk.consults(answered=False)
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.leg(t.LegAnswered, b)
    assert desk.mix == set() and desk.per.status == "connected"
    desk.leg(t.MediaBack, desk.a)
    assert desk.mix == both(desk.a, b)


def test_in_three_the_other_two_go_on_while_a_page_is_away(desk):
    desk.consults()
    b = desk.b
    desk.asks(r.JoinAll)
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    assert both(desk.customer, b) <= desk.mix and desk.music == {}
    desk.company.passes(31)
    assert desk.mix == both(desk.customer, b) and desk.kari.call.talk.agent == PER


@pytest.mark.parametrize("comes_back", [True, False])
def test_in_three_whom_he_asked_leaves_while_his_own_page_is_away(desk, comes_back):
    """The customer is alone: she hears music, and waits for him no longer than she does else."""
    desk.consults()
    b = desk.b
    desk.asks(r.JoinAll)
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.company.passes(10)
    desk.over(b)
    assert desk.mix == set() and desk.music == {desk.customer: "/audio/music.wav"} and desk.card(ANNA).state == "lost"
    if comes_back:
        desk.leg(t.MediaBack, desk.a)
        assert desk.mix == both(desk.customer, desk.a) and desk.music == {}
    else:
        desk.company.passes(21)
        assert desk.anna.status == "wrap_up" and desk.company.of(v.ConversationEnded)[-1].by == "system"


def test_the_page_of_whom_he_asked_dies(desk):
    desk.consults()
    desk.per.asks(r.SoftphoneDown, connection="page2")
    assert desk.card(PER).state == "lost" and desk.mix == both(desk.a, desk.b)
    desk.per.opens_page()
    assert desk.per.asks(r.MediaAttached, connection="page2", leg=desk.b) == "" and desk.card(PER).state == "consulting"
    desk.per.asks(r.SoftphoneDown, connection="page2")
    desk.company.passes(31)
    assert desk.ended(v.ConsultEnded) == ["media_lost"] and desk.mix == both(desk.customer, desk.a) and desk.per.status == "ready"


def test_a_second_page_of_whom_he_asked_loses_nothing_of_the_agents(desk):
    desk.consults()
    desk.per.asks(r.SoftphoneUp, connection="newer", gateway="gw", ready=True)
    assert desk.card(ANNA).state == "consulting" and desk.card(PER).state == "lost"


def test_left_to_one_whose_sound_is_away_just_then(desk):
    desk.consults()
    b = desk.b
    desk.per.asks(r.SoftphoneDown, connection="page2")
    desk.asks(r.CompleteTransfer)
    assert desk.kari.call.session.state == "lost" and desk.music == {desk.customer: "/audio/music.wav"}
    desk.per.opens_page()
    desk.per.asks(r.MediaAttached, connection="page2", leg=b)
    assert desk.mix == both(desk.customer, b)


def test_a_cell_that_dies_frees_both(desk):
    desk.consults()
    desk.company.tell(t.CellLost(cell=desk.kari.call.session.cell, call=desk.kari.id, at=desk.company.now))
    assert desk.per.status == "ready" and desk.anna.status == "wrap_up" and desk.ended(v.ConsultEnded) == ["caller_gone"]


@pytest.mark.parametrize("kind", [r.Consult, r.Transfer])
def test_a_switch_that_starts_anew_goes_on_ringing_and_gives_up_in_time(desk, kind):
    desk.asks(kind, to=r.Target("agent", PER))
    b = desk.b
    restarted(desk)
    desk.company.passes(25)
    assert b in desk.hung_up() and desk.per.status == "no_answer"


def test_a_switch_that_starts_anew_in_the_consult(desk):
    desk.consults()
    b = desk.b
    restarted(desk)
    assert desk.mix == both(desk.a, b)
    desk.asks(r.CompleteTransfer)
    assert desk.mix == both(desk.customer, b) and desk.per.status == "connected"


# -- calls that an agent made


@pytest.fixture
def calling(desk) -> Desk:
    desk.kari.hangs_up()
    desk.anna.asks(r.BecomeReady)
    desk.anna.asks(r.CallOut, call="out1", cell="cell-out1", number="+4790000007")
    desk.kari.id = "out1"
    desk.leg(t.LegAnswered, "out1-l2")
    desk.leg(t.LegAnswered, "out1-l1")
    desk.a = "out1-l2"
    return desk


def test_whom_he_called_can_be_passed_on(calling):
    calling.consults()
    b = calling.b
    calling.asks(r.CompleteTransfer)
    assert calling.mix == both("out1-l1", b) and calling.anna.status == "ready"
    calling.anna.asks(r.CallOut, call="out2", cell="cell-out2", number="+4790000008")
    calling.over(b)
    assert calling.company.of(v.CallEnded, "out1") and calling.anna.call.id == "out2"


def test_one_who_came_from_no_queue_waits_until_the_agent_is_free(calling):
    """TR-04"""
    calling.asks(r.Transfer, to=r.Target("agent", PER))
    calling.asks(r.Pause, reason="Lunch")
    calling.over(calling.b, 486)
    assert calling.kari.call.transfer.leg == "" and calling.music
    calling.asks(r.BecomeReady)
    assert calling.anna.status == "offered" and calling.card(ANNA).returned


def test_as_long_as_he_likes(calling):
    """TR-04: never dropped. A telephone from which no packet comes is another matter."""
    calling.asks(r.Transfer, to=r.Target("agent", PER))
    calling.asks(r.LogOff)
    calling.over(calling.b, 486)
    calling.company.passes(3600)
    assert calling.music == {calling.customer: "/audio/music.wav"} and not calling.company.of(v.CallEnded, "out1")
    calling.leg(t.MediaLost, calling.customer, seconds=1.0)
    calling.company.passes(60)
    assert calling.company.of(v.CallEnded, "out1")[0].cause == "media_lost"


def test_a_queue_can_be_asked_by_one_who_called_out(calling):
    calling.asks(r.Consult, to=r.Target("queue", SALES))
    calling.leg(t.LegAnswered, calling.kari.call.offer.leg)
    assert calling.mix == both(calling.a, calling.b) and calling.per.status == "connected"


def test_who_is_no_party_asks_for_nothing(desk):
    for kind in (r.JoinAll, r.TakeBack, r.CompleteTransfer):
        assert AgentPerson(desk.company, OLE).asks(kind) == "no_call"
    desk.consults()
    for kind in (r.JoinAll, r.TakeBack, r.CompleteTransfer):
        assert desk.per.asks(kind) == "no_call"


def test_an_agents_telephone_that_fell_silent_before_he_left_does_not_end_the_call():
    """Its minute is over when the customer talks to somebody else."""
    desk = Desk(phone="+4740000001")
    desk.consults()
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.asks(r.CompleteTransfer)
    desk.company.passes(61)
    assert desk.mix == both(desk.customer, b) and desk.per.status == "connected"
