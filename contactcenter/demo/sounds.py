"""The demo company's prompts, spoken in both languages, and its music."""

from typing import Any

from apps.audio import services, speech
from apps.audio.models import Playlist, PlaylistItem, Prompt
from contactcenter.demo import music

LANGUAGES = ("nb", "en")


def build(plan: dict[str, Any]) -> None:
    """Errors: `speech.SpeechFailed`, `transcode.UnusableSound`."""
    _prompts(plan["sounds"])
    for playlist in plan["music"]:
        _playlist(playlist)


def _prompts(rows: list[dict[str, str]]) -> None:
    """All that is missing is spoken in one go: starting espeak-ng takes longer than speaking."""
    missing = [(row, language) for row in rows for language in LANGUAGES if not Prompt.objects.filter(name=row["name"]).exists()]
    spoken = speech.speak([speech.Utterance(row[language], language) for row, language in missing]) if missing else []
    for (row, language), made in zip(missing, spoken, strict=True):
        prompt, _ = Prompt.objects.get_or_create(name=row["name"])
        services.add_version(prompt, language=language, made=made, origin=services.spoken_from(row[language]))


def _playlist(plan: dict[str, Any]) -> None:
    playlist, created = Playlist.objects.get_or_create(name=plan["playlist"])
    if created:
        for position, name in enumerate(plan["pieces"]):
            PlaylistItem.objects.create(playlist=playlist, prompt=_piece(name), position=position)


def _piece(name: str) -> Prompt:
    prompt, created = Prompt.objects.get_or_create(name=name, defaults={"music": True})
    if created:
        services.upload(prompt, language=LANGUAGES[0], data=music.as_wav(music.PIECES[name]))
    return prompt
