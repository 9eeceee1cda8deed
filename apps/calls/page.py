"""What the page of one call shows: its time line with the players of its recordings, and how its connections sounded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.urls import reverse

from apps.calls.models import Call, Leg
from apps.calls.narration import Line, narrate
from apps.calls.wording import GRADE_SYMBOLS, GRADES, LEG_ROLES, word
from apps.events.vocabulary import AnyEvent, Entry
from contactcenter.lib import mos, phone
from contactcenter.lib.clock import as_datetime


@dataclass(frozen=True, slots=True)
class Player:
    """`recording` is a row of recordings, an app that this one must not know."""

    recording: Any
    address: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    at: datetime
    after: float  # seconds since the call began
    line: Line
    player: Player | None


def time_line(call: Call) -> list[ShownLine]:
    """Five queries, however long the call was."""
    players = {recording.pk: player(recording) for recording in call.recordings.prefetch_related("gaps", "masks__agent")}
    entries, names = _told(call)
    start = call.started_at.timestamp()
    return [
        ShownLine(as_datetime(line.at), max(0.0, line.at - start), line, players.get(line.recording))
        for line in narrate(entries, names, settings.COUNTRY)
    ]


@dataclass(frozen=True, slots=True)
class Way:
    """How a leg sounded to one end. `grade`, `symbol`: empty, and `mos` None, if nothing is known of it."""

    mos: float | None
    grade: str
    grade_word: str
    symbol: str
    loss_percent: float
    jitter_ms: float


@dataclass(frozen=True, slots=True)
class Connection:
    """`seconds` None: it never stood. `came`: as it sounded to us, `went`: to the other end."""

    leg: Leg
    role: str
    who: str
    seconds: float | None
    came: Way
    went: Way


def connections(call: Call) -> list[Connection]:
    """One query."""
    return [_connection(leg) for leg in call.legs.select_related("agent")]


def notes(call: Call) -> list[Any]:
    """What agents wrote about it: rows of notes, an app that this one must not know. One query."""
    return list(call.notes.exclude(text="").select_related("agent"))  # type: ignore[attr-defined]


def _connection(leg: Leg) -> Connection:
    began = leg.connected_at or (leg.started_at if leg.received else None)
    seconds = (leg.ended_at - began).total_seconds() if began and leg.ended_at else None
    return Connection(
        leg=leg,
        role=word(LEG_ROLES, leg.role),
        who=str(leg.agent or "") or phone.pretty(leg.number, settings.COUNTRY),
        seconds=seconds,
        came=_way(leg.mos, leg.received + leg.lost, leg.lost, leg.jitter_ms),
        went=_way(leg.sent_mos, leg.sent, leg.sent_lost, leg.sent_jitter_ms),
    )


def _way(score: float | None, packets: int, lost: int, jitter_ms: float) -> Way:
    grade = "" if score is None else mos.grade(score)
    percent = 100 * lost / packets if packets else 0.0
    return Way(score, grade, word(GRADES, grade), GRADE_SYMBOLS.get(grade, ""), percent, jitter_ms)


def player(recording: Any) -> Player:
    return Player(recording, reverse("recording_audio", args=[recording.pk]))


def _told(call: Call) -> tuple[list[Entry], dict[str, str]]:
    entries: list[Entry] = []
    names: dict[str, str] = {}
    for seq, data, named in call.time_line.values_list("seq", "data", "names"):
        entries.append(Entry(seq, msgspec.convert(data, AnyEvent)))
        names.update(named)
    return entries, names
