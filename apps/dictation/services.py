"""A sound is spoken by telephone: the system calls, and what is saved becomes a version as an uploaded file would.

The row owns the state; a job that is lost is woken again. The old version is played until the new one is ready (AU-01).
"""

from datetime import datetime, timedelta
from pathlib import Path

import django_rq
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.phone_codes import may_have_one
from apps.audio import conversions
from apps.audio.models import Prompt
from apps.audio.transcode import UnusableSound
from apps.dictation.models import PhoneRecording
from apps.flows.errands import RECORD_PROMPT
from apps.switch import client
from apps.switch.requests import PlaceCall
from apps.telephony import leases
from apps.telephony.cell import stereo
from contactcenter.lib import bus, phone

FAULT_OF_CODE = {486: "busy", 600: "busy", 408: "no_answer", 480: "no_answer", 487: "no_answer", 603: "busy"}
FAULTS: dict[str, Promise] = {
    "busy": _("The number is busy, or the call was rejected."),
    "no_answer": _("Nobody answered."),
    "unreachable": _("The number could not be reached."),
    "unusable": _("What was recorded could not be used."),
    "not_allowed": _("Whoever recorded it may not change sounds any more."),
    "no_trunk": _("No trunk is set up for calls out."),
    "no_line": _("All lines are in use. Try again in a moment."),
    "not_now": _("The call could not be made. Try again in a moment."),
}
PATIENCE = timedelta(minutes=30)  # a call that is older has ended, whatever the facts say
TIDY_AFTER = timedelta(minutes=2)  # by then every cell has closed its files
KEPT = timedelta(days=1)
SWEEP = 100


class NotPossible(Exception):
    """`code`: a key of FAULTS, or bad_number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def begin(*, prompt: Prompt, language: str, number: str, by: User) -> PhoneRecording:
    """Call `number` (as somebody types it). Errors: NotPossible."""
    called = phone.e164(number, settings.COUNTRY)
    if called is None:
        raise NotPossible("bad_number")
    cell = leases.take_soon(bus.client())
    if not isinstance(cell, leases.FreeCell):
        raise NotPossible("no_line")
    call = bus.new_id()
    recording = PhoneRecording.objects.create(id=call, call=call, prompt=prompt, language=language, by=by)
    wish = PlaceCall(reply_to=bus.new_id(), call=recording.call, cell=cell.cell, number=called, errand=RECORD_PROMPT, language=language)
    code = client.ask(wish).code
    if code:
        recording.delete()
        raise NotPossible(code if code in FAULTS else "not_now")
    return recording


def wake(recording: str) -> None:
    """Have a worker look at it. Errors: `redis.RedisError`; the sweep wakes it later."""
    from apps.dictation import jobs

    django_rq.get_queue("default", connection=bus.client()).enqueue(jobs.hand_in, recording, result_ttl=60)


def hand_in(pk: str) -> None:
    """Give what was saved to the sound library. Not saved, or done already: nothing happens.

    Of two jobs at once the later one's conversion counts (conversions.py), so there is one version.
    """
    recording = PhoneRecording.objects.select_related("prompt", "by").filter(pk=pk, state="taken").first()
    if recording is None:
        return
    if recording.by is None or not may_have_one(recording.by):
        _end(recording, "not_allowed")
        return
    source = Path(recording.source)
    if not source.exists() and stereo.recover(source) is None:
        _end(recording, "unusable")
        return
    try:
        conversion = conversions.add(
            prompt=recording.prompt, language=recording.language, data=source.read_bytes(), source="phone", by=recording.by_id
        )
    except UnusableSound:
        _end(recording, "unusable")
        return
    PhoneRecording.objects.filter(pk=pk, state="taken").update(state="saved", conversion=conversion)


def _end(recording: PhoneRecording, fault: str) -> None:
    PhoneRecording.objects.filter(pk=recording.pk, state="taken").update(state="ended", fault=fault)


def told(recording: PhoneRecording) -> dict[str, object]:
    """For the page: where it is, in the reader's words."""
    conversion = recording.conversion
    if conversion is not None and conversion.state == "failed":
        return {"state": "ended", "text": conversions.reason(conversion)}
    if conversion is not None and conversion.state == "waiting":
        return {"state": "taken", "text": str(dict(PhoneRecording.STATES)["taken"])}
    text = FAULTS.get(recording.fault) if recording.state == "ended" else None
    return {"state": recording.state, "text": str(text or dict(PhoneRecording.STATES)[recording.state])}


def sweep() -> None:
    """Wake what waits; give up calls whose end nobody told; delete what cells have written and nobody needs any more."""
    now = timezone.now()
    for recording in PhoneRecording.objects.filter(state="taken").values_list("pk", flat=True)[:SWEEP]:
        wake(recording)
    PhoneRecording.objects.filter(state__in=PhoneRecording.OPEN, began_at__lt=now - PATIENCE).update(state="ended")
    _tidy(now - TIDY_AFTER)
    PhoneRecording.objects.filter(state__in=("saved", "ended"), source="", began_at__lt=now - KEPT).delete()


def _tidy(before: datetime) -> None:
    """A step's recordings lie side by side: none is deleted while another sound of the same call still needs its own."""
    needed = PhoneRecording.objects.filter(state__in=(*PhoneRecording.OPEN, "taken")).values("call")
    over = PhoneRecording.objects.filter(Q(state="saved") | Q(state="ended"), began_at__lt=before).exclude(call__in=needed)
    for recording in over.exclude(source="")[:SWEEP]:
        source = Path(recording.source)
        for file in source.parent.glob(f"{source.stem.rpartition('.')[0]}.*"):
            file.unlink(missing_ok=True)
        PhoneRecording.objects.filter(pk=recording.pk).update(source="")
