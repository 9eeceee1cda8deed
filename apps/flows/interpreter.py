"""Takes one call through its flow: `handle(graph, run, heard, now, known) -> (run, actions and facts)`. PURE.

Each step that is entered is left exactly once, and the journal says so (StepEntered, StepLeft; IV-05). A broken step never
drops the caller (IV-09): its error exit is taken, else the flow's default exit, and only then the call ends. After 500
steps the default exit is taken and may use GRACE steps more; then the call ends.
"""

from msgspec.structs import replace

from apps.events.vocabulary import StepEntered, StepFailed, StepLeft
from apps.flows.graph import FlowGraph
from apps.flows.kinds.step import Broken, Leave, Outcome, Stay, Step, gettext_noop
from apps.flows.known import NOTHING, Known
from apps.flows.run import (
    CALLER,
    DIALLED,
    FORWARDED_FROM,
    PATH_KEPT,
    Action,
    Begin,
    CallbackTaken,
    CallerGone,
    CodeProved,
    Dialled,
    DialNumber,
    DigitPressed,
    EndCall,
    FetchWeb,
    FindSound,
    Input,
    JoinQueue,
    OrderCallback,
    Passed,
    Played,
    PlayPrompts,
    Prompt,
    ProveCode,
    QueueLeft,
    Run,
    SoundFound,
    StartTape,
    StopPrompts,
    StopTape,
    Tape,
    Taped,
    TimePassed,
    WebAnswered,
)

__all__ = [
    "Action", "Begin", "CALLER", "CallbackTaken", "CallerGone", "CodeProved", "DIALLED", "DialNumber", "Dialled", "DigitPressed", "EndCall",
    "FORWARDED_FROM", "FetchWeb", "FindSound", "Input", "JoinQueue", "OrderCallback", "Passed", "PlayPrompts", "Played", "Prompt",
    "ProveCode", "QueueLeft", "Run", "SoundFound", "StartTape", "StopPrompts", "StopTape", "Tape", "Taped", "TimePassed", "WebAnswered",
    "handle", "next_timer", "start", "waiting",
]  # fmt: skip

FAULT = Leave("error", "error")
VISITS_MAX = 500
GRACE = 20  # steps that the default exit may lead through after the limit

NOWHERE = gettext_noop("The exit that was taken leads nowhere.")
NO_STEP = gettext_noop("The flow has no first step.")
TOO_MANY = gettext_noop("The call passed 500 steps without coming to an end.")


def waiting(graph: FlowGraph, now: float, call_id: str, variables: dict[str, str] | None = None, shift: float = 0.0) -> Run:
    """A call that is to go through `graph` and has not begun: it waits for Begin. `shift` as in Run."""
    return Run(version=graph.version, call=call_id, entered_at=now, variables=variables or {}, shift=shift)


def start(
    graph: FlowGraph, now: float, call_id: str, variables: dict[str, str] | None = None, known: Known = NOTHING
) -> tuple[Run, list[Action]]:
    """The first steps of a call, as far as one that waits for something."""
    return handle(graph, waiting(graph, now, call_id, variables), Begin(), now, known)


def handle(graph: FlowGraph, run: Run, heard: Input, now: float, known: Known = NOTHING) -> tuple[Run, list[Action]]:
    """`now`: Unix seconds. Inputs that do not concern the step, and inputs after the end, change nothing. Raises nothing."""
    walk = _Walk(graph, run, now, known)
    step = graph.steps.get(run.step or 0)
    if isinstance(heard, Begin):
        walk.begin()
    elif step is None:
        pass
    elif isinstance(heard, CallerGone):
        walk.actions += step.gone(run, now)
        walk.leave(step, Leave("", heard.result), "")
        walk.end()
    else:
        walk.settle(step, step.hear(run, heard, now))
    return walk.run, walk.actions


def next_timer(run: Run) -> float | None:
    """When TimePassed is due, in Unix seconds."""
    return run.timer


class _Walk:
    """What one input leads to: steps left and entered until one waits or the flow is over."""

    def __init__(self, graph: FlowGraph, run: Run, now: float, known: Known) -> None:
        self.graph = graph
        self.known = known
        self.run = run
        self.now = now
        self.actions: list[Action] = []

    def begin(self) -> None:
        if self.run.visits:
            return
        first: int | None = self.graph.start
        if first not in self.graph.steps:
            self.fail(self.graph.start, NO_STEP)
            first = self._known(self.graph.default_exit)
        if first is None:
            self.run = replace(self.run, visits=1)
            self.end("error")
        else:
            self.settle(*self.enter(first))

    def settle(self, step: Step, outcome: Outcome) -> None:
        while not isinstance(outcome, Stay):
            target, cause = self.broken(step, outcome.reason) if isinstance(outcome, Broken) else self.follow(step, outcome)
            target = self.within_limit(step, target)
            if target is None:
                self.end(cause or "error")
                return
            step, outcome = self.enter(target)
        self.run = outcome.run
        self.actions += outcome.actions

    def enter(self, target: int) -> tuple[Step, Outcome]:
        step = self.graph.steps[target]
        self.actions.append(StepEntered(at=self.now, call=self.run.call, step=step.id, kind=step.kind, name=step.name))
        visits = self.run.visits + 1
        fresh = {"tries": 0, "silent": 0, "invalid": 0, "typed": "", "phase": "", "kept": {}, "playing": False, "timer": None}
        self.run = replace(self.run, step=target, entered_at=self.now, visits=visits, **fresh)
        return step, step.enter(self.run, self.now, self.known)

    def follow(self, step: Step, left: Leave) -> tuple[int | None, str]:
        """Where the exit leads, and why the call ends if that is nowhere."""
        self.actions += left.actions
        target = self._known(step.exits.get(left.exit))
        if target is None and not left.cause:
            return self.broken(step, NOWHERE, left)
        self.leave(step, left, left.exit if target is not None else "")
        return target, left.cause

    def broken(self, step: Step, reason: str, left: Leave = FAULT) -> tuple[int | None, str]:
        """IV-09: the step's error exit, else the flow's default exit, unless that is the very step that is broken."""
        self.fail(step.id, reason)
        exits = {"error": step.exits.get("error"), "default": self.graph.default_exit if self.graph.default_exit != step.id else None}
        name, target = next(((name, target) for name, target in exits.items() if target in self.graph.steps), ("", None))
        self.leave(step, left, name)
        return target, "error"

    def fail(self, step: int, reason: str) -> None:
        self.actions.append(StepFailed(at=self.now, call=self.run.call, step=step, reason=reason))

    def leave(self, step: Step, left: Leave, exit_name: str) -> None:
        run = self.run
        fact = StepLeft(at=self.now, call=run.call, step=step.id, exit=exit_name, result=left.result, value=left.value, label=left.label)
        self.actions.append(replace(fact, seconds=max(0.0, self.now - run.entered_at)))
        passed = Passed(step.id, step.name, left.label or left.value)
        path = (*run.path[1 - PATH_KEPT :], passed)
        self.run = replace(run, step=None, timer=None, playing=False, typed="", path=path)
        if left.variables:
            secret = run.secret - left.variables.keys() | (left.variables.keys() if left.secret else frozenset())
            self.run = replace(self.run, variables=run.variables | left.variables, secret=secret, labels=run.labels | left.labels)

    def within_limit(self, step: Step, target: int | None) -> int | None:
        """A call that goes round without end is led to the default exit, once."""
        stranded = self.run.stranded
        if target is None or self.run.visits < VISITS_MAX + (GRACE if stranded else 0):
            return target
        if stranded:
            return None
        self.fail(step.id, TOO_MANY)
        self.run = replace(self.run, stranded=True)
        return self._known(self.graph.default_exit)

    def end(self, cause: str = "caller_hung_up") -> None:
        """The flow is over; a caller who hung up needs no EndCall."""
        self.run = replace(self.run, step=None, timer=None, playing=False, typed="")
        if cause != "caller_hung_up":
            self.actions.append(EndCall(cause))

    def _known(self, step: int | None) -> int | None:
        return step if step in self.graph.steps else None
