"""TM-01, TM-03 in examples that a team leader would give."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.hours.opening import Calendar, Row, decide, end_of_today, exit_at, in_order, next_change, spans

OSLO = ZoneInfo("Europe/Oslo")
MON_FRI, WEEKEND, ALL = frozenset(range(5)), frozenset({5, 6}), frozenset(range(7))


def minutes(text: str) -> int:
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def weekly(number: int, days: frozenset[int], begin: str, end: str, name: str = "Open") -> Row:
    return Row(layer="week", id=number, exit=name, begin=minutes(begin), end=minutes(end), weekdays=days)


def dated(
    number: int, first: date, name: str, begin: str = "0:00", end: str = "23:59", *, last: date | None = None, layer: str = "date"
) -> Row:
    return Row(layer=layer, id=number, exit=name, begin=minutes(begin), end=minutes(end), first=first, last=last or first)


def calendar(*rows: Row, zone: str = "Europe/Oslo") -> Calendar:
    return Calendar(id=1, name="Service", zone=zone, default="Closed", open_exit="Open", closed_exit="Closed", rows=in_order(rows))


def at(text: str, *, fold: int = 0) -> float:
    """Oslo's time."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO, fold=fold).timestamp()


OFFICE = (weekly(1, MON_FRI, "8:00", "15:59"), weekly(2, MON_FRI, "11:30", "11:59", "Lunch"))


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("2026-06-10T07:59:59", "Closed"),
        ("2026-06-10T08:00:00", "Open"),
        ("2026-06-10T15:59:59", "Open"),  # minutes are inclusive
        ("2026-06-10T16:00:00", "Closed"),
        ("2026-06-10T11:29:59", "Open"),
        ("2026-06-10T11:30:00", "Lunch"),  # the shorter row of the same days wins
        ("2026-06-10T12:00:00", "Open"),
        ("2026-06-13T10:00:00", "Closed"),  # a Saturday
    ],
)
def test_an_office_with_lunch(when, name):
    """TM-01."""
    assert exit_at(calendar(*OFFICE), at(when)) == name


def test_a_single_weekday_beats_the_group_but_only_in_its_own_interval():
    """TM-01: Fridays from 14 are closed; the morning is that of every weekday."""
    hours = calendar(*OFFICE, weekly(3, frozenset({4}), "14:00", "23:59", "Weekend"))
    assert [exit_at(hours, at(f"2026-06-12T{hour}:00")) for hour in ("10", "14", "20")] == ["Open", "Weekend", "Weekend"]
    assert exit_at(hours, at("2026-06-11T14:00")) == "Open"


def test_a_group_of_days_beats_every_day():
    hours = calendar(weekly(1, ALL, "0:00", "23:59", "Duty"), weekly(2, WEEKEND, "0:00", "23:59", "Closed"))
    assert [exit_at(hours, at(f"2026-06-{day}T12:00")) for day in (12, 13)] == ["Duty", "Closed"]


def test_own_dates_beat_public_holidays_which_beat_the_week():
    """TM-01: each only in its own interval."""
    christmas = dated(0, date(2026, 12, 25), "Closed", "0:00", "17:59", layer="holiday")
    on_duty = dated(9, date(2026, 12, 25), "Open", "10:00", "11:59")
    hours = calendar(weekly(1, ALL, "0:00", "23:59", "Night and day"), christmas, on_duty)
    found = [exit_at(hours, at(f"2026-12-25T{hour}:00")) for hour in ("09", "10", "12", "18")]
    assert found == ["Closed", "Open", "Closed", "Night and day"]


def test_one_day_beats_a_range_around_it():
    summer = dated(1, date(2026, 7, 1), "Summer", last=date(2026, 7, 31))
    hours = calendar(summer, dated(2, date(2026, 7, 10), "Party"))
    assert [exit_at(hours, at(f"2026-07-{day}T12:00")) for day in ("09", "10", "11")] == ["Summer", "Party", "Summer"]


def test_a_row_past_midnight_belongs_to_the_day_on_which_it_begins():
    """Fridays 22:00 to 02:59: also on Saturday morning, not on Friday morning."""
    hours = calendar(weekly(1, frozenset({4}), "22:00", "2:59"))
    found = [exit_at(hours, at(f"2026-06-{when}")) for when in ("12T02:00", "12T22:00", "13T02:59:59", "13T03:00", "13T22:00")]
    assert found == ["Closed", "Open", "Open", "Closed", "Closed"]
    assert [(span.begin, span.end, span.decision.exit) for span in spans(hours, date(2026, 6, 13))] == [
        (0, 179, "Open"),
        (180, 1439, "Closed"),
    ]


def test_a_row_in_the_missing_hour_does_not_come_that_night():
    """TM-03: on 29 March 2026 it is 03:00 after 01:59:59."""
    hours = calendar(weekly(1, ALL, "2:15", "2:44", "Backup"), weekly(2, ALL, "0:00", "23:59"))
    night = [at("2026-03-29T01:00") + 60 * minute for minute in range(180)]
    assert {exit_at(hours, instant) for instant in night} == {"Open"}
    assert exit_at(hours, at("2026-03-30T02:30")) == "Backup"
    assert next_change(hours, at("2026-03-29T00:00")).at == at("2026-03-30T02:15")


def test_a_row_that_begins_in_the_missing_hour_begins_when_the_clock_has_jumped():
    """TM-03."""
    hours = calendar(weekly(1, ALL, "2:30", "15:59"))
    change = next_change(hours, at("2026-03-29T00:00"))
    assert (change.exit, change.at) == ("Open", at("2026-03-29T03:00"))


def test_a_row_in_the_doubled_hour_comes_twice():
    """TM-03: on 25 October 2026 the hour from 02:00 comes twice."""
    hours = calendar(weekly(1, ALL, "2:15", "2:44", "Backup"))
    changes, instant = [], at("2026-10-25T00:00")
    while (change := next_change(hours, instant)).at < at("2026-10-25T12:00"):
        changes.append((change.exit, change.at))
        instant = change.at
    first, second = at("2026-10-25T02:15"), at("2026-10-25T02:15", fold=1)
    assert second - first == 3600
    assert changes == [("Backup", first), ("Closed", first + 1800), ("Backup", second), ("Closed", second + 1800)]


def test_the_doubled_hour_goes_back_into_a_row_that_was_over():
    """Open until 02:29: at 02:30 it closes, at the second 02:00 it opens again, for it is before 02:30 by the clock."""
    hours = calendar(weekly(1, ALL, "0:00", "2:29"))
    night = [exit_at(hours, at("2026-10-25T02:00") + 60 * minute) for minute in (0, 29, 30, 59, 60, 89, 90)]
    assert night == ["Open", "Open", "Closed", "Closed", "Open", "Open", "Closed"]
    assert next_change(hours, at("2026-10-25T02:45")).at == at("2026-10-25T02:00", fold=1)


def test_each_calendar_has_its_own_clock():
    """TM-03."""
    row = weekly(1, MON_FRI, "8:00", "15:59")
    there = {
        zone: exit_at(calendar(row, zone=zone), at("2026-06-10T16:30")) for zone in ("Europe/Oslo", "Europe/London", "Europe/Helsinki")
    }
    assert there == {"Europe/Oslo": "Closed", "Europe/London": "Open", "Europe/Helsinki": "Closed"}


def test_the_reason_is_the_row():
    hours = calendar(*OFFICE)
    assert decide(hours, at("2026-06-10T11:45")).row == OFFICE[1]
    assert decide(hours, at("2026-06-10T20:00")).row is None


def test_closing_for_today_ends_at_midnight_or_when_the_night_shift_does():
    """TM-05."""
    assert end_of_today(calendar(*OFFICE), at("2026-06-10T13:00")) == at("2026-06-11T00:00")
    night = calendar(weekly(1, ALL, "18:00", "2:59"))
    assert end_of_today(night, at("2026-06-10T23:00")) == at("2026-06-11T03:00")
    around_the_clock = calendar(weekly(1, ALL, "0:00", "23:59"))
    assert end_of_today(around_the_clock, at("2026-06-10T13:00")) == at("2026-06-11T00:00")
