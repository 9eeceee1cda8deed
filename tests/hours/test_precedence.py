"""TM-01, TM-03: what a calendar gives at an instant, against a slow calendar in which every minute is painted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.hours.opening import Calendar, Change, Override, Row, decide, exit_at, in_order, next_change, spans
from tests.hours import slow_calendar as slow

# Days around a change of the clocks and around an ordinary night; in Lord Howe it is half an hour, in Santiago it is at midnight.
PLACES = [
    ("Europe/Oslo", date(2026, 3, 29)),
    ("Europe/Oslo", date(2026, 10, 25)),
    ("Europe/Oslo", date(2026, 6, 10)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Santiago", date(2026, 4, 5)),
]
EXITS = st.sampled_from(["Open", "Closed", "Lunch", "Evening"])
WEEKDAYS = st.sampled_from([range(5), [5, 6], range(7), *([day] for day in range(7))]).map(frozenset)
MINUTES = st.one_of(st.integers(0, 1439), st.sampled_from([0, 1, 60, 119, 120, 121, 150, 179, 180, 1380, 1439]))


@st.composite
def rows(draw: st.DrawFn, around: date) -> list[Row]:
    made = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        layer = draw(st.sampled_from(["date", "holiday", "week"]))
        fields = {"layer": layer, "id": number, "exit": draw(EXITS), "begin": draw(MINUTES), "end": draw(MINUTES)}
        if layer == "week":
            made.append(Row(**fields, weekdays=draw(WEEKDAYS)))
        else:
            first = around + timedelta(days=draw(st.integers(-2, 2)))
            made.append(Row(**fields, first=first, last=first + timedelta(days=draw(st.integers(0, 2 if layer == "date" else 0)))))
    return made


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, list[Row], date]:
    zone, around = draw(st.sampled_from(PLACES))
    made = draw(rows(around))
    calendar = Calendar(id=1, name="Any", zone=zone, default="Default", open_exit="Open", closed_exit="Closed", rows=in_order(made))
    return calendar, made, around


def noon(day: date) -> float:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()


@settings(max_examples=300, deadline=None)
@given(calendars(), st.integers(-36 * 3600, 36 * 3600))
def test_the_exit_is_what_the_slow_calendar_has_painted_there(drawn, seconds):
    """TM-01, TM-03."""
    calendar, made, around = drawn
    instant = noon(around) + seconds
    painted = slow.painted(made, around - timedelta(days=2), around + timedelta(days=2))
    row = painted.get(slow.on_the_wall(instant, calendar.zone))
    assert decide(calendar, instant).row == row
    assert exit_at(calendar, instant) == (row.exit if row else "Default")


@settings(max_examples=150, deadline=None)
@given(calendars(), st.integers(-30 * 60, 6 * 60))
def test_the_next_change_is_the_first_minute_with_another_exit(drawn, minutes):
    """TM-03: minute by minute of real time, through the night in which the clocks change."""
    calendar, made, around = drawn
    painted = slow.painted(made, around - timedelta(days=3), around + timedelta(days=3))

    def exit_then(instant: float) -> str:
        row = painted.get(slow.on_the_wall(instant, calendar.zone))
        return row.exit if row else "Default"

    begin = noon(around) + minutes * 60
    later = (begin + number * 60 for number in range(1, 24 * 60))
    expected = next((Change(at, exit_then(at)) for at in later if exit_then(at) != exit_then(begin)), None)
    found = next_change(calendar, begin, days=3)
    if expected is None:
        assert found is None or found.at >= begin + 24 * 3600
    else:
        assert found == expected


@settings(max_examples=100, deadline=None)
@given(calendars())
def test_the_spans_of_a_day_are_the_whole_day_and_say_what_holds(drawn):
    calendar, made, around = drawn
    day = around + timedelta(days=2)  # no change of the clocks: every minute is shown once
    found = spans(calendar, day)
    assert [found[0].begin, found[-1].end] == [0, 1439]
    assert all(left.end + 1 == right.begin for left, right in zip(found, found[1:], strict=False))
    painted = slow.painted(made, day, day)
    for span in found:
        for minute in range(span.begin, span.end + 1):
            assert span.decision.row == painted.get(datetime(day.year, day.month, day.day) + minute * slow.MINUTE)


@given(calendars(), st.integers(-36 * 3600, 36 * 3600), st.integers(1, 36 * 3600) | st.none())
@settings(max_examples=100, deadline=None)
def test_an_override_holds_above_all_rows_and_only_in_its_time(drawn, begin, seconds):
    """TM-05."""
    calendar, _made, around = drawn
    since = noon(around) + begin
    until = None if seconds is None else since + seconds
    overridden = Calendar(
        **{name: getattr(calendar, name) for name in calendar.__struct_fields__} | {"override": Override("By hand", since, until)}
    )
    assert exit_at(overridden, since - 1) == exit_at(calendar, since - 1)
    assert exit_at(overridden, since) == "By hand"
    change = next_change(overridden, since, days=4)
    if until is None:
        assert change is None and exit_at(overridden, since + 10**8) == "By hand"
    else:
        assert exit_at(overridden, until - 1) == "By hand"
        assert exit_at(overridden, until) == exit_at(calendar, until)
        assert change is not None and change == Change(until, exit_at(calendar, until))


@pytest.mark.parametrize("zone", ["Europe/Oslo", "UTC"])
def test_a_calendar_without_rows_gives_its_default_exit_for_ever(zone):
    calendar = Calendar(id=1, name="Empty", zone=zone, default="Closed", open_exit="Open", closed_exit="Closed")
    assert exit_at(calendar, 0.0) == "Closed" and next_change(calendar, 0.0) is None
