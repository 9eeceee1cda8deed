"""Dial a telephone number and connect the caller with whoever answers. PURE."""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Dialled, DialNumber, Input, Run

E164 = re.compile(r"\+[1-9]\d{3,14}")


class Dial(Step, frozen=True, kw_only=True, tag="dial"):
    title: ClassVar[str] = gettext_noop("Dial a number")
    purpose: ClassVar[str] = gettext_noop("Rings a telephone number and connects the caller with it.")
    icon: ClassVar[str] = "phone_forwarded"

    number: str = ""
    timeout: float = 30.0  # seconds of ringing

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("busy", gettext_noop("Busy"), required=True, unattended=True),
            Way("no_answer", gettext_noop("No answer"), required=True),
            Way("ended", gettext_noop("After the conversation")),
            ERROR,
        )

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if not E164.fullmatch(self.number):
            return Broken(gettext_noop("The number is not complete."))
        return Stay(run, (DialNumber(self.number, self.timeout),))

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Dialled(result="ended"):
                return Leave("ended", "answered", cause="flow_ended")
            case Dialled(result="busy" | "no_answer" as result):
                return Leave(result, result)
            case Dialled(result="error"):
                return Broken(gettext_noop("The number could not be dialled."))
        return Stay(run)

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        failed: tuple[Literal["busy", "no_answer", "error"], ...] = ("busy", "no_answer", "error")
        return {"answered": (Dialled("answered"), Dialled("ended"))} | {name: (Dialled(name),) for name in failed}

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if not E164.fullmatch(self.number):
            yield self.finding("bad_number", gettext_noop("The number must begin with + and the country code."))
