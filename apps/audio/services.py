"""The sound library's verbs. Nothing replaces the old version before the new one is ready (AU-01), and no version is lost (AU-04)."""

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.audio import prompts, sound, speech, transcode
from apps.audio.models import DiscardedFile, Prompt, PromptVersion, sounds
from apps.audio.sound import Made
from apps.audio.speech import SPEED, Utterance
from contactcenter.lib import bus, usage


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a version comes from (`models.SOURCES`); what was spoken keeps its text, voice and speed, to be spoken anew with a change."""

    source: str = "file"
    text: str = ""
    voice: str = ""
    speed: int = 0


def spoken_from(text: str, voice: str = "", speed: int = SPEED) -> Origin:
    return Origin("text", text, voice, speed)


@dataclass(frozen=True, slots=True)
class Files:
    """Names in the storage `sounds`."""

    narrow: str
    wide: str
    picture: str

    def delete(self) -> None:
        for name in (self.narrow, self.wide, self.picture):
            sounds().delete(name)


def longest(*, music: bool) -> float:
    """Seconds."""
    return transcode.LONGEST_MUSIC if music else transcode.LONGEST


ENDINGS = ("-8k.wav", "-16k.wav", ".png")


def store(made: Made, stem: str = "") -> Files:
    """Before any row names them: what is slow (a storage elsewhere) holds up no transaction. Errors: what the storage raises."""
    stem = stem or bus.new_id()
    sound_files = (made.narrow.wav(), made.wide.wav(), sound.waveform(made.narrow))
    contents = {f"audio/{stem}{ending}": content for ending, content in zip(ENDINGS, sound_files, strict=True)}
    stored: list[str] = []
    try:
        for wanted, content in contents.items():
            stored.append(sounds().save(wanted, ContentFile(content)))
    except BaseException:
        for done in stored:
            sounds().delete(done)
        raise
    return Files(*stored)


def add_version(prompt: Prompt, *, language: str, made: Made, origin: Origin | None = None) -> PromptVersion:
    """The new active version of `prompt` in `language`; those before stay, inactive. `origin`: None for an upload."""
    files = store(made)
    try:
        with transaction.atomic():
            return activate_new(prompt, language=language, files=files, seconds=made.seconds, origin=origin or Origin())
    except BaseException:
        files.delete()
        raise


def activate_new(prompt: Prompt, *, language: str, files: Files, seconds: float, origin: Origin) -> PromptVersion:
    """As `add_version`, of files that are stored, in the caller's transaction."""
    Prompt.objects.select_for_update().get(pk=prompt.pk)  # two administrators at once get two numbers
    number = (PromptVersion.objects.filter(prompt=prompt, language=language).aggregate(last=Max("number"))["last"] or 0) + 1
    version = PromptVersion(
        prompt=prompt, language=language, number=number, seconds=seconds, file=files.narrow, wide=files.wide, picture=files.picture,
        source=origin.source, text=origin.text, voice=origin.voice, speed=origin.speed,
    )  # fmt: skip
    _activate(version)
    return version


def _activate(version: PromptVersion) -> None:
    now = timezone.now()
    others = PromptVersion.objects.filter(prompt=version.prompt_id, language=version.language, active=True)
    others.update(active=False, replaced_at=now)
    version.active, version.activated_at, version.replaced_at = True, now, None
    version.save()


def upload(prompt: Prompt, *, language: str, data: bytes) -> PromptVersion:
    """At once, in this process; pages have it done by a worker (conversions.py). Errors: `transcode.UnusableSound`."""
    return add_version(prompt, language=language, made=transcode.convert(data, longest=longest(music=prompt.music)))


def speak(prompt: Prompt, *, language: str, text: str, voice: str = "", speed: int = SPEED) -> PromptVersion:
    """At once, as `upload`. Errors: `speech.SpeechFailed`."""
    (made,) = speech.speak([Utterance(text, language, voice, speed)])
    return add_version(prompt, language=language, made=made, origin=spoken_from(text, voice, speed))


def restore(version: PromptVersion) -> None:
    """Play an older version again."""
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=version.prompt_id)
        _activate(version)


def remove(prompt: Prompt) -> None:
    """Its files go a day later. Errors: `django.db.models.ProtectedError` if it is in use."""
    names = [name for version in prompt.versions.all() for name in (version.file.name, version.wide.name, version.picture.name) if name]
    with transaction.atomic():
        prompt.delete()
        DiscardedFile.objects.bulk_create(DiscardedFile(name=name) for name in names)


def where_used(prompt: Prompt) -> list[str]:
    """In words, the whole before its part: 'flow Main line › version 1 › message Greeting'."""
    return usage.where_used(prompt)


def install_system_prompts() -> int:
    """Speak what is missing of the system's own sounds, in both languages. Returns how many versions were made; the second time none."""
    there = set(PromptVersion.objects.filter(active=True).exclude(prompt__key="").values_list("prompt__key", "language"))
    wanted = [
        (row, language, text) for row in prompts.system_sounds() for language, text in row.texts.items() if (row.key, language) not in there
    ]
    sounds = speech.speak([Utterance(text, language) for _, language, text in wanted]) if wanted else []
    with transaction.atomic():
        for (row, language, text), made in zip(wanted, sounds, strict=True):
            add_version(_system_prompt(row.key, row.name), language=language, made=made, origin=spoken_from(text))
        return len(wanted) + _install_tones(there)


def _install_tones(there: set[tuple[str, str]]) -> int:
    """425 Hz, one second in five: the ringing tone of Norway and most of Europe (ITU-T E.180)."""
    tones = {
        prompts.RINGING_TONE: ("Ringing tone", sound.tone(425, 1.0, 4.0)),
        prompts.BEEP: ("Beep", sound.tone(1000, 0.3)),
        prompts.PAUSE: ("Pause", sound.silence(1.5)),
    }
    missing = [(key, language) for key in tones for language in prompts.LANGUAGES if (key, language) not in there]
    for key, language in missing:
        add_version(_system_prompt(key, tones[key][0]), language=language, made=tones[key][1])
    return len(missing)


def _system_prompt(key: str, name: str) -> Prompt:
    """Found by its key, whatever it is called by now; a name that is taken gets the key added."""
    if found := Prompt.objects.filter(key=key).first():
        return found
    taken = Prompt.objects.filter(name=name).exists()
    return Prompt.objects.create(key=key, name=f"{name} ({key})" if taken else name)
