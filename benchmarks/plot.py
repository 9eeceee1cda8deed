"""Draws the figures of `benchmarks/results/*.jsonl` against the number of calls: `python -m benchmarks.plot`.

Makes `docs/images/cpu-by-calls.svg` (CPU of each part of the product, stacked) and `docs/images/set-up-by-calls.svg` (median and 95th
percentile of the set-up time). Each line of the results is one measurement at one number of calls, as `benchmarks.capacity` writes it:

    {"calls": 10, "setup_ms_median": 41.0, "setup_ms_p95": 63.0, "cpu cells": 6.1, "cpu switch": 1.9}

CPU is that of all processes of the part, in per cent of a core. A line may also be about one part:

    {"calls": 10, "part": "cells", "cpu_percent_of_a_core": 6.1}

A later line for the same part and number of calls counts instead of an earlier one.
"""

import json
import math
from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
RESULTS, IMAGES = ROOT / "benchmarks/results", ROOT / "docs/images"
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 48, 48  # margins; names stand in the right one
LINES = 5  # grid lines at the most
CPU = "cpu "  # followed by the name of a part
GAP = 16  # between two names
COLOURS = ("#2f6fde", "#e07b1a", "#2a9d6e", "#b6489b", "#8a6fd1", "#c9a227", "#5b8ba0", "#d1495b")
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2933; }
.title { font-size: 16px; font-weight: 600; }
.faint { fill: #5c6b78; }
.unit { font-size: 13px; font-weight: 400; fill: #5c6b78; }
.grid { stroke: #d5dbe1; }
.axis { stroke: #5c6b78; }
.paper { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e9ee; } .faint, .unit { fill: #9aa8b5; } .grid { stroke: #38434d; } .axis { stroke: #9aa8b5; } .paper { fill: #14191e; }
}
"""
Row = dict[str, Any]
Line = list[tuple[float, float]]  # (calls, value)


def rows() -> list[Row]:
    """One for each part and number of calls."""
    lines = [json.loads(line) for file in sorted(RESULTS.glob("*.jsonl")) for line in file.read_text().splitlines() if line.strip()]
    newest = {(row["part"], row["calls"]): row for line in lines for row in _by_part(line)}
    return sorted(newest.values(), key=lambda row: row["calls"])


def _by_part(line: Row) -> list[Row]:
    if "part" in line:
        return [line]
    parts = {key.removeprefix(CPU): value for key, value in line.items() if key.startswith(CPU)}
    return [line | {"part": part, "cpu_percent_of_a_core": value} for part, value in parts.items()]


def series(found: Iterable[Row], key: str) -> dict[str, Line]:
    """part -> its values; parts with the greatest ones first."""
    lines: dict[str, Line] = {}
    for row in found:
        if row.get(key) is not None:
            lines.setdefault(row["part"], []).append((row["calls"], row[key]))
    return dict(sorted(lines.items(), key=lambda line: -max(value for _, value in line[1])))


def stacked(lines: dict[str, Line]) -> list[tuple[str, Line, Line]]:
    """(part, its lower edge, its upper edge), where all parts were measured."""
    common = sorted(set.intersection(*({calls for calls, _ in line} for line in lines.values()))) if lines else []
    below, layers = dict.fromkeys(common, 0.0), []
    for part, line in lines.items():
        above = {calls: below[calls] + value for calls, value in line if calls in below}
        layers.append((part, sorted(below.items()), sorted(above.items())))
        below = above
    return layers


class Chart:
    """One picture, from 0 to `most` on both axes."""

    def __init__(self, title: str, unit: str, calls: Sequence[float], most: float) -> None:
        self._calls, self._step = calls, _step(most)
        self._most = self._step * math.ceil(most / self._step)
        self._names: list[tuple[float, str, str]] = []  # (y, name, colour)
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
            f'<style>{STYLE}</style><rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
            f'<text class="title" x="{LEFT}" y="26">{escape(title)}<tspan class="unit" dx="8">{escape(unit)}</tspan></text>',
        ]
        self._grid()

    def area(self, name: str, lower: Line, upper: Line, colour: str) -> None:
        points = self._points([*upper, *reversed(lower)])
        self._parts.append(f'<polygon points="{points}" fill="{colour}" fill-opacity="0.75"/>')
        self._names.append(((self._y(lower[-1][1]) + self._y(upper[-1][1])) / 2, name, colour))

    def line(self, name: str, line: Line, colour: str, *, dashed: bool = False) -> None:
        dashes = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(f'<polyline points="{self._points(line)}" fill="none" stroke="{colour}" stroke-width="2.5"{dashes}/>')
        self._parts += [f'<circle cx="{self._x(calls):.1f}" cy="{self._y(value):.1f}" r="3.5" fill="{colour}"/>' for calls, value in line]
        self._names.append((self._y(line[-1][1]), name, colour))

    def save(self, path: Path) -> None:
        path.write_text("\n".join([*self._parts, *self._labels(), "</svg>"]) + "\n")

    def _labels(self) -> Iterable[str]:
        """Beside the ends of their lines, and not over each other."""
        lowest = float(HEIGHT - BOTTOM + 8)
        x = WIDTH - RIGHT + 10
        for y, name, colour in sorted(self._names, reverse=True):
            lowest = min(y, lowest)
            yield f'<circle cx="{x}" cy="{lowest:.1f}" r="4.5" fill="{colour}"/>'
            yield f'<text x="{x + 10}" y="{lowest + 4:.1f}">{escape(name)}</text>'
            lowest -= GAP

    def _grid(self) -> None:
        for number in range(round(self._most / self._step) + 1):
            value = number * self._step
            y, kind = self._y(value), "grid" if number else "axis"
            self._parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            self._parts.append(f'<text class="faint" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
        for calls in self._calls:
            self._parts.append(
                f'<text class="faint" x="{self._x(calls):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{calls:g}</text>'
            )
        middle = (LEFT + WIDTH - RIGHT) / 2
        self._parts.append(f'<text class="faint" x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">calls at once</text>')

    def _points(self, line: Iterable[tuple[float, float]]) -> str:
        return " ".join(f"{self._x(calls):.1f},{self._y(value):.1f}" for calls, value in line)

    def _x(self, calls: float) -> float:
        return LEFT + calls / max(self._calls) * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / self._most * (HEIGHT - TOP - BOTTOM)


def _step(most: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are `LINES` grid lines at the most."""
    size = 10 ** math.floor(math.log10(most / LINES))
    return next(size * times for times in (1, 2, 5, 10) if most / (size * times) <= LINES)


def draw_cpu(found: list[Row]) -> None:
    layers = stacked(series(found, "cpu_percent_of_a_core"))
    if layers:
        calls = [number for number, _ in layers[0][2]]
        chart = Chart("CPU by number of calls", "% of a core", calls, max(value for _, value in layers[-1][2]))
        for (part, lower, upper), colour in zip(layers, cycle(COLOURS), strict=False):
            chart.area(part, lower, upper, colour)
        chart.save(IMAGES / "cpu-by-calls.svg")


def draw_set_up(found: list[Row]) -> None:
    """INVITE at the trunk port to its 200."""
    once = {row["calls"]: row for row in found if row.get("setup_ms_p95") is not None}
    if once:
        lines = [[(calls, row[key]) for calls, row in once.items()] for key in ("setup_ms_p95", "setup_ms_median")]
        chart = Chart("Set-up time by number of calls", "ms", list(once), max(value for line in lines for _, value in line))
        chart.line("95th percentile", lines[0], COLOURS[1], dashed=True)
        chart.line("median", lines[1], COLOURS[0])
        chart.save(IMAGES / "set-up-by-calls.svg")


def main() -> None:
    found = rows()
    draw_cpu(found)
    draw_set_up(found)


if __name__ == "__main__":
    main()
