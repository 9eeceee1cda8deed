"""Sounds on their way into the library: what pages and telephones hand in, and what a worker makes of it.

    conversion = add(prompt=prompt, language="nb", data=wav, source="phone")

The row owns the state, a job only wakes it: a worker that is killed loses nothing, the next one begins anew. Until a version is ready,
the one before it is played.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

import django_rq
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audio import services, speech, transcode
from apps.audio.models import Conversion, DiscardedFile, Prompt, sounds
from apps.audio.services import Files, Origin
from apps.audio.sound import Made
from apps.audio.speech import SPEED, SpeechFailed, Utterance
from apps.audio.transcode import UnusableSound
from contactcenter.lib import bus

LEASE = timedelta(seconds=60)  # for which a job that works has a conversion to itself; each word of progress prolongs it
MOST_TRIES = 20
TOLD_EVERY = timedelta(seconds=0.5)  # progress in the row
SWEEP = 200  # conversions woken at once
KEPT, KEPT_FAILED = timedelta(days=1), timedelta(days=7)
STILL_PLAYED = timedelta(days=1)  # longer than any call: files of deleted sounds stay
FIRST_BYTES = 64
REASONS: dict[str, str | Promise] = {
    **transcode.REASONS,
    **{code: text for code, text in speech.REASONS.items() if code != "long"},
    "long_text": speech.REASONS["long"],
    "storage": _("The sound could not be stored. Tell your administrator."),
    "overtaken": _("Another sound was given in its place before this one was ready."),
}


class NameTaken(Exception):  # noqa: N818 - it says what happened
    """There is a sound of this name already."""


def add(
    *,
    prompt: Prompt,
    language: str,
    data: bytes | File,
    source: str = "file",
    begin: float = 0.0,
    end: float | None = None,
    by: int | None = None,
) -> Conversion:
    """A sound file (any kind of transcode.py) for `prompt`; of it what lies from `begin` to `end` seconds.

    `source`: one of `models.SOURCES`. Errors: `UnusableSound`, it can be seen at once that this is no sound; OSError, of the storage.
    """
    wanted = Conversion(prompt=prompt, music=prompt.music, language=language, source=source, begin=begin, end=end, by_id=by)
    return _hand_in(wanted, ContentFile(data) if isinstance(data, bytes) else data)


def add_file(*, name: str, language: str, data: File, music: bool = False, replace: bool = False, by: int | None = None) -> Conversion:
    """AU-03: one of several files; the sound is called as the file, and made when it is ready.

    Errors: `NameTaken` unless it may `replace` that sound's version; `UnusableSound`; OSError.
    """
    title = title_of(name)
    found = named([name]).get(name)
    if found and not replace:
        raise NameTaken
    wanted = Conversion(prompt=found, name=title, music=found.music if found else music, language=language, source="file", by_id=by)
    return _hand_in(wanted, data)


def title_of(file_name: str) -> str:
    """A file's name as the name of a sound: without folder and extension. Errors: `UnusableSound`, nothing is left."""
    title = " ".join(PurePath(file_name.replace("\\", "/")).stem.replace("_", " ").split())[:120]
    if not title:
        raise transcode.unusable("kind")
    return title


def named(file_names: list[str]) -> dict[str, Prompt]:
    """File name -> the sound that has this name already; case does not matter."""
    known = {prompt.name.casefold(): prompt for prompt in Prompt.objects.all()}
    return {name: known[key] for name in file_names if (key := _key(name)) in known}


def _key(file_name: str) -> str:
    try:
        return title_of(file_name).casefold()
    except UnusableSound:
        return ""


def add_text(*, prompt: Prompt, language: str, text: str, voice: str = "", speed: int = SPEED, by: int | None = None) -> Conversion:
    """Errors: `SpeechFailed`, it can be seen at once that this cannot be spoken."""
    speech.check(Utterance(text, language, voice, speed))
    wanted = Conversion(prompt=prompt, language=language, source="text", text=text, voice=voice, speed=speed, by_id=by)
    return _hand_in(wanted, None)


def _hand_in(wanted: Conversion, data: File | None) -> Conversion:
    if data is not None:
        data.seek(0)
        transcode.kind_of(data.read(FIRST_BYTES), data.size)
        data.seek(0)
        wanted.file = sounds().save(f"audio/incoming/{bus.new_id()}", data)
    with transaction.atomic():
        _overtake(wanted)
        wanted.save()
        transaction.on_commit(lambda: wake(wanted.pk), robust=True)
    return wanted


def _overtake(newer: Conversion) -> None:
    """Of two for the same place the newer one counts, whichever is ready first."""
    place = {"prompt": newer.prompt} if newer.prompt else {"prompt": None, "name": newer.name}
    Conversion.objects.filter(**place, language=newer.language, state="waiting").update(state="failed", fault="overtaken")


def wake(conversion_id: int) -> None:
    """Have a worker look at it. Errors: `redis.RedisError`; the sweep wakes it later."""
    from apps.audio import jobs

    django_rq.get_queue("default", connection=bus.client()).enqueue(jobs.convert, conversion_id, result_ttl=60)


def work(conversion_id: int) -> None:
    """Make a version of it. Done, or another job is at it: nothing happens. Errors: what the storage raises; it is tried again."""
    conversion = _claim(conversion_id)
    if conversion is None:
        return
    try:
        made = _made(conversion)
    except (UnusableSound, SpeechFailed) as refusal:
        code = "long_text" if isinstance(refusal, SpeechFailed) and refusal.code == "long" else refusal.code
        _fail(conversion, code)
        return
    _keep(conversion, made)


def _claim(conversion_id: int) -> Conversion | None:
    """Compare and set: of two jobs one gets it, until its lease ends."""
    now = timezone.now()
    conversion = Conversion.objects.filter(Q(try_at=None) | Q(try_at__lte=now), id=conversion_id, state="waiting").first()
    if conversion is None:
        return None
    if conversion.tries >= MOST_TRIES:
        _fail(conversion, "storage")
        return None
    won = Conversion.objects.filter(id=conversion_id, state="waiting", tries=conversion.tries)
    if not won.update(tries=F("tries") + 1, try_at=now + LEASE, progress=0):
        return None
    conversion.tries += 1
    return conversion


def _made(conversion: Conversion) -> Made:
    """Errors: `UnusableSound`, `SpeechFailed`, OSError."""
    if conversion.source == "text":
        return speech.speak([Utterance(conversion.text, conversion.language, conversion.voice, conversion.speed)])[0]
    with sounds().open(str(conversion.file.name), "rb") as file:
        data = file.read()
    teller = Teller(conversion, timezone.now())
    return transcode.convert(
        data, longest=services.longest(music=conversion.music), begin=conversion.begin, end=conversion.end, progress=teller.tell
    )


@dataclass
class Teller:
    """Writes progress into the row, not more often than anybody looks."""

    conversion: Conversion
    told_at: datetime

    def tell(self, share: float) -> None:
        now = timezone.now()
        if now - self.told_at < TOLD_EVERY:
            return
        self.told_at = now
        mine(self.conversion).update(progress=int(share * 99), try_at=now + LEASE)


def mine(conversion: Conversion) -> QuerySet[Conversion]:
    """The row, as long as nobody else has taken it over."""
    return Conversion.objects.filter(id=conversion.pk, state="waiting", tries=conversion.tries)


def _keep(conversion: Conversion, made: Made) -> None:
    files = services.store(made, _stem(conversion, conversion.tries))
    try:
        won = _turn_into_version(conversion, files, made.seconds)
    except BaseException:
        files.delete()
        raise
    if not won:
        files.delete()
        return
    left = [f"audio/{_stem(conversion, number)}{ending}" for number in range(1, conversion.tries) for ending in services.ENDINGS]
    for name in [*left, *([conversion.file.name] if conversion.file else [])]:  # and what tries left that were killed half-way
        sounds().delete(str(name))


def _stem(conversion: Conversion, number: int) -> str:
    """Of the files that the try of this number makes."""
    return f"{conversion.created_at:%Y%m%d}-{conversion.pk}-{number}"


def _turn_into_version(conversion: Conversion, files: Files, seconds: float) -> bool:
    origin = Origin(conversion.source, conversion.text, conversion.voice, conversion.speed)
    with transaction.atomic():
        if not mine(conversion).update(state="ready", progress=100, try_at=None):
            return False
        prompt = conversion.prompt or named([conversion.name + ".wav"]).get(conversion.name + ".wav")
        prompt = prompt or Prompt.objects.create(name=conversion.name, music=conversion.music)
        version = services.activate_new(prompt, language=conversion.language, files=files, seconds=seconds, origin=origin)
        Conversion.objects.filter(id=conversion.pk).update(version=version, prompt=prompt)
        return True


def _fail(conversion: Conversion, code: str) -> None:
    if mine(conversion).update(state="failed", fault=code, try_at=None) and conversion.file:
        sounds().delete(str(conversion.file.name))


def reason(conversion: Conversion) -> str:
    """Why it was refused, in the reader's language; empty if it was not."""
    if conversion.fault == "long":
        return str(transcode.unusable("long", services.longest(music=conversion.music)))
    return str(REASONS.get(conversion.fault, ""))


def sweep() -> None:
    """Wake what waits, whoever lost its wake-up call; put away what nobody needs any more."""
    now = timezone.now()
    waiting = Conversion.objects.filter(Q(try_at=None) | Q(try_at__lte=now), state="waiting")
    for conversion_id in waiting.order_by("id").values_list("id", flat=True)[:SWEEP]:
        wake(conversion_id)
    _tidy(now)


def _tidy(now: datetime) -> None:
    over = Q(state="ready", created_at__lt=now - KEPT) | Q(state="failed", created_at__lt=now - KEPT_FAILED)
    for conversion in Conversion.objects.filter(over)[:SWEEP]:
        if conversion.file:
            sounds().delete(str(conversion.file.name))
        conversion.delete()
    for discarded in DiscardedFile.objects.filter(at__lt=now - STILL_PLAYED)[:SWEEP]:
        sounds().delete(discarded.name)
        discarded.delete()
