"""A wrap-up that owes a disposition, which the queue demands (AS-02, decision 52)."""

import pytest

from apps.accounts.presence import (
    AgentRules,
    CalledOut,
    ConversationEnded,
    DispositionChosen,
    LoggedOff,
    LoggedOn,
    MidnightPassed,
    OfferAnswered,
    Offered,
    OfferFailed,
    OfferRejected,
    OfferUnanswered,
    OfferWithdrawn,
    Owing,
    PauseChosen,
    PhoneBusy,
    ReadyChosen,
    Returned,
    WrapUpExtended,
    next_timer,
)
from tests.accounts.presence_day import SALES_PROFILE, USUAL, Day, given_connected


def given_owing(rules: AgentRules = USUAL, wrap_up: float = 30, extendable: float = 0) -> Day:
    return given_connected(rules).happens(ConversationEnded(wrap_up, owes=True, extendable=extendable))


OWN_WISHES = [ReadyChosen(), PauseChosen("Lunch"), LoggedOff(), CalledOut(), LoggedOn(SALES_PROFILE, pause="Lunch")]


@pytest.mark.parametrize("late", [False, True], ids=["within its time", "after it"])
@pytest.mark.parametrize("wish", OWN_WISHES, ids=lambda wish: type(wish).__name__)
def test_no_wish_of_the_agent_ends_a_wrap_up_that_owes_a_disposition(wish, late):
    """AS-02: refused with the reason, and nothing changes; once it is chosen the same wish is done."""
    day = given_owing().passes(31 if late else 5)
    before = day.presence
    with pytest.raises(Owing):
        day.happens(wish)
    assert day.presence is before and day.status == "wrap_up"
    if not late:
        assert day.happens(DispositionChosen(), wish).status != "wrap_up"


def test_the_time_of_a_wrap_up_that_owes_does_not_end_it_and_rings_no_more():
    """AS-02."""
    day = given_owing().passes(30)
    assert (day.status, next_timer(day.presence)) == ("wrap_up", None)
    assert day.passes(3600).status == "wrap_up"
    assert day.told[-1] == ("wrap_up", "")


def test_a_disposition_within_the_time_leaves_the_rest_of_the_wrap_up():
    day = given_owing().happens(DispositionChosen(), after=10)
    assert day.passes(19).status == "wrap_up"
    assert day.passes(1).status == "ready"


def test_a_disposition_after_the_time_ends_the_wrap_up_at_once():
    assert given_owing().passes(40).happens(DispositionChosen()).status == "ready"


def test_what_the_agent_wished_during_the_call_comes_true_when_he_has_chosen():
    """AS-02, AS-04."""
    day = given_connected().happens(PauseChosen("Lunch"), ConversationEnded(30, owes=True)).passes(30)
    assert day.status == "wrap_up"
    assert day.happens(DispositionChosen()).told[-1] == ("pause", "Lunch")


def test_there_is_a_wrap_up_for_what_is_owed_where_there_would_be_none():
    day = given_owing(wrap_up=0)
    assert (day.status, next_timer(day.presence)) == ("wrap_up", None)
    assert day.happens(DispositionChosen()).status == "ready"


def test_a_wrap_up_that_owes_can_be_extended_also_after_its_time():
    day = given_owing(extendable=30).passes(60).happens(WrapUpExtended(30))
    assert day.happens(DispositionChosen()).passes(29).status == "wrap_up"
    assert day.passes(1).status == "ready"


def test_midnight_forgives_what_is_owed_when_the_time_of_the_wrap_up_is_over():
    """AL-01: nobody sits in wrap-up all night because a page was left."""
    rules = AgentRules(log_off_at_midnight=True)
    assert given_owing(rules).passes(60).happens(MidnightPassed()).told[-1] == ("logged_off", "midnight")
    day = given_owing(rules).happens(MidnightPassed())
    assert day.status == "wrap_up"
    assert day.passes(30).told[-1] == ("logged_off", "midnight")


def test_midnight_ends_no_wrap_up_in_teams_that_are_not_logged_off_then():
    """AL-01."""
    assert given_owing().passes(60).happens(MidnightPassed()).status == "wrap_up"


def test_somebody_else_may_log_off_who_owes():
    assert given_owing().happens(LoggedOff("error")).told[-1] == ("logged_off", "error")


def test_nothing_is_owed_any_more_after_the_wrap_up():
    day = given_owing().happens(DispositionChosen(), ReadyChosen(), Offered(), OfferAnswered(), ConversationEnded(30))
    assert day.happens(ReadyChosen()).status == "ready"


NOT_TALKED = [OfferRejected(), PhoneBusy(), OfferUnanswered(), OfferFailed(), OfferWithdrawn()]


@pytest.mark.parametrize("over", NOT_TALKED, ids=lambda over: type(over).__name__)
def test_his_own_customer_who_rings_him_out_of_the_wrap_up_forgives_nothing(over):
    """AS-02, TR-04: he owes as before, and his wishes wait; once it is chosen they come true."""
    day = given_owing().happens(Returned(), PauseChosen("Lunch"), over, after=10)
    assert (day.status, day.presence.owes, next_timer(day.presence)) == ("wrap_up", True, None)
    assert day.happens(DispositionChosen()).told[-1] == ("pause", "Lunch")


@pytest.mark.parametrize("over", NOT_TALKED, ids=lambda over: type(over).__name__)
def test_what_he_chooses_while_it_rings_is_owed_no_more(over):
    assert given_owing().happens(Returned(), DispositionChosen(), over).status in ("busy", "no_answer", "ready")


@pytest.mark.parametrize("over", NOT_TALKED, ids=lambda over: type(over).__name__)
def test_midnight_forgives_it_also_while_it_rings(over):
    """AL-01."""
    rules = AgentRules(log_off_at_midnight=True)
    assert given_owing(rules).happens(Returned(), MidnightPassed(), over).told[-1] == ("logged_off", "midnight")
