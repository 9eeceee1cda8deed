"""The watchdog: whoever is stuck between two states is free within 5 s, it is told why, and nothing else is touched."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from msgspec.structs import replace

from apps.accounts.presence import STATUSES
from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch import watching
from apps.switch.state import Conversation, Offer
from apps.switch.world import AGENT_TIMERS
from tests.switch.company import AgentPerson, Company, talks
from tests.switch.passing import ANNA, PER, Desk
from tests.switch.test_calls_out import Calling, office
from tests.switch.test_nothing_is_lost import RandomDay


def looks(company: Company, times: int = 1) -> list[str]:
    """What the watchdog mends. Each time 2 s later."""
    before = len(company.of(v.StateMended))
    for _ in range(times):
        company.passes(watching.SECONDS)
        company.take(company.core.watch(company.now))
    return [fact.fault for fact in company.of(v.StateMended)[before:]]


def break_agent(anna: AgentPerson, call: str | None = None, **presence: object) -> None:
    anna.company.is_watched = False
    world = anna.company.core.world
    state = world.agent(anna.id)
    world.agents[anna.id] = replace(state, presence=replace(state.presence, **presence), call=state.call if call is None else call)


def break_call(company: Company, call: str, **fields: object) -> None:
    company.is_watched = False
    company.core.world.calls[call] = replace(company.core.world.calls[call], **fields)


def lose_timer(company: Company, kind: str, name: str) -> None:
    company.is_watched = False
    company.core.world.timers.set((kind, name), None)


def offered() -> tuple[Company, AgentPerson]:
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    return company, anna


def test_an_agent_whose_offer_is_gone_is_ready_and_gets_the_call():
    company, anna = offered()
    break_call(company, "call1", offer=None)
    assert looks(company) == ["offered_without_offer", "ringing_for_nobody", "place_without_chance"]
    assert anna.status == "offered" and company.of(v.OfferMade)[-1].leg == anna.call.offer.leg, "it is offered anew"
    assert not watching.findings(company.core.world)


def test_an_agent_connected_without_a_call_is_free():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    break_agent(anna, call="long-gone", status="connected")
    assert "connected_without_call" in looks(company) and anna.status == "ready"
    assert company.core.world.agent(1).call == ""
    company.caller().chooses("1")
    assert anna.status == "offered"


def test_a_pause_after_the_call_is_kept_by_who_is_freed():
    company, anna, _ = talks()
    anna.asks(r.Pause, reason="Lunch")
    company.is_watched = False
    del company.core.world.calls["call1"]
    looks(company)
    assert anna.status == "pause"


def test_a_rest_without_its_timer_ends():
    """AS-03"""
    company, anna = offered()
    anna.asks(r.RejectOffer, leg=anna.call.offer.leg)
    lose_timer(company, "agent", "1")
    company.passes(60)
    assert anna.status == "busy"
    assert looks(company, 2) == ["without_end"] and anna.status == "offered"


def test_a_wrap_up_without_end_ends_and_what_is_pending_comes_true():
    """AS-02"""
    company, anna, _ = talks()
    anna.asks(r.LogOff)
    anna.asks(r.HangUpCall)
    break_agent(anna, until=None)
    lose_timer(company, "agent", "1")
    looks(company, 2)
    assert anna.status == "logged_off"


def test_ringing_without_its_timer_ends():
    company, anna = offered()
    lose_timer(company, "offer", "call1")
    company.passes(60)
    assert anna.status == "offered"
    assert looks(company, 2) == ["timer_missing"] and company.of(v.OfferEnded)[0].result == "no_answer"


def test_a_ready_agent_whom_the_distribution_has_forgotten_gets_calls_again():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.core.world.engine.taken(1)
    company.is_watched = False
    company.caller().chooses("1")
    assert anna.status == "ready"
    assert looks(company) == ["not_distributed"] and anna.status == "offered"


def test_an_offer_of_which_its_agent_knows_nothing_goes_to_another():
    company, anna = offered()
    per = company.agent(2)
    per.logs_on()
    break_agent(anna, call="", status="pause", reason="Lunch")
    assert "offer_unknown" in looks(company)
    assert anna.status == "pause" and per.status == "offered"
    assert company.of(v.OfferEnded)[0].result == "withdrawn" and not company.of(v.OfferEnded)[0].counted


@pytest.mark.parametrize("status", ["ready", "pause", "wrap_up"])
def test_a_customer_keeps_the_agent_whom_he_hears(status):
    company, anna, kari = talks()
    break_agent(anna, call="", status=status, reason="Lunch" if status == "pause" else "", until=company.now + 50)
    assert "conversation_unknown" in looks(company, 2)
    assert anna.status == "connected" and kari.call.talk.agent == 1 and not company.of(v.ConversationEnded)
    anna.asks(r.HangUpCall)
    assert anna.status == "wrap_up"


def test_a_conversation_whose_leg_is_gone_ends_and_the_flow_goes_on():
    company, anna, kari = talks()
    break_agent(anna, call="", status="ready")
    break_call(company, "call1", open_legs=("call1-caller",))
    assert "conversation_unknown" in looks(company)
    assert anna.status == "ready" and company.of(v.ConversationEnded)[0].by == "system"
    assert company.of(v.StepLeft)[-1].result == "answered" and kari.id in company.core.world.calls


def test_a_call_out_of_an_agent_who_knows_nothing_of_it_ends():
    calling = Calling(office())
    calling.calls()
    break_agent(calling.anna, call="", status="ready")
    assert "call_out_unknown" in looks(calling.company)
    assert calling.company.of(v.CallEnded)[0].cause == "error" and calling.anna.status == "ready"


def test_what_agrees_is_not_touched():
    company, _, _ = talks()
    before = company.core.world.calls.copy(), company.core.world.agents.copy(), len(company.commands)
    assert looks(company, 3) == []
    assert (company.core.world.calls, company.core.world.agents, len(company.commands)) == before


class BrokenDay(RandomDay):
    """Any day, and memory that goes wrong at random in it. (Every other day looks after each message: Company.is_watched.)"""

    def __init__(self) -> None:
        super().__init__()
        self.company.is_watched = False

    def mended(self) -> None:
        looks(self.company, 2)  # 4 s
        assert not watching.findings(self.company.core.world)

    @rule(agent=st.integers(1, 3), status=st.sampled_from(STATUSES), call=st.sampled_from(["", "same", "call1", "call2", "nobody's"]))
    def an_agent_is_broken(self, agent: int, status: str, call: str) -> None:
        state = self.company.core.world.agent(agent)
        if state.presence.profile is None:
            return
        break_agent(self.company.agent(agent), call=None if call == "same" else call, status=status, until=None)
        self.mended()

    @precondition(lambda self: self.on_line())
    @rule(place=st.integers(0, 9), agent=st.integers(1, 3), what=st.sampled_from(["offer", "talk"]), gone=st.booleans())
    def a_call_is_broken(self, place: int, agent: int, what: str, gone: bool) -> None:
        call = self.one(place).call
        found: Offer | Conversation | None = getattr(call, what)
        if found is None or call.session.state == "ended":
            return
        break_call(self.company, call.id, **{what: None if gone else replace(found, agent=agent)})
        self.mended()

    @rule(name=st.sampled_from(["agent", "away", "offer", "lost", "silent"]), number=st.integers(1, 9))
    def a_timer_is_lost(self, name: str, number: int) -> None:
        self.company.core.world.timers.set((name, str(number) if name in AGENT_TIMERS else f"call{number}"), None)
        self.mended()

    @invariant()
    def what_begins_ends_once(self) -> None:
        """Not held here: what memory has lost, nobody can end."""


TestBrokenDay = BrokenDay.TestCase
TestBrokenDay.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("answered", [False, True])
def test_who_is_asked_and_knows_nothing_of_it_costs_the_customer_nothing(answered):
    """The agent who asked has his customer back."""
    desk = Desk()
    desk.consults(answered=answered)
    break_agent(desk.per, call="", status="ready")
    looks(desk.company, 2)
    assert desk.mix == {(desk.customer, desk.a), (desk.a, desk.customer)} and desk.kari.call.consult is None
    assert not watching.findings(desk.company.core.world) and desk.per.status == "ready"


def test_who_is_rung_for_a_transfer_and_knows_nothing_of_it_leaves_the_customer_to_the_agent_before():
    desk = Desk()
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    break_agent(desk.per, call="", status="ready")
    looks(desk.company, 2)
    assert desk.anna.status == "offered" and desk.card(ANNA).returned and not watching.findings(desk.company.core.world)


def test_a_consult_that_rings_without_its_timer_ends():
    desk = Desk()
    desk.consults(answered=False)
    lose_timer(desk.company, "consult", desk.kari.id)
    desk.company.passes(60)
    assert desk.per.status == "offered"
    looks(desk.company, 2)
    assert desk.ended(v.ConsultEnded) == ["no_answer"]
