"""Sounds on an S3 server: media machines fetch them before the switch names them, and keep what calls may still play (AU-01)."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_library
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.audio import library, machines, services
from apps.audio.keeper import UNWANTED, Keeper
from apps.audio.models import Prompt, PromptVersion, sounds
from contactcenter.lib import bus
from tests import tones
from tests.audio import s3
from tests.audio.files import tone_file


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3.running() as address:
        yield address


@pytest.fixture(autouse=True)
def elsewhere(settings, server, tmp_path, redis, monkeypatch) -> None:
    settings.STORAGES = settings.STORAGES | {"sounds": s3.storage(server)}
    settings.SOUNDS_DIR = tmp_path / "here"
    monkeypatch.setattr(bus, "client", lambda: redis)


@pytest.fixture
def here(redis, tmp_path) -> Keeper:
    return Keeper(redis, "here", tmp_path / "here")


@pytest.fixture
def there(redis, tmp_path) -> Keeper:
    """Another media machine."""
    return Keeper(redis, "there", tmp_path / "there")


def named(prompt: Prompt) -> str:
    """The file that the switch names."""
    return library.files_by_prompt()[prompt.pk]["nb"]


def hertz(file: str | Path) -> float:
    return round(tones.dominant(tones.read_wav(Path(file))[0][0]), -1)


def test_a_sound_is_stored_on_the_server_and_fetched_to_each_machine(welcome, here, there, tmp_path):
    version = services.upload(welcome, language="nb", data=tone_file("wav", 440))
    assert sounds().exists(version.file.name) and not library.is_local()
    assert here.step() == there.step() == 1
    assert named(welcome) == str(tmp_path / "here" / Path(version.file.name).name)
    assert hertz(named(welcome)) == hertz(tmp_path / "there" / Path(version.file.name).name) == 440
    assert here.step() == 0, "once is enough"


def test_the_switch_names_a_new_version_when_the_last_machine_has_it_and_the_old_one_until_then(welcome, here, there):
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    here.step(), there.step()
    old = named(welcome)
    services.upload(welcome, language="nb", data=tone_file("wav", 1000))
    assert named(welcome) == old
    here.step()
    assert named(welcome) == old, "one machine does not have it yet"
    there.step()
    assert hertz(named(welcome)) == 1000 and hertz(old) == 440, "the old one is still there for calls in progress"
    ((since, until, earlier),) = library.earlier()[named(welcome)]
    assert earlier == old and since < until


def test_a_machine_that_is_gone_is_not_waited_for(welcome, here, there, redis: redis_library.Redis):
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    here.step(), there.step()
    services.upload(welcome, language="nb", data=tone_file("wav", 1000))
    here.step()
    redis.hset(machines.MACHINES, "there", str(int(time.time()) - machines.ALIVE - 1))
    assert hertz(named(welcome)) == 1000
    services.upload(welcome, language="nb", data=tone_file("wav", 600))
    here.close()
    assert named(welcome).endswith(".wav"), "no machine at all: named all the same"


def test_fetching_something_new_is_announced_and_nothing_new_is_not(welcome, here, redis):
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    with redis.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(bus.CONFIGURATION)
        channel.get_message(timeout=1)
        here.step()
        assert channel.get_message(timeout=2) is not None
        here.step()
        assert channel.get_message(timeout=0.2) is None


def test_a_file_that_cannot_be_fetched_is_tried_again_and_never_named_half(welcome, here, server, settings, tmp_path):
    version = services.upload(welcome, language="nb", data=tone_file("wav", 440))
    content = sounds().open(version.file.name).read()
    sounds().delete(version.file.name)
    assert here.step() == 0 and not list((tmp_path / "here").iterdir())

    sounds().save(version.file.name, ContentFile(content))
    assert here.step() == 1


def test_what_nothing_names_any_more_goes_after_a_day(welcome, here, tmp_path):
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    here.step()
    (file,) = (tmp_path / "here").iterdir()
    PromptVersion.objects.all().delete()
    here.step()
    assert file.exists(), "a call may still play it"
    os.utime(file, (0, time.time() - UNWANTED - 1))
    here.step()
    assert not file.exists()


def test_admin_plays_what_lies_on_the_server(administrator, welcome):

    version = services.upload(welcome, language="nb", data=tone_file("wav", 440))
    assert administrator.get(reverse("sound", args=[version.pk])).content[:4] == b"RIFF"
    assert administrator.get(reverse("sound_waveform", args=[version.pk])).content[:4] == b"\x89PNG"
    sounds().delete(version.file.name)
    assert administrator.get(reverse("sound", args=[version.pk])).status_code == 404


def test_an_upload_while_the_server_is_away_is_refused_in_words(administrator, welcome, settings):

    settings.STORAGES = settings.STORAGES | {"sounds": s3.storage("http://127.0.0.1:9")}
    fields = {"name": "Welcome", "text_nb": "", "text_en": "", "speed_nb": 150, "speed_en": 150}
    upload = SimpleUploadedFile("a.wav", tone_file("wav"))
    page = administrator.post(reverse("admin:audio_prompt_change", args=[welcome.pk]), fields | {"upload_nb": upload}, follow=True)
    assert "could not be stored" in page.content.decode() and not welcome.versions.exists()
