"""The verbs of opening hours: read them for the switch, set and take back an override, keep the rows tidy."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from apps.hours import public_holidays
from apps.hours.idle import Idle, Key, idle_rows
from apps.hours.models import Calendar, HolidayRule, Override
from apps.hours.opening import Calendar as Frozen
from apps.hours.opening import end_of_today
from apps.hours.rows import PARTS, exit_names, freeze


def load() -> dict[int, Frozen]:
    """All calendars, by id, in a fixed number of queries."""
    return {calendar.pk: freeze(calendar, _today()) for calendar in with_rows()}


def with_rows() -> QuerySet[Calendar]:
    return prefetched(Calendar.objects.all())


def prefetched(calendars: QuerySet[Calendar]) -> QuerySet[Calendar]:
    """With all that `freeze` looks at."""
    return calendars.prefetch_related(*PARTS)


def frozen(calendar_id: int) -> Frozen:
    """Errors: Calendar.DoesNotExist."""
    return freeze(with_rows().get(pk=calendar_id), _today())


def idle(calendar: Calendar) -> dict[Key, Idle]:
    """TM-04: rows that can never apply, by layer and id."""
    made = freeze(calendar, _today())
    return idle_rows(made.rows, made.zone, _today())


def _today() -> date:
    return timezone.localdate()


# -- the override (TM-05)


@transaction.atomic
def override(calendar: Calendar, *, exit_name: str, until: datetime | None, by: Any, now: datetime) -> Override:
    """`exit_name` holds from `now` until `until` (None: until it is taken back), instead of an override that there was.

    Errors: ValueError if the calendar has no such exit, or `until` is over.
    """
    if exit_name not in exit_names(calendar):
        raise ValueError(f"no exit {exit_name}")
    if until is not None and until <= now:
        raise ValueError("the time is over")
    fields = {"exit": exit_name, "since": now, "until": until, "set_by": by}
    row, _created = Override.objects.update_or_create(calendar=calendar, defaults=fields)
    return row


def close_early(calendar: Calendar, *, by: Any, now: datetime) -> Override:
    """Closed for the rest of today: until midnight there, or until the end of the opening hours that go on past it."""
    until = datetime.fromtimestamp(end_of_today(frozen(calendar.pk), now.timestamp()), tz=now.tzinfo)
    return override(calendar, exit_name=calendar.closed_exit, until=until, by=by, now=now)


def back_to_normal(calendar: Calendar) -> None:
    """The rows decide again."""
    for row in Override.objects.filter(calendar=calendar):
        row.delete()


# -- after saving


@transaction.atomic
def settle(calendar: Calendar) -> None:
    """What follows from what was typed: a key, a row per public holiday, one spelling per exit. An override that is over goes."""
    Override.objects.filter(calendar=calendar, until__lte=timezone.now()).delete()
    if calendar.public and not calendar.key:
        calendar.key = _free_key(calendar)
        calendar.save(update_fields=["key"])
    _offer_holidays(calendar)
    _spell_alike(calendar)


def _free_key(calendar: Calendar) -> str:
    wish = slugify(calendar.name)[:50] or "calendar"
    taken = set(Calendar.objects.filter(key__startswith=wish).values_list("key", flat=True))
    return next(key for number in range(1, len(taken) + 2) if (key := wish if number == 1 else f"{wish}-{number}") not in taken)


def _offer_holidays(calendar: Calendar) -> None:
    """One row for each public holiday of the country; those of another country go, unless something was set in them."""
    offered = dict.fromkeys(holiday.key for holiday in public_holidays.around(calendar.country, calendar.subdivision, _today().year))
    HolidayRule.objects.filter(calendar=calendar, active=True, exit="", begin=None, end=None).exclude(key__in=offered).delete()
    there = set(HolidayRule.objects.filter(calendar=calendar).values_list("key", flat=True))
    HolidayRule.objects.bulk_create(HolidayRule(calendar=calendar, key=key) for key in offered if key not in there)


def _spell_alike(calendar: Calendar) -> None:
    """ "open" is the same exit as "Open": the spelling that came first, in the order of `exit_names`."""
    fresh = with_rows().get(pk=calendar.pk)
    spelling: dict[str, str] = {}
    for name in exit_names(fresh):
        spelling.setdefault(name.casefold(), name)
    for field in ("default_exit", "holiday_exit"):
        setattr(fresh, field, spelling.get(getattr(fresh, field).casefold(), getattr(fresh, field)))
    fresh.save(update_fields=["default_exit", "holiday_exit"])
    rows: list[Any] = [*fresh.dates.all(), *fresh.holidays.all(), *fresh.weekly.all()]
    for row in rows:
        if row.exit and row.exit != spelling.get(row.exit.casefold(), row.exit):
            row.exit = spelling[row.exit.casefold()]
            row.save(update_fields=["exit"])
