"""Which files a sound is played from: the one place where other apps ask."""

from collections import defaultdict
from collections.abc import Iterable

from apps.audio.models import Prompt, PromptVersion

Sounds = dict[int, dict[str, str]]  # sound -> language -> absolute path of what the cells play


def files_by_prompt() -> Sounds:
    """Active versions of all sounds, in one query."""
    sounds: Sounds = defaultdict(dict)
    for version in PromptVersion.objects.filter(active=True).exclude(file=""):
        sounds[version.prompt_id][version.language] = version.file.path
    return dict(sounds)


def system_sounds() -> dict[str, int]:
    """Key -> sound, of all that the system itself speaks."""
    return dict(Prompt.objects.exclude(key="").values_list("key", "id"))


def files_of_keys(keys: Iterable[str], language: str) -> tuple[str, ...]:
    """What the system says, as one row of files to play without a gap (see prompts.py). A sound that was not installed is left out."""
    wanted = list(keys)
    versions = PromptVersion.objects.filter(active=True, prompt__key__in=set(wanted), language=language).exclude(file="")
    files = {key: version.file.path for version in versions.select_related("prompt") if (key := version.prompt.key)}
    return tuple(files[key] for key in wanted if key in files)
