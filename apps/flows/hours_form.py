"""The form of the step "opening hours": it has an exit for each name that the chosen calendar can give.

It offers those of all calendars, so that calendar and exits are chosen in one go; the page shows those that belong to the calendar.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.flows.forms import StepForm, TargetField, step_form
from apps.flows.models import OpeningHoursStep
from apps.hours import services as hours
from apps.hours.rows import exit_names


class OpeningHoursForm(step_form(OpeningHoursStep)):  # type: ignore[misc]  # a class made at run time
    """Made per request by `opening_hours_form`, with a field for each name in `names_of` (calendar id -> its exits)."""

    names_of: dict[int, tuple[str, ...]] = {}

    def wiring(self) -> Iterator[tuple[str, str]]:
        calendar = self.cleaned_data.get("calendar")
        names = self.names_of.get(calendar.pk, ()) if calendar else ()
        return ((name, chosen) for name, chosen in super().wiring() if name in (*names, "error"))


def opening_hours_form() -> type[StepForm]:
    calendars = {calendar: exit_names(calendar) for calendar in hours.with_rows()}
    fields: dict[str, Any] = {}
    for name in dict.fromkeys(name for names in calendars.values() for name in names):
        having = [calendar for calendar, names in calendars.items() if name in names]
        fields[f"exit_{name}"] = _target(name, having, others=len(having) < len(calendars))
    names = tuple(field.removeprefix("exit_") for field in fields)
    fields["names_of"] = {calendar.pk: names for calendar, names in calendars.items()}
    fields["exit_names"] = (*names, *OpeningHoursForm.exit_names)
    return type("OpeningHoursStepForm", (OpeningHoursForm,), fields)


def _target(name: str, having: list[Any], *, others: bool) -> TargetField:
    """`others`: there are calendars without this exit, so those that have it are named."""
    names = ", ".join(calendar.name for calendar in having)
    field = TargetField(label=name, help_text=_("Exit of %(calendars)s.") % {"calendars": names} if others else "")
    field.widget.attrs["data-calendars"] = " ".join(str(calendar.pk) for calendar in having)
    return field
