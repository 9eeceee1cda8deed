"""Facts become rows: the reader "recordings". Reading the same facts again changes nothing."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Team
from apps.events import vocabulary as v
from apps.recordings import services
from apps.recordings.models import Gap, Mask, Recording, Stretch, Voicemail
from contactcenter.lib.clock import as_datetime

CUT_OFF = ("cell_lost", "recovered")  # ends of calls after which no cell finishes its recordings any more


def read(entries: list[v.Entry]) -> None:
    for entry in entries:
        if take := _TAKE.get(type(entry.event)):
            take(entry.event)


def _began(event: v.RecordingBegan) -> None:
    if event.tape == "prompt":  # a sound on its way into the library, see apps/dictation
        return
    Recording.objects.get_or_create(
        id=event.recording,
        defaults={
            "call_id": event.call,
            "agent_id": _known("agent", event.agent),
            "queue_id": _known("queue", event.queue),
            "mode": event.mode,
            "tape": event.tape,
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
    _end(Gap, event)


def _masked(event: v.RecordingMasked) -> None:
    if Recording.objects.filter(id=event.recording).exists():
        values = {"agent_id": _known("agent", event.agent)}
        Mask.objects.get_or_create(recording_id=event.recording, began_at=as_datetime(event.at), defaults=values)


def _unmasked(event: v.RecordingUnmasked) -> None:
    _end(Mask, event)


def _end(kind: type[Stretch], event: v.RecordingResumed | v.RecordingUnmasked) -> None:
    """Not what began later: it is read again, then."""
    at = as_datetime(event.at)
    kind._default_manager.filter(recording=event.recording, ended_at=None, began_at__lte=at).update(ended_at=at)


def _finished(event: v.RecordingFinished) -> None:
    values = {"state": "finished", "source": event.path, "seconds": event.seconds, "fault": event.error[:200]}
    for recording in Recording.objects.filter(id=event.recording, state="discarded"):
        services.delete(recording)
    if Recording.objects.filter(id=event.recording, state="running").update(**values):
        transaction.on_commit(lambda: services.wake(event.recording), robust=True)


def _discarded(event: v.RecordingDiscarded) -> None:
    for recording in Recording.objects.filter(id=event.recording):
        services.discard(recording)


def _voicemail_left(event: v.VoicemailLeft) -> None:
    recording = Recording.objects.filter(id=event.recording).select_related("call").first()
    if recording is not None:
        values = {"caller": recording.call.caller, "box": event.box, "left_at": as_datetime(event.at)}
        team = event.team if Team.objects.filter(pk=event.team or 0).exists() else None
        Voicemail.objects.get_or_create(recording=recording, defaults={**values, "team_id": team})
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
    v.RecordingMasked: _masked,
    v.RecordingUnmasked: _unmasked,
    v.RecordingFinished: _finished,
    v.RecordingDiscarded: _discarded,
    v.VoicemailLeft: _voicemail_left,
    v.CallEnded: _call_ended,
}
