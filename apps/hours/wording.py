"""Opening hours in the reader's words: why an exit holds, until when, and why a row never applies."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.hours import public_holidays
from apps.hours.idle import Idle
from apps.hours.models import Calendar
from apps.hours.opening import DAY_MINUTES, Decision, Row

SHOWN_BY = 3  # rows that are named as the reason why another never applies


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def interval(begin: int, end: int) -> str:
    """'08:00–15:59'; the whole day says so."""
    return _("all day") if (begin, end) == (0, DAY_MINUTES - 1) else f"{clock(begin)}–{clock(end)}"


def moment(instant: float, zone: str) -> str:
    """'16:00' today, else with the day; in the calendar's time zone."""
    there, now = (datetime.fromtimestamp(at, tz=UTC).astimezone(ZoneInfo(zone)) for at in (instant, timezone.now().timestamp()))
    return f"{there:%H:%M}" if there.date() == now.date() else f"{short_day(there.date())} {there:%H:%M}"


def short_day(day: date) -> str:
    return date_format(day, "D j. b" if translation.get_language() == "nb" else "D j M")


def long_day(day: date) -> str:
    return date_format(day, "l j. F Y" if translation.get_language() == "nb" else "l j F Y")


def holiday(key: str, calendar: Calendar) -> str:
    language = translation.get_language() or "en"
    return public_holidays.in_words(key, calendar.country, calendar.subdivision, language, timezone.localdate().year)


def row_name(row: Row, calendar: Calendar) -> str:
    """As it stands in the form."""
    if row.layer == "week":
        return row.name
    if row.layer == "holiday":
        return holiday(row.name, calendar)
    return f"{row.name}, {interval(row.begin, row.end)}"


def reason(decision: Decision, calendar: Calendar) -> str:
    """A sentence: which row of which layer."""
    if decision.overridden:
        return _("It was set by hand.")
    row = decision.row
    if row is None:
        return _("No row applies.")
    sentence = {
        "date": _("The own date “%(row)s” says so."),
        "holiday": _("The public holiday %(row)s says so."),
        "week": _("The weekly hours “%(row)s” say so."),
    }[row.layer]
    return sentence % {"row": row_name(row, calendar)}


def why_idle(idle: Idle, calendar: Calendar) -> str:
    """TM-04."""
    if idle.why == "past":
        return _("Never applies any more: it is over.")
    if idle.why == "left_out":
        return _("Never applies: the clocks are put forward over this time.")
    names = _names([row_name(row, calendar) for row in idle.by])
    return _("Never applies: at all its times %(rows)s wins.") % {"rows": names}


def _names(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in dict.fromkeys(names)]
    return ", ".join(quoted[:SHOWN_BY]) + (" …" if len(quoted) > SHOWN_BY else "")


def overnight(row: Row) -> str:
    return _("Until %(time)s the next day.") % {"time": clock(row.end)} if row.overnight else ""
