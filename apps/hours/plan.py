"""What pages show of a calendar: what holds now, a week as bars, the next days as a calendar, the answer to "what happens at …?"."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Struct

from apps.hours import services, wording
from apps.hours.models import Calendar
from apps.hours.opening import DAY_MINUTES, ONE_DAY, decide, instant_of, is_shown, next_change, on_the_wall, spans
from apps.hours.opening import Calendar as Frozen
from apps.hours.rows import freeze, override_of

TONES = 4  # colours for other names than open and closed
DAYS_AHEAD = 60
LABEL_WIDTH = 5.0  # per cent of a day


class Status(Struct, frozen=True):
    """`until` empty: nothing changes in the next weeks. `by_hand`: who set it; empty: the rows decide."""

    calendar: Calendar
    exit: str
    tone: str
    until: str
    next_exit: str
    reason: str
    by_hand: bool
    open: bool


class Piece(Struct, frozen=True):
    """`left`, `width`: per cent of the day."""

    exit: str
    tone: str
    interval: str
    reason: str
    left: str
    width: str
    label: str = ""  # what there is room for in the bar; the list under it has all words


class Day(Struct, frozen=True):
    """`pieces`: of the week's bars all of the day. `main`: those that are not the default exit, or the one of the whole day."""

    day: date
    name: str
    today: bool
    pieces: tuple[Piece, ...]
    main: tuple[Piece, ...]
    special: str = ""  # names of the own dates and public holidays


class Answer(Struct, frozen=True):
    when: str
    exit: str = ""
    tone: str = ""
    reason: str = ""
    remark: str = ""


class Plan:
    """One calendar as it is now. `calendar` with its rows prefetched."""

    def __init__(self, calendar: Calendar, now: datetime) -> None:
        self.calendar = calendar
        self.now = now.timestamp()
        self.frozen: Frozen = freeze(calendar, timezone.localdate())
        self.today = on_the_wall(self.frozen.zone, self.now).date()

    def tone(self, exit_name: str) -> str:
        """Of a colour; the word always stands beside it."""
        frozen = self.frozen
        if exit_name in (frozen.open_exit, frozen.closed_exit):
            return "open" if exit_name == frozen.open_exit else "closed"
        others = [name for name in frozen.names if name not in (frozen.open_exit, frozen.closed_exit)]
        return f"other{others.index(exit_name) % TONES}" if exit_name in others else "closed"

    def status(self) -> Status:
        decision, change = decide(self.frozen, self.now), next_change(self.frozen, self.now)
        return Status(
            calendar=self.calendar,
            exit=decision.exit,
            tone=self.tone(decision.exit),
            until=wording.moment(change.at, self.frozen.zone) if change else "",
            next_exit=change.exit if change else "",
            reason=self._by_hand() if decision.overridden else wording.reason(decision, self.calendar),
            by_hand=decision.overridden,
            open=decision.exit == self.frozen.open_exit,
        )

    def _by_hand(self) -> str:
        row = override_of(self.calendar)
        if row is None or row.set_by is None:
            return _("It was set by hand.")
        return _("%(name)s set it at %(time)s.") % {"name": row.set_by, "time": wording.moment(row.since.timestamp(), self.frozen.zone)}

    def week(self, day: date) -> list[Day]:
        """Monday to Sunday around `day`."""
        monday = day - day.weekday() * ONE_DAY
        return [self._day(monday + number * ONE_DAY) for number in range(7)]

    def weeks_ahead(self) -> list[list[Day | None]]:
        """The next DAYS_AHEAD days in rows of a week; None: before today, or beyond."""
        days = [self._day(self.today + number * ONE_DAY) for number in range(DAYS_AHEAD)]
        cells: list[Day | None] = [*[None] * self.today.weekday(), *days]
        cells += [None] * (-len(cells) % 7)
        return [cells[begin : begin + 7] for begin in range(0, len(cells), 7)]

    def answer(self, when: datetime) -> Answer:
        """`when`: what the clock of the calendar shows."""
        day, minute = when.date(), when.hour * 60 + when.minute
        words = f"{wording.long_day(day)} {wording.clock(minute)}"
        if not is_shown(self.frozen.zone, day, minute):
            return Answer(words, remark=_("This time does not exist: the clocks are put forward over it."))
        decision = decide(self.frozen, instant_of(self.frozen.zone, day, minute))
        twice = instant_of(self.frozen.zone, day, minute) != instant_of(self.frozen.zone, day, minute, second_pass=True)
        remark = _("The clocks are put back that night: this time comes twice.") if twice else ""
        return Answer(words, decision.exit, self.tone(decision.exit), wording.reason(decision, self.calendar), remark)

    def local_now(self) -> datetime:
        return datetime.fromtimestamp(self.now, ZoneInfo(self.frozen.zone))

    def _day(self, day: date) -> Day:
        found = spans(self.frozen, day)
        pieces = tuple(
            self._piece(span.begin, span.end, span.decision.exit, wording.reason(span.decision, self.calendar)) for span in found
        )
        merged = _merged([(span.begin, span.end, span.decision.exit) for span in found])
        shown = [piece for piece in merged if piece[2] != self.frozen.default] or merged
        dated = [row for row in self.frozen.rows if row.layer != "week" and row.on(day)]
        special = dict.fromkeys(wording.holiday(row.name, self.calendar) if row.layer == "holiday" else row.name for row in dated)
        return Day(
            day=day,
            name=wording.short_day(day),
            today=day == self.today,
            pieces=pieces,
            main=tuple(self._piece(*piece) for piece in shown),
            special=", ".join(name for name in special if name != f"{day}"),
        )

    def _piece(self, begin: int, end: int, exit_name: str, reason: str = "") -> Piece:
        left, width = 100 * begin / DAY_MINUTES, 100 * (end + 1 - begin) / DAY_MINUTES
        return Piece(
            exit_name,
            self.tone(exit_name),
            wording.interval(begin, end),
            reason,
            f"{left:.3f}",
            f"{width:.3f}",
            exit_name if width > LABEL_WIDTH else "",
        )


def _merged(pieces: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Neighbours with the same exit become one."""
    merged: list[tuple[int, int, str]] = []
    for begin, end, name in pieces:
        if merged and merged[-1][2] == name:
            begin = merged.pop()[0]
        merged.append((begin, end, name))
    return merged


def statuses() -> list[Status]:
    """What holds now, of all calendars; in six queries."""
    now = timezone.now()
    return [Plan(calendar, now).status() for calendar in services.with_rows()]
