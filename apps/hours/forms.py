"""What administrators type: times of the day, names of exits, a country."""

from datetime import date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumbers.geodata.locale import LOCALE_DATA
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.hours import public_holidays
from apps.hours.models import LAST_MINUTE, Calendar, HolidayRule
from apps.hours.opening import Calendar as Frozen

NEAR = ("NO", "SE", "DK", "FI", "GB")  # offered first
EXITS_LIST = "hours-exits"  # id of the page's list of exits that exist already


class MinuteField(forms.TimeField):
    """A minute of the day, as people write it: 8, 08:00, 8.00, 0800; and 24:00 for the end of the day."""

    def __init__(self, **options: Any) -> None:
        attrs = {"placeholder": "08:00", "size": 6, "maxlength": 5, "style": "min-width: 4.5rem"}
        options |= {"input_formats": ["%H:%M", "%H.%M", "%H%M", "%H"], "widget": UnfoldAdminTextInputWidget(attrs=attrs)}
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def to_python(self, value: Any) -> time | None:
        text = value.strip() if isinstance(value, str) else value
        return LAST_MINUTE if text in ("24", "24:00", "24.00", "2400") else super().to_python(text)


def exit_widget() -> forms.TextInput:
    """Text with the exits that exist already to choose from."""
    return UnfoldAdminTextInputWidget(attrs={"list": EXITS_LIST, "autocomplete": "off", "style": "min-width: 7rem"})


class DayInput(UnfoldAdminTextInputWidget):
    """The browser's own calendar."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else value


def day_widget() -> forms.TextInput:
    return DayInput(attrs={"style": "min-width: 9rem"})


class CalendarForm(forms.ModelForm):
    class Meta:
        model = Calendar
        fields = "__all__"  # noqa: DJ007  the admin class names them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.data.get("country", self.instance.country)
        self._offer("time_zone", [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"])
        self._offer("country", country_choices())
        self._offer("subdivision", [("", "–"), *((part, part) for part in public_holidays.countries().get(country, ()))])

    def _offer(self, name: str, choices: list[Any]) -> None:
        if name in self.fields:  # not when it is only read
            self.fields[name].widget = UnfoldAdminSelectWidget(choices=choices)

    def clean_key(self) -> str | None:
        return self.cleaned_data["key"] or None


def country_choices() -> list[Any]:
    known = public_holidays.countries()
    others = sorted(((country, country_name(country)) for country in known if country not in NEAR), key=lambda pair: pair[1])
    return [("", "–"), *((country, country_name(country)) for country in NEAR), (gettext("Other countries"), others)]


def country_name(country: str) -> str:
    """In the reader's language where it is known, else in English."""
    names = LOCALE_DATA.get(country, {})
    name = names.get(translation.get_language() or "en", "*aa")
    return names.get(name[1:], country) if name.startswith("*") else name


class HolidayForm(forms.ModelForm):
    """What is left empty is the calendar's: its words stand there as placeholders."""

    class Meta:
        model = HolidayRule
        fields = ["active", "exit", "begin", "end"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calendar = self.instance.calendar if self.instance.pk else None
        for name, value in (("exit", "holiday_exit"), ("begin", "holiday_begin"), ("end", "holiday_end")):
            if calendar is not None and name in self.fields:
                usual = getattr(calendar, value)
                self.fields[name].widget.attrs["placeholder"] = f"{usual:%H:%M}" if isinstance(usual, time) else usual


class WallField(forms.DateTimeField):
    """Date and time without a zone: what the clock of a calendar shows, also in an hour that is left out."""

    def __init__(self, **options: Any) -> None:
        options["input_formats"] = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        options["widget"] = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "hours-input"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**options)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        typed = cast("datetime", super(forms.DateTimeField, self).to_python(value))
        if not 2000 <= typed.year < 2100:
            raise forms.ValidationError(_("Choose a year between 2000 and 2099."))
        return typed


class OverrideForm(forms.Form):
    """TM-05."""

    exit = forms.ChoiceField(label=_("Exit"), widget=forms.Select(attrs={"class": "hours-input"}))
    until = WallField(label=_("Until"), required=False, help_text=_("Empty: until somebody takes it back."))

    def __init__(self, calendar: Frozen, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = ZoneInfo(calendar.zone)
        cast("forms.ChoiceField", self.fields["exit"]).choices = [(name, name) for name in calendar.names]

    def clean_until(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data["until"]
        until = typed.replace(tzinfo=self._zone) if typed else None
        if until is not None and until <= timezone.now():
            raise forms.ValidationError(_("This time is over already."))
        return until


class QuestionForm(forms.Form):
    at = WallField(label=_("What happens at …?"))
