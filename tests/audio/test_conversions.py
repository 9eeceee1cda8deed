"""From what was handed in to what is played: in a worker, in words if it is refused, and nothing is replaced before (AU-01, AU-03)."""

from datetime import timedelta

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from apps.audio import conversions, services, sound
from apps.audio.conversions import NameTaken, add, add_file, add_text
from apps.audio.models import Conversion, Prompt, sounds
from apps.audio.transcode import UnusableSound
from tests import tones
from tests.audio.files import encoded, tone_file
from tests.audio.test_versions import played


def test_what_a_telephone_recorded_becomes_the_new_version(welcome, jobs):
    """AU-02: raw WAV bytes go the same way as an upload."""
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    conversion = add(prompt=welcome, language="nb", data=tone_file("wav", 1000, rate=8_000), source="phone")
    assert played(welcome) == 440, "until it is ready"
    jobs()
    assert played(welcome) == 1000
    conversion.refresh_from_db()
    assert (conversion.state, conversion.progress, conversion.version.source) == ("ready", 100, "phone")


def test_of_a_recording_what_was_chosen_is_kept(welcome, jobs):
    low, high = tones.tone(440, 1.0, rate=48_000), tones.tone(1000, 1.0, rate=48_000)
    add(prompt=welcome, language="nb", data=encoded("webm", np.concatenate([low, high])), begin=1.1, end=1.8)
    jobs()
    version = welcome.versions.get()
    assert version.seconds == pytest.approx(0.7, abs=0.01)
    assert played(welcome) == 1000


def test_both_rates_and_a_picture_are_kept(welcome, jobs):
    add(prompt=welcome, language="nb", data=tone_file("mp3", 3000))
    jobs()
    version = welcome.versions.get()
    for file, rate in ((version.file, 8_000), (version.wide, 16_000)):
        with file.open("rb") as content:
            read = sound.read(content.read())
        assert read.rate == rate and read.seconds == pytest.approx(2.0, abs=0.1)
        assert tones.dominant(read.samples, rate=rate) == pytest.approx(3000, abs=5)
    with version.picture.open("rb") as picture:
        assert picture.read(4) == b"\x89PNG"


@pytest.mark.parametrize("data", [b"OggS" + b"\xff" * 5_000, tone_file("flac")[:60] + b"\0" * 4_000], ids=["ogg", "flac"])
def test_what_only_the_decoder_can_see_is_refused_in_words_and_replaces_nothing(welcome, jobs, folder, data):
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    files = set(folder.iterdir())
    conversion = add(prompt=welcome, language="nb", data=data)
    jobs()
    conversion.refresh_from_db()
    assert conversion.state == "failed" and conversions.reason(conversion)
    assert played(welcome) == 440
    assert {path for path in folder.rglob("*") if path.is_file()} == files, "the upload is not kept"


def test_what_is_plainly_no_sound_is_refused_at_once(welcome):
    for data in (b"", b"%PDF-1.7 " * 99, b"PK\3\4" + b"\0" * 999):
        with pytest.raises(UnusableSound):
            add(prompt=welcome, language="nb", data=data)
    assert not Conversion.objects.exists()


def test_the_newer_of_two_counts_whichever_is_ready_first(welcome, jobs):
    first = add(prompt=welcome, language="nb", data=tone_file("wav", 440))
    add(prompt=welcome, language="nb", data=tone_file("wav", 1000))
    conversions.work(first.pk)
    jobs()
    first.refresh_from_db()
    assert (first.state, first.fault) == ("failed", "overtaken") and conversions.reason(first)
    assert played(welcome) == 1000 and welcome.versions.count() == 1


def test_of_two_workers_at_one_conversion_one_makes_the_version(welcome, jobs, folder, monkeypatch):
    conversion = add(prompt=welcome, language="nb", data=tone_file("wav", 440))
    store = services.store

    def meanwhile(made, stem):
        monkeypatch.setattr(services, "store", store)
        Conversion.objects.update(try_at=timezone.now())  # its lease has ended
        conversions.work(conversion.pk)
        return store(made, stem)

    monkeypatch.setattr(services, "store", meanwhile)
    conversions.work(conversion.pk)
    assert welcome.versions.count() == 1 and played(welcome) == 440
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3


def test_a_storage_that_is_away_costs_a_try_and_nothing_else(welcome, jobs, monkeypatch):
    conversion = add(prompt=welcome, language="nb", data=tone_file("wav", 440))
    with monkeypatch.context() as away:
        away.setattr(type(sounds()), "_save", lambda *_: (_ for _ in ()).throw(OSError("away")))
        with pytest.raises(OSError, match="away"):
            conversions.work(conversion.pk)
    conversions.work(conversion.pk)
    assert not welcome.versions.exists(), "not before its wait is over"
    Conversion.objects.update(try_at=timezone.now() - timedelta(seconds=1))
    jobs()
    assert played(welcome) == 440


def test_a_wake_up_call_that_was_lost_is_made_again(welcome, jobs, redis, django_capture_on_commit_callbacks):
    add(prompt=welcome, language="nb", data=tone_file("wav", 440))
    with django_capture_on_commit_callbacks(execute=True):
        conversions.sweep()
    assert redis.llen("rq:queue:default") == 1


def test_progress_is_told_while_it_is_converted(welcome, jobs, monkeypatch):
    monkeypatch.setattr(conversions, "TOLD_EVERY", timedelta(0))
    told = []
    tell = conversions.Teller.tell

    def tell_and_note(self, share):
        tell(self, share)
        told.append(Conversion.objects.get().progress)

    monkeypatch.setattr(conversions.Teller, "tell", tell_and_note)
    add(prompt=welcome, language="nb", data=tone_file("mp3", 440, 30.0))
    jobs()
    assert told == sorted(told) and len(told) > 4 and 0 < told[0] < 50 and told[-1] == 99


def test_a_text_keeps_its_voice_and_speed_to_be_spoken_anew(welcome, jobs):
    add_text(prompt=welcome, language="nb", text="Velkommen.", voice="nb+f2", speed=120)
    jobs()
    version = welcome.versions.get()
    assert (version.source, version.text, version.voice, version.speed) == ("text", "Velkommen.", "nb+f2", 120)


def named_file(name: str, hertz: float = 440) -> ContentFile:
    return ContentFile(tone_file("wav", hertz), name)


def test_of_several_files_each_makes_a_sound_of_its_name(db, jobs):
    """AU-03: one that is bad does not spoil the others, and leaves no empty sound."""
    files = {"Welcome.wav": named_file("a"), "Broken.ogg": ContentFile(b"OggS" + b"\xff" * 900, "b"), "Bye.wav": named_file("c")}
    for name, content in files.items():
        add_file(name=name, language="nb", data=content)
    jobs()
    assert set(Prompt.objects.values_list("name", flat=True)) == {"Welcome", "Bye"}
    assert Conversion.objects.get(name="Broken").state == "failed"


def test_a_name_that_exists_is_not_replaced_unless_somebody_says_so(welcome, jobs):
    """AU-03: names compare without extension, and without case."""
    services.upload(welcome, language="nb", data=tone_file("wav", 440))
    assert list(conversions.named(["welcome.mp3", "WELCOME.wav", "Other.wav"])) == ["welcome.mp3", "WELCOME.wav"]
    with pytest.raises(NameTaken):
        add_file(name="welcome.MP3", language="nb", data=named_file("a", 1000))
    jobs()
    assert played(welcome) == 440
    add_file(name="welcome.MP3", language="nb", data=named_file("a", 1000), replace=True)
    jobs()
    assert played(welcome) == 1000 and Prompt.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "title"),
    [("C:\\sounds\\Good_day.wav", "Good day"), ("../../etc/passwd.mp3", "passwd"), ("Åpent nå.ogg", "Åpent nå"), ("v1.2.wav", "v1.2")],
)
def test_a_sound_is_called_as_its_file(file, title):
    assert conversions.title_of(file) == title


def test_what_is_over_is_put_away(welcome, jobs):
    add(prompt=welcome, language="nb", data=tone_file("wav", 440))
    jobs()
    Conversion.objects.update(created_at=timezone.now() - conversions.KEPT)
    conversions.sweep()
    assert not Conversion.objects.exists() and welcome.versions.count() == 1
