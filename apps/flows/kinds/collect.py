"""IV-04: digits that the caller types, checked, read back and confirmed; they become a variable of the call. PURE.

    typing ── # or `digit_timeout` after the last digit ──► checked ──► reading back ── # ──► next
       ▲                                                       │              │ *
       └────────────── a try is used up ◄──────────────────────┴──────────────┘

A # that comes within AT_MAXIMUM seconds after the last possible digit still belongs to the value: people press it from habit,
and it must not confirm what they have not heard. Silence or another digit while it is read back uses up a try, too, but the
value is kept and read again. When no try is left, the result tells what the tries were, as in a menu (tries.py).
"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from apps.flows import values
from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.kinds.tries import give_up, used_up
from apps.flows.known import Known
from apps.flows.run import Action, DigitPressed, Input, Played, PlayPrompts, Run, Say, StopPrompts, TimePassed
from apps.flows.variables import MASK, NAME, OF_EVERY_CALL, labelled

AT_MAXIMUM = 1.0
LONGEST = 40  # digits
CONFIRMING = "confirming"


class Collect(Step, frozen=True, kw_only=True, tag="collect"):
    title: ClassVar[str] = gettext_noop("Collect value")
    purpose: ClassVar[str] = gettext_noop("Asks the caller for digits, reads them back and keeps them.")
    icon: ClassVar[str] = "pin"
    listens: ClassVar[bool] = True

    prompt: int | str | None = None  # a sound, or the key of what the system speaks
    wrong: int | str | None = None  # likewise, before the prompt, after a value that failed the check
    minimum: int = 1  # digits
    maximum: int = 20
    first_timeout: float = 5.0  # seconds for the first digit, from the end of the prompt, and for the confirmation
    digit_timeout: float = 3.0  # seconds after a digit that end the value
    check: str = ""  # a key of values.CHECKS
    pattern: str = ""  # RE2, the whole value
    confirm: bool = True
    tries: int = 3
    barge_in: bool = True
    variable: str = ""
    sensitive: bool = False
    shown_as: str = ""  # agents see the value under this name

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("next", gettext_noop("Then"), required=True),
            Way("no_input", gettext_noop("No input")),
            Way("invalid", gettext_noop("Invalid")),
            Way("maximum_tries", gettext_noop("Maximum tries"), required=True),
            ERROR,
        )

    def sets(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if self.prompt is None:
            return Broken(gettext_noop("No sound is chosen."))
        if self.pattern and values.problem_of(self.pattern):
            return Broken(gettext_noop("The pattern cannot be used."))
        return self._ask(run)

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case DigitPressed(digit=digit) if self.barge_in or run.phase == CONFIRMING or not run.playing:
                return self._decide(run, digit) if run.phase == CONFIRMING else self._type(run, digit, now)
            case Played(error="") if run.playing:
                return Stay(replace(run, playing=False, timer=now + self.first_timeout))
            case Played(error=error) if run.playing:
                return Broken(f"A sound could not be played: {error}")
            case TimePassed() if run.timer is not None and now >= run.timer:
                return self._wait_is_over(run)
        return Stay(run)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if self.prompt is None:
            yield self.finding("no_sound", gettext_noop("No sound is chosen."))
        yield from self.silent(tuple(sound for sound in (self.prompt, self.wrong) if isinstance(sound, int)), around)
        if not NAME.fullmatch(self.variable) or self.variable in OF_EVERY_CALL:
            yield self.finding("no_variable", gettext_noop("The variable has no name of its own."))
        if self.pattern and (reason := values.problem_of(self.pattern)):
            yield self.finding("bad_pattern", gettext_noop("The pattern cannot be used: %(reason)s."), reason=reason)
        if self.minimum > self.maximum:
            yield self.finding("bad_length", gettext_noop("The value would have to be longer than it may be."))

    # -- typing

    def _ask(self, run: Run, *before: Action, wrong: bool = False) -> Stay:
        prompts = (self.wrong, self.prompt) if wrong and self.wrong else (self.prompt,)
        play = PlayPrompts(tuple(prompt for prompt in prompts if prompt), self.barge_in)
        return Stay(replace(run, phase="", typed="", playing=True, timer=None), (*before, play))

    def _type(self, run: Run, digit: str, now: float) -> Outcome:
        stop = (StopPrompts(),) if run.playing else ()
        if digit == "*":
            return self._again(used_up(run), *stop)
        if digit == "#":
            return self._typed(run, *stop)
        if not digit.isdecimal() or len(run.typed) >= self.maximum:
            return Stay(replace(run, playing=False, timer=run.timer or now + self.digit_timeout), stop)
        typed = run.typed + digit
        wait = AT_MAXIMUM if len(typed) >= self.maximum else self.digit_timeout
        return Stay(replace(run, typed=typed, playing=False, timer=now + wait), stop)

    def _wait_is_over(self, run: Run) -> Outcome:
        if run.phase == CONFIRMING:
            return self._unconfirmed(used_up(run, silent=True))
        return self._typed(run) if run.typed else self._again(used_up(run, silent=True))

    def _typed(self, run: Run, *before: Action) -> Outcome:
        if not self._fits(run.typed):
            return self._again(used_up(run, invalid=True), *before, wrong=True)
        return self._read_back(run, *before) if self.confirm else self._done(run, *before)

    def _fits(self, value: str) -> bool:
        if not self.minimum <= len(value) <= self.maximum or (self.pattern and not values.matches(self.pattern, value)):
            return False
        return self.check not in values.CHECKS or values.CHECKS[self.check](value)

    def _again(self, run: Run, *before: Action, wrong: bool = False) -> Outcome:
        return self._ask(run, *before, wrong=wrong) if run.tries < self.tries else give_up(self, run, "maximum_tries", before)

    # -- reading back

    def _read_back(self, run: Run, *before: Action) -> Stay:
        play = PlayPrompts(("you_have_entered", Say(run.typed), "confirm_or_again"), barge_in=True)
        return Stay(replace(run, phase=CONFIRMING, playing=True, timer=None), (*before, play))

    def _decide(self, run: Run, digit: str) -> Outcome:
        stop = (StopPrompts(),) if run.playing else ()
        if digit == "#":
            return self._done(run, *stop)
        return self._again(used_up(run), *stop) if digit == "*" else self._unconfirmed(used_up(run), *stop)

    def _unconfirmed(self, run: Run, *before: Action) -> Outcome:
        return self._read_back(run, *before) if run.tries < self.tries else give_up(self, run, "maximum_tries", before)

    def _done(self, run: Run, *actions: Action) -> Leave:
        shown = MASK if self.sensitive else run.typed
        labels = labelled(self.shown_as, self.variable)
        return Leave(
            "next", "collected", shown, actions=actions, variables={self.variable: run.typed}, secret=self.sensitive, labels=labels
        )
