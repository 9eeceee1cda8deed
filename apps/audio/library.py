"""Which files a sound is played from: the one place where other apps ask."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.audio import machines
from apps.audio.models import Prompt, PromptVersion, sounds

Sounds = dict[int, dict[str, str]]  # sound -> language -> absolute path of what the cells play
Earlier = dict[str, list[tuple[float, float, str]]]  # file -> what was played in its place: (since, until, file), times in Unix seconds
LONGEST_CALL = timedelta(days=1)


def files_by_prompt() -> Sounds:
    """Active versions of all sounds, in one query. One that has not come to every media machine yet is named when it has."""
    found: dict[tuple[int, str], str] = {}
    for prompt, language, name in _active().values_list("prompt_id", "language", "file"):
        found[prompt, language] = name
    if not is_local():
        found |= _instead(found)
    by_prompt: Sounds = defaultdict(dict)
    for (prompt, language), name in found.items():
        by_prompt[prompt][language] = path(name)
    return dict(by_prompt)


def _active() -> QuerySet[PromptVersion]:
    return PromptVersion.objects.filter(active=True).exclude(file="")


def _instead(active: dict[tuple[int, str], str]) -> dict[tuple[int, str], str]:
    """For versions that some machine does not have: the version before, if all have that one."""
    missing = machines.missing_somewhere({basename(name) for name in active.values()})
    late = {place: name for place, name in active.items() if basename(name) in missing}
    if not late:
        return {}
    before: dict[tuple[int, str], str] = {}
    older = PromptVersion.objects.filter(prompt__in={prompt for prompt, _ in late}, active=False, replaced_at__isnull=False)
    for version in older.order_by("replaced_at"):
        before[version.prompt_id, version.language] = str(version.file.name)
    absent = machines.missing_somewhere({basename(name) for name in before.values()})
    return {place: name for place, name in before.items() if place in late and basename(name) not in absent}


def earlier() -> Earlier:
    """What was replaced within the last day, by the file that is named now: calls that began before are played the old one to their end."""
    since = timezone.now() - LONGEST_CALL
    replaced = PromptVersion.objects.filter(active=False, replaced_at__gt=since, activated_at__isnull=False).exclude(file="")
    if not (rows := list(replaced)):
        return {}
    now = files_by_prompt()
    before: Earlier = defaultdict(list)
    for version in rows:
        assert version.activated_at and version.replaced_at
        if named := now.get(version.prompt_id, {}).get(version.language):
            interval = version.activated_at.timestamp(), version.replaced_at.timestamp()
            before[named].append((*interval, path(str(version.file.name))))
    return dict(before)


def is_local() -> bool:
    """Whether the storage is a folder that every media machine sees: then there is nothing to fetch."""
    return isinstance(sounds(), FileSystemStorage)


def path(name: str) -> str:
    """Where the cells find the file `name` of the storage."""
    return sounds().path(name) if is_local() else str(Path(settings.SOUNDS_DIR) / basename(name))


def basename(name: str) -> str:
    return PurePath(name).name


def wanted() -> list[str]:
    """Names in the storage, of all that may be played: active versions, and those that calls in progress may still hear."""
    recent = Q(replaced_at__gt=timezone.now() - LONGEST_CALL)
    return list(PromptVersion.objects.filter(Q(active=True) | recent).exclude(file="").values_list("file", flat=True))


def system_sounds() -> dict[str, int]:
    """Key -> sound, of all that the system itself speaks."""
    return dict(Prompt.objects.exclude(key="").values_list("key", "id"))


def every_sound() -> frozenset[int]:
    """Also those that have nothing to be heard yet."""
    return frozenset(Prompt.objects.values_list("id", flat=True))


def files_of_keys(keys: Iterable[str], language: str) -> tuple[str, ...]:
    """What the system says, as one row of files to play without a gap (see prompts.py). A sound that was not installed is left out."""
    asked = list(keys)
    versions = _active().filter(prompt__key__in=set(asked), language=language)
    files = {key: path(name) for key, name in versions.values_list("prompt__key", "file")}
    return tuple(files[key] for key in asked if key in files)
