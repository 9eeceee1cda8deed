"""Ways that are taken by themselves: the first branch that applies, else *otherwise*. PURE."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from msgspec import Struct

from apps.flows import values
from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import CALLER, Run

LIST_GONE = gettext_noop("The number list of a branch is gone.")
IN_LIST, MATCHES, EMPTY = "in_list", "matches", "empty"


class Branch(Struct, frozen=True):
    """`slot`: names its exit, and stays when branches are moved. `value`: for `one_of` separated by commas."""

    slot: int
    label: str
    variable: str = CALLER
    operator: str = "is"
    value: str = ""
    numbers: int | None = None  # the number list of IN_LIST

    @property
    def exit(self) -> str:
        return f"branch_{self.slot}"


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _compared(text: str, value: str) -> int:
    """1: greater, -1: less, 0: equal, or one of them is no number."""
    left, right = _number(text), _number(value)
    return 0 if left is None or right is None else (left > right) - (left < right)


def _one_of(text: str, value: str) -> bool:
    return text.casefold() in {part.strip().casefold() for part in value.split(",")}


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "is": lambda text, value: text.casefold() == value.strip().casefold(),
    "begins_with": lambda text, value: text.casefold().startswith(value.strip().casefold()),
    "one_of": _one_of,
    MATCHES: lambda text, value: values.matches(value, text),
    EMPTY: lambda text, value: not text.strip(),
    "greater": lambda text, value: _compared(text, value) > 0,
    "less": lambda text, value: _compared(text, value) < 0,
}


class Condition(Step, frozen=True, kw_only=True, tag="condition"):
    title: ClassVar[str] = gettext_noop("Condition")
    purpose: ClassVar[str] = gettext_noop("Goes on by the caller, the number called, or what is known of the call.")
    icon: ClassVar[str] = "call_split"

    branches: tuple[Branch, ...] = ()

    def ways_out(self) -> tuple[Way, ...]:
        ways = (Way(branch.exit, branch.label, required=True, unattended=True, label_is_own=True) for branch in self.branches)
        return (*ways, Way("otherwise", gettext_noop("Otherwise"), required=True, unattended=True), ERROR)

    def reads(self) -> tuple[str, ...]:
        return tuple(branch.variable for branch in self.branches)

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        for branch in self.branches:
            if branch.operator == IN_LIST and branch.numbers not in known.lists:
                return Broken(LIST_GONE)
            if branch.operator == MATCHES and values.problem_of(branch.value):
                return Broken(gettext_noop("The pattern cannot be used."))
            if _applies(branch, run.variables.get(branch.variable, ""), known):
                return Leave(branch.exit, "branch", label=branch.label)
        return Leave("otherwise", "otherwise")

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if not self.branches:
            yield self.finding("no_branches", gettext_noop("The condition has no branch."))
        for branch in self.branches:
            if branch.operator == IN_LIST and branch.numbers is None:
                yield self.finding("no_list", gettext_noop("The branch “%(branch)s” has no number list."), branch=branch.label)
            if branch.operator == MATCHES and (reason := values.problem_of(branch.value)):
                text = gettext_noop("The pattern of the branch “%(branch)s” cannot be used: %(reason)s.")
                yield self.finding("bad_pattern", text, branch=branch.label, reason=reason)


def _applies(branch: Branch, text: str, known: Known) -> bool:
    if branch.operator == IN_LIST:
        return text in known.lists[branch.numbers or 0]
    return branch.operator in OPERATORS and OPERATORS[branch.operator](text, branch.value)
