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
from tests.audio.test_versions import played
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


def test_where_a_sound_is_used_leads_there(administrator, welcome):
    """AU-04."""
    playlist = Playlist.objects.create(name="Waiting")
    PlaylistItem.objects.create(playlist=playlist, prompt=welcome)
    page = administrator.get(change(welcome)).content.decode()
    assert f'href="{reverse("admin:audio_playlist_change", args=[playlist.pk])}">playlist Waiting</a>' in page


def test_a_language_that_misses_is_marked_and_found(administrator, welcome):
    """AU-05; music needs no language."""
    made = services.sound.tone(440, 0.5)
    services.add_version(welcome, language="nb", made=made)
    services.add_version(Prompt.objects.create(name="Fog", music=True), language="nb", made=made)
    whole = Prompt.objects.create(name="Whole")
    for language in ("nb", "en"):
        services.add_version(whole, language=language, made=made)
    assert administrator.get("/admin/audio/prompt/").content.decode().count("missing: another language") == 1
    found = administrator.get("/admin/audio/prompt/?missing=en").context["cl"].queryset
    assert list(found) == [welcome]


def test_what_the_system_speaks_is_replaced_one_by_one(administrator, jobs):
    """AU-05."""
    digit = Prompt.objects.create(name="Digit 4", key="digit_4")
    services.speak(digit, language="nb", text="fire")
    assert change(digit) in administrator.get("/admin/audio/prompt/?kind=system").content.decode()
    administrator.post(change(digit), fill(name="Digit 4", text_nb="fire", upload_nb=sound_file("wav", 1000)))
    jobs()
    assert played(digit) == 1000 and Prompt.objects.get(key="digit_4") == digit


def test_a_text_is_spoken_on_trial_for_administrators_only(administrator, agent):
    asked = {"text": "Hei", "language": "nb", "voice": "nb+f2", "speed": "120"}
    assert administrator.post(reverse("sound_spoken"), asked).content[:4] == b"RIFF"
    refused = administrator.post(reverse("sound_spoken"), asked | {"voice": "en-us"})
    assert refused.status_code == 422 and "no such voice" in refused.content.decode()
    assert agent.post(reverse("sound_spoken"), asked).status_code == 403


def test_several_files_are_for_administrators_only_and_refusals_are_in_words(administrator, agent, welcome):
    """AU-03."""
    names, file, progress = (reverse(f"sound_several_{name}") for name in ("names", "file", "progress"))
    assert administrator.post(names, {"name": ["welcome.mp3", "Other.wav"]}).json() == {"welcome.mp3": "Welcome"}
    taken = administrator.post(file, {"file": sound_file(), "language": "nb"})
    assert taken.status_code == 422 and "exists" in taken.content.decode()
    bad = administrator.post(file, {"file": SimpleUploadedFile("a.wav", b"no sound"), "language": "nb"})
    assert bad.status_code == 422 and "no sound file" in bad.content.decode()
    assert administrator.post(file, {"file": sound_file(), "language": "xx"}).status_code == 422
    for answer in (agent.post(names), agent.post(file), agent.get(progress), agent.get("/admin/audio/prompt/several/")):
        assert answer.status_code in (302, 403)


def test_while_a_new_text_is_converted_its_page_shows_that_text(administrator, welcome, jobs):
    services.speak(welcome, language="nb", text="Hei.")
    page = administrator.post(change(welcome), fill(text_nb="Hei og velkommen.", voice_nb="nb+f2"), follow=True)
    form = page.context["adminform"].form
    assert (form.fields["text_nb"].initial, form.fields["voice_nb"].initial) == ("Hei og velkommen.", "nb+f2")
    jobs()
    administrator.post(change(welcome), fill(name="Renamed", text_nb="Hei og velkommen.", voice_nb="nb+f2"))
    jobs()
    assert welcome.versions.count() == 2


def test_a_recording_is_not_replaced_by_the_text_of_before_when_the_page_is_saved_again(administrator, welcome, jobs):
    services.speak(welcome, language="nb", text="Hei.")
    page = administrator.post(change(welcome), fill(text_nb="Hei.", upload_nb=sound_file("wav", 1000)), follow=True)
    assert not page.context["adminform"].form.fields["text_nb"].initial
    jobs()
    administrator.post(change(welcome), fill(name="Renamed", text_nb=""))
    jobs()
    assert played(welcome) == 1000 and welcome.versions.count() == 2
