"""The demo company's prompts, spoken in both languages, and its music."""

from typing import Any

from apps.audio.models import Playlist, PlaylistItem, Prompt
from contactcenter.demo import music

LANGUAGES = ("nb", "en")


def build(plan: dict[str, Any]) -> None:
    """Errors: those of apps.audio.services, when speech or conversion fails."""
    for row in plan["sounds"]:
        Prompt.objects.get_or_create(name=row["name"])
    for playlist in plan["music"]:
        _playlist(playlist)


def _playlist(plan: dict[str, Any]) -> None:
    playlist, created = Playlist.objects.get_or_create(name=plan["playlist"])
    for position, name in enumerate(plan["pieces"]):
        piece, _ = Prompt.objects.get_or_create(name=name, defaults={"music": True})
        if created:
            PlaylistItem.objects.create(playlist=playlist, prompt=piece, position=position)
