"""Where the boxes and lines of a flow's picture stand: columns from left to right, by how many steps a caller needs. PURE.

A box lists its exits, each with a port on its right side from which a line leads to the next box; so no label can hide
another. Units are those of the SVG (pixels at normal size).
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from apps.flows.graph import FlowGraph
from apps.flows.kinds import AnyStep
from apps.flows.kinds.step import Way

WIDTH, HEAD, ROW = 208, 46, 22
GAP_X, GAP_Y, MARGIN = 96, 28, 24


class Port(Struct, frozen=True):
    """An exit on its box. `missing`: it must lead somewhere and does not."""

    label: str
    y: int
    missing: bool = False


class Box(Struct, frozen=True):
    step: int
    kind: str
    title: str
    name: str
    x: int
    y: int
    height: int
    ports: tuple[Port, ...]
    first: bool = False
    after_fault: bool = False
    width: int = WIDTH

    @property
    def right(self) -> int:
        return self.x + self.width


class Line(Struct, frozen=True):
    """A curve, as the `d` of an SVG path. `back`: it leads to the same column or an earlier one."""

    path: str
    source: int
    target: int
    back: bool = False


class Picture(Struct, frozen=True):
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(graph: FlowGraph, translate: Callable[[str], str] = str) -> Picture:
    """`translate` puts our own words into the reader's language."""
    boxes = {box.step: box for box in _boxes(graph, _columns(graph), translate)}
    lines = tuple(line for box in boxes.values() for line in _lines(graph, boxes, box))
    width = max((box.right for box in boxes.values()), default=0) + MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    return Picture(width, height, tuple(boxes.values()), lines)


def shown_ways(step: AnyStep) -> list[Way]:
    """Those that are wired, and those that must be."""
    return [way for way in step.ways_out() if way.required or way.name in step.exits]


def _columns(graph: FlowGraph) -> list[list[int]]:
    """Steps by their distance from the entrances; what nothing leads to comes last."""
    columns, seen, column = [], set(), list(dict.fromkeys(graph.entrances()))
    while column:
        columns.append(column)
        seen |= set(column)
        targets = (graph.steps[step].exits.get(way.name) for step in column for way in graph.steps[step].ways_out())
        column = [step for step in dict.fromkeys(targets) if step in graph.steps and step not in seen]
    rest = [step for step in graph.steps if step not in seen]
    return columns + ([rest] if rest else [])


def _boxes(graph: FlowGraph, columns: list[list[int]], translate: Callable[[str], str]) -> Iterator[Box]:
    for number, column in enumerate(columns):
        y = MARGIN
        for step_id in column:
            box = _box(graph, graph.steps[step_id], MARGIN + number * (WIDTH + GAP_X), y, translate)
            y += box.height + GAP_Y
            yield box


def _box(graph: FlowGraph, step: AnyStep, x: int, y: int, translate: Callable[[str], str]) -> Box:
    ways = shown_ways(step)
    ports = tuple(
        Port(
            way.label if way.label_is_own else translate(way.label),
            y + HEAD + ROW * row + ROW // 2,
            step.exits.get(way.name) not in graph.steps,
        )
        for row, way in enumerate(ways)
    )
    first, after_fault = step.id == graph.start, step.id == graph.default_exit
    height = HEAD + ROW * len(ways) + (6 if ways else 0)
    return Box(step.id, step.kind, translate(step.title), step.name, x, y, height, ports, first, after_fault)


def _lines(graph: FlowGraph, boxes: dict[int, Box], box: Box) -> Iterator[Line]:
    step = graph.steps[box.step]
    for way, port in zip(shown_ways(step), box.ports, strict=True):
        target = boxes.get(step.exits.get(way.name, 0))
        if target is not None:
            yield Line(_curve(box.right, port.y, target.x, target.y + HEAD // 2), box.step, target.step, target.x <= box.x)


def _curve(x: int, y: int, to_x: int, to_y: int) -> str:
    bend = max(40, (to_x - x) // 2) if to_x > x else 70
    return f"M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"
