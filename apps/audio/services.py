"""The sound library's verbs. Nothing replaces the old version before the new one is ready (AU-01), and no version is lost (AU-04)."""

from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import Max

from apps.audio import prompts, sound, speech, transcode
from apps.audio.models import Prompt, PromptVersion
from apps.audio.sound import Sound
from apps.audio.speech import Utterance

LONGEST_CHAIN = 4  # playlist > piece; flow > version > step > sound


def converted(data: bytes, *, music: bool = False) -> Sound:
    """What an uploaded file sounds like in the telephone. Errors: `transcode.UnusableSound`."""
    return transcode.convert(data, longest=transcode.LONGEST_MUSIC if music else transcode.LONGEST)


def spoken(text: str, language: str) -> Sound:
    """Errors: `speech.SpeechFailed`."""
    return speech.speak([Utterance(text, language)])[0]


def add_version(prompt: Prompt, *, language: str, made: Sound, text: str = "") -> PromptVersion:
    """The new active version of `prompt` in `language`; those before stay, inactive."""
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=prompt.pk)  # two administrators at once get two numbers
        versions = PromptVersion.objects.filter(prompt=prompt, language=language)
        number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = PromptVersion(prompt=prompt, language=language, number=number, text=text, seconds=made.seconds, active=True)
        version.file.save(f"{prompt.pk}-{language}-{number}.wav", ContentFile(made.wav()), save=False)
        versions.filter(active=True).update(active=False)
        try:
            version.save()
        except BaseException:
            version.file.delete(save=False)
            raise
    return version


def upload(prompt: Prompt, *, language: str, data: bytes) -> PromptVersion:
    """Errors: `transcode.UnusableSound`."""
    return add_version(prompt, language=language, made=converted(data, music=prompt.music))


def speak(prompt: Prompt, *, language: str, text: str) -> PromptVersion:
    """Errors: `speech.SpeechFailed`."""
    return add_version(prompt, language=language, made=spoken(text, language), text=text)


def restore(version: PromptVersion) -> None:
    """Play an older version again."""
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=version.prompt_id)
        PromptVersion.objects.filter(prompt=version.prompt_id, language=version.language, active=True).update(active=False)
        version.active = True
        version.save()


def remove(prompt: Prompt) -> None:
    """With all its files. Errors: `django.db.models.ProtectedError` if it is in use."""
    files = [(version.file.storage, str(version.file.name)) for version in prompt.versions.exclude(file="")]
    with transaction.atomic():
        prompt.delete()
        transaction.on_commit(lambda: _delete(files))


def _delete(files: list[tuple[Storage, str]]) -> None:
    for storage, name in files:
        storage.delete(name)


def where_used(prompt: Prompt) -> list[str]:
    """In words, the whole before its part: 'flow Main line › version 1 › message Greeting'. Found by the foreign keys that protect it."""
    places = (_whole(row) if str(row) == str(prompt) else row for row in _users(prompt))  # a row of a list only stands for the sound
    return sorted({" › ".join(reversed(_chain(place))) for place in places})


def _users(prompt: Prompt) -> Iterator[models.Model]:
    for relation in Prompt._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT:
            yield from relation.related_model._default_manager.filter(**{relation.field.name: prompt})


def _chain(row: models.Model | None) -> list[str]:
    """A row and what it is part of."""
    names: list[str] = []
    while row is not None and len(names) < LONGEST_CHAIN:
        name = f"{row._meta.verbose_name} {row}"
        names.append(name)
        row = _whole(row)
    return names


def _whole(row: models.Model) -> models.Model | None:
    """What `row` is deleted with."""
    for field in row._meta.get_fields():
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE and not field.remote_field.parent_link:
            return getattr(row, field.name)
    return None


def install_system_prompts() -> int:
    """Speak what is missing of the system's own sounds, in both languages. Returns how many versions were made; the second time none."""
    there = set(PromptVersion.objects.filter(active=True).exclude(prompt__key="").values_list("prompt__key", "language"))
    wanted = [
        (row, language, text) for row in prompts.system_sounds() for language, text in row.texts.items() if (row.key, language) not in there
    ]
    sounds = speech.speak([Utterance(text, language) for _, language, text in wanted]) if wanted else []
    with transaction.atomic():
        for (row, language, text), made in zip(wanted, sounds, strict=True):
            add_version(_system_prompt(row.key, row.name), language=language, made=made, text=text)
        return len(wanted) + _install_tones(there)


def _install_tones(there: set[tuple[str, str]]) -> int:
    """425 Hz, one second in five: the ringing tone of Norway and most of Europe (ITU-T E.180)."""
    tones = {prompts.RINGING_TONE: ("Ringing tone", sound.tone(425, 1.0, 4.0)), prompts.BEEP: ("Beep", sound.tone(1000, 0.3))}
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
