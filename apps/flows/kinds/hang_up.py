"""End the call. PURE."""

from typing import ClassVar

from apps.flows.kinds.step import Leave, Outcome, Step, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Run


class HangUp(Step, frozen=True, kw_only=True, tag="hang_up"):
    title: ClassVar[str] = gettext_noop("Hang up")
    purpose: ClassVar[str] = gettext_noop("Ends the call.")
    icon: ClassVar[str] = "call_end"

    def ways_out(self) -> tuple[Way, ...]:
        return ()

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        return Leave("", "ended", cause="flow_ended")
