"""An agent's status through his day: by the table, in virtual time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import presence_picture
from apps.accounts.presence import (
    INPUTS,
    STATUSES,
    TABLE,
    AgentRules,
    ConversationEnded,
    LoggedOff,
    LoggedOn,
    MidnightPassed,
    NotExtendable,
    OfferAnswered,
    Offered,
    OfferFailed,
    OfferRejected,
    OfferUnanswered,
    OfferWithdrawn,
    Owing,
    PauseChosen,
    Presence,
    ReadyChosen,
    Returned,
    WrapUpExtended,
    WrongState,
    next_timer,
)
from tests.accounts.presence_day import (
    ANNA,
    LOG_ON,
    NINE,
    SALES_PROFILE,
    SUPPORT_PROFILE,
    Day,
    given_connected,
    given_offered,
    given_ready,
    given_status,
)

EXAMPLES = {LoggedOn: LOG_ON, PauseChosen: PauseChosen("Coffee"), WrapUpExtended: WrapUpExtended(30)}


@pytest.mark.parametrize("kind", INPUTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("status", STATUSES)
def test_every_pair_is_in_the_table_or_refused_and_then_nothing_changes(status, kind):
    """AS-01: one state machine; an unknown pair is an error, never a guess."""
    day = given_status(status)
    happening = EXAMPLES.get(kind) or kind()
    if (status, kind) in TABLE:
        assert day.happens(happening).status in TABLE[status, kind].to
        return
    before = day.presence
    with pytest.raises(WrongState):
        day.happens(happening)
    assert day.presence is before


def test_only_ready_is_offered_calls():
    """AS-01."""
    assert {status for status in STATUSES if (status, Offered) in TABLE} == {"ready"}


def test_a_whole_call_from_log_on_to_ready_again_is_told_with_profile_and_phone():
    """AS-01, AS-02, AS-05."""
    day = Day().happens(LoggedOn(SUPPORT_PROFILE, "+4722334455")).happens(Offered(), after=60).happens(OfferAnswered(), after=4)
    day.happens(ConversationEnded(wrap_up=30), after=120).passes(30)
    assert [event.status for event in day.events] == ["ready", "offered", "connected", "wrap_up", "ready"]
    assert [event.before for event in day.events] == ["logged_off", "ready", "offered", "connected", "wrap_up"]
    assert [event.at - NINE for event in day.events] == [0, 60, 64, 184, 214]
    assert {(event.profile, event.phone, event.agent) for event in day.events} == {(SUPPORT_PROFILE, "+4722334455", ANNA)}


def test_wrap_up_ends_by_itself_at_its_time_and_not_before():
    """AS-02."""
    day = given_connected().happens(ConversationEnded(wrap_up=30))
    assert next_timer(day.presence) == day.now + 30
    assert day.passes(29.9).status == "wrap_up"
    assert day.passes(0.1).status == "ready"
    assert next_timer(day.presence) is None


def test_wrap_up_is_extended_and_ended_by_the_agent():
    """AS-02."""
    day = given_connected().happens(ConversationEnded(wrap_up=30, extendable=120)).happens(WrapUpExtended(30), after=20)
    assert day.passes(39).status == "wrap_up"
    assert day.happens(ReadyChosen()).status == "ready"


def test_a_wrap_up_is_extended_until_what_is_allowed_in_all_is_used_up():
    """AS-02: the next wrap-up has all of it again."""
    day = given_connected().happens(ConversationEnded(wrap_up=30, extendable=50), WrapUpExtended(30))
    with pytest.raises(NotExtendable):
        day.happens(WrapUpExtended(21))
    assert (day.presence.extendable, day.presence.extended, next_timer(day.presence)) == (20, 30, day.now + 60)
    assert day.happens(WrapUpExtended(20)).passes(79).status == "wrap_up"
    with pytest.raises(NotExtendable):
        day.happens(WrapUpExtended(1))
    assert day.passes(1).status == "ready" and day.presence.extended == 0
    day.happens(Offered(), OfferAnswered(), ConversationEnded(wrap_up=30, extendable=50))
    assert (day.presence.extendable, day.presence.extended) == (50, 0)


def test_who_is_rung_out_of_his_wrap_up_has_no_more_of_it_afterwards():
    """AS-02, TR-04: his own customer came back, was not taken, and what is owed keeps the agent in the wrap-up."""
    day = given_connected().happens(ConversationEnded(wrap_up=30, extendable=50, owes=True), WrapUpExtended(30))
    day.happens(Returned(), OfferWithdrawn())
    assert (day.status, day.presence.extendable, day.presence.extended) == ("wrap_up", 20, 30)


def test_without_wrap_up_the_agent_is_ready_at_once():
    """AS-02."""
    day = given_connected().happens(ConversationEnded(wrap_up=0))
    assert day.told[-1] == ("ready", "")
    assert day.presence.ready_since == day.now


def test_a_reject_gives_busy_for_ten_seconds():
    """AS-03."""
    day = given_offered().happens(OfferRejected())
    assert day.told[-1] == ("busy", "rejected")
    assert day.passes(9.9).status == "busy"
    assert day.passes(0.1).status == "ready"


def test_an_unanswered_offer_gives_no_answer_for_as_long_as_the_team_says():
    """AS-03."""
    day = given_offered(AgentRules(no_answer_seconds=25)).happens(OfferUnanswered())
    assert day.passes(24).status == "no_answer"
    assert day.passes(1).status == "ready"
    assert given_offered(AgentRules(no_answer_seconds=0)).happens(OfferUnanswered()).status == "ready"


@pytest.mark.parametrize("status", ["busy", "no_answer", "pause", "wrap_up"])
def test_ready_clicked_ends_it_at_once(status):
    """AS-03."""
    day = given_status(status).happens(ReadyChosen(), after=1)
    assert (day.status, day.presence.ready_since, day.presence.until) == ("ready", day.now, None)


def test_another_pause_reason_is_an_event_and_the_same_one_is_not():
    """AS-04."""
    day = given_status("pause").happens(PauseChosen("Training"), after=60).happens(PauseChosen("Training"), after=60)
    assert day.told == [("ready", "log_on"), ("pause", "Lunch"), ("pause", "Training")]
    assert (day.events[-1].before, day.presence.since) == ("pause", NINE + 60)


def test_log_on_into_a_pause_writes_both_events():
    """AS-04."""
    day = Day().happens(LoggedOn(SUPPORT_PROFILE, pause="Meeting"))
    assert day.told == [("ready", "log_on"), ("pause", "Meeting")]
    assert [event.at for event in day.events] == [NINE, NINE]


def test_a_pause_reason_named_wrap_up_still_counts_as_pause():
    """AS-04."""
    assert given_ready().happens(PauseChosen("wrap-up")).passes(3600).status == "pause"


@pytest.mark.parametrize("status", ["offered", "connected"])
def test_a_pause_chosen_in_a_call_waits(status):
    day = given_status(status).happens(PauseChosen("Lunch"))
    assert (day.status, day.presence.pending) == (status, "pause:Lunch")
    assert day.told[-1][0] == status


def test_a_pending_pause_comes_after_the_wrap_up():
    day = given_connected().happens(PauseChosen("Lunch"), ConversationEnded(wrap_up=30))
    assert (day.status, day.presence.pending) == ("wrap_up", "pause:Lunch")
    assert day.passes(30).told[-1] == ("pause", "Lunch")
    assert day.presence.pending == ""


def test_a_pending_log_off_comes_after_the_wrap_up_and_can_be_hastened():
    day = given_connected().happens(LoggedOff(), ConversationEnded(wrap_up=30))
    assert (day.status, day.presence.pending) == ("wrap_up", "log_off")
    assert day.passes(30).told[-1] == ("logged_off", "log_off")
    hasty = given_connected().happens(LoggedOff(), ConversationEnded(wrap_up=30), LoggedOff())
    assert hasty.status == "logged_off"


def test_without_wrap_up_a_pending_wish_comes_true_at_the_end_of_the_conversation():
    assert given_connected().happens(LoggedOff(), ConversationEnded()).status == "logged_off"
    assert given_connected().happens(PauseChosen("Lunch"), ConversationEnded()).told[-1] == ("pause", "Lunch")


def test_the_newest_wish_counts_and_ready_takes_it_back():
    day = given_connected().happens(LoggedOff(), PauseChosen("Lunch"), ConversationEnded())
    assert day.told[-1] == ("pause", "Lunch")
    assert given_connected().happens(LoggedOff(), ReadyChosen(), ConversationEnded()).status == "ready"


@pytest.mark.parametrize("ending", [OfferRejected(), OfferUnanswered(), OfferFailed(), OfferWithdrawn()], ids=lambda e: type(e).__name__)
def test_a_pending_wish_comes_true_at_once_when_the_offer_comes_to_nothing(ending):
    assert given_offered().happens(PauseChosen("Lunch"), ending).told[-1] == ("pause", "Lunch")
    assert given_offered().happens(LoggedOff(), ending).told[-1] == ("logged_off", "log_off")


def test_a_withdrawn_offer_costs_the_agent_nothing():
    """QU-03, QU-06: he keeps his place among the free agents, and no counter moves."""
    before = given_ready().presence
    day = given_offered().happens(OfferWithdrawn(), after=7)
    kept = ("ready_since", "last_offer", "unanswered", "errors")
    assert [getattr(day.presence, name) for name in kept] == [getattr(before, name) for name in kept]
    assert day.told[-1] == ("ready", "withdrawn")


def test_an_offer_counts_from_when_it_began_and_an_error_does_not_count():
    """QU-03, QU-06."""
    began = NINE + 5
    for ending in (OfferAnswered(), OfferRejected(), OfferUnanswered()):
        assert given_offered().happens(ending, after=12).presence.last_offer == began
    assert given_offered().happens(OfferFailed(), after=12).presence.last_offer == 0


def test_log_off_at_midnight_is_off_unless_the_team_says_so():
    """AL-01."""
    assert given_ready().happens(MidnightPassed()).status == "ready"
    assert given_ready(AgentRules(log_off_at_midnight=True)).happens(MidnightPassed()).told[-1] == ("logged_off", "midnight")


def test_midnight_tears_nobody_from_a_call_or_its_wrap_up():
    """AL-01."""
    day = given_connected(AgentRules(log_off_at_midnight=True)).happens(MidnightPassed(), ConversationEnded(wrap_up=30))
    assert day.status == "wrap_up"
    assert day.passes(30).told[-1] == ("logged_off", "midnight")
    late = given_status("wrap_up", AgentRules(log_off_at_midnight=True)).happens(MidnightPassed())
    assert late.status == "wrap_up"
    assert late.passes(30).told[-1] == ("logged_off", "midnight")


def given_unanswered(day: Day, times: int) -> Day:
    for _ in range(times):
        day.happens(Offered(), OfferUnanswered()).passes(30)
    return day


def given_failed(day: Day, times: int) -> Day:
    for _ in range(times):
        day.happens(Offered(), OfferFailed()).passes(30)
    return day


def test_unanswered_offers_log_nobody_off_unless_the_team_says_so():
    """AL-02."""
    assert given_unanswered(given_ready(), 50).status == "ready"


def test_the_third_unanswered_offer_in_a_row_logs_off_and_says_why():
    """AL-02."""
    day = given_unanswered(given_ready(AgentRules(log_off_after_unanswered=3)), 2)
    assert day.status == "ready"
    assert day.happens(Offered(), OfferUnanswered()).told[-1] == ("logged_off", "no_answer_limit")


def test_the_fifth_error_in_a_row_logs_off_and_says_why():
    """AL-03."""
    day = given_failed(given_ready(), 4)
    assert day.told[-2:] == [("busy", "error"), ("ready", "")]
    assert day.happens(Offered(), OfferFailed()).told[-1] == ("logged_off", "error_limit")


def test_no_limit_of_errors_when_it_is_zero_but_a_rest_after_each():
    """AL-03: and a broken phone is not rung in a tight loop."""
    day = given_failed(given_ready(AgentRules(busy_seconds=0, log_off_after_errors=0)), 20)
    assert day.happens(Offered(), OfferFailed()).status == "busy"
    assert day.passes(4.9).status == "busy"
    assert day.passes(0.1).status == "ready"


def test_an_answered_call_resets_both_counters():
    """AL-03."""
    rules = AgentRules(log_off_after_unanswered=3)
    day = given_failed(given_unanswered(given_ready(rules), 2), 4)
    day.happens(Offered(), OfferAnswered(), ConversationEnded())
    assert (day.presence.unanswered, day.presence.errors) == (0, 0)
    assert given_failed(given_unanswered(day, 2), 4).status == "ready"


def test_a_reject_is_no_answer_and_resets_nothing():
    """AL-02."""
    day = given_unanswered(given_ready(AgentRules(log_off_after_unanswered=3)), 2).happens(Offered(), OfferRejected()).passes(10)
    assert day.happens(Offered(), OfferUnanswered()).status == "logged_off"


def test_log_on_starts_with_fresh_counters_but_keeps_the_place():
    """AL-03, QU-03: logging off and on gains nothing."""
    day = given_unanswered(given_ready(AgentRules(log_off_after_unanswered=2)), 1)
    last_offer = day.presence.last_offer
    day.happens(LoggedOff(), LOG_ON)
    assert (day.presence.unanswered, day.presence.last_offer) == (0, last_offer)
    assert last_offer > 0


@pytest.mark.parametrize("status", ["ready", "pause", "wrap_up", "busy", "no_answer"])
def test_profile_and_phone_change_without_the_status_changing(status):
    """AS-05: the change is an event."""
    day = given_status(status)
    before = day.presence
    day.happens(LoggedOn(SALES_PROFILE, "+4799887766"), after=2)
    after = day.presence
    assert (after.status, after.since, after.until, after.reason) == (before.status, before.since, before.until, before.reason)
    told = day.events[-1]
    assert (told.status, told.before, told.profile, told.phone) == (status, status, SALES_PROFILE, "+4799887766")


def test_logging_on_again_with_the_same_profile_is_no_event():
    day = given_ready()
    assert len(day.happens(LOG_ON).events) == 1


@pytest.mark.parametrize("status", ["offered", "connected"])
def test_profile_cannot_change_in_a_call(status):
    with pytest.raises(WrongState):
        given_status(status).happens(LoggedOn(SALES_PROFILE))


def test_after_log_off_nothing_is_left_of_profile_and_phone_but_the_event_names_them():
    """AS-05."""
    day = given_ready().happens(LoggedOff("team_leader"))
    assert (day.presence.profile, day.presence.phone, day.presence.until) == (None, "", None)
    assert (day.events[-1].profile, day.events[-1].phone, day.events[-1].reason) == (SUPPORT_PROFILE, "softphone", "team_leader")


SECONDS = st.sampled_from([0, 0, 1, 10, 30, 100])
INPUT = st.one_of(
    st.builds(LoggedOn, st.sampled_from([3, 4]), st.sampled_from(["softphone", "+4722334455"]), st.sampled_from(["", "Lunch"])),
    st.builds(PauseChosen, st.sampled_from(["Lunch", "Coffee"])),
    st.builds(ConversationEnded, SECONDS, st.just(""), st.booleans(), SECONDS),
    st.builds(WrapUpExtended, SECONDS),
    *(st.just(kind()) for kind in INPUTS if kind not in (LoggedOn, PauseChosen, ConversationEnded, WrapUpExtended)),
)
RULES = st.builds(AgentRules, SECONDS, SECONDS, st.integers(0, 3), st.integers(0, 3), st.booleans())


@given(RULES, st.lists(st.tuples(INPUT, SECONDS), max_size=60))
def test_whatever_happens_the_presence_stays_whole(rules, happenings):
    """AS-01, AS-05: events join without a gap, and each status has exactly what belongs to it."""
    day, status = Day(rules), "logged_off"
    for what, after in happenings:
        known = TABLE.get((status, type(what)))
        told = len(day.events)
        if known is None:
            with pytest.raises(WrongState):
                day.happens(what, after=after)
            continue
        try:
            day.happens(what, after=after)
        except Owing:
            assert day.presence.owes
        except NotExtendable:
            assert what.seconds > day.presence.extendable
        for event in day.events[told:]:
            assert (event.before, event.at) == (status, day.now)
            status = event.status
        assert day.status == status
        assert status in known.to
        assert_whole(day.presence)


def assert_whole(presence: Presence) -> None:
    late = presence.status == "wrap_up" and presence.owes and presence.until is None  # its time is over, and it goes on
    assert (presence.until is not None or late) == (presence.status in ("wrap_up", "busy", "no_answer"))
    assert not presence.owes or presence.status in ("wrap_up", "offered")
    assert presence.extendable == presence.extended == 0 or presence.status in ("wrap_up", "offered")
    assert min(presence.extendable, presence.extended) >= 0 and presence.extendable + presence.extended <= 100  # what was allowed
    assert (presence.profile is None) == (presence.phone == "") == (presence.status == "logged_off")
    assert not presence.pending or presence.status in ("offered", "connected", "wrap_up")


def test_the_picture_in_the_documentation_is_the_table():
    page = Path(__file__).parents[2] / "docs" / "presence.md"
    assert page.read_text() == presence_picture.document(), "python -m apps.accounts.presence_picture > docs/presence.md"
