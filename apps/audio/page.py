"""What admin shows of sounds: players, versions, conversions that are under way."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.audio import conversions
from apps.audio.models import Conversion, Prompt, PromptVersion

VERSIONS_SHOWN = 50


def player(version: PromptVersion) -> SafeString:
    """Its sound is fetched when somebody presses play."""
    address, name = reverse("sound", args=[version.pk]), str(version)
    return format_html(
        '<audio controls preload="none" src="{}" aria-label="{}" style="height: 2rem; max-width: 16rem"></audio>', address, name
    )


def duration(seconds: float) -> str:
    """3:07, or 4.2 s for what is shorter than a minute."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}" if seconds >= 60 else f"{seconds:.1f} s"


def version_rows(prompt: Prompt) -> list[dict[str, Any]]:
    versions = prompt.versions.exclude(file="").select_related("prompt")[:VERSIONS_SHOWN]
    return [{"version": version, "player": player(version), "duration": duration(version.seconds)} for version in versions]


def under_way(prompt: Prompt) -> list[dict[str, Any]]:
    """The newest conversion of each language, unless a version came of it."""
    newest: dict[str, Conversion] = {}
    for conversion in prompt.conversions.order_by("id"):
        newest[conversion.language] = conversion
    return [told(conversion) for conversion in newest.values()]


def told(conversion: Conversion) -> dict[str, Any]:
    """For the page's script."""
    return {
        "id": conversion.pk,
        "language": conversion.language,
        "source": conversion.source,
        "name": conversion.name,
        "state": conversion.state,
        "progress": conversion.progress,
        "reason": conversions.reason(conversion),
    }
