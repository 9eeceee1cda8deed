"""Reads the configuration of the distribution from the models, for the switch (QU-17)."""

from collections import defaultdict
from typing import cast

from django.db.models import Prefetch

from apps.accounts.models import Profile
from apps.audio.library import Sounds, files_by_prompt
from apps.audio.models import LANGUAGES, PlaylistItem
from apps.queues.acd import state as acd
from apps.queues.acd.state import AcdConfiguration, Order, ProfileRules, QueueRules
from apps.queues.models import Disposition, Queue


def load() -> AcdConfiguration:
    """Active queues and all profiles, in seven queries however many there are."""
    sounds, music = files_by_prompt(), _playlists()
    queues = Queue.objects.filter(active=True).prefetch_related("skills", Prefetch("dispositions", Disposition.objects.filter(active=True)))
    profiles = Profile.objects.prefetch_related("skills")
    return AcdConfiguration(
        queues={queue.pk: _queue_rules(queue, sounds, music) for queue in queues},
        profiles={profile.pk: _profile_rules(profile) for profile in profiles},
    )


def load_hours() -> dict[int, int]:
    """Queue -> its opening hours, of those that have some."""
    return dict(Queue.objects.filter(active=True, calendar__isnull=False).values_list("pk", "calendar_id"))


def _queue_rules(queue: Queue, sounds: Sounds, music: dict[int, list[int]]) -> QueueRules:
    welcome = sounds.get(queue.welcome_id or 0, {})
    return QueueRules(
        id=queue.pk,
        name=queue.name,
        service_level=queue.service_level,
        skills={needed.skill_id: needed.minimum_level for needed in queue.skills.all()},
        order=cast(Order, queue.order),
        ring_timeout=queue.ring_timeout,
        maximum_callers=queue.maximum_callers,
        maximum_wait=queue.maximum_wait,
        wrap_up=queue.wrap_up,
        wrap_up_extension=queue.wrap_up_extension,
        recording_mode=queue.recording_mode,
        music=tuple(path for prompt in music.get(queue.music_id or 0, ()) for path in _in_any_language(sounds.get(prompt, {}))),
        welcome=_in_any_language(welcome),
        welcome_by_language={language: (path,) for language, path in welcome.items()},
        dispositions=tuple(acd.Disposition(one.pk, one.name) for one in queue.dispositions.all()),
        disposition_required=queue.disposition_required,
    )


def _profile_rules(profile: Profile) -> ProfileRules:
    return ProfileRules(
        id=profile.pk,
        name=profile.name,
        skills={has.skill_id: has.level for has in profile.skills.all()},
        wrap_up=profile.wrap_up,
        wrap_up_extension=profile.wrap_up_extension,
        wrap_up_out=profile.wrap_up_calls_out,
        best_level_only=profile.best_level_only,
    )


def _playlists() -> dict[int, list[int]]:
    """Playlist -> its sounds in order."""
    playlists = defaultdict(list)
    for item in PlaylistItem.objects.order_by("position", "id"):
        playlists[item.playlist_id].append(item.prompt_id)
    return playlists


def _in_any_language(versions: dict[str, str]) -> tuple[str, ...]:
    """The one file in the first language that there is: music needs no language, and a welcome is better than none."""
    return tuple(versions[language] for language, _ in LANGUAGES if language in versions)[:1]
