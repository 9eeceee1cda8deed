"""What status an agent is in, and what calls he gets by it (AS-01 to AS-05, AL-02)."""

import msgspec
import pytest
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.queues.acd.state import ProfileRules
from apps.switch import requests as r
from tests.switch.company import ALL_ROUND, Company, configuration


def test_log_on_with_softphone_needs_a_page_with_microphone_and_media():
    """SP-03"""
    company = Company()
    anna = company.agent()
    assert anna.asks(r.LogOn, profile=1) == "no_softphone"
    anna.opens_page(ready=False)
    assert anna.asks(r.LogOn, profile=1) == "no_softphone"
    assert anna.asks(r.LogOn, profile=99) == "unknown_profile"
    assert anna.logs_on() == ""
    assert anna.asks(r.WrapUpEnd) == "" if hasattr(r, "WrapUpEnd") else anna.status == "ready"


@pytest.mark.parametrize(("queue", "seconds"), [(None, 30), (7, 7), (0, 0)])
def test_the_wrap_up_is_the_queues_if_it_has_one_else_the_profiles(queue, seconds):
    """AS-02"""
    company = Company(configuration(wrap_up=queue))
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    anna.answers()
    anna.asks(r.HangUpCall)
    assert anna.status == ("wrap_up" if seconds else "ready")
    company.passes(seconds - 0.1 if seconds else 0)
    assert anna.status == ("wrap_up" if seconds else "ready")
    company.passes(0.1)
    assert anna.status == "ready"


def test_a_wrap_up_is_the_agents_and_no_other_queue_disturbs_it():
    """AS-02: it began with Support, and a caller of Sales waits for its end."""
    company = Company(configuration(wrap_up=20))
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    anna.answers()
    anna.asks(r.HangUpCall)
    sales = company.caller("+4790000002").chooses("2")
    company.passes(19)
    assert anna.status == "wrap_up" and not sales.call.offer
    company.passes(1)
    assert anna.status == "offered" and sales.call.offer.agent == 1


def test_whoever_is_not_ready_is_offered_nothing():
    """AS-01: in every status that is not ready."""
    company = Company()
    anna = company.agent()
    anna.logs_on(pause="Lunch")
    kari = company.caller().chooses("1")
    assert (anna.status, kari.call.offer) == ("pause", None)
    anna.asks(r.BecomeReady)
    anna.asks(r.RejectOffer, leg=kari.call.offer.leg)
    assert (anna.status, kari.call.offer) == ("busy", None)
    company.passes(10)
    company.passes(20)
    assert (anna.status, kari.call.offer) == ("no_answer", None)
    anna.asks(r.LogOff)
    assert (anna.status, kari.call.offer) == ("logged_off", None)


def test_after_so_many_unanswered_offers_in_a_row_he_is_logged_off_and_an_answer_begins_anew():
    """AL-02"""
    company = Company(configuration(rules=AgentRules(log_off_after_unanswered=2)))
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    company.passes(30)
    anna.answers()
    anna.asks(r.HangUpCall)
    company.passes(30)
    company.caller("+4790000002").chooses("1")
    company.passes(30)
    assert anna.status == "offered"
    company.passes(20)
    assert anna.status == "logged_off" and company.of(v.PresenceChanged)[-1].reason == "no_answer_limit"


@pytest.mark.parametrize(("queue", "profile", "left"), [(None, 60, 60), (0, 60, 0), (90, 0, 90)])
def test_a_wrap_up_is_extended_as_far_as_the_queue_says_else_the_profile(queue, profile, left):
    """AS-02: whatever asks, and in as many steps as it likes."""
    settings = configuration(wrap_up_extension=queue)
    profiles = {ALL_ROUND: replace(settings.acd.profiles[ALL_ROUND], wrap_up_extension=profile)}
    company = Company(replace(settings, acd=replace(settings.acd, profiles=profiles)))
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    anna.answers()
    anna.asks(r.HangUpCall)
    shown = msgspec.json.decode(company.board["agent:1"])
    assert (shown["extendable"], shown["extended"]) == (left, 0)
    assert anna.asks(r.ExtendWrapUp, seconds=600) == "wrap_up_limit"
    assert [anna.asks(r.ExtendWrapUp, seconds=30) for _ in range(4)] == [""] * (left // 30) + ["wrap_up_limit"] * (4 - left // 30)
    shown = msgspec.json.decode(company.board["agent:1"])
    assert (shown["extendable"], shown["extended"], shown["until"]) == (0, left, company.now + 30 + left)


def test_a_log_on_into_a_pause_is_two_events_with_profile_and_phone():
    """AS-04, AS-05"""
    company = Company()
    company.agent().logs_on(pause="Lunch")
    told = [(fact.before, fact.status, fact.reason, fact.profile, fact.phone) for fact in company.of(v.PresenceChanged)]
    assert told == [("logged_off", "ready", "log_on", ALL_ROUND, "softphone"), ("ready", "pause", "Lunch", ALL_ROUND, "softphone")]


def test_whoever_changes_his_profile_gets_the_calls_of_the_new_one():
    """AS-04, AS-05: and a pause goes on, whatever is changed in it; in a call nothing is."""
    settings = configuration(skills={5: 5})
    profiles = {ALL_ROUND: ProfileRules(ALL_ROUND, "All-round", skills={5: 5}), 2: ProfileRules(2, "Sales only")}
    agents = {agent: replace(known, profiles=(ALL_ROUND, 2)) for agent, known in settings.agents.items()}
    company = Company(replace(settings, acd=replace(settings.acd, profiles=profiles), agents=agents))
    anna, per = company.agent(1), company.agent(2)
    per.logs_on(pause="Lunch")
    anna.opens_page()
    anna.asks(r.LogOn, profile=2)
    company.caller().chooses("1")
    assert per.asks(r.LogOn, profile=ALL_ROUND, phone="+4741000000") == "" and (anna.status, per.status) == ("ready", "pause")
    assert anna.asks(r.LogOn, profile=ALL_ROUND) == "" and anna.status == "offered"
    assert anna.asks(r.LogOn, profile=2) == "not_now" and anna.status == "offered"
    changed = [fact for fact in company.of(v.PresenceChanged) if fact.status == fact.before]
    assert [(fact.agent, fact.status, fact.profile, fact.phone) for fact in changed] == [
        (2, "pause", ALL_ROUND, "+4741000000"), (1, "ready", ALL_ROUND, "softphone"),
    ]  # fmt: skip
