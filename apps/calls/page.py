"""What the page of one call shows: its time line with the players of its recordings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.urls import reverse

from apps.calls.models import Call
from apps.calls.narration import Line, narrate
from apps.events.vocabulary import AnyEvent, Entry
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
    """Three queries, however long the call was."""
    players = {recording.pk: player(recording) for recording in call.recordings.prefetch_related("gaps")}
    entries, names = _told(call)
    start = call.started_at.timestamp()
    return [
        ShownLine(as_datetime(line.at), max(0.0, line.at - start), line, players.get(line.recording))
        for line in narrate(entries, names, settings.COUNTRY)
    ]


def player(recording: Any) -> Player:
    return Player(recording, reverse("recording_audio", args=[recording.pk]))


def _told(call: Call) -> tuple[list[Entry], dict[str, str]]:
    entries: list[Entry] = []
    names: dict[str, str] = {}
    for seq, data, named in call.time_line.values_list("seq", "data", "names"):
        entries.append(Entry(seq, msgspec.convert(data, AnyEvent)))
        names.update(named)
    return entries, names
