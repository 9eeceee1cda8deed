"""IV-02: a prompt and choices on digits. PURE."""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from apps.flows.kinds.asking import Asking
from apps.flows.kinds.step import ERROR, Finding, Leave, Surroundings, Way, gettext_noop
from apps.flows.run import Run

DIGITS = "1234567890*#"
FEWEST_CHOICES, MOST_CHOICES = 2, 6


class Choice(Struct, frozen=True):
    """`label`: what the caller chose, in the administrator's words; agents see it."""

    digit: str
    label: str = ""


class Menu(Asking, frozen=True, kw_only=True, tag="menu"):
    title: ClassVar[str] = gettext_noop("Menu")
    purpose: ClassVar[str] = gettext_noop("The caller chooses with a digit where to go.")
    icon: ClassVar[str] = "dialpad"

    choices: tuple[Choice, ...] = ()

    def ways_out(self) -> tuple[Way, ...]:
        chosen = (Way(choice.digit, f"{choice.digit} {choice.label}".strip(), required=True, label_is_own=True) for choice in self.choices)
        return (
            *chosen,
            Way("no_input", gettext_noop("No input")),
            Way("invalid", gettext_noop("Invalid")),
            Way("maximum_tries", gettext_noop("Maximum tries"), required=True),
            ERROR,
        )

    def chosen(self, run: Run, digit: str, now: float) -> Leave | None:
        return next((Leave(digit, "choice", digit, choice.label) for choice in self.choices if choice.digit == digit), None)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if len(self.choices) < FEWEST_CHOICES:
            yield self.finding("few_choices", gettext_noop("A menu needs two or more choices."))
        if len(self.choices) > MOST_CHOICES:
            yield self.finding("many_choices", gettext_noop("More than six choices are hard to remember: use a sub-menu."), warning=True)
