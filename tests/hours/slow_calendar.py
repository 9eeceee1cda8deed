"""A slow calendar whose rules can be read off: a year planner in which every minute is painted, the weakest rows first.

It knows nothing of opening.py but the shape of a Row.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apps.hours.opening import Row

MINUTE = timedelta(minutes=1)
Painted = dict[datetime, Row]


def stronger(row: Row, other: Row) -> bool:
    """The sentences of TM-01 and of the decision record, one after the other."""
    strength = {"date": 3, "holiday": 2, "week": 1}
    if row.layer != other.layer:
        return strength[row.layer] > strength[other.layer]
    if number_of_days(row) != number_of_days(other):
        return number_of_days(row) < number_of_days(other)
    if length(row) != length(other):
        return length(row) < length(other)
    return row.id < other.id


def number_of_days(row: Row) -> int:
    if row.layer == "week":
        return sum(1 for day in range(7) if day in row.weekdays)
    return len(list(days(row.first, row.last)))


def length(row: Row) -> int:
    return row.end - row.begin if row.begin <= row.end else 24 * 60 - row.begin + row.end


def days(first: date, last: date):
    while first <= last:
        yield first
        first += timedelta(days=1)


def painted(rows: list[Row], first: date, last: date) -> Painted:
    """What the wall clock's minutes (naive) from `first` to `last` are painted with."""
    canvas: Painted = {}
    for day in days(first - timedelta(days=1), last):
        for row in rows:
            if not begins_on(row, day):
                continue
            at = datetime(day.year, day.month, day.day) + row.begin * MINUTE
            for _ in range(length(row) + 1):
                if at not in canvas or stronger(row, canvas[at]):
                    canvas[at] = row
                at += MINUTE
    return canvas


def begins_on(row: Row, day: date) -> bool:
    if row.layer == "week":
        return day.weekday() in row.weekdays
    return day in list(days(row.first, row.last))


def on_the_wall(instant: float, zone: str) -> datetime:
    """The minute that the clock shows, without a zone."""
    return datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)
