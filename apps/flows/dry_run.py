"""IV-08: a call through a flow without audio, telephone and waiting. PURE: the interpreter and a clock that jumps.

The caller hears every sound to its end and presses what is given for it. `digits` has a group for each time that he is asked,
with spaces between: "1 12345# #" chooses 1, types a value and confirms it when it is read back; "-" stays silent once. Digits
that are left over when the flow goes on are pressed when it asks next. What others decide (a queue, a dialled number, a web
service) is assumed: `outcomes` by the step's name or kind, else the first of `Step.outcomes`. It takes no time.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from apps.events.vocabulary import StepEntered, StepFailed, StepLeft
from apps.flows import interpreter as f
from apps.flows.graph import FlowGraph
from apps.flows.kinds import AnyStep
from apps.flows.known import Known
from apps.flows.run import Prompt, Say, Tape
from apps.flows.variables import masked

SILENCE = "-"
BETWEEN_DIGITS = 0.5  # seconds
LENGTH_UNKNOWN = 2.0  # seconds of a sound
LENGTH_OF_SIGN = 0.6  # seconds that a spoken digit takes
INPUTS_MAX = 20_000


class UnknownOutcome(ValueError):  # noqa: N818 - it says what is wrong
    """`step` cannot end so; `known` are the outcomes that it has."""

    def __init__(self, step: str, outcome: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{step}: {outcome} is none of {', '.join(known)}")
        self.step, self.outcome, self.known = step, outcome, known


class Line(Struct, frozen=True, kw_only=True):
    """A step that was passed. `at`: Unix seconds when it was entered. `value` may be masked. `target`: the next step; empty: none."""

    at: float
    step: int
    kind: str
    name: str
    exit: str = ""
    result: str = ""
    value: str = ""
    label: str = ""
    seconds: float = 0.0
    target: str = ""
    fault: str = ""


class Report(Struct, frozen=True, kw_only=True):
    """`end`: cause as in vocabulary.CallEnded; empty: the call would wait for ever. `unused`: digits that nobody asked for."""

    lines: tuple[Line, ...]
    end: str
    variables: dict[str, str]
    unused: str = ""


class Assumed(Struct, frozen=True, kw_only=True):
    """What the caller does and what becomes of what others decide. `lengths`: seconds of each sound; None: all sounds are there."""

    digits: str = ""
    outcomes: Mapping[str, str] = {}
    lengths: Mapping[int | str, float] | None = None


def dry_run(graph: FlowGraph, variables: dict[str, str], at: float, known: Known, assumed: Assumed) -> Report:
    """`at`: Unix seconds when the call comes. Errors: UnknownOutcome."""
    return _Call(graph, variables, at, known, assumed).through()


class _Call:
    def __init__(self, graph: FlowGraph, variables: dict[str, str], at: float, known: Known, assumed: Assumed) -> None:
        self.graph, self.known, self.assumed, self.now = graph, known, assumed, at
        self.run = f.waiting(graph, at, "dry-run", variables)
        self.groups = assumed.digits.split()
        self.pressing = ""  # what is left of the group at hand
        self.asked = False  # a sound has ended, and nothing was pressed yet
        self.decided = (0, "")  # visit and phase of the step whose outcome was told
        self.prompts: tuple[Prompt, ...] = ()
        self.lines: list[Line] = []
        self.cause = ""

    def through(self) -> Report:
        self.hear(f.Begin())
        for _ in range(INPUTS_MAX):
            step = self.graph.steps.get(self.run.step or 0)
            if step is None or not self.go_on(step):
                break
        unused = " ".join(part for part in (self.pressing, *self.groups) if part)
        variables = masked(self.run.variables, self.run.secret)
        return Report(lines=tuple(self.lines), end=self.cause, variables=variables, unused=unused)

    def go_on(self, step: AnyStep) -> bool:
        """What happens next; False: nothing ever will."""
        if self.run.playing:
            self.hear(self.played())
        elif step.listens and self.next_digit():
            self.now += BETWEEN_DIGITS
            digit, self.pressing = self.pressing[0], self.pressing[1:]
            self.hear(f.DigitPressed(digit))
        elif self.decided != (now_at := (self.run.visits, self.run.phase)) and (outcomes := step.outcomes(self.run)):
            self.decided = now_at
            self.hear(*self.outcome_of(step, outcomes))
        elif self.run.timer is not None:
            self.now = max(self.now, self.run.timer)
            self.hear(f.TimePassed())
        else:
            return False
        return True

    def next_digit(self) -> bool:
        if not self.pressing and self.asked and self.groups:
            self.pressing = self.groups.pop(0).replace(SILENCE, "")
        self.asked = False
        return bool(self.pressing)

    def outcome_of(self, step: AnyStep, outcomes: dict[str, tuple[f.Input, ...]]) -> tuple[f.Input, ...]:
        wanted = self.assumed.outcomes.get(step.name) or self.assumed.outcomes.get(step.kind) or next(iter(outcomes))
        if wanted not in outcomes:
            raise UnknownOutcome(step.name, wanted, tuple(outcomes))
        return outcomes[wanted]

    def played(self) -> f.Played:
        """The sounds at hand, to their end, or the fault of the first that is not there."""
        for prompt in self.prompts:
            length = self.length(prompt)
            if length is None:
                return f.Played(error=f"sound {prompt} has no file")
            self.now += length
        self.asked = True
        return f.Played()

    def length(self, prompt: Prompt) -> float | None:
        if isinstance(prompt, Tape):
            return LENGTH_UNKNOWN
        if isinstance(prompt, Say):
            return len(prompt.text) * LENGTH_OF_SIGN
        return LENGTH_UNKNOWN if self.assumed.lengths is None else self.assumed.lengths.get(prompt)

    def hear(self, *inputs: f.Input) -> None:
        for heard in inputs:
            self.run, said = f.handle(self.graph, self.run, heard, self.now, self.known)
            for action in said:
                self.take(action)

    def take(self, action: f.Action) -> None:
        match action:
            case f.PlayPrompts(prompts=prompts):
                self.prompts = prompts
            case StepEntered(step=step, kind=kind, name=name):
                if self.lines:
                    self.lines[-1] = replace(self.lines[-1], target=name)
                self.lines.append(Line(at=self.now, step=step, kind=kind, name=name))
            case StepFailed(reason=reason) if self.lines:
                self.lines[-1] = replace(self.lines[-1], fault=reason)
            case StepLeft(exit=exit_name, result=result, value=value, label=label, seconds=seconds):
                left = {"exit": exit_name, "result": result, "value": value, "label": label, "seconds": seconds}
                self.lines[-1] = replace(self.lines[-1], **left)
            case f.EndCall(cause=cause):
                self.cause = cause
