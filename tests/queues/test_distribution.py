"""Which caller gets which agent: the examples of the rules."""

import pytest

from apps.queues.acd import ordering
from apps.queues.acd.engine import Engine
from apps.queues.acd.state import AcdConfiguration, ProfileRules, QueueRules, Request
from tests.queues.people import (
    ANNA,
    BEGINNER,
    BEN,
    BOTH,
    BOTH_BEST_FIRST,
    CARL,
    EXPERT,
    NINE,
    SALES,
    SPEAKS_SALES,
    SUPPORT,
    Company,
    configuration,
)


def score(waited: float, service_level: float | None, vip: float = 0.0) -> float:
    return ordering.score(QueueRules(1, service_level=service_level), Request("a", 1, NINE - waited, vip), NINE)


def test_the_score_is_waiting_time_in_hundredths_of_the_service_level():
    """QU-02: the two examples of the rule."""
    assert score(120, 60) == 200
    assert score(30, 60) == 50


def test_vip_points_are_added_to_the_score():
    """QU-02."""
    assert score(30, 60, vip=25) == 75


def test_a_queue_without_service_level_ignores_vip_points():
    """QU-02."""
    assert score(3600, None, vip=500) == 0


def test_the_caller_who_waited_less_comes_first_where_the_service_level_is_shorter():
    """QU-02: 30 s of 20 is 150, 60 s of 60 is 100."""
    company = Company(support={"service_level": 60}, sales={"service_level": 20})
    company.calls("Kari", SUPPORT, waited=60).calls("Ola", SALES, waited=30).ready(ANNA, BOTH)
    assert company.offers() == [("Ola", ANNA)]


def test_vip_points_count_as_waiting_time():
    """QU-02: 50 points at service level 60 are 30 seconds."""
    company = Company().calls("Kari", waited=29).calls("VIP", waited=0, vip=50).calls("Ola", waited=31)
    assert company.standing() == ["Ola", "VIP", "Kari"]


def test_equal_scores_go_by_arrival_and_then_by_id():
    """QU-02: 15 s at 30 and 30 s at 60 are both 50."""
    company = Company(support={"service_level": 60}, sales={"service_level": 30})
    company.calls("b", SUPPORT, waited=30).calls("c", SALES, waited=15).calls("a", SUPPORT, waited=30)
    offers = [company.ready(agent, BOTH).offers() for agent in (ANNA, BEN, CARL)]
    assert offers == [[("a", ANNA)], [("b", BEN)], [("c", CARL)]]


@pytest.mark.parametrize(("higher", "lower"), [(3600, 0), (0, None), (3600, None)])
def test_the_kind_of_service_level_ranks_before_any_score(higher, lower):
    """QU-02: with a service level, then 0, then without; whatever the waiting time and the points."""
    company = Company(support={"service_level": higher}, sales={"service_level": lower})
    company.calls("old VIP", SALES, waited=36_000, vip=1000).calls("new", SUPPORT, waited=0).ready(ANNA, BOTH)
    assert company.offers() == [("new", ANNA)]


def test_the_order_within_a_queue_never_changes_with_time():
    """QU-02, QU-09: a place never gets worse without a VIP."""
    company = Company().calls("Kari", waited=20).calls("VIP", vip=100).calls("Ola", waited=70)
    before = company.standing()
    company.now += 3600
    rules = company.engine.rules(SUPPORT)
    scores = [ordering.score(rules, request, company.now) for request in company.engine.waiting(SUPPORT)]
    assert company.standing() == before
    assert scores == sorted(scores, reverse=True)


# -- several agents are free (QU-03)


def test_the_highest_level_gets_the_call():
    """QU-03."""
    company = Company().ready(ANNA, BEGINNER, since_offer=900).ready(BEN, EXPERT, connected=20)
    assert company.calls("Kari").offers() == [("Kari", BEN)]


def test_of_equal_levels_the_one_with_the_fewest_connected_requests():
    """QU-03."""
    company = Company().ready(ANNA, connected=5, since_offer=900).ready(BEN, connected=4)
    assert company.calls("Kari").offers() == [("Kari", BEN)]


def test_then_the_longest_since_the_last_offer_or_the_longest_ready_as_the_queue_says():
    """QU-03."""
    for order, expected in (("longest_since_offer", ANNA), ("longest_ready", BEN)):
        company = Company(support={"order": order}).ready(ANNA, idle=10, since_offer=600).ready(BEN, idle=20, since_offer=300)
        assert company.calls("Kari").offers() == [("Kari", expected)]


def test_the_level_on_a_queue_is_the_lowest_of_the_skills_it_needs():
    """QU-01."""
    queue = QueueRules(1, skills={1: 3, 2: 1})
    assert ordering.level_on(queue, ProfileRules(1, skills={1: 7, 2: 4, 3: 1})) == 4
    assert ordering.level_on(queue, ProfileRules(1, skills={1: 2, 2: 9})) is None
    assert ordering.level_on(queue, ProfileRules(1, skills={1: 9})) is None
    assert ordering.level_on(QueueRules(2), ProfileRules(1)) == 1


# -- an agent becomes free (QU-04)


def test_a_request_reserved_for_the_agent_goes_before_all_others():
    """QU-04."""
    company = Company().calls("Kari", waited=500).calls("his", SALES, waited=1, reserved_for=ANNA).ready(ANNA, EXPERT)
    assert company.offers() == [("his", ANNA)]


def test_a_reserved_request_waits_for_its_agent_and_opens_when_he_logs_off():
    """QU-04, QU-11."""
    company = Company().busy(BEN).calls("Ben's", reserved_for=BEN).ready(ANNA)
    assert company.offers() == []
    company.engine.log_off(BEN)
    assert company.offers() == [("Ben's", ANNA)]


def test_an_agent_takes_the_highest_score_of_all_his_queues_or_of_his_best_level():
    """QU-04: as his profile says."""
    for profile, expected in ((BOTH, "for Sales"), (BOTH_BEST_FIRST, "for Support")):
        company = Company().calls("for Support", SUPPORT, waited=10).calls("for Sales", SALES, waited=300)
        assert company.ready(ANNA, profile).offers() == [(expected, ANNA)]


def test_best_level_only_leaves_nobody_waiting_beside_an_idle_agent():
    """QU-04: nobody waits on his better queue, so he takes the other."""
    company = Company().ready(ANNA, BOTH_BEST_FIRST)
    assert company.calls("for Sales", SALES).offers() == [("for Sales", ANNA)]


def test_one_who_takes_his_best_level_first_leaves_the_other_queue_to_a_colleague():
    """QU-03, QU-04: when several become free at once, the request that comes first goes to one who may take it."""
    company = Company().calls("for Support", SUPPORT, waited=10).calls("for Sales", SALES, waited=300)
    company.ready(ANNA, BOTH_BEST_FIRST, since_offer=100).ready(BEN, BOTH)
    assert company.offers() == [("for Sales", BEN), ("for Support", ANNA)]


# -- offers (QU-06, QU-07)


def test_a_failed_offer_goes_to_the_next_agent_and_the_caller_keeps_his_place():
    """QU-06."""
    company = Company().calls("Kari", waited=30).calls("Ola").ready(ANNA)
    assert company.offers() == [("Kari", ANNA)]
    assert company.standing() == ["Kari", "Ola"]
    company.engine.give_back("Kari")
    assert company.ready(BEN).offers() == [("Kari", BEN)]


def test_nobody_is_offered_twice_until_he_is_given_back():
    """QU-07."""
    company = Company().calls("Kari").ready(ANNA).ready(BEN)
    assert len(company.offers()) == 1
    assert company.offers() == []
    company.calls("Ola").calls("Per")
    assert len(company.offers()) == 1
    assert company.offers() == []


def test_an_agent_who_pauses_or_logs_off_is_offered_nothing():
    """AS-01."""
    company = Company().ready(ANNA).ready(BEN)
    company.engine.taken(ANNA)
    company.engine.log_off(BEN)
    assert company.calls("Kari").offers() == []


def test_a_resumed_switch_does_not_offer_again_what_is_being_offered():
    """QU-07, QU-16."""
    company = Company().calls("Kari", waited=30).calls("Ola")
    company.engine.reserve("Kari")
    assert company.ready(ANNA).offers() == [("Ola", ANNA)]
    assert company.standing() == ["Kari", "Ola"]


def test_a_free_agent_who_changes_his_profile_stays_free_for_other_queues():
    company = Company().ready(ANNA, EXPERT)
    company.engine.log_on(ANNA, BOTH)
    assert company.engine.serving(ANNA) == (SUPPORT, SALES)
    assert company.calls("Kari", SALES).offers() == [("Kari", ANNA)]


# -- exits (QU-08)


def test_a_queue_is_full_when_the_maximum_stands_in_it_those_being_offered_included():
    """QU-08."""
    company = Company(support={"maximum_callers": 2}).busy(BEN).ready(ANNA).calls("Kari")
    assert company.engine.refusal(SUPPORT) is None
    company.decided()
    company.calls("Ola")
    assert company.engine.refusal(SUPPORT) == "full"
    company.engine.leave("Kari")
    assert company.engine.refusal(SUPPORT) is None


def test_a_queue_has_no_agents_until_one_logs_on_free_or_not():
    """QU-08: said before "full", for it also concerns those who wait already."""
    company = Company(support={"maximum_callers": 1}).calls("Kari")
    assert (company.engine.refusal(SUPPORT), company.engine.unserved(SUPPORT)) == ("no_agents", True)
    company.busy(ANNA)
    assert (company.engine.refusal(SUPPORT), company.engine.unserved(SUPPORT)) == ("full", False)
    company.engine.log_off(ANNA)
    assert company.engine.unserved(SUPPORT)


def test_a_wait_ends_at_its_maximum_and_not_while_a_phone_rings_for_the_caller():
    """QU-08."""
    company = Company(support={"maximum_wait": 60}).calls("Kari", waited=20).calls("Ola")
    assert company.engine.next_timer() == NINE + 40
    company.ready(ANNA).decided()  # Kari is being offered
    assert company.engine.next_timer() == NINE + 60
    assert [request.id for request in company.engine.expired(NINE + 59.9)] == []
    assert [request.id for request in company.engine.expired(NINE + 60)] == ["Ola"]
    company.engine.give_back("Kari")
    assert [request.id for request in company.engine.expired(NINE + 60)] == ["Kari", "Ola"]


def test_leaving_twice_or_never_having_been_there_is_no_error():
    company = Company().calls("Kari")
    for name in ("Kari", "Kari", "nobody"):
        company.engine.leave(name)
        company.engine.give_back(name)
    assert (company.standing(), company.engine.position("Kari")) == ([], 0)


# -- explanation (QU-14)


def test_a_caller_who_arrives_finds_agents_and_their_scores_are_told():
    """QU-14: level, connected requests, seconds since the last offer."""
    company = (
        Company().ready(ANNA, BEGINNER, since_offer=900).ready(BEN, connected=4, since_offer=60).ready(CARL, connected=4, since_offer=90)
    )
    (decision,) = company.calls("Kari").decided()
    assert decision.trigger == "caller_arrived"
    told = [(candidate.id, candidate.score, candidate.note) for candidate in decision.considered]
    assert told == [
        (str(CARL), (9.0, 4.0, 90.0), "Expert"),
        (str(BEN), (9.0, 4.0, 60.0), "Expert"),
        (str(ANNA), (2.0, 0.0, 900.0), "Beginner"),
    ]


def test_an_agent_who_becomes_free_finds_requests_and_their_scores_are_told():
    """QU-14: score, importance of the queue, seconds waited, his level."""
    company = Company(sales={"service_level": None})
    company.calls("Kari", SUPPORT, waited=30).calls("Ola", SUPPORT, waited=120).calls("Per", SALES, waited=900)
    (decision,) = company.ready(ANNA, BOTH).decided()
    assert decision.trigger == "agent_free"
    told = [(candidate.id, candidate.score, candidate.note) for candidate in decision.considered]
    assert told == [
        ("Ola", (200.0, 2.0, 120.0, 9.0), "Support"),
        ("Kari", (50.0, 2.0, 30.0, 9.0), "Support"),
        ("Per", (0.0, 0.0, 900.0, 3.0), "Sales"),
    ]


def test_an_explanation_names_at_most_ten():
    """QU-14."""
    company = Company()
    for number in range(30):
        company.ready(number)
    (decision,) = company.calls("Kari").decided()
    assert len(decision.considered) == 10
    waiting = Company()
    for number in range(30):
        waiting.calls(f"{number:02}")
    assert len(waiting.ready(ANNA).decided()[0].considered) == 10


# -- configuration (QU-17)


def test_a_change_of_configuration_takes_effect_for_the_next_decision():
    """QU-17: nobody is logged off, nobody loses his waiting time."""
    company = Company(support={"service_level": 60}, sales={"service_level": 60})
    company.busy(ANNA, BOTH).calls("Kari", SUPPORT, waited=60).calls("Ola", SALES, waited=30)
    company.engine.configure(configuration(support={"service_level": 60}, sales={"service_level": 10}))
    assert company.ready(ANNA, BOTH).offers() == [("Ola", ANNA)]
    company.engine.configure(configuration(support={"skills": {SPEAKS_SALES: 9}}))
    assert company.ready(BEN, BOTH).offers() == []
    assert company.engine.serving(ANNA) == (SALES,)
    assert company.standing() == ["Kari"]


def test_those_who_wait_in_a_queue_that_is_switched_off_are_still_answered():
    """QU-17."""
    company = Company().busy(ANNA).calls("Kari", waited=30)
    rest = configuration()
    company.engine.configure(AcdConfiguration({SALES: rest.queues[SALES]}, rest.profiles))
    assert company.engine.refusal(SUPPORT) == "no_agents"
    assert not company.engine.unserved(SUPPORT)
    assert company.ready(ANNA).offers() == [("Kari", ANNA)]


def test_an_agent_keeps_working_with_a_profile_that_was_deleted():
    """QU-17."""
    company = Company().ready(ANNA, EXPERT)
    company.engine.configure(AcdConfiguration(configuration().queues, {}))
    assert company.calls("Kari").offers() == [("Kari", ANNA)]


def test_who_waited_in_a_queue_deleted_while_the_switch_was_away_is_not_lost():
    """QU-16: he stands there, and the switch learns that nobody serves it."""
    engine = Engine(configuration())
    engine.enter(Request("Kari", 99, NINE))
    assert (engine.position("Kari"), engine.unserved(99)) == (1, True)
    engine.configure(configuration())
    assert (engine.position("Kari"), engine.unserved(99)) == (1, True)


def test_unknown_profiles_and_queues_serve_and_hold_nobody():
    company = Company().busy(ANNA, profile=999)
    assert company.engine.serving(ANNA) == ()
    company.calls("his", reserved_for=ANNA).ready(ANNA, profile=999)
    assert company.offers() == [("his", ANNA)]
    assert company.engine.waiting(99) == []
    assert company.engine.counts(99).waiting == 0
    assert company.engine.refusal(99) == "no_agents"
