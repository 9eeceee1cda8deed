"""Facts become rows: the reader "recordings". Reading the same facts again changes nothing."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.events import vocabulary as v
from apps.recordings import services
from apps.recordings.models import Gap, Recording
from contactcenter.lib.clock import as_datetime

CUT_OFF = ("cell_lost", "recovered")  # ends of calls after which no cell finishes its recordings any more


def read(entries: list[v.Entry]) -> None:
    for entry in entries:
        if take := _TAKE.get(type(entry.event)):
            take(entry.event)


def _began(event: v.RecordingBegan) -> None:
    Recording.objects.get_or_create(
        id=event.recording,
        defaults={
            "call_id": event.call,
            "agent_id": _known("agent", event.agent),
            "queue_id": _known("queue", event.queue),
            "mode": event.mode,
            "started_at": as_datetime(event.at),
            "source": event.path,
        },
    )


def _known(name: str, row_id: int | None) -> int | None:
    """`row_id` if that row is there: configuration may be gone before its facts are read."""
    model: Any = Recording._meta.get_field(name).related_model
    rows = model._default_manager
    return row_id if row_id is not None and rows.filter(pk=row_id).exists() else None


def _paused(event: v.RecordingPaused) -> None:
    if Recording.objects.filter(id=event.recording).exists():
        Gap.objects.get_or_create(recording_id=event.recording, began_at=as_datetime(event.at))


def _resumed(event: v.RecordingResumed) -> None:
    Gap.objects.filter(recording=event.recording, ended_at=None).update(ended_at=as_datetime(event.at))


def _finished(event: v.RecordingFinished) -> None:
    values = {"state": "finished", "source": event.path, "seconds": event.seconds, "fault": event.error[:200]}
    if Recording.objects.filter(id=event.recording, state="running").update(**values):
        transaction.on_commit(lambda: services.wake(event.recording), robust=True)


def _call_ended(event: v.CallEnded) -> None:
    """What a cell that is gone left behind is complete: nobody adds to it."""
    if event.cause not in CUT_OFF:
        return
    for recording in Recording.objects.filter(call=event.call, state="running"):
        services.abandon(recording, at=timezone.now())


_TAKE: dict[type, Callable[[Any], None]] = {
    v.RecordingBegan: _began,
    v.RecordingPaused: _paused,
    v.RecordingResumed: _resumed,
    v.RecordingFinished: _finished,
    v.CallEnded: _call_ended,
}
