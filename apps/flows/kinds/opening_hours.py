"""Leave by the exit that a calendar gives now, by the call's own clock (TM-01, IV-07). PURE."""

from collections.abc import Iterator
from typing import ClassVar

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Run
from apps.hours.opening import exit_at


class OpeningHours(Step, frozen=True, kw_only=True, tag="opening_hours"):
    """`names`: the exits that the calendar can give. One that came later leads nowhere, which is a fault as any other (IV-09)."""

    title: ClassVar[str] = gettext_noop("Opening hours")
    purpose: ClassVar[str] = gettext_noop("Goes on by the time: open, closed, or as the opening hours call it.")
    icon: ClassVar[str] = "schedule"

    calendar: int | None = None
    names: tuple[str, ...] = ()

    def ways_out(self) -> tuple[Way, ...]:
        return (*(Way(name, name, required=True, unattended=True, label_is_own=True) for name in self.names), ERROR)

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        calendar = known.calendars.get(self.calendar or 0)
        if calendar is None:
            return Broken(gettext_noop("No opening hours are chosen."))
        name = exit_at(calendar, now + run.shift)
        return Leave(name, "opening_hours")

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if self.calendar is None:
            yield self.finding("no_calendar", gettext_noop("No opening hours are chosen."))
