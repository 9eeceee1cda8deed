"""A question that is answered with one digit, and kept as a fact: before or after a conversation. PURE."""

from typing import ClassVar

from apps.events.vocabulary import SurveyAnswered
from apps.flows.kinds.asking import Asking
from apps.flows.kinds.step import ERROR, Leave, Way, gettext_noop
from apps.flows.run import Run


class Survey(Asking, frozen=True, kw_only=True, tag="survey"):
    """`lowest` and `highest`: the digits that are answers. Who gives none goes on all the same."""

    title: ClassVar[str] = gettext_noop("Survey question")
    purpose: ClassVar[str] = gettext_noop("Asks the caller a question and stores the answer.")
    icon: ClassVar[str] = "star"
    LAST_EXIT: ClassVar[str] = "next"

    lowest: int = 1
    highest: int = 5

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("next", gettext_noop("Then"), required=True),
            Way("no_input", gettext_noop("No input")),
            Way("invalid", gettext_noop("Invalid")),
            Way("maximum_tries", gettext_noop("Maximum tries")),
            ERROR,
        )

    def chosen(self, run: Run, digit: str, now: float) -> Leave | None:
        if not digit.isdecimal() or not self.lowest <= int(digit) <= self.highest:
            return None
        answer = SurveyAnswered(at=now, call=run.call, step=self.id, flow_version=run.version, question=self.name, answer=int(digit))
        return Leave("next", "choice", digit, actions=(answer,))
