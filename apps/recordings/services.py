"""Recordings on their way from the media machine into the archive. Rows own the state; a job that is lost is woken again."""

import hashlib
import wave
from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import django_rq
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.accounts.models import User
from apps.events.services import record
from apps.events.vocabulary import RecordingStored
from apps.recordings.models import Listen, Recording, Voicemail, archive
from apps.telephony.cell import stereo
from contactcenter.lib import bus

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)  # between tries to store; it doubles
GRACE = timedelta(seconds=60)  # a cell needs less to finish its files after the call
CHUNK = 65_536  # frames
SWEEP = 200  # recordings woken at once
ONE_LISTEN = timedelta(hours=1)  # a player that reads on belongs to the listen that was logged


class UnusableFileError(Exception):
    """There is nothing that could be stored; the text is for the administrator, and translatable."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What a file holds. `sha256`: hexadecimal, of the whole file."""

    channels: int
    seconds: float
    size: int
    sha256: str


def _due() -> Q:
    """What waits to be stored. A caller who still listens to his message, and may record it again, hears it from the cell's file."""
    undecided = Q(tape="voicemail", voicemail=None, call__ended_at=None)
    return (Q(try_at=None) | Q(try_at__lte=timezone.now())) & ~undecided


def wake(recording_id: str) -> None:
    """Have a worker look at this recording. Errors: `redis.RedisError`; the sweep wakes it later."""
    from apps.recordings import jobs

    django_rq.get_queue("default", connection=bus.client()).enqueue(jobs.store_recording, recording_id, result_ttl=60)


def sweep() -> None:
    """Wake what waits to be stored, whoever lost its wake-up call; take over what no cell finishes any more."""
    now = timezone.now()
    for recording in Recording.objects.filter(state="running", call__ended_at__lt=now - GRACE)[:SWEEP]:
        abandon(recording, at=now)
    for recording in Recording.objects.filter(state="discarded", call__ended_at__lt=now - GRACE)[:SWEEP]:
        delete(recording)
    waiting = Recording.objects.filter(_due(), state="finished")
    for recording_id in waiting.order_by("started_at").values_list("id", flat=True)[:SWEEP]:
        wake(recording_id)


def abandon(recording: Recording, *, at: datetime) -> None:
    """Its cell is gone: what lies on the disk is all there will be, and `store` makes a file of it."""
    if Recording.objects.filter(id=recording.id, state="running").update(state="finished", try_at=at):
        transaction.on_commit(lambda: wake(recording.id), robust=True)


def discard(recording: Recording) -> None:
    """The caller did not keep it. While its cell writes the file, or has it still to close, the row says that it shall go."""
    if not Recording.objects.filter(id=recording.id, state="running").update(state="discarded"):
        delete(recording)


def delete(recording: Recording) -> None:
    """With its file, wherever that is by now."""
    source, name = recording.source, str(recording.file.name or "")
    recording.delete()
    transaction.on_commit(lambda: _delete_files(source, name), robust=True)


def _delete_files(source: str, name: str) -> None:
    if source:
        path = Path(source)
        for file in (path, _alone(path), *stereo.parts(path)):
            file.unlink(missing_ok=True)
    if name:
        archive().delete(name)


def store(recording_id: str) -> None:
    """Check the finished file and move it into the archive. Not finished, or another job is at it: nothing happens.

    Errors: what the storage raises; the recording stays finished and is tried again after a wait that grows.
    """
    recording = _claim(recording_id)
    if recording is None:
        return
    source = Path(recording.source)
    try:
        ready = completed(source) if recording.tape == "conversation" else caller_alone(completed(source))
        audio = examine(ready, 2 if ready is source else 1)
        name = _copy(recording, ready, audio)
    except UnusableFileError as fault:
        Recording.objects.filter(id=recording.id, state="finished").update(state="failed", fault=str(fault))
        return
    except Exception as fault:
        Recording.objects.filter(id=recording.id, state="finished").update(fault=type(fault).__name__)
        raise
    _keep(recording, source, name, audio)


def _claim(recording_id: str) -> Recording | None:
    """Compare and set: of two jobs one gets it, until the time of the next try."""
    now = timezone.now()
    recording = Recording.objects.filter(_due(), id=recording_id, state="finished").first()
    if recording is None:
        return None
    wait = min(FIRST_WAIT * 2 ** min(recording.tries, 10), LONGEST_WAIT)
    mine = Recording.objects.filter(id=recording_id, state="finished", tries=recording.tries)
    return recording if mine.update(tries=F("tries") + 1, try_at=now + wait) else None


def completed(source: Path) -> Path:
    """The file of a recording, put together first if its cell had no time to. Errors: UnusableFileError."""
    if not source.resolve().is_relative_to(Path(settings.RECORDINGS_DIR).resolve()):
        raise UnusableFileError(gettext_noop("The file does not lie in the folder of recordings."))
    if not source.exists() and stereo.recover(source) is None:
        raise UnusableFileError(gettext_noop("The media machine left no file."))
    return source


def caller_alone(source: Path) -> Path:
    """A mono file of the left side, beside `source`: on the right nobody spoke, and who listens wants both ears.

    Errors: UnusableFileError.
    """
    examine(source)
    with wave.open(str(source), "rb") as both, wave.open(str(_alone(source)), "wb") as left:
        left.setparams(both.getparams()._replace(nchannels=1, nframes=0))
        while chunk := both.readframes(CHUNK):
            left.writeframes(array("h", chunk)[0::2].tobytes())
    return _alone(source)


def _alone(source: Path) -> Path:
    return source.with_name(f"{source.name}.left-only.wav")


def examine(source: Path, channels: int = 2) -> Audio:
    """Errors: UnusableFileError if it is no WAV file of so many channels with sound in it."""
    try:
        with wave.open(str(source), "rb") as sound:
            found, rate, frames = sound.getnchannels(), sound.getframerate(), sound.getnframes()
    except (wave.Error, EOFError) as fault:
        raise UnusableFileError(gettext_noop("The file is not a WAV file.")) from fault
    if found != channels:
        raise UnusableFileError(gettext_noop("The file is not stereo."))
    if not frames:
        raise UnusableFileError(gettext_noop("The file holds no sound."))
    with source.open("rb") as content:
        return Audio(channels, frames / rate, source.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())


def _wanted(recording: Recording) -> str:
    return f"{recording.started_at:%Y/%m/%d}/{recording.id}.wav"


def _copy(recording: Recording, source: Path, audio: Audio) -> str:
    """Into the archive; returns the name it has there, which is another one if a job was killed half-way."""
    with source.open("rb") as content:
        name = archive().save(_wanted(recording), File(content))
    if archive().size(name) != audio.size:
        archive().delete(name)
        raise OSError("the archive holds fewer bytes than the file")
    return name


def _keep(recording: Recording, source: Path, name: str, audio: Audio) -> None:
    values = {"channels": audio.channels, "seconds": audio.seconds, "size": audio.size, "sha256": audio.sha256, "fault": "", "try_at": None}
    with transaction.atomic():
        won = Recording.objects.filter(id=recording.id, state="finished").update(state="stored", file=name, **values)
        if won:
            transaction.on_commit(lambda: _tidy(recording, source, name), robust=True)
            record(RecordingStored(at=timezone.now().timestamp(), call=recording.call_id, recording=recording.id))
    if not won:  # another job was quicker; its file has another name
        archive().delete(name)


def _tidy(recording: Recording, source: Path, name: str) -> None:
    """The cell's file, and what a killed job left in the archive."""
    source.unlink(missing_ok=True)
    _alone(source).unlink(missing_ok=True)
    if name != _wanted(recording):
        archive().delete(_wanted(recording))


def begins_listen(recording: Recording, user: User, *, from_start: bool) -> bool:
    """Players fetch a file in pieces; a later piece within an hour belongs to the listen that is logged."""
    since = timezone.now() - ONE_LISTEN
    return from_start or not Listen.objects.filter(recording=recording.id, user=user, at__gte=since).exists()


def log_listen(recording: Recording, user: User) -> None:
    """AR-04."""
    Listen.objects.create(recording=recording.id, user=user, username=user.username)
    Voicemail.objects.filter(recording=recording.id, heard_at=None).update(heard_at=timezone.now(), heard_by=user)


def mark_unheard(messages: QuerySet[Voicemail]) -> int:
    """Somebody else should hear them too."""
    return messages.update(heard_at=None, heard_by=None)
