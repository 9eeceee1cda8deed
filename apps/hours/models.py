"""Calendars of opening hours (TM-01 to TM-06): rows in three layers, and an override by hand. What holds when is in opening.py."""

import re
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel
from apps.hours import public_holidays

EXIT_LENGTH = 40  # as an exit of a step
MIDNIGHT, LAST_MINUTE = time(0, 0), time(23, 59)
DAYS = [
    ("mon_fri", _("Monday to Friday")),
    ("sat_sun", _("Saturday and Sunday")),
    ("all", _("Every day")),
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]
WEEKDAYS = {"mon_fri": frozenset(range(5)), "sat_sun": frozenset({5, 6}), "all": frozenset(range(7))}


def exit_name(text: str) -> None:
    """Validator. The step has an exit of this name already, for faults."""
    if text.strip().casefold() == "error":
        raise ValidationError(_("“%(name)s” is the exit that a step takes after a fault. Choose another word."), params={"name": text})


class ExitField(models.CharField):
    """The free name of an exit. Spaces around it and double ones within are typing errors."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", EXIT_LENGTH)
        options.setdefault("validators", [exit_name])
        super().__init__(*args, **options)

    def to_python(self, value: object) -> str | None:
        text = super().to_python(value)
        return re.sub(r"\s+", " ", text).strip() if isinstance(text, str) else text


def known_zone(name: str) -> None:
    """Validator."""
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone “%(zone)s”. Write for instance Europe/Oslo."), params={"zone": name})


def default_zone() -> str:
    return settings.TIME_ZONE


class Calendar(ConfigurationModel):
    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default=default_zone, validators=[known_zone])
    open_exit = ExitField(_("exit when open"), default="Open", help_text=_("What you call it when somebody answers."))
    closed_exit = ExitField(_("exit when closed"), default="Closed", help_text=_("“Close early today” gives this one."))
    default_exit = ExitField(_("exit when no row applies"), default="Closed")
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Whose public holidays apply. Empty: none."))
    subdivision = models.CharField(
        _("part of the country"),
        max_length=10,
        blank=True,
        help_text=_("Where it has holidays of its own. Choose the country and save first."),
    )
    holiday_exit = ExitField(_("exit on public holidays"), default="Closed")
    holiday_begin = models.TimeField(_("from"), default=MIDNIGHT)
    holiday_end = models.TimeField(_("to"), default=LAST_MINUTE, help_text=_("Included: 15:59 lasts until 15:59:59."))
    public = models.BooleanField(
        _("public"),
        default=False,
        help_text=_("Anybody may read on the web which exit holds now, so that a web page can show or hide its button."),
    )
    key = models.SlugField(
        _("key in the address"),
        max_length=60,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Empty: made from the name. Web pages depend on it."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        permissions = [("override_calendar", "Can close early and take it back")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        parts = public_holidays.countries()
        if self.country and self.country not in parts:
            raise ValidationError({"country": _("The public holidays of this country are not known.")})
        if self.subdivision and self.subdivision not in parts.get(self.country, ()):
            raise ValidationError({"subdivision": _("The country has no such part.")})


class OwnDate(ConfigurationModel):
    """The highest layer: a date or a range of dates, once or every year."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="dates")
    first = models.DateField(_("date"))
    last = models.DateField(_("to and with"), null=True, blank=True, help_text=_("Empty: this one day."))
    yearly = models.BooleanField(_("every year"), default=False)
    begin = models.TimeField(_("from"), default=MIDNIGHT)
    end = models.TimeField(
        _("to"), default=LAST_MINUTE, help_text=_("Included: 15:59 lasts until 15:59:59. Earlier than “from”: until the next day.")
    )
    exit = ExitField(_("exit"))
    note = models.CharField(_("note"), max_length=60, blank=True)

    class Meta:
        ordering = ["first", "id"]
        verbose_name = _("own date")
        verbose_name_plural = _("own dates")

    def __str__(self) -> str:
        return self.note or f"{self.first}"

    def clean(self) -> None:
        if self.first and self.last and self.last < self.first:
            raise ValidationError({"last": _("The last date is before the first one.")})
        if self.yearly and self.first and self.last and (self.last - self.first).days >= 365:
            raise ValidationError({"last": _("A range of every year must be shorter than a year.")})


class HolidayRule(ConfigurationModel):
    """TM-02: what is special about one public holiday. A holiday without such a row gives the calendar's exit on public holidays."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="holidays")
    key = models.CharField(_("public holiday"), max_length=120, editable=False)
    active = models.BooleanField(_("applies"), default=True)
    exit = ExitField(_("exit"), blank=True)
    begin = models.TimeField(_("from"), null=True, blank=True)
    end = models.TimeField(_("to"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        constraints = [models.UniqueConstraint(fields=["calendar", "key"], name="holiday_once_per_calendar")]

    def __str__(self) -> str:
        return self.key


class WeeklyHours(ConfigurationModel):
    """The lowest layer."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="weekly")
    days = models.CharField(_("days"), max_length=10, choices=DAYS, default="mon_fri")
    begin = models.TimeField(_("from"))
    end = models.TimeField(_("to"), help_text=_("Included: 15:59 lasts until 15:59:59. Earlier than “from”: until the next day."))
    exit = ExitField(_("exit"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")

    def __str__(self) -> str:
        return f"{self.get_days_display()} {self.begin:%H:%M}–{self.end:%H:%M}"

    def weekdays(self) -> frozenset[int]:
        return WEEKDAYS.get(self.days) or frozenset({int(self.days)})


class Override(ConfigurationModel):
    """TM-05: above all rows. `until` empty: until somebody takes it back."""

    calendar = models.OneToOneField(Calendar, models.CASCADE, related_name="override")
    exit = ExitField(_("exit"))
    since = models.DateTimeField()
    until = models.DateTimeField(_("until"), null=True, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")

    def __str__(self) -> str:
        return self.exit
