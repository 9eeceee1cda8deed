"""IV-06: what is wrong with a whole graph, so that it must not be published. PURE."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from apps.flows.graph import FlowGraph
from apps.flows.kinds.step import Finding, Surroundings, gettext_noop
from apps.flows.variables import OF_EVERY_CALL


def check(graph: FlowGraph, around: Surroundings) -> list[Finding]:
    """All findings: of the flow, then of its steps in their order."""
    return [*_entrances(graph), *_steps(graph, around), *_unreachable(graph), *_loops(graph), *_variables(graph)]


def _entrances(graph: FlowGraph) -> Iterator[Finding]:
    if graph.start not in graph.steps:
        yield Finding("no_start", gettext_noop("No first step is chosen."))
    if graph.default_exit not in graph.steps:
        yield Finding("no_default_exit", gettext_noop("No step after a fault is chosen: a caller would be dropped when a step is broken."))


def _steps(graph: FlowGraph, around: Surroundings) -> Iterator[Finding]:
    for step in graph.steps.values():
        yield from step.problems(around)


def _unreachable(graph: FlowGraph) -> Iterator[Finding]:
    reached = set(graph.entrances())
    waiting = list(reached)
    while waiting:
        new = {target for target in graph.steps[waiting.pop()].exits.values() if target in graph.steps} - reached
        reached |= new
        waiting += new
    for step in graph.steps.values():
        if step.id not in reached:
            yield step.finding("unreachable", gettext_noop("No step leads here."))


def _loops(graph: FlowGraph) -> Iterator[Finding]:
    """Circles of exits that nobody chooses: a caller would go round in them for ever."""
    follows = {step.id: _unattended(graph, step.id) for step in graph.steps.values()}
    while circle := _circle(follows):
        first = graph.steps[min(circle)]
        names = " → ".join(graph.steps[step].name for step in circle)
        yield first.finding("loop", gettext_noop("The caller would go round without being asked: %(steps)s."), steps=names)
        for step in circle:
            follows.pop(step, None)


def _unattended(graph: FlowGraph, step_id: int) -> set[int]:
    step = graph.steps[step_id]
    return {step.exits[way.name] for way in step.ways_out() if way.unattended and step.exits.get(way.name) in graph.steps}


def _circle(follows: dict[int, set[int]]) -> list[int]:
    """One circle, its first step again at the end, or nothing."""
    try:
        TopologicalSorter(follows).prepare()
    except CycleError as error:
        circle: list[int] = error.args[1]
        return circle[::-1]
    return []


def _variables(graph: FlowGraph) -> Iterator[Finding]:
    """A name that is read and never set is most often a slip of the pen."""
    known = {*OF_EVERY_CALL, *(name for step in graph.steps.values() for name in step.sets())}
    for step in graph.steps.values():
        for name in dict.fromkeys(step.reads()):
            if name not in known:
                yield step.finding("unset_variable", gettext_noop("No step sets the variable “%(name)s”."), warning=True, name=name)
