"""The sound library in admin: upload, speak, listen, restore, and what is refused beside its field (AU-01, AU-04)."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps.audio import services
from apps.audio.admin import duration
from apps.audio.models import Playlist, PlaylistItem, Prompt
from tests.audio.files import tone_file
from tests.flows.flow_builder import FlowBuilder

ADD = "/admin/audio/prompt/add/"


def change(prompt: Prompt) -> str:
    return reverse("admin:audio_prompt_change", args=[prompt.pk])


def fill(name: str = "Welcome", **fields) -> dict:
    return {"name": name, "text_nb": "", "text_en": "", "speed_nb": 150, "speed_en": 150, **fields}


def sound_file(kind: str = "mp3", hertz: float = 440) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"welcome.{kind}", tone_file(kind, hertz))


def test_a_file_and_a_text_make_a_sound_in_two_languages(administrator, jobs):
    """AU-01, AU-05."""
    answer = administrator.post(ADD, fill(upload_nb=sound_file(), text_en="Welcome to us."))
    assert answer.status_code == 302
    jobs()
    versions = {version.language: version for version in Prompt.objects.get(name="Welcome").versions.all()}
    assert versions["nb"].seconds == pytest.approx(2, abs=0.1) and versions["nb"].text == ""
    assert versions["en"].text == "Welcome to us." and versions["en"].seconds > 0.5


def test_saving_again_without_a_change_makes_no_version(administrator, welcome):
    services.speak(welcome, language="nb", text="Hei.")
    answer = administrator.post(change(welcome), fill(name="Welcome there", text_nb="Hei."))
    assert answer.status_code == 302
    assert welcome.versions.count() == 1


def test_a_changed_text_is_spoken_anew(administrator, welcome, jobs):
    services.speak(welcome, language="nb", text="Hei.")
    administrator.post(change(welcome), fill(text_nb="Hei og velkommen."))
    jobs()
    assert list(welcome.versions.values_list("number", "text", "active")) == [(2, "Hei og velkommen.", True), (1, "Hei.", False)]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"upload_nb": SimpleUploadedFile("a.wav", b"not at all a sound file")}, "upload_nb", "no sound file"),
        ({"upload_en": sound_file(), "begin_en": 3.0, "end_en": 2.0}, "upload_en", "no sound left"),
        ({"text_nb": "Hei", "voice_nb": "en-us"}, "voice_nb", "Select a valid choice"),
        ({"text_nb": "Hei", "speed_nb": 1000}, "speed_nb", "300"),
        ({"text_nb": "…", "upload_nb": SimpleUploadedFile("a.wav", b"RIFF")}, "text_nb", "Choose one"),
        ({"text_en": "a" * 2_001}, "text_en", "2000"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(administrator, welcome, fields, field, reason):
    """AU-01: refused with the reason, nothing replaced."""
    services.speak(welcome, language="nb", text="Hei.")
    for upload in fields.values():
        if hasattr(upload, "seek"):
            upload.seek(0)
    answer = administrator.post(change(welcome), fill(**{"text_nb": "Hei.", **fields}))
    assert reason in str(answer.context["adminform"].form.errors[field])
    assert welcome.versions.count() == 1


def test_sounds_are_listed_with_players_and_the_systems_own_are_out_of_the_way(administrator, welcome):
    version = services.upload(welcome, language="nb", data=tone_file("wav"))
    digit = Prompt.objects.create(name="Digit 4", key="digit_4")
    page = administrator.get("/admin/audio/prompt/").content.decode()
    assert reverse("sound", args=[version.pk]) in page and "2.0 s" in page
    assert digit.name not in page
    assert digit.name in administrator.get("/admin/audio/prompt/?kind=system").content.decode()


def test_the_list_takes_the_same_few_queries_for_one_sound_and_for_many(administrator, welcome, django_assert_max_num_queries):
    for number in range(5):
        services.add_version(Prompt.objects.create(name=f"S{number}"), language="nb", made=services.sound.tone(440, 0.5))
    with django_assert_max_num_queries(10):
        administrator.get("/admin/audio/prompt/")


def test_the_page_of_a_sound_plays_its_versions_shows_their_waveform_and_where_it_is_used(administrator, welcome):
    """AU-01, AU-04."""
    first = services.upload(welcome, language="nb", data=tone_file("wav"))
    second = services.upload(welcome, language="nb", data=tone_file("wav", 1000))
    PlaylistItem.objects.create(playlist=Playlist.objects.create(name="Waiting"), prompt=welcome)
    page = administrator.get(change(welcome)).content.decode()
    for version in (first, second):
        assert reverse("sound", args=[version.pk]) in page and reverse("sound_waveform", args=[version.pk]) in page
    assert "playlist Waiting" in page
    restore = reverse("admin:audio_prompt_restore", args=[welcome.pk, first.pk])
    assert restore in page and reverse("admin:audio_prompt_restore", args=[welcome.pk, second.pk]) not in page
    assert administrator.get(restore).status_code == 405
    assert administrator.post(restore, follow=True).status_code == 200
    first.refresh_from_db()
    assert first.active


def test_sound_and_waveform_are_served_to_who_may_see_sounds(administrator, agent, client, welcome):
    version = services.upload(welcome, language="nb", data=tone_file("wav"))
    addresses = [reverse("sound", args=[version.pk]), reverse("sound_waveform", args=[version.pk])]
    heard, seen = (administrator.get(address) for address in addresses)
    assert heard.headers["Content-Type"] == "audio/wav" and heard.content[:4] == b"RIFF"
    assert Image.open(io.BytesIO(seen.content)).size == (600, 80)
    assert [agent.get(address).status_code for address in addresses] == [403, 403]
    administrator.logout()
    assert [administrator.get(address).status_code for address in addresses] == [302, 302]


def test_a_file_that_is_gone_is_not_found(administrator, welcome, folder):
    version = services.upload(welcome, language="nb", data=tone_file("wav"))
    for file in folder.iterdir():
        file.unlink()
    assert administrator.get(reverse("sound", args=[version.pk])).status_code == 404
    assert administrator.get(reverse("sound_waveform", args=[version.pk])).status_code == 404


def test_a_sound_in_use_is_not_deleted_and_the_page_says_where_it_is_used(administrator, welcome):
    """AU-04."""
    PlaylistItem.objects.create(playlist=Playlist.objects.create(name="Waiting"), prompt=welcome)
    address = reverse("admin:audio_prompt_delete", args=[welcome.pk])
    assert "playlist Waiting" in administrator.get(address).content.decode()
    administrator.post(address, {"post": "yes"})
    assert Prompt.objects.filter(pk=welcome.pk).exists()


def test_a_sound_in_a_menu_is_not_deleted_and_the_page_speaks_of_the_menu_not_of_rights(administrator, welcome):
    """AU-04: steps are deleted in their flow only, which is no answer to why a sound cannot go."""
    FlowBuilder("Main number").menu("Main menu", welcome, {}).after_fault("Main menu").save()
    page = administrator.get(reverse("admin:audio_prompt_delete", args=[welcome.pk])).content.decode()
    assert "Main menu" in page and "permission" not in page


def test_a_sound_nobody_uses_is_deleted(administrator, welcome):
    administrator.post(reverse("admin:audio_prompt_delete", args=[welcome.pk]), {"post": "yes"})
    assert not Prompt.objects.exists()


def test_a_playlist_is_filled_with_sounds_in_order(administrator, welcome):
    """AU-06."""
    fog = Prompt.objects.create(name="Fog", music=True)
    rows = {"items-TOTAL_FORMS": 2, "items-INITIAL_FORMS": 0, "items-0-prompt": fog.pk, "items-0-position": 0}
    rows |= {"items-1-prompt": welcome.pk, "items-1-position": 1}
    assert administrator.post("/admin/audio/playlist/add/", {"name": "Waiting", **rows}).status_code == 302
    assert "Fog, Welcome" in administrator.get("/admin/audio/playlist/").content.decode()


def test_durations_are_short():
    assert [duration(seconds) for seconds in (4.23, 59.96, 187.4, 3_600)] == ["4.2 s", "60.0 s", "3:07", "60:00"]
