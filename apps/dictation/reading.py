"""Facts move a recording by telephone on: the reader "dictation". Where somebody has called in for it, they begin it, too."""

import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.codes import MOST_WRONG
from apps.accounts.models import User
from apps.audio.models import Prompt
from apps.dictation import services
from apps.dictation.models import PhoneRecording
from apps.events import vocabulary as v
from apps.events.models import announce_after_commit

log = logging.getLogger(__name__)


def read(entries: list[v.Entry]) -> None:
    """A call has one open recording at the most, so its facts need not name it."""
    told = [entry for entry in entries if type(entry.event) in _TAKE]
    if not told:
        return
    calls = {entry.event.call for entry in told}
    ours = set(PhoneRecording.objects.filter(call__in=calls).values_list("call", flat=True))
    ours |= {entry.event.call for entry in told if isinstance(entry.event, v.PromptChosen)}
    for entry in told:
        if isinstance(entry.event, v.PhoneCodeRefused):
            _code_refused(entry.event)
        elif isinstance(entry.event, v.PromptChosen):
            _chosen(entry.seq, entry.event)
        elif entry.event.call in ours:
            _TAKE[type(entry.event)](entry.event)


def _open(call: str) -> QuerySet[PhoneRecording]:
    return PhoneRecording.objects.filter(call=call, state__in=PhoneRecording.OPEN)


def _code_refused(event: v.PhoneCodeRefused) -> None:
    """A switch that takes over must know how many were wrong."""
    if event.reason == "wrong":
        announce_after_commit()
        if event.within_hour >= MOST_WRONG:
            log.warning("sounds cannot be recorded by calling in for a while: %d wrong personal codes within an hour", event.within_hour)


def _chosen(seq: int, event: v.PromptChosen) -> None:
    """Sound or user may be gone before it is read; `hand_in` looks at the user's right anew."""
    _open(event.call).update(state="ended")
    if Prompt.objects.filter(pk=event.prompt).exists():
        by = User.objects.filter(pk=event.by).first()
        chosen = {"call": event.call, "prompt_id": event.prompt, "language": event.language, "by": by, "state": "answered"}
        PhoneRecording.objects.get_or_create(id=f"{event.call}-{seq}", defaults=chosen)


def _answered(event: v.LegConnected) -> None:
    PhoneRecording.objects.filter(call=event.call, state="calling").update(state="answered")


def _began(event: v.RecordingBegan) -> None:
    if event.tape == "prompt":
        _open(event.call).update(state="recording", source=event.path)


def _recorded(event: v.PromptRecorded) -> None:
    for recording in _open(event.call):
        PhoneRecording.objects.filter(pk=recording.pk).update(state="taken")
        transaction.on_commit(partial(services.wake, recording.pk), robust=True)


def _finished(event: v.LegFinished) -> None:
    """Why it came to nothing, if it was never answered."""
    fault = services.FAULT_OF_CODE.get(event.code, "unreachable")
    PhoneRecording.objects.filter(call=event.call, state="calling").update(fault=fault)


def _ended(event: v.CallEnded) -> None:
    _open(event.call).update(state="ended")


_TAKE: dict[type, Callable[..., None]] = {
    v.PhoneCodeRefused: _code_refused,
    v.PromptChosen: _chosen,
    v.LegConnected: _answered,
    v.RecordingBegan: _began,
    v.PromptRecorded: _recorded,
    v.LegFinished: _finished,
    v.CallEnded: _ended,
}
