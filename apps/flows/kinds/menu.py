"""IV-02: a prompt and choices on digits. PURE.

A try is one playing of the prompt and the seconds after it. A try without a digit, or with a digit that is no choice, is
used up and the prompt is played again, up to `repeat` times. When the tries are used up, the result tells what they were:
`no_input` (never a digit), `invalid` (always a wrong one), else `maximum_tries`. The first two leave by their own exit if
it is wired, else by that of `maximum_tries`, which must be.
"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Action, DigitPressed, Input, Played, PlayPrompts, Run, StopPrompts, TimePassed

DIGITS = "1234567890*#"
FEWEST_CHOICES, MOST_CHOICES = 2, 6


class Choice(Struct, frozen=True):
    """`label`: what the caller chose, in the administrator's words; agents see it."""

    digit: str
    label: str = ""


class Menu(Step, frozen=True, kw_only=True, tag="menu"):
    title: ClassVar[str] = gettext_noop("Menu")

    prompt: int | None = None
    choices: tuple[Choice, ...] = ()
    repeat: int = 2
    timeout: float = 5.0  # seconds for the first digit, from the end of the prompt
    barge_in: bool = True

    def ways_out(self) -> tuple[Way, ...]:
        chosen = (Way(choice.digit, f"{choice.digit} {choice.label}".strip(), required=True, label_is_own=True) for choice in self.choices)
        return (
            *chosen,
            Way("no_input", gettext_noop("No input")),
            Way("invalid", gettext_noop("Invalid")),
            Way("maximum_tries", gettext_noop("Maximum tries"), required=True),
            ERROR,
        )

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if self.prompt is None:
            return Broken(gettext_noop("No sound is chosen."))
        return self._ask(run)

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case DigitPressed(digit=digit) if self.barge_in or not run.playing:
                return self._take(run, digit)
            case Played(error="") if run.playing:
                return Stay(replace(run, playing=False, timer=now + self.timeout))
            case Played(error=error) if run.playing:
                return Broken(f"The menu's sound could not be played: {error}")
            case TimePassed() if run.timer is not None and now >= run.timer:
                return self._try_again(replace(run, tries=run.tries + 1))
        return Stay(run)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if self.prompt is None:
            yield self.finding("no_sound", gettext_noop("No sound is chosen."))
        else:
            yield from self.silent((self.prompt,), around)
        if len(self.choices) < FEWEST_CHOICES:
            yield self.finding("few_choices", gettext_noop("A menu needs two or more choices."))
        if len(self.choices) > MOST_CHOICES:
            yield self.finding("many_choices", gettext_noop("More than six choices are hard to remember: use a sub-menu."), warning=True)

    def _ask(self, run: Run, before: tuple[Action, ...] = ()) -> Stay:
        return Stay(replace(run, playing=True, timer=None), (*before, PlayPrompts((self.prompt or 0,), self.barge_in)))

    def _take(self, run: Run, digit: str) -> Outcome:
        stop = (StopPrompts(),) if run.playing else ()
        for choice in self.choices:
            if choice.digit == digit:
                return Leave(digit, "choice", digit, choice.label, stop)
        return self._try_again(replace(run, tries=run.tries + 1, invalid=run.invalid + 1), stop)

    def _try_again(self, run: Run, before: tuple[Action, ...] = ()) -> Outcome:
        if run.tries <= self.repeat:
            return self._ask(run, before)
        result = {0: "no_input", run.tries: "invalid"}.get(run.invalid, "maximum_tries")
        return Leave(result if result in self.exits else "maximum_tries", result, actions=before)
