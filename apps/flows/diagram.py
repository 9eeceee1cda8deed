"""Where the boxes and lines of a flow's picture stand: columns from left to right, in the order in which a caller passes. PURE.

A box lists its exits, each with a port on its right side from which a line leads to the next box; so no label can hide
another. A line to the next column is a curve between them. Lines that go farther run above the boxes, lines that lead back
run below them, one lane for each box that they lead to; so no line can hide behind a box. Units are pixels of the SVG.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from itertools import count

from msgspec import Struct

from apps.flows.graph import FlowGraph
from apps.flows.kinds import AnyStep
from apps.flows.kinds.step import Way

WIDTH, HEAD, ROW = 208, 46, 22
GAP_X, GAP_Y, MARGIN = 96, 28, 24
LANE, LANES_BESIDE = 7, 5  # distance between lanes; how many fit between two columns on each side


class Port(Struct, frozen=True):
    """An exit on its box. `missing`: it must lead somewhere and does not. `target`: the step it leads to; 0: none."""

    label: str
    y: int
    missing: bool = False
    name: str = ""
    target: int = 0


class Spare(Struct, frozen=True):
    """An exit that need not lead anywhere, and does not."""

    name: str
    label: str


class Box(Struct, frozen=True):
    step: int
    kind: str
    title: str
    name: str
    column: int
    x: int
    y: int
    height: int
    ports: tuple[Port, ...]
    spare: tuple[Spare, ...] = ()
    first: bool = False
    after_fault: bool = False
    width: int = WIDTH

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


class Line(Struct, frozen=True):
    """From a port to a box, as the `d` of an SVG path. `back`: to the same column or an earlier one."""

    path: str
    source: int
    target: int
    back: bool = False
    exit: str = ""


class Picture(Struct, frozen=True):
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(graph: FlowGraph, translate: Callable[[str], str] = str) -> Picture:
    """`translate` puts our own words into the reader's language."""
    columns = _columns(graph)
    over, under = _far_targets(graph, columns)
    top = MARGIN + LANE * len(over)
    boxes = {box.step: box for box in _boxes(graph, columns, top, translate)}
    low = max((box.bottom for box in boxes.values()), default=top) + LANE * 2
    heights = {(target, False): MARGIN // 2 + LANE * lane for lane, target in enumerate(over)}
    heights |= {(target, True): low + LANE * lane for lane, target in enumerate(under)}
    lines = tuple(line for box in boxes.values() for line in _lines(graph, boxes, box, heights))
    width = max((box.right for box in boxes.values()), default=0) + GAP_X // 2
    return Picture(width, low + LANE * len(under) + MARGIN // 2, tuple(boxes.values()), lines)


def shown_ways(step: AnyStep) -> list[Way]:
    """Those that are wired, and those that must be."""
    return [way for way in step.ways_out() if way.required or way.name in step.exits]


# -- columns


def _columns(graph: FlowGraph) -> list[list[int]]:
    """Each step stands to the right of all that lead to it, except by a line back; what nothing leads to comes last."""
    forward = _forward(graph)
    sources = defaultdict(list)
    for step, targets in forward.items():
        for target in targets:
            sources[target].append(step)
    place: dict[int, int] = {}
    for step in TopologicalSorter({step: sources[step] for step in forward}).static_order():
        place[step] = max((place[source] + 1 for source in sources[step]), default=0)
    columns: dict[int, list[int]] = defaultdict(list)
    for step in forward:
        columns[place[step]].append(step)
    rest = [step for step in graph.steps if step not in place]
    return _untangled([columns[number] for number in sorted(columns)], sources) + ([rest] if rest else [])


def _forward(graph: FlowGraph) -> dict[int, list[int]]:
    """Steps that callers can reach -> where they lead, without what closes a circle. In the order of a walk in depth."""
    forward: dict[int, list[int]] = {}
    for entrance in graph.entrances():
        if entrance in forward:
            continue
        forward[entrance] = []
        trail = [(entrance, iter(_targets(graph, entrance)))]
        while trail:
            step, targets = trail[-1]
            target = next(targets, None)
            if target is None:
                trail.pop()
            elif all(target != passed for passed, _ in trail):
                forward[step].append(target)
                if target not in forward:
                    forward[target] = []
                    trail.append((target, iter(_targets(graph, target))))
    return forward


def _targets(graph: FlowGraph, step: int) -> list[int]:
    targets = (graph.steps[step].exits.get(way.name) for way in graph.steps[step].ways_out())
    return [target for target in dict.fromkeys(targets) if target in graph.steps]


def _untangled(columns: list[list[int]], sources: dict[int, list[int]]) -> list[list[int]]:
    """Within a column, steps stand as high as those that lead to them, on average."""
    row: dict[int, float] = {}
    ordered = []
    for column in columns:
        height = {step: sum(row[source] for source in sources[step]) / max(1, len(sources[step])) for step in column}
        ordered.append(sorted(column, key=height.__getitem__))
        row |= {step: float(number) for number, step in enumerate(ordered[-1])}
    return ordered


def _far_targets(graph: FlowGraph, columns: list[list[int]]) -> tuple[list[int], list[int]]:
    """Steps that lines lead to above the others, and below them; each gets a lane."""
    place = {step: number for number, column in enumerate(columns) for step in column}
    hops = [(target, place[target] - place[step]) for step in place for target in _targets(graph, step)]
    over = dict.fromkeys(target for target, hop in hops if hop > 1)
    return list(over), list(dict.fromkeys(target for target, hop in hops if hop < 1))


# -- boxes and lines


def _boxes(graph: FlowGraph, columns: list[list[int]], top: int, translate: Callable[[str], str]) -> Iterator[Box]:
    for column, steps in enumerate(columns):
        y = top
        for step_id in steps:
            box = _box(graph, graph.steps[step_id], column, y, translate)
            y = box.bottom + GAP_Y
            yield box


def _box(graph: FlowGraph, step: AnyStep, column: int, y: int, translate: Callable[[str], str]) -> Box:
    ways = shown_ways(step)
    return Box(
        step=step.id,
        kind=step.kind,
        title=translate(step.title),
        name=step.name,
        column=column,
        x=MARGIN + column * (WIDTH + GAP_X),
        y=y,
        height=HEAD + ROW * len(ways) + (6 if ways else 0),
        ports=tuple(_ports(graph, step, y, translate)),
        spare=tuple(Spare(way.name, _label(way, translate)) for way in step.ways_out() if way not in ways),
        first=step.id == graph.start,
        after_fault=step.id == graph.default_exit,
    )


def _ports(graph: FlowGraph, step: AnyStep, y: int, translate: Callable[[str], str]) -> Iterator[Port]:
    for way, middle in zip(shown_ways(step), count(y + HEAD + ROW // 2, ROW), strict=False):
        target = step.exits.get(way.name, 0)
        missing = target not in graph.steps
        yield Port(_label(way, translate), middle, missing, way.name, 0 if missing else target)


def _label(way: Way, translate: Callable[[str], str]) -> str:
    return way.label if way.label_is_own else translate(way.label)


def _lines(graph: FlowGraph, boxes: dict[int, Box], box: Box, heights: dict[tuple[int, bool], int]) -> Iterator[Line]:
    step = graph.steps[box.step]
    for way, port in zip(shown_ways(step), box.ports, strict=True):
        target = boxes.get(step.exits.get(way.name, 0))
        if target is None:
            continue
        hop = target.column - box.column
        lane = heights.get((target.step, hop < 1), 0)
        path = _curve(box.right, port.y, target) if hop == 1 else _detour(box.right, port.y, target, lane)
        yield Line(path, box.step, target.step, hop < 1, way.name)


def _curve(x: int, y: int, target: Box) -> str:
    to_x, to_y, bend = target.x, target.y + HEAD // 2, (target.x - x) // 2
    return f"M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"


def _detour(x: int, y: int, target: Box, lane: int) -> str:
    """Out to the right, along the lane above or below all boxes, and in from the left."""
    aside = LANE * (1 + lane // LANE % LANES_BESIDE)
    return f"M{x} {y} H{x + aside} V{lane} H{target.x - aside - LANE} V{target.y + HEAD // 2} H{target.x}"
