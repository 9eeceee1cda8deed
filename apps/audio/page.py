"""What admin shows of sounds: players, versions, conversions that are under way."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.audio import conversions
from apps.audio.models import LANGUAGES, Conversion, Prompt, PromptVersion

VERSIONS_SHOWN = 50
NEW = timedelta(seconds=60)  # for which a page that is opened says that a sound is ready


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


def missing(prompt: Prompt, there: set[str]) -> list[tuple[str, SafeString, str]]:
    """AU-05: rows for the languages that a sound does not have; music needs none, and what is empty says so."""
    if prompt.music or not there:
        return []
    words = format_html('<span class="cc-missing">{}</span>', gettext("missing: another language is played"))
    return [(language, words, "") for language, _name in LANGUAGES if language not in there]


def linked(words: str, rows: list[models.Model]) -> str:
    """`words`, as a link to the first of `rows` that has a page."""
    for row in rows:
        try:
            address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        except NoReverseMatch:
            continue
        return format_html('<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>', address, words)
    return words


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
        "new": timezone.now() - conversion.created_at < NEW,
    }
