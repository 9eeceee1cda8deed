"""What a version changes compared to another, step by step; steps are the same when they have the same name. PURE."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from apps.flows.graph import FlowGraph
from apps.flows.kinds import AnyStep
from apps.flows.kinds.step import Way


class Difference(Struct, frozen=True):
    """`what` on the step `name`. Changed: `settings` of its own, or where the ways in `exits` lead."""

    what: Literal["added", "removed", "changed"]
    name: str
    settings: bool = False
    exits: tuple[Way, ...] = ()


def differences(old: FlowGraph, new: FlowGraph) -> list[Difference]:
    before, after = ({step.name: step for step in graph.steps.values()} for graph in (old, new))
    return [
        *(Difference("added", name) for name in after if name not in before),
        *(Difference("removed", name) for name in before if name not in after),
        *_changed(old, before, new, after),
    ]


def merged(old: FlowGraph, new: FlowGraph) -> tuple[FlowGraph, dict[int, str]]:
    """`new` with the steps that it has no more, and what became of each step that is not as it was (step -> Difference.what)."""
    gone = {step.id: step for step in old.steps.values() if step.name not in {step.name for step in new.steps.values()}}
    ids = {step.name: step.id for step in (*gone.values(), *new.steps.values())}
    left = {id_: _aimed(old, step, ids) for id_, step in gone.items()}
    marks = {ids[difference.name]: str(difference.what) for difference in differences(old, new)}
    return replace(new, steps=new.steps | left), marks


def _aimed(old: FlowGraph, step: AnyStep, ids: dict[str, int]) -> AnyStep:
    """A step of `old` whose exits lead to the steps of those names."""
    return replace(step, exits={name: ids[target] for name, target in _targets(old, step).items()})


def _changed(old: FlowGraph, before: dict[str, AnyStep], new: FlowGraph, after: dict[str, AnyStep]) -> Iterator[Difference]:
    for name, step in after.items():
        if name not in before:
            continue
        settings = _settings(before[name]) != _settings(step)
        old_exits, new_exits = _targets(old, before[name]), _targets(new, step)
        ways = {way.name: way for way in (*before[name].ways_out(), *step.ways_out())}
        exits = tuple(way for way in ways.values() if old_exits.get(way.name) != new_exits.get(way.name))
        if settings or exits:
            yield Difference("changed", name, settings, exits)


def _settings(step: AnyStep) -> tuple[object, ...]:
    left_out = ("id", "exits", *step.UNCOMPARED)
    return (step.kind, *(getattr(step, field) for field in step.__struct_fields__ if field not in left_out))


def _targets(graph: FlowGraph, step: AnyStep) -> dict[str, str]:
    """Name of the exit -> name of the step it leads to."""
    return {name: graph.steps[target].name for name, target in step.exits.items() if target in graph.steps}
