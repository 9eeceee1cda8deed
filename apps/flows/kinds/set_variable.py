"""Give a variable of the call a value. PURE."""

from collections.abc import Iterator
from typing import ClassVar

from apps.flows.kinds.step import ERROR, Finding, Leave, Outcome, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Run
from apps.flows.variables import MASK, NAME, OF_EVERY_CALL, fill, labelled, places


class SetVariable(Step, frozen=True, kw_only=True, tag="set_variable"):
    """`value`: a text in which {names} stand for other variables. One secret place makes the whole value secret.

    `shown_as`: agents see the value under this name.
    """

    title: ClassVar[str] = gettext_noop("Set variable")
    purpose: ClassVar[str] = gettext_noop("Notes something about the call for later steps.")
    icon: ClassVar[str] = "edit_note"

    variable: str = ""
    value: str = ""
    shown_as: str = ""

    def ways_out(self) -> tuple[Way, ...]:
        return (Way("next", gettext_noop("Then"), required=True, unattended=True), ERROR)

    def sets(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def reads(self) -> tuple[str, ...]:
        return places(self.value)

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        value = fill(self.value, run.variables)
        secret = any(name in run.secret for name in self.reads())
        labels = labelled(self.shown_as, self.variable)
        return Leave("next", "set", MASK if secret else value, variables={self.variable: value}, secret=secret, labels=labels)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if not NAME.fullmatch(self.variable) or self.variable in OF_EVERY_CALL:
            yield self.finding("no_variable", gettext_noop("The variable has no name of its own."))
