"""Softphones that cannot be reached for a while: nobody is offered a call that he cannot hear of, and nobody pays for it. (SP-02, SP-07)"""

from collections.abc import Callable

import pytest

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.switch import agent_phones, presences, watching
from apps.switch import requests as r
from apps.switch.core import Core, GatewaysSeen
from apps.switch.restoring import restore
from tests.switch.company import ALL_ROUND, SUPPORT, AgentPerson, Company, configuration, flow

GATEWAYS = {"gw": "127.0.0.1:9"}


def at_work(settings: object = None, agents: int = 2) -> tuple[Company, list[AgentPerson]]:
    company = Company(settings or configuration())
    people = [company.agent(number) for number in range(1, agents + 1)]
    for person in people:
        person.logs_on()
    return company, people


def pages_break(company: Company, people: list[AgentPerson]) -> None:
    for person in people:
        person.asks(r.SoftphoneDown, connection=f"page{person.id}", left=False)


def pages_are_about_to_come_back(company: Company, people: list[AgentPerson]) -> None:
    """They claim their phones; their test of the sound is still to come."""
    for person in people:
        person.opens_page(ready=False)


def gateway_lapses(company: Company, people: list[AgentPerson]) -> None:
    company.tell(GatewaysSeen({}))


AWAY = pytest.mark.parametrize("go_away", [pages_break, pages_are_about_to_come_back, gateway_lapses], ids=lambda go_away: go_away.__name__)


@AWAY
def test_a_caller_waits_for_the_first_phone_that_is_back_and_no_agent_pays(go_away: Callable):
    """AL-03: an outage of ours is no error of an agent's phone."""
    company, people = at_work()
    anna, per = people
    go_away(company, people)
    kari = company.caller().chooses("1")
    company.passes(10)
    assert (anna.status, per.status) == ("ready", "ready") and company.of(v.OfferMade) == []
    company.tell(GatewaysSeen(GATEWAYS))
    per.opens_page()
    assert per.status == "offered" or anna.status == "offered", "at once"
    assert company.of(v.OfferMade)[0].at == company.now and company.of(v.OfferEnded) == []
    assert kari.call.offer
    assert [company.core.world.agent(person.id).presence.errors for person in people] == [0, 0]


def test_who_can_be_reached_is_offered_the_call_before_those_who_cannot():
    company, (anna, per) = at_work()
    pages_break(company, [anna])
    company.caller().chooses("1")
    assert (anna.status, per.status) == ("ready", "offered")
    assert [str(per.id)] == [candidate.id for candidate in company.of(v.OfferMade)[0].considered]


@AWAY
def test_who_is_away_for_longer_than_a_reload_takes_is_tried_and_logged_off_in_the_end(go_away: Callable):
    """SP-02, AL-03"""
    company, people = at_work(configuration(rules=AgentRules(log_off_after_errors=2)), agents=1)
    (anna,) = people
    go_away(company, people)
    company.caller().chooses("1")
    company.passes(presences.PHONE_AWAY - 1)
    assert anna.status == "ready" and company.of(v.OfferMade) == []
    company.passes(1)
    assert (anna.status, company.of(v.OfferEnded)[0].result) == ("busy", "error")
    company.passes(10)
    assert (anna.status, company.of(v.PresenceChanged)[-1].reason) == ("logged_off", "error_limit")


def test_whose_phone_is_back_rests_no_longer_from_its_errors():
    company, (anna,) = at_work(agents=1)
    gateway_lapses(company, [anna])
    company.caller().chooses("1")
    company.passes(presences.PHONE_AWAY)
    assert anna.status == "busy"
    company.tell(GatewaysSeen(GATEWAYS))
    assert anna.status == "offered"


def test_an_agent_who_rejected_rests_whatever_becomes_of_his_page():
    """AS-03"""
    company, (anna,) = at_work(agents=1)
    company.caller().chooses("1")
    anna.asks(r.RejectOffer, leg=anna.call.offer.leg)
    pages_break(company, [anna])
    anna.opens_page()
    assert anna.status == "busy"


def test_the_last_agent_is_logged_off_by_his_errors_and_the_callers_are_sent_on():
    """QU-08: exit no agents; while phones are waited for, their agents are logged on and the callers wait."""
    company, people = at_work(configuration(flow(no_agents=5), AgentRules(log_off_after_errors=1)), agents=1)
    pages_break(company, people)
    kari = company.caller().chooses("1")
    company.passes(presences.PHONE_AWAY - 1)
    assert kari.call.place and company.of(v.QueueLeft) == []
    company.passes(1)
    assert company.of(v.QueueLeft)[0].exit == "no_agents" and kari.call.place is None


def test_who_logs_on_while_his_gateway_is_away_is_waited_for_too():
    company = Company()
    anna = company.agent()
    anna.opens_page()
    gateway_lapses(company, [anna])
    assert anna.logs_on() == ""
    company.caller().chooses("1")
    assert anna.status == "ready"
    company.tell(GatewaysSeen(GATEWAYS))
    assert anna.status == "offered"


def test_an_external_phone_needs_no_page():
    """SP-02"""
    company, (anna,) = at_work(agents=1)
    pages_break(company, [anna])
    assert anna.logs_on() == "" and anna.asks(r.LogOn, profile=ALL_ROUND, phone="+4741000000") == ""
    pages_break(company, [anna])
    gateway_lapses(company, [anna])
    company.caller().chooses("1")
    assert anna.status == "offered"


def begins_anew(company: Company, gateways: dict[str, str]) -> None:
    old = company.core.world
    core = Core(old.configuration)
    core.handle(GatewaysSeen(gateways), company.now)
    restore(core.world, company.now, list(old.calls.values()), list(old.agents.values()), old.graphs)
    company.core = core
    company.take(core.world.take_outcome())
    company.take(core.pass_time(company.now))


def test_a_switch_that_begins_waits_on_and_no_longer_than_the_one_before_it():
    company, (anna,) = at_work(agents=1)
    pages_break(company, [anna])
    company.caller().chooses("1")
    company.passes(20)
    begins_anew(company, GATEWAYS)
    assert anna.status == "ready"
    company.passes(10)
    assert anna.status == "busy"


def test_a_switch_that_begins_sees_which_gateways_came_and_went_meanwhile():
    company, (anna,) = at_work(agents=1)
    begins_anew(company, {})
    company.caller().chooses("1")
    assert anna.status == "ready" and not agent_phones.reachable(company.core.world, 1)
    begins_anew(company, GATEWAYS)
    assert anna.status == "offered"


def test_the_watchdog_waits_for_no_phone_without_end():
    company, (anna,) = at_work(agents=1)
    pages_break(company, [anna])
    company.is_watched = False
    company.core.world.timers.set(("away", "1"), None)
    assert watching.findings(company.core.world) == [watching.Finding("not_distributed", 1, "")]
    company.take(company.core.watch(company.now))
    assert watching.findings(company.core.world) == []
    company.caller().chooses("1")
    company.passes(presences.PHONE_AWAY)
    assert anna.status == "busy"


def test_the_figures_of_a_queue_count_statuses_and_a_page_that_is_away_is_shown_at_the_agent():
    """AS-05"""
    company, people = at_work()
    pages_break(company, people)
    assert b'"ready":2' in company.board[f"queue:{SUPPORT}"]
    assert b'"softphone":"offline"' in company.board["agent:1"]
