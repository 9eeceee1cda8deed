"""Versions of a sound: the new one replaces the old when it is ready; none is lost (AU-01, AU-04, AU-05)."""

from pathlib import Path

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from apps.audio import conversions, library, prompts, services, sound
from apps.audio.models import DiscardedFile, Playlist, PlaylistItem, Prompt, PromptVersion
from apps.audio.transcode import UnusableSound
from apps.queues.models import Queue
from tests import tones
from tests.audio.files import tone_file
from tests.flows.flow_builder import FlowBuilder


def played(prompt: Prompt, language: str = "nb") -> float:
    """The frequency that callers hear."""
    channels, rate = tones.read_wav(Path(library.files_by_prompt()[prompt.pk][language]))
    assert (len(channels), rate) == (1, 8_000)
    return round(tones.dominant(channels[0]), -1)


def test_an_upload_is_played_and_the_one_before_is_kept(welcome):
    """AU-01, AU-04."""
    first = services.upload(welcome, language="nb", data=tone_file("mp3", 440))
    assert played(welcome) == 440
    second = services.upload(welcome, language="nb", data=tone_file("ogg", 1000))
    assert played(welcome) == 1000
    first.refresh_from_db()
    assert (first.active, second.active, second.number) == (False, True, 2)
    assert Path(first.file.path).exists()


def test_a_bad_file_replaces_nothing(welcome):
    """AU-01."""
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    with pytest.raises(UnusableSound):
        services.upload(welcome, language="nb", data=b"RIFF\0\0\0\0WAVE" + b"\0" * 100)
    assert played(welcome) == 440
    assert welcome.versions.count() == 1


def test_an_older_version_can_be_played_again(welcome):
    """AU-04."""
    first = services.upload(welcome, language="nb", data=tone_file("wav", 440))
    services.upload(welcome, language="nb", data=tone_file("wav", 1000))
    services.restore(first)
    assert played(welcome) == 440
    assert welcome.versions.filter(active=True).count() == 1


def test_each_language_has_its_own_versions(welcome):
    """AU-05."""
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    services.upload(welcome, language="en", data=tone_file("wav", 1000))
    assert (played(welcome, "nb"), played(welcome, "en")) == (440, 1000)
    assert set(welcome.versions.values_list("number", "active")) == {(1, True)}


def test_a_text_is_spoken_and_kept_with_its_sound(welcome):
    version = services.speak(welcome, language="nb", text="Velkommen.")
    assert version.text == "Velkommen." and 0.3 < version.seconds < 3
    assert Path(version.file.path).stat().st_mode & 0o777 == 0o600


def test_music_may_be_longer_than_a_prompt(welcome, monkeypatch):
    monkeypatch.setattr("apps.audio.transcode.LONGEST", 1.0)
    piece = Prompt.objects.create(name="Fog", music=True)
    data = tone_file("wav", 440, 2.0, rate=8_000)
    assert services.upload(piece, language="nb", data=data).seconds == 2.0
    with pytest.raises(UnusableSound, match="longer"):
        services.upload(welcome, language="nb", data=data)


def test_a_sound_in_use_cannot_be_removed_and_its_places_are_listed(welcome):
    """AU-04."""
    version = services.upload(welcome, language="nb", data=tone_file("wav", 440))
    playlist = Playlist.objects.create(name="Waiting")
    PlaylistItem.objects.create(playlist=playlist, prompt=welcome)
    Queue.objects.create(name="Support", welcome=welcome)
    FlowBuilder("Main line").message("Greeting", welcome, next="End").hang_up("End").after_fault("End").publish()
    used = "\n".join(services.where_used(welcome))
    assert "playlist Waiting" in used and "queue Support" in used and "Greeting" in used and "Main line" in used
    assert str(welcome.versions.get()) not in used
    with pytest.raises(ProtectedError):
        services.remove(welcome)
    assert Path(version.file.path).exists()


def test_a_sound_nobody_uses_goes_with_its_files_a_day_later(welcome, folder, jobs):
    version = services.upload(welcome, language="nb", data=tone_file("wav", 440))
    assert services.where_used(welcome) == []
    services.remove(welcome)
    assert not Prompt.objects.exists()
    assert Path(version.file.path).exists(), "a call may still play it"
    DiscardedFile.objects.update(at=timezone.now() - conversions.STILL_PLAYED)
    conversions.sweep()
    assert not list(folder.iterdir())


def test_a_version_that_cannot_be_written_leaves_nothing_behind(welcome, folder, monkeypatch):
    services.upload(welcome, language="nb", data=tone_file("wav", 440))

    def full(*_args, **_more):
        raise OSError("the disk is full")

    monkeypatch.setattr(PromptVersion, "save", full)
    with pytest.raises(OSError, match="full"):
        services.add_version(welcome, language="nb", made=sound.tone(1000, 1.0))
    assert played(welcome) == 440
    assert len(list(folder.iterdir())) == 3


def test_the_systems_own_sounds_are_installed_once(db):
    """AU-05: digits and numbers exist in Norwegian and English from the start."""
    made = services.install_system_prompts()
    assert made == 2 * (len(list(prompts.system_sounds())) + 3)
    assert services.install_system_prompts() == 0
    for language in prompts.LANGUAGES:
        keys = (*prompts.say_position(345, language), *prompts.say_wait(600, language), *prompts.spell_digits("19*#", language))
        files = library.files_of_keys(keys, language)
        assert len(files) == len(keys)
        for file in files:
            (pcm,), rate = tones.read_wav(Path(file))
            assert rate == 8_000 and 0.1 < len(pcm) / rate < 4 and tones.rms(pcm) > 500
    ringing = library.files_by_prompt()[library.system_sounds()[prompts.RINGING_TONE]]["nb"]
    assert tones.dominant(tones.read_wav(Path(ringing))[0][0][:8_000]) == pytest.approx(425, abs=2)


def test_an_administrators_own_version_of_a_system_sound_is_left_alone(db):
    services.install_system_prompts()
    prompt = Prompt.objects.get(key="digit_4")
    services.upload(prompt, language="nb", data=tone_file("wav", 440))
    assert services.install_system_prompts() == 0
    assert played(prompt) == 440
