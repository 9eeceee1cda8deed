"""TM-04: rows that can never apply, and why. PURE."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from apps.hours.opening import DAY_MINUTES, ONE_DAY, Layer, Row, edges, is_shown, winner

ANY_WEEK = date(2001, 1, 1)  # a Monday
Key = tuple[Layer, int]


class Idle(Struct, frozen=True):
    """`past`: its dates are over. `left_out`: the clocks are put forward over it. `covered`: by these rows, at all its times."""

    why: Literal["past", "left_out", "covered"]
    by: tuple[Row, ...] = ()


def idle_rows(rows: Sequence[Row], zone: str, today: date) -> dict[Key, Idle]:
    """By layer and id of the row. `rows` in the order of precedence.

    Weekly hours are looked at in a week without own dates and holidays: those come and go, and the week is there in between.
    """
    weekly = [row for row in rows if row.layer == "week"]
    found = {key: _judge(group, weekly, zone, [ANY_WEEK + n * ONE_DAY for n in range(8)]) for key, group in _groups(weekly)}
    dated = [row for row in rows if row.layer != "week"]
    found |= {key: _judge(group, dated, zone, _days(group, today)) for key, group in _groups(dated)}
    return {key: idle for key, idle in found.items() if idle is not None}


def _groups(rows: Iterable[Row]) -> Iterable[tuple[Key, list[Row]]]:
    """The Rows that come of one saved row."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        if row.id:
            groups.setdefault((row.layer, row.id), []).append(row)
    return groups.items()


def _days(group: list[Row], today: date) -> Iterator[date]:
    """From today on, those that the rows touch."""
    for row in group:
        day, last = max(row.first, today), row.last + ONE_DAY if row.overnight else row.last
        while day <= last:
            yield day
            day += ONE_DAY


def _judge(group: list[Row], rows: list[Row], zone: str, days: Iterable[date]) -> Idle | None:
    """None: it applies at some time."""
    winners: dict[Row, None] = {}
    seen = False
    for day in days:
        seen = True
        for won in _winners(group, rows, zone, day):
            if won in group:
                return None
            winners[won] = None
    if not seen:
        return Idle("past")
    return Idle("covered", tuple(winners)) if winners else Idle("left_out")


def _winners(group: list[Row], rows: list[Row], zone: str, day: date) -> Iterator[Row]:
    """Who wins at the times of `group` on `day`, as far as the clock shows them."""
    cuts = sorted(edges(rows, day))
    for begin, after in zip(cuts, [*cuts[1:], DAY_MINUTES], strict=True):
        covered = any(row.covers(day, begin) for row in group)
        if covered and (is_shown(zone, day, begin) or is_shown(zone, day, after - 1)):
            won = winner(rows, day, begin)
            if won is not None:
                yield won
