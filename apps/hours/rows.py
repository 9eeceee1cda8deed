"""What administrators saved, as the frozen calendar of opening.py. It reads no clock and no database but rows that are fetched already."""

from collections.abc import Iterator
from datetime import date, time

from apps.hours import public_holidays
from apps.hours.models import Calendar, HolidayRule, OwnDate
from apps.hours.models import Override as OverrideRow
from apps.hours.opening import Calendar as Frozen
from apps.hours.opening import Override, Row, in_order

PARTS = ("dates", "holidays", "weekly", "override__set_by")  # what `freeze` looks at: prefetch them


def freeze(calendar: Calendar, today: date) -> Frozen:
    """Public holidays and dates of every year are those of last year, this one and the two to come."""
    return Frozen(
        id=calendar.pk,
        name=calendar.name,
        zone=calendar.time_zone,
        default=calendar.default_exit,
        open_exit=calendar.open_exit,
        closed_exit=calendar.closed_exit,
        names=exit_names(calendar),
        rows=in_order([*_dates(calendar, today), *_holidays(calendar, today), *_weekly(calendar)]),
        override=_override(calendar),
    )


def exit_names(calendar: Calendar) -> tuple[str, ...]:
    """All that it can give, once each: open and closed first, the others as they stand in the rows."""
    dated = [row.exit for row in calendar.dates.all()]
    special = [row.exit for row in calendar.holidays.all() if row.active and row.exit]
    weekly = [row.exit for row in calendar.weekly.all()]
    always = [calendar.open_exit, calendar.closed_exit, calendar.default_exit]
    on_holidays = [calendar.holiday_exit] if calendar.country else []
    override = override_of(calendar)
    by_hand = [override.exit] if override else []
    return tuple(dict.fromkeys([*always, *weekly, *on_holidays, *special, *dated, *by_hand]))


def override_of(calendar: Calendar) -> OverrideRow | None:
    """The one that was set, also when its time is over."""
    return getattr(calendar, "override", None)


def minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _override(calendar: Calendar) -> Override | None:
    row = override_of(calendar)
    return Override(row.exit, row.since.timestamp(), row.until.timestamp() if row.until else None) if row else None


def _weekly(calendar: Calendar) -> Iterator[Row]:
    for row in calendar.weekly.all():
        yield Row(
            layer="week", id=row.pk, exit=row.exit, begin=minute(row.begin), end=minute(row.end), weekdays=row.weekdays(), name=str(row)
        )


def _dates(calendar: Calendar, today: date) -> Iterator[Row]:
    for row in calendar.dates.all():
        for first, last in _years(row, today) if row.yearly else [(row.first, row.last or row.first)]:
            yield Row(
                layer="date", id=row.pk, exit=row.exit, begin=minute(row.begin), end=minute(row.end), first=first, last=last, name=str(row)
            )


def _years(row: OwnDate, today: date) -> Iterator[tuple[date, date]]:
    """A range of every year, from the year in which it was first wanted. 29 February comes in leap years."""
    length = (row.last or row.first) - row.first
    first_year = max(row.first.year, today.year - public_holidays.ALREADY)
    for year in range(first_year, today.year + public_holidays.AHEAD + 1):
        try:
            first = row.first.replace(year=year)
        except ValueError:
            continue
        yield first, first + length


def _holidays(calendar: Calendar, today: date) -> Iterator[Row]:
    rules = {rule.key: rule for rule in calendar.holidays.all()}
    for holiday in public_holidays.around(calendar.country, calendar.subdivision, today.year):
        rule = rules.get(holiday.key) or HolidayRule(key=holiday.key)
        if rule.active:
            yield _holiday(calendar, rule, holiday.day)


def _holiday(calendar: Calendar, rule: HolidayRule, day: date) -> Row:
    return Row(
        layer="holiday",
        id=rule.pk or 0,
        exit=rule.exit or calendar.holiday_exit,
        begin=minute(calendar.holiday_begin if rule.begin is None else rule.begin),
        end=minute(calendar.holiday_end if rule.end is None else rule.end),
        first=day,
        last=day,
        name=rule.key,
    )
