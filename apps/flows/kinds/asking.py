"""What a menu and a survey question have in common: a prompt, then one digit. PURE.

A try is one playing of the prompt and the seconds after it. A try without a digit, or with a digit that is not allowed, is
used up and the prompt is played again, up to `repeat` times. When the tries are used up, the result tells what they were
(tries.py); `no_input` and `invalid` leave by their own exit if it is wired, else by the one that the kind names.
"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from apps.flows.kinds.step import Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, gettext_noop
from apps.flows.kinds.tries import give_up, used_up
from apps.flows.known import Known
from apps.flows.run import Action, DigitPressed, Input, Played, PlayPrompts, Run, StopPrompts, TimePassed


class Asking(Step, frozen=True, kw_only=True):
    listens: ClassVar[bool] = True
    LAST_EXIT: ClassVar[str] = "maximum_tries"

    prompt: int | None = None
    repeat: int = 2
    timeout: float = 5.0  # seconds for the first digit, from the end of the prompt
    barge_in: bool = True

    def chosen(self, run: Run, digit: str, now: float) -> Leave | None:
        """How the caller leaves with `digit`; None: it is not allowed."""
        raise NotImplementedError

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if self.prompt is None:
            return Broken(gettext_noop("No sound is chosen."))
        return self._ask(run)

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case DigitPressed(digit=digit) if self.barge_in or not run.playing:
                return self._take(run, digit, now)
            case Played(error="") if run.playing:
                return Stay(replace(run, playing=False, timer=now + self.timeout))
            case Played(error=error) if run.playing:
                return Broken(f"A sound could not be played: {error}")
            case TimePassed() if run.timer is not None and now >= run.timer:
                return self._try_again(used_up(run, silent=True))
        return Stay(run)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if self.prompt is None:
            yield self.finding("no_sound", gettext_noop("No sound is chosen."))
        else:
            yield from self.silent((self.prompt,), around)

    def _ask(self, run: Run, before: tuple[Action, ...] = ()) -> Stay:
        return Stay(replace(run, playing=True, timer=None), (*before, PlayPrompts((self.prompt or 0,), self.barge_in)))

    def _take(self, run: Run, digit: str, now: float) -> Outcome:
        stop: tuple[Action, ...] = (StopPrompts(),) if run.playing else ()
        left = self.chosen(run, digit, now)
        if left is not None:
            return replace(left, actions=(*stop, *left.actions))
        return self._try_again(used_up(run, invalid=True), stop)

    def _try_again(self, run: Run, before: tuple[Action, ...] = ()) -> Outcome:
        return self._ask(run, before) if run.tries <= self.repeat else give_up(self, run, self.LAST_EXIT, before)
