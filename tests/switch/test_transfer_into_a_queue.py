"""A customer who was brought to a queue where nobody takes him goes back, and is never dropped (TR-04).

Sales is Per's queue alone, and he is at lunch: whoever is sent there waits until the longest wait ends, or until Per has gone home.
"""

import pytest
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.queues.acd.state import ProfileRules
from apps.switch import requests as r
from apps.switch.core import Configured
from apps.switch.presences import PHONE_AWAY
from apps.telephony import protocol as t
from tests.switch.company import ALL_ROUND, MUSIC, SALES, SUPPORT, flow
from tests.switch.passing import ANNA, NUMBER, OLE, PER, SALES_ONLY, Desk, both, restarted

SELLING, HELPING = 5, 6  # skills
LONGEST = 20.0  # seconds
TO_SALES = r.Target("queue", SALES)


def at_lunch(*, longest: float | None = LONGEST, exits: dict[str, int] | None = None, **support: object) -> Desk:
    """Anna alone serves Support. `longest`: wait in Sales. `exits`: of the steps in which callers wait. `support`: its settings."""
    desk = Desk(**support, graph=flow(**exits or {"maximum_wait": 5, "no_agents": 5}))
    desk.per.asks(r.LogOff)
    settings = desk.company.core.world.configuration
    sales = replace(settings.acd.queues[SALES], skills={SELLING: 1}, maximum_wait=longest)
    queues = {SUPPORT: replace(settings.acd.queues[SUPPORT], skills={HELPING: 1}), SALES: sales}
    helper = replace(settings.acd.profiles[ALL_ROUND], skills={HELPING: 5})
    seller = ProfileRules(SALES_ONLY, "Sales", skills={SELLING: 5})
    acd = replace(settings.acd, queues=queues, profiles={ALL_ROUND: helper, SALES_ONLY: seller})
    agents = {n: replace(agent, profiles=(ALL_ROUND, SALES_ONLY)) for n, agent in settings.agents.items()}
    desk.company.tell(Configured(replace(settings, acd=acd, agents=agents)))
    assert desk.per.asks(r.LogOn, profile=SALES_ONLY) == desk.per.asks(r.Pause, reason="Lunch") == ""
    return desk


def calling_out(desk: Desk) -> Desk:
    """Anna's customer is one whom she has called."""
    desk.kari.hangs_up()
    desk.anna.asks(r.BecomeReady)
    desk.anna.asks(r.CallOut, call="out1", cell="cell-out1", number="+4790000007")
    desk.kari.id = "out1"
    desk.leg(t.LegAnswered, "out1-l2")
    desk.leg(t.LegAnswered, "out1-l1")
    desk.a = "out1-l2"
    return desk


def sends(desk: Desk) -> Desk:
    assert desk.asks(r.Transfer, to=TO_SALES) == ""
    assert desk.kari.call.place.queue == SALES and desk.music == {desk.customer: MUSIC}
    return desk


def comes_to_nothing(desk: Desk, how: str) -> None:
    if how == "no_agents":
        desk.per.asks(r.LogOff)
    else:
        desk.company.passes(LONGEST)


EITHER = pytest.mark.parametrize("how", ["maximum_wait", "no_agents"])


def test_the_transfer_is_done_when_somebody_there_answers():
    desk = sends(at_lunch())
    assert desk.ended(v.TransferEnded) == []
    desk.company.passes(7)
    desk.per.asks(r.BecomeReady)
    desk.per.answers()
    (ended,) = desk.company.of(v.TransferEnded)
    assert (ended.agent, ended.result, ended.seconds) == (ANNA, "answered", 7.0)
    assert desk.kari.call.transfer is None and desk.mix == both(desk.customer, desk.kari.call.talk.leg)
    desk.kari.hangs_up()
    assert len(desk.company.of(v.TransferEnded)) == 1


@EITHER
@pytest.mark.parametrize("made", [False, True], ids=["called in", "called out"])
def test_else_the_customer_goes_back_to_the_agent(how, made):
    desk = at_lunch()
    desk = sends(calling_out(desk) if made else desk)
    assert desk.anna.status == ("ready" if made else "wrap_up")
    comes_to_nothing(desk, how)
    assert desk.ended(v.TransferEnded) == [how] and [fact.agent for fact in desk.company.of(v.TransferReturned)] == [ANNA]
    assert desk.anna.status == "offered" and desk.card(ANNA).returned and desk.music == {desk.customer: "/audio/ringing.wav"}
    desk.leg(t.LegAnswered, desk.b)
    assert desk.mix == both(desk.customer, desk.b or desk.kari.call.talk.leg) and desk.kari.call.talk.agent == ANNA


@EITHER
def test_or_to_the_queue_that_he_came_from_as_one_who_has_waited(how):
    desk = at_lunch(wrap_up=0.0)
    desk.kari.hangs_up()
    desk.asks(r.Pause, reason="Lunch")
    desk.kari = desk.company.caller("+4790000002").chooses("1")
    desk.company.passes(40)
    desk.anna.asks(r.BecomeReady)
    desk.anna.answers()
    desk.a = desk.kari.call.talk.leg
    desk.company.passes(100)
    sends(desk)
    desk.asks(r.Pause, reason="Lunch")
    comes_to_nothing(desk, how)
    place = desk.kari.call.place
    assert (place.queue, desk.company.now - place.entered_at) == (SUPPORT, 40.0) and desk.music == {desk.customer: MUSIC}
    assert desk.ended(v.TransferEnded) == [how] and desk.company.of(v.TransferReturned)[0].queue == SUPPORT
    desk.company.passes(3)
    desk.asks(r.BecomeReady)
    desk.anna.answers()
    assert desk.kari.call.talk.queue == SUPPORT and desk.kari.call.talk.waited == 43.0
    in_sales = LONGEST if how == "maximum_wait" else 0.0
    assert [fact.waited for fact in desk.company.of(v.QueueLeft, desk.kari.id)] == [40.0, in_sales, 3.0]  # told once


def test_there_he_has_the_exits_that_his_flow_gives_him():
    """QU-08: those who are left there go where all go whom nobody can serve."""
    desk = sends(at_lunch())
    desk.asks(r.Pause, reason="Lunch")
    comes_to_nothing(desk, "maximum_wait")
    desk.asks(r.LogOff)
    assert desk.company.of(v.QueueLeft)[-1].exit == "no_agents" and desk.company.of(v.StepEntered)[-1].name == "Nobody here"


def test_also_if_nobody_is_there_when_he_comes_back():
    desk = sends(at_lunch())
    desk.asks(r.LogOff)
    comes_to_nothing(desk, "maximum_wait")
    assert desk.company.of(v.TransferReturned)[0].queue == SUPPORT and desk.company.of(v.StepEntered)[-1].name == "Nobody here"


def test_or_waits_there_if_the_flow_has_none():
    desk = sends(at_lunch(exits={"maximum_wait": 5}))
    desk.asks(r.LogOff)
    comes_to_nothing(desk, "no_agents")
    desk.company.passes(3600)
    assert desk.kari.call.place.queue == SUPPORT and desk.music == {desk.customer: MUSIC}


def test_a_queue_that_is_full_meanwhile_takes_back_whom_it_had():
    desk = at_lunch(maximum_callers=1)
    desk.asks(r.Transfer, to=TO_SALES)
    desk.asks(r.Pause, reason="Lunch")
    other = desk.company.caller("+4790000003").chooses("1")
    assert other.call.place.queue == SUPPORT
    comes_to_nothing(desk, "maximum_wait")
    waiting = [request.id for request in desk.company.core.world.engine.waiting(SUPPORT)]
    assert waiting == [other.id, desk.kari.id]  # she had been answered at once


# -- a customer whom the agent has called came from no queue


@EITHER
def test_whom_the_agent_called_waits_in_the_queue_and_for_the_agent(how):
    desk = sends(calling_out(at_lunch()))
    began = desk.company.now
    desk.asks(r.Pause, reason="Lunch")
    comes_to_nothing(desk, how)
    place = desk.kari.call.place
    assert (place.queue, place.entered_at) == (SALES, began) and desk.music == {desk.customer: MUSIC}
    assert desk.ended(v.TransferEnded) == [how] and desk.company.of(v.TransferReturned)[0].queue == SALES
    desk.company.passes(4 * 3600)
    assert desk.kari.call.place == place and not desk.company.of(v.CallEnded, "out1")
    desk.asks(r.BecomeReady)
    assert desk.anna.status == "offered" and desk.card(ANNA).returned and desk.kari.call.place is None
    assert desk.company.of(v.QueueLeft)[-1].exit == "returned" and desk.company.of(v.TransferReturned)[-1].agent == ANNA
    desk.leg(t.LegAnswered, desk.b)
    assert desk.kari.call.talk.agent == ANNA and len(desk.company.of(v.TransferEnded)) == 1


def test_the_agent_has_him_before_anybody_from_a_queue():
    """In a busy queue he would never be seen free."""
    desk = sends(calling_out(at_lunch()))
    desk.asks(r.Pause, reason="Lunch")
    other = desk.company.caller("+4790000003").chooses("1")
    comes_to_nothing(desk, "maximum_wait")
    desk.asks(r.BecomeReady)
    assert desk.anna.call.id == desk.kari.id and desk.card(ANNA).returned and other.call.offer is None


@EITHER
def test_whoever_is_there_first_has_him(how):
    desk = sends(calling_out(at_lunch()))
    desk.asks(r.Pause, reason="Lunch")
    comes_to_nothing(desk, how)
    desk.per.asks(r.LogOn, profile=SALES_ONLY) if how == "no_agents" else desk.per.asks(r.BecomeReady)
    assert desk.per.status == "offered"
    desk.asks(r.BecomeReady)
    desk.company.passes(3)
    assert desk.per.status == "offered" and desk.anna.status == "ready"  # he is being offered: no second phone rings
    desk.per.answers()
    assert desk.kari.call.talk.agent == PER and desk.kari.call.transfer is None and len(desk.company.of(v.TransferEnded)) == 1
    desk.company.passes(10)
    assert desk.anna.status == "ready"


def test_if_the_agent_does_not_take_him_he_is_back_in_the_queue():
    desk = sends(calling_out(at_lunch()))
    began = desk.company.now
    comes_to_nothing(desk, "maximum_wait")
    desk.anna.asks(r.RejectOffer, leg=desk.b)
    assert (desk.kari.call.place.queue, desk.kari.call.place.entered_at) == (SALES, began) and desk.music == {desk.customer: MUSIC}
    desk.per.asks(r.BecomeReady)
    desk.per.answers()
    assert desk.kari.call.talk.agent == PER


def test_one_who_was_called_has_no_flow_that_leads_on_from_his_own_queue_either():
    """Sales had him, and sent him on in vain."""
    desk = sends(calling_out(at_lunch()))
    desk.company.passes(5)
    desk.per.asks(r.BecomeReady)
    desk.per.answers()
    desk.per.asks(r.Transfer, to=r.Target("number", number=NUMBER))
    desk.per.asks(r.Pause, reason="Lunch")
    desk.over(desk.b, 486)
    assert desk.kari.call.place.queue == SALES and desk.company.now - desk.kari.call.place.entered_at == 5.0
    desk.company.passes(3600)
    assert desk.kari.call.place.queue == SALES and desk.music == {desk.customer: MUSIC}
    desk.per.asks(r.BecomeReady)
    assert desk.card(PER).returned
    desk.leg(t.LegAnswered, desk.b)
    assert desk.kari.call.talk.agent == PER


def test_he_hangs_up_there():
    desk = sends(calling_out(at_lunch()))
    desk.asks(r.Pause, reason="Lunch")
    comes_to_nothing(desk, "maximum_wait")
    desk.over(desk.customer)
    assert desk.company.of(v.CallEnded, "out1")[0].cause == "caller_hung_up" and desk.ended(v.TransferEnded) == ["maximum_wait"]
    assert desk.company.core.world.engine.waiting(SALES) == []


def test_one_who_hangs_up_in_the_queue_ends_the_transfer():
    desk = sends(at_lunch())
    desk.company.passes(6)
    desk.kari.hangs_up()
    (ended,) = desk.company.of(v.TransferEnded)
    assert (ended.result, ended.seconds) == ("caller_gone", 6.0)


# -- one who was left in the queue that the agent had asked


@EITHER
def test_left_in_a_queue_that_was_asked_it_is_the_same(how):
    desk = at_lunch()
    desk.asks(r.Consult, to=TO_SALES)
    desk.over(desk.a)
    comes_to_nothing(desk, how)
    assert desk.ended(v.TransferEnded) == [how] and desk.anna.status == "offered" and desk.card(ANNA).returned


def test_left_there_while_a_phone_rings_it_is_done_when_that_is_answered():
    desk = at_lunch()
    desk.per.asks(r.BecomeReady)
    desk.asks(r.Consult, to=TO_SALES)
    desk.over(desk.a)
    desk.per.answers()
    assert desk.ended(v.TransferEnded) == ["answered"] and desk.kari.call.talk.agent == PER


def test_an_agent_who_asks_a_queue_that_loses_its_last_agent_has_his_customer_back():
    """TR-03"""
    desk = at_lunch(longest=None)
    desk.asks(r.Consult, to=TO_SALES)
    desk.per.asks(r.LogOff)
    assert desk.ended(v.ConsultEnded) == ["no_agents"] and desk.mix == both(desk.customer, desk.a) and desk.music == {}


def with_no_rest(desk: Desk) -> Desk:
    """Whoever rejects a call is ready again at once."""
    settings = desk.company.core.world.configuration
    rules = AgentRules(busy_seconds=0, no_answer_seconds=0)
    desk.company.tell(Configured(replace(settings, agents={n: replace(agent, rules=rules) for n, agent in settings.agents.items()})))
    return desk


def test_an_agent_who_rejects_the_customer_who_waits_for_him_is_not_rung_again_at_once():
    """AS-03: nor is an external phone that is busy, again and again in the same moment."""
    desk = with_no_rest(sends(calling_out(at_lunch())))
    desk.asks(r.Pause, reason="Lunch")
    comes_to_nothing(desk, "maximum_wait")
    desk.asks(r.BecomeReady)
    for _ in range(2):
        assert desk.anna.status == "offered"
        desk.asks(r.RejectOffer, leg=desk.kari.call.transfer.leg)
        desk.company.passes(4)
        assert desk.anna.status == "busy"
        desk.company.passes(1)


def test_who_waits_for_an_agent_whose_page_was_away_for_long_has_him_when_it_is_back():
    """SP-02: whatever else happens in the centre meanwhile, or nothing does."""
    desk = sends(calling_out(at_lunch()))
    desk.asks(r.BecomeReady)
    desk.asks(r.SoftphoneDown, connection=f"page{ANNA}", left=False)
    desk.company.passes(LONGEST)
    assert desk.ended(v.TransferEnded) == ["maximum_wait"]
    desk.company.passes(PHONE_AWAY)
    assert desk.anna.status == "ready" and desk.kari.call.transfer.returning
    desk.anna.opens_page()
    assert desk.anna.status == "offered" and desk.card(ANNA).returned


# -- whatever the switch goes through meanwhile


@pytest.mark.parametrize("back", [False, True])
def test_a_switch_that_starts_anew_knows_where_he_belongs(back):
    desk = sends(calling_out(at_lunch()))
    desk.asks(r.Pause, reason="Lunch")
    if back:
        comes_to_nothing(desk, "maximum_wait")
    restarted(desk)
    desk.company.passes(LONGEST)
    assert desk.kari.call.place.queue == SALES and desk.ended(v.TransferEnded) == ["maximum_wait"]
    desk.asks(r.BecomeReady)
    assert desk.anna.status == "offered"


def test_a_queue_that_is_closed_meanwhile_keeps_him():
    """Its own agents still serve those who stand in it; back in it he cannot come."""
    desk = sends(calling_out(at_lunch()))
    desk.asks(r.Pause, reason="Lunch")
    settings = desk.company.core.world.configuration
    acd = replace(settings.acd, queues={SUPPORT: settings.acd.queues[SUPPORT]})
    desk.company.tell(Configured(replace(settings, acd=acd)))
    assert desk.kari.call.place.queue == SALES
    comes_to_nothing(desk, "maximum_wait")
    assert desk.kari.call.place is None and desk.music == {desk.customer: MUSIC}
    desk.company.passes(3600)
    desk.asks(r.BecomeReady)
    assert desk.anna.status == "offered" and desk.card(ANNA).returned


def test_a_customer_whose_own_queue_is_closed_meanwhile_waits_for_the_agent():
    desk = at_lunch()
    desk.ole.logs_on()
    desk.asks(r.Transfer, to=r.Target("agent", OLE))
    desk.asks(r.Pause, reason="Lunch")
    settings = desk.company.core.world.configuration
    acd = replace(settings.acd, queues={SALES: settings.acd.queues[SALES]})
    desk.company.tell(Configured(replace(settings, acd=acd)))
    desk.over(desk.b, 486)
    desk.company.passes(3600)
    assert not desk.company.of(v.CallEnded) and desk.music == {desk.customer: MUSIC}
    desk.asks(r.BecomeReady)
    assert desk.anna.status == "offered" and desk.card(ANNA).returned
