"""Facts move a recording by telephone on: the reader "dictation"."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from apps.dictation import services
from apps.dictation.models import PhoneRecording
from apps.events import vocabulary as v


def read(entries: list[v.Entry]) -> None:
    told = [entry.event for entry in entries if type(entry.event) in _TAKE]
    if not told:
        return
    ours = set(PhoneRecording.objects.filter(pk__in={event.call for event in told}).values_list("pk", flat=True))
    for event in told:
        if event.call in ours:
            _TAKE[type(event)](event)


def _answered(event: v.LegConnected) -> None:
    PhoneRecording.objects.filter(pk=event.call, state="calling").update(state="answered")


def _began(event: v.RecordingBegan) -> None:
    PhoneRecording.objects.filter(pk=event.call, state__in=PhoneRecording.OPEN).update(state="recording", source=event.path)


def _recorded(event: v.PromptRecorded) -> None:
    if PhoneRecording.objects.filter(pk=event.call, state__in=PhoneRecording.OPEN).update(state="taken"):
        transaction.on_commit(lambda: services.wake(event.call), robust=True)


def _finished(event: v.LegFinished) -> None:
    """Why it came to nothing, if it was never answered."""
    fault = services.FAULT_OF_CODE.get(event.code, "unreachable")
    PhoneRecording.objects.filter(pk=event.call, state="calling").update(fault=fault)


def _ended(event: v.CallEnded) -> None:
    PhoneRecording.objects.filter(pk=event.call, state__in=PhoneRecording.OPEN).update(state="ended")


_TAKE: dict[type, Callable[[Any], None]] = {
    v.LegConnected: _answered,
    v.RecordingBegan: _began,
    v.PromptRecorded: _recorded,
    v.LegFinished: _finished,
    v.CallEnded: _ended,
}
