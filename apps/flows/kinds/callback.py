"""IV-01: the caller orders a callback, to his own number or to one that he enters. PURE.

    own number known ──► offered ── 1 ──► ordering ──► next, or: already ordered
                           │ 2               ▲
    no own number ──► entering, read back, # ┘      * when it is offered: declined

Entering is the business of `Collect`; whether the number has an order already, the switch knows. Only the order is made here.
"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from apps.flows.kinds.collect import Collect
from apps.flows.kinds.dial import E164
from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.kinds.tries import give_up, used_up
from apps.flows.known import Known
from apps.flows.run import (
    CALLER,
    Action,
    CallbackTaken,
    DigitPressed,
    Input,
    OrderCallback,
    Played,
    PlayPrompts,
    Prompt,
    Run,
    Say,
    StopPrompts,
    TimePassed,
)
from contactcenter.lib.phone import e164

OFFER, ORDERING = "offer", "ordering"  # other phases are those of Collect
OWN_NUMBER = ("callback_to",)
CHOOSE, ENTER = "callback_choose", "callback_enter"  # keys of what the system speaks
ANSWER_WITHIN = 5.0  # seconds from the end of the question
TAKEN_WITHIN = 5.0  # seconds; the switch answers at once


class Callback(Step, frozen=True, kw_only=True, tag="callback"):
    """`country`: of numbers that are entered without one."""

    title: ClassVar[str] = gettext_noop("Callback order")
    listens: ClassVar[bool] = True
    purpose: ClassVar[str] = gettext_noop("The caller orders to be called back.")
    icon: ClassVar[str] = "phone_callback"

    prompt: int | None = None
    queue: int | None = None
    tries: int = 3
    country: str = "NO"

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("next", gettext_noop("Ordered"), required=True),
            Way("already", gettext_noop("Already ordered"), required=True),
            Way("declined", gettext_noop("Declined"), required=True),
            Way("maximum_tries", gettext_noop("Maximum tries"), required=True),
            ERROR,
        )

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        return {"ordered": (CallbackTaken("ordered"),), "already": (CallbackTaken("already"),)}

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        return self._offer(run, first=True) if self._own(run) else self._enter_number(run, first=True)

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        if run.phase == ORDERING:
            return self._taken(run, heard, now)
        if run.phase == OFFER:
            return self._choose(run, heard, now)
        outcome = self._entry().hear(run, heard, now)
        return self._entered(run, outcome, now) if isinstance(outcome, Leave) else outcome

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if self.prompt is not None:
            yield from self.silent((self.prompt,), around)

    # -- his own number

    def _own(self, run: Run) -> str:
        """Empty: withheld, or none that can be called."""
        number = run.variables.get(CALLER, "")
        return number if E164.fullmatch(number) else ""

    def _offer(self, run: Run, *before: Action, first: bool = False) -> Stay:
        own = self._own(run)
        prompts = (*self._introduction(first), *OWN_NUMBER, Say(own.removeprefix("+")), CHOOSE)
        return Stay(replace(run, phase=OFFER, playing=True, timer=None), (*before, PlayPrompts(prompts, barge_in=True)))

    def _introduction(self, first: bool) -> tuple[Prompt, ...]:
        return (self.prompt,) if first and self.prompt is not None else ()

    def _choose(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Played(error="") if run.playing:
                return Stay(replace(run, playing=False, timer=now + ANSWER_WITHIN))
            case Played(error=error) if run.playing:
                return Broken(f"A sound could not be played: {error}")
            case DigitPressed(digit=digit):
                return self._chosen(run, digit, now)
            case TimePassed() if run.timer is not None and now >= run.timer:
                return self._offer_again(used_up(run, silent=True))
        return Stay(run)

    def _chosen(self, run: Run, digit: str, now: float) -> Outcome:
        stop = (StopPrompts(),) if run.playing else ()
        if digit == "1":
            return self._order(run, self._own(run), now, *stop)
        if digit == "2":
            return self._enter_number(run, *stop)
        if digit == "*":
            return Leave("declined", "declined", actions=stop)
        return self._offer_again(used_up(run, invalid=True), *stop)

    def _offer_again(self, run: Run, *before: Action) -> Outcome:
        return self._offer(run, *before) if run.tries < self.tries else give_up(self, run, "maximum_tries", before)

    # -- another number

    def _entry(self) -> Collect:
        return Collect(id=self.id, name=self.name, prompt=ENTER, minimum=4, maximum=18, tries=self.tries, variable="number")

    def _enter_number(self, run: Run, *before: Action, first: bool = False) -> Stay:
        begun = replace(run, phase="", typed="", tries=0, silent=0, invalid=0, playing=True, timer=None)
        return Stay(begun, (*before, PlayPrompts((*self._introduction(first), ENTER), barge_in=True)))

    def _entered(self, run: Run, left: Leave, now: float) -> Outcome:
        if left.exit != "next":
            return replace(left, exit="maximum_tries")
        number = e164(left.variables["number"], self.country)
        if number and E164.fullmatch(number):
            return self._order(run, number, now, *left.actions)
        run = used_up(run, invalid=True)
        if run.tries >= self.tries:
            return give_up(self, run, "maximum_tries", left.actions)
        return Stay(replace(run, phase="", typed="", playing=True, timer=None), (*left.actions, PlayPrompts((ENTER,), barge_in=True)))

    # -- the order

    def _order(self, run: Run, number: str, now: float, *before: Action) -> Stay:
        ordering = replace(run, phase=ORDERING, typed="", playing=False, timer=now + TAKEN_WITHIN)
        return Stay(ordering, (*before, OrderCallback(number, self.id, self.queue)))

    def _taken(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case CallbackTaken(result="ordered"):
                return Leave("next", "ordered")
            case CallbackTaken():
                return Leave("already", "already_ordered")
            case TimePassed() if run.timer is not None and now >= run.timer:
                return Broken(gettext_noop("The callback could not be ordered."))
        return Stay(run)
