"""TM-01, TM-03: which exit of a calendar holds at an instant, and why. PURE.

A row gives an exit from one minute of the day to another, both inclusive, by the clock on the wall of the calendar's time zone. So a row
in the hour that a spring night leaves out does not come that night, and a row in the hour that an autumn night has twice comes twice. A
row that ends before it begins goes on until the next day, and belongs to the day on which it begins.

The rows stand in the order of precedence, so the first that covers an instant wins: own dates before public holidays before weekly hours;
among those, the one for fewer days, then the one for fewer minutes, then the older one. Where no row covers, the default exit holds.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

Layer = Literal["date", "holiday", "week"]
LAYERS: tuple[Layer, ...] = ("date", "holiday", "week")
DAY_MINUTES = 1440
LOOK_AHEAD = 62  # days in which the next change is looked for
ONE_DAY = timedelta(days=1)


class Row(Struct, frozen=True, kw_only=True):
    """`begin`, `end`: minutes of the day, inclusive. A date or holiday has `first` to `last`; weekly hours have `weekdays`, 0 is Monday.

    `id`: of the row that was saved; several Rows may come of one. `name`: what the administrator calls it.
    """

    layer: Layer
    id: int
    exit: str
    begin: int = 0
    end: int = DAY_MINUTES - 1
    first: date = date.max
    last: date = date.min
    weekdays: frozenset[int] = frozenset()
    name: str = ""

    @property
    def overnight(self) -> bool:
        return self.end < self.begin

    def on(self, day: date) -> bool:
        """Whether it begins on `day`."""
        return day.weekday() in self.weekdays if self.layer == "week" else self.first <= day <= self.last

    def covers(self, day: date, minute: int) -> bool:
        if not self.overnight:
            return self.begin <= minute <= self.end and self.on(day)
        return (minute >= self.begin and self.on(day)) or (minute <= self.end and self.on(day - ONE_DAY))

    def touches(self, day: date) -> bool:
        return self.on(day) or (self.overnight and self.on(day - ONE_DAY))

    def precedence(self) -> tuple[int, int, int, int, str]:
        days = len(self.weekdays) if self.layer == "week" else (self.last - self.first).days + 1
        return LAYERS.index(self.layer), days, (self.end - self.begin) % DAY_MINUTES, self.id, self.name


class Override(Struct, frozen=True):
    """TM-05: set by hand, above all rows. Unix seconds; `until` None: until somebody takes it back."""

    exit: str
    since: float
    until: float | None = None

    def holds(self, instant: float) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)


class Calendar(Struct, frozen=True, kw_only=True):
    """`rows` in the order of precedence (`in_order`). `names`: all exits that it can give. `default`: where no row covers."""

    id: int
    name: str
    zone: str
    default: str
    open_exit: str
    closed_exit: str
    names: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    override: Override | None = None


class Decision(Struct, frozen=True):
    """`row` None: the override's or the default exit."""

    exit: str
    row: Row | None = None
    overridden: bool = False


class Change(Struct, frozen=True):
    """From `at` on (Unix seconds) `exit` holds."""

    at: float
    exit: str


class Span(Struct, frozen=True):
    """What holds on one day from minute `begin` to minute `end`, inclusive."""

    begin: int
    end: int
    decision: Decision


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=Row.precedence))


def on_the_wall(zone: str, instant: float) -> datetime:
    """Date and time in `zone` at `instant` (Unix seconds). Errors: ZoneInfoNotFoundError."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone))


def instant_of(zone: str, day: date, minute: int, *, second_pass: bool = False) -> float:
    """When the clock of `zone` shows that minute; `second_pass` of an hour that comes twice. A minute that is left out: as PEP 495 says."""
    shown = datetime.combine(day, time(), ZoneInfo(zone)).replace(hour=minute // 60, minute=minute % 60, fold=int(second_pass))
    return shown.timestamp()


def is_shown(zone: str, day: date, minute: int) -> bool:
    """Whether the clock shows that minute at all: in spring an hour is left out."""
    there = on_the_wall(zone, instant_of(zone, day, minute))
    return (there.date(), there.hour * 60 + there.minute) == (day, minute)


def winner(rows: Iterable[Row], day: date, minute: int) -> Row | None:
    """`rows` in the order of precedence."""
    return next((row for row in rows if row.covers(day, minute)), None)


def decide(calendar: Calendar, instant: float) -> Decision:
    """`instant`: Unix seconds."""
    override = calendar.override
    if override is not None and override.holds(instant):
        return Decision(override.exit, overridden=True)
    there = on_the_wall(calendar.zone, instant)
    row = winner(calendar.rows, there.date(), there.hour * 60 + there.minute)
    return Decision(row.exit if row else calendar.default, row)


def exit_at(calendar: Calendar, instant: float) -> str:
    return decide(calendar, instant).exit


def next_change(calendar: Calendar, instant: float, days: int = LOOK_AHEAD) -> Change | None:
    """When another exit holds for the first time after `instant`; None: not within `days`."""
    present = exit_at(calendar, instant)
    today = on_the_wall(calendar.zone, instant).date()
    for number in range(days):
        for moment in _moments(calendar, today + number * ONE_DAY):
            if moment > instant and (exit_then := exit_at(calendar, moment)) != present:
                return Change(moment, exit_then)
    return None


def spans(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The whole of `day` by the clock on the wall, piece by piece, without gaps."""
    cuts = _cuts(calendar, day)
    pieces: list[Span] = []
    for begin, end in zip(cuts, [*cuts[1:], DAY_MINUTES], strict=True):
        decision = decide(calendar, instant_of(calendar.zone, day, begin))
        if pieces and pieces[-1].decision == decision:
            pieces[-1] = Span(pieces[-1].begin, end - 1, decision)
        else:
            pieces.append(Span(begin, end - 1, decision))
    return tuple(pieces)


def end_of_today(calendar: Calendar, instant: float) -> float:
    """When whoever closes "for today" means to be open again: the next midnight, or the end of the row that goes on past it."""
    tomorrow = on_the_wall(calendar.zone, instant).date() + ONE_DAY
    row = winner(calendar.rows, tomorrow, 0)
    goes_on = row is not None and row.overnight and row.exit == calendar.open_exit
    return instant_of(calendar.zone, tomorrow, row.end + 1 if row is not None and goes_on else 0)


def edges(rows: Iterable[Row], day: date) -> set[int]:
    """Minutes of `day` at which a row begins to cover or ceases to; 0 is always one."""
    found = {0}
    for row in rows:
        if row.on(day):
            found |= {row.begin, DAY_MINUTES if row.overnight else row.end + 1}
        if row.overnight and row.on(day - ONE_DAY):
            found.add(row.end + 1)
    return found - {DAY_MINUTES}


def _cuts(calendar: Calendar, day: date) -> list[int]:
    """Edges of the rows, and the minutes at which the override begins and ends."""
    cuts = edges(calendar.rows, day)
    for instant in _override_edges(calendar):
        there = on_the_wall(calendar.zone, instant + 59)  # the next whole minute
        if there.date() == day:
            cuts.add(there.hour * 60 + there.minute)
    return sorted(cuts)


def _moments(calendar: Calendar, day: date) -> list[float]:
    """Instants of `day` between which nothing changes: edges, on both passes of an hour that comes twice, and the change of the clocks."""
    found = {instant_of(calendar.zone, day, cut, second_pass=second) for cut in edges(calendar.rows, day) for second in (False, True)}
    found |= {*_override_edges(calendar), *_clock_changes(calendar.zone, day)}
    return sorted(moment for moment in found if on_the_wall(calendar.zone, moment).date() == day)


def _override_edges(calendar: Calendar) -> Iterator[float]:
    if calendar.override is not None:
        yield calendar.override.since
        if calendar.override.until is not None:
            yield calendar.override.until


def _clock_changes(zone: str, day: date) -> Iterator[float]:
    """The instant near `day` at which the clock is put forward or back, to the second."""
    before = int(datetime.combine(day - ONE_DAY, time(12), UTC).timestamp())
    after = before + 2 * 86_400
    old = on_the_wall(zone, before).utcoffset()
    if old == on_the_wall(zone, after).utcoffset():
        return
    while after - before > 1:
        middle = (before + after) // 2
        if on_the_wall(zone, middle).utcoffset() == old:
            before = middle
        else:
            after = middle
    yield float(after)
