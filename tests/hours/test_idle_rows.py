"""TM-04: rows that can never apply, and why."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.hours.idle import Idle, idle_rows
from apps.hours.opening import Row, in_order
from tests.hours import slow_calendar as slow
from tests.hours.test_opening import ALL, MON_FRI, OFFICE, dated, weekly
from tests.hours.test_precedence import MINUTES, WEEKDAYS

TODAY = date(2026, 6, 10)


def idle(*rows: Row, zone: str = "Europe/Oslo") -> dict:
    return idle_rows(in_order(rows), zone, TODAY)


def test_lunch_inside_the_office_hours_applies_and_so_do_they():
    assert idle(*OFFICE) == {}


def test_weekly_hours_that_others_cover_at_all_their_times():
    """Every day is covered by each of seven days."""
    days = [weekly(number, frozenset({number - 1}), "0:00", "23:59") for number in range(1, 8)]
    [(key, found)] = idle(*days, weekly(9, ALL, "8:00", "8:59")).items()
    assert (key, found.why, set(found.by)) == (("week", 9), "covered", set(days))
    assert idle(*days[1:], weekly(9, ALL, "8:00", "8:59")) == {}  # Monday is left to it


def test_the_second_of_two_equal_rows():
    assert idle(weekly(1, MON_FRI, "8:00", "9:00"), weekly(2, MON_FRI, "8:00", "9:00")) == {
        ("week", 2): Idle("covered", (weekly(1, MON_FRI, "8:00", "9:00"),))
    }


def test_a_holiday_does_not_make_weekly_hours_idle():
    """It comes and goes."""
    assert idle(weekly(1, frozenset({4}), "8:00", "15:59"), *(dated(2, date(2026, 6, 12), "Closed", last=date(2027, 6, 12)),)) == {}


def test_a_date_that_is_over_and_one_of_today():
    assert idle(dated(1, date(2026, 6, 9), "Closed")) == {("date", 1): Idle("past")}
    assert idle(dated(1, TODAY, "Closed")) == {}
    assert idle(dated(1, date(2026, 6, 9), "Open", "22:00", "5:59")) == {}  # until this morning


def test_a_date_in_the_hour_that_is_left_out():
    """TM-03."""
    night = date(2027, 3, 28)
    assert idle(dated(1, night, "Open", "2:00", "2:59")) == {("date", 1): Idle("left_out")}
    assert idle(dated(1, night, "Open", "2:00", "3:00")) == {}
    assert idle(dated(1, night, "Open", "2:00", "2:59"), zone="UTC") == {}


def test_a_date_that_a_more_exact_one_covers():
    party = dated(2, date(2026, 7, 10), "Party", "0:00", "23:59")
    assert idle(dated(1, date(2026, 7, 10), "Closed", layer="holiday"), party) == {("holiday", 1): Idle("covered", (party,))}


@st.composite
def weeks(draw: st.DrawFn) -> list[Row]:
    number = draw(st.integers(1, 6))
    return [
        Row(layer="week", id=n + 1, exit="Open", begin=draw(MINUTES), end=draw(MINUTES), weekdays=draw(WEEKDAYS)) for n in range(number)
    ]


@settings(max_examples=60, deadline=None)
@given(weeks())
def test_a_weekly_row_is_idle_if_it_wins_no_minute_of_a_week(rows):
    """Against the slow calendar: who is on top of nothing."""
    week = slow.painted(rows, date(2026, 6, 7), date(2026, 6, 15))
    on_top = {row.id for at, row in week.items() if date(2026, 6, 8) <= at.date() <= date(2026, 6, 14)}
    assert {key[1] for key in idle_rows(in_order(rows), "UTC", TODAY)} == {row.id for row in rows} - on_top
