"""AU-02: the page has somebody called, follows the recording, and gets a new version when it is saved."""

from pathlib import Path

import pytest
from django.urls import reverse

from apps.accounts.models import Role, Team, User
from apps.audio.models import Conversion, Prompt
from apps.dictation import reading, services
from apps.dictation.models import PhoneRecording
from apps.events import vocabulary as v
from apps.switch.requests import Reply
from apps.telephony import leases
from contactcenter.lib import bus
from tests import tones
from tests.calls.story import entries

pytestmark = pytest.mark.django_db
CELL = leases.FreeCell("cell-1", "127.0.0.1:9")


@pytest.fixture
def switch(monkeypatch, redis) -> list:
    """A free cell, and a switch that takes every wish; it keeps them."""
    wishes: list = []
    monkeypatch.setattr(bus, "client", lambda: redis)
    monkeypatch.setattr(leases, "take", lambda source: CELL)
    monkeypatch.setattr(services.client, "ask", lambda wish: wishes.append(wish) or Reply(""))
    return wishes


@pytest.fixture
def prompt(db) -> Prompt:
    return Prompt.objects.create(name="Greeting")


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("ada", password="a long password", role=Role.ADMINISTRATOR, language="en"))
    return client


def asks(client, prompt: Prompt, **form):
    return client.post(reverse("record_by_phone", args=[prompt.pk]), {"number": "22 33 44 55", "language": "nb"} | form)


@pytest.fixture
def recording(administrator, prompt, switch) -> PhoneRecording:
    assert asks(administrator, prompt).status_code == 200
    return PhoneRecording.objects.get()


def tells(recording: PhoneRecording, *events: v.Event) -> None:
    reading.read(entries(list(events)))
    recording.refresh_from_db()


def connected(recording) -> v.Event:
    return v.LegConnected(at=1.0, call=recording.pk, leg=f"{recording.pk}-l1")


def began(recording, path: Path) -> v.Event:
    return v.RecordingBegan(at=2.0, call=recording.pk, recording="r", agent=None, queue=None, mode="", path=str(path), tape="prompt")


def saved(recording) -> v.Event:
    return v.PromptRecorded(at=3.0, call=recording.pk, recording="r", seconds=1.0)


def ended(recording) -> v.Event:
    return v.CallEnded(at=4.0, call=recording.pk, cause="caller_hung_up")


def test_the_number_that_was_typed_is_called_from_a_leased_cell(recording, switch):
    (wish,) = switch
    assert (wish.number, wish.cell, wish.call, wish.errand, wish.language) == ("+4722334455", "cell-1", recording.pk, "record_prompt", "nb")
    assert recording.state == "calling" and recording.by.username == "ada"


def test_the_page_follows_the_call_live(administrator, recording, tmp_path, django_capture_on_commit_callbacks):
    def shown() -> str:
        return administrator.get(reverse("phone_recording", args=[recording.pk])).json()["state"]

    assert shown() == "calling"
    path = tmp_path / f"{recording.pk}-m1.0.wav"
    tones.write_wav(path, tones.tone(440, 1.0), tones.silence(1.0))
    for event, state in ((connected(recording), "answered"), (began(recording, path), "recording"), (saved(recording), "taken")):
        tells(recording, event)
        assert shown() == state
    services.hand_in(recording.pk)
    assert shown() == "taken"  # it is being converted
    Conversion.objects.update(state="ready")
    assert shown() == "saved"


def test_what_is_saved_is_handed_to_the_library_as_an_upload_is_and_once(recording, prompt, tmp_path):
    path = tmp_path / f"{recording.pk}-m1.0.wav"
    tones.write_wav(path, tones.tone(440, 1.0), tones.silence(1.0))
    tells(recording, connected(recording), began(recording, path), saved(recording), ended(recording))
    services.hand_in(recording.pk)
    services.hand_in(recording.pk)
    (conversion,) = Conversion.objects.all()
    assert (conversion.prompt, conversion.language, conversion.source, conversion.state) == (prompt, "nb", "phone", "waiting")


def test_nothing_is_handed_in_when_nothing_was_saved(recording, tmp_path):
    tells(recording, connected(recording), began(recording, tmp_path / "x.wav"), ended(recording))
    services.hand_in(recording.pk)
    assert recording.state == "ended" and not Conversion.objects.exists()
    assert services.told(recording)["text"] == "The call ended, and nothing was saved."


@pytest.mark.parametrize(("code", "words"), [(486, "busy"), (408, "Nobody answered"), (500, "could not be reached")])
def test_the_page_says_why_nobody_was_reached(recording, code, words):
    leg = v.LegFinished(at=1.0, call=recording.pk, leg="l", code=code)
    tells(recording, leg, ended(recording))
    assert words in str(services.told(recording)["text"])


def test_a_recording_whose_file_is_gone_is_told(recording, tmp_path):
    tells(recording, connected(recording), began(recording, tmp_path / "gone.wav"), saved(recording))
    services.hand_in(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.fault) == ("ended", "unusable")


def test_files_of_calls_that_are_over_are_deleted(recording, tmp_path, django_capture_on_commit_callbacks):
    files = [tmp_path / f"{recording.pk}-m1.{number}.wav" for number in range(2)]
    for file in files:
        tones.write_wav(file, tones.tone(440, 0.1), tones.silence(0.1))
    tells(recording, began(recording, files[-1]), ended(recording))
    PhoneRecording.objects.update(began_at="2020-01-01T00:00Z")
    services.sweep()
    assert not any(file.exists() for file in files)


@pytest.mark.parametrize("number", ["", "abc", "1"])
def test_what_is_no_number_is_refused_in_words(administrator, prompt, switch, number):
    answer = asks(administrator, prompt, number=number)
    assert (answer.status_code, answer.json()["text"]) == (409, "This is no telephone number.")
    assert not PhoneRecording.objects.exists() and switch == []


def test_no_free_line_and_no_trunk_are_told(administrator, prompt, switch, monkeypatch):
    monkeypatch.setattr(services.client, "ask", lambda wish: Reply("no_trunk"))
    assert "trunk" in asks(administrator, prompt).json()["text"]
    monkeypatch.setattr(leases, "take", lambda source: "full")
    assert "in use" in asks(administrator, prompt).json()["text"]
    assert not PhoneRecording.objects.exists()


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.AGENT])
def test_only_who_may_change_sounds_may_have_the_system_call(client, prompt, switch, role):
    person = User.objects.create_user("bo", password="a long password", role=role, is_staff=True, team=Team.objects.create(name="Service"))
    client.force_login(person)
    assert asks(client, prompt).status_code == 403
    assert switch == []


def test_the_page_of_a_sound_offers_it(administrator, prompt):
    page = administrator.get(reverse("admin:audio_prompt_change", args=[prompt.pk])).content.decode()
    assert reverse("record_by_phone", args=[prompt.pk]) in page and "Call me" in page
    assert "phone-recording" not in administrator.get(reverse("admin:audio_prompt_add")).content.decode()


# -- by calling in


CALL = "019ca0000000000000000000000000ca"


def chosen(prompt: Prompt, user: User, language: str = "en", at: float = 1.0) -> v.Event:
    return v.PromptChosen(at=at, call=CALL, prompt=prompt.pk, by=user.pk, language=language)


def speaks(folder: Path, take: int, hertz: float = 440) -> list[v.Event]:
    """Recorded and saved."""
    path = folder / f"{CALL}-m1.{take}.wav"
    tones.write_wav(path, tones.tone(hertz, 1.0), tones.silence(1.0))
    began = v.RecordingBegan(at=2.0, call=CALL, recording=path.stem, agent=None, queue=None, mode="", path=str(path), tape="prompt")
    return [began, v.PromptRecorded(at=3.0, call=CALL, recording=path.stem, seconds=1.0)]


OVER = v.CallEnded(at=4.0, call=CALL, cause="caller_hung_up")


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_superuser("ada", password="a long password")


def test_two_sounds_of_one_call_become_two_versions(ada, prompt, tmp_path, redis):
    other = Prompt.objects.create(name="Closed")
    story = [chosen(prompt, ada), *speaks(tmp_path, 0), chosen(other, ada), *speaks(tmp_path, 1), OVER]
    reading.read(entries(story))
    assert set(PhoneRecording.objects.values_list("state", flat=True)) == {"taken"}
    for recording in PhoneRecording.objects.all():
        services.hand_in(recording.pk)
    rows = Conversion.objects.order_by("pk").values_list("prompt__name", "language", "source", "by")
    assert sorted(rows) == [("Closed", "en", "phone", ada.pk), ("Greeting", "en", "phone", ada.pk)]


def test_facts_that_are_read_twice_make_one_recording(ada, prompt, tmp_path):
    for _ in range(2):
        reading.read(entries([chosen(prompt, ada), *speaks(tmp_path, 0)]))
    assert PhoneRecording.objects.count() == 1


def test_a_sound_that_was_not_saved_before_the_next_was_chosen_stays_as_it_is(ada, prompt, tmp_path):
    other = Prompt.objects.create(name="Closed")
    reading.read(entries([chosen(prompt, ada), speaks(tmp_path, 0)[0], chosen(other, ada, at=5.0), *speaks(tmp_path, 1), OVER]))
    assert dict(PhoneRecording.objects.values_list("prompt__name", "state")) == {"Greeting": "ended", "Closed": "taken"}


def test_hanging_up_saves_nothing(ada, prompt, tmp_path):
    reading.read(entries([chosen(prompt, ada), speaks(tmp_path, 0)[0], OVER]))
    assert PhoneRecording.objects.get().state == "ended" and not Conversion.objects.exists()


def test_a_sound_that_is_gone_meanwhile_is_none(ada, prompt, tmp_path):
    """IV-09"""
    story = [chosen(prompt, ada), *speaks(tmp_path, 0), OVER]
    prompt.delete()
    reading.read(entries(story))
    assert not PhoneRecording.objects.exists()


@pytest.mark.parametrize("loss", ["deactivated", "other role", "deleted"])
def test_who_has_lost_the_right_when_it_is_handed_in_changes_nothing(ada, prompt, tmp_path, loss):
    reading.read(entries([chosen(prompt, ada), *speaks(tmp_path, 0), OVER]))
    if loss == "deleted":
        ada.delete()
    else:
        ada.is_active, ada.role = loss != "deactivated", Role.TEAM_LEADER if loss == "other role" else ada.role
        ada.save()
    recording = PhoneRecording.objects.get()
    services.hand_in(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.fault) == ("ended", "not_allowed") and not Conversion.objects.exists()


def test_no_file_of_a_call_is_deleted_while_one_of_its_sounds_waits_and_none_of_its_messages_ever(ada, prompt, tmp_path):
    """A call may leave a voicemail message, too: another step's recording."""
    reading.read(entries([chosen(prompt, ada), *speaks(tmp_path, 0), chosen(prompt, ada, at=5.0), *speaks(tmp_path, 1), OVER]))
    PhoneRecording.objects.update(began_at="2020-01-01T00:00Z")
    message = tmp_path / f"{CALL}-m10.0.wav"
    message.touch()
    first, second = PhoneRecording.objects.order_by("source")
    services.hand_in(first.pk)
    services.sweep()
    assert Path(second.source).exists()
    services.hand_in(second.pk)
    services.sweep()
    assert [file.name for file in tmp_path.iterdir()] == [message.name]


@pytest.mark.parametrize(("reason", "within_hour", "told", "warned"), [("wrong", 1, 1, 0), ("wrong", 20, 1, 1), ("blocked", 20, 0, 0)])
def test_wrong_codes_are_told_to_every_switch_and_too_many_to_the_operator(
    reason, within_hour, told, warned, caplog, django_capture_on_commit_callbacks, db
):
    with django_capture_on_commit_callbacks() as calls:
        reading.read(entries([v.PhoneCodeRefused(at=1.0, call=CALL, reason=reason, within_hour=within_hour)]))
    assert (len(calls), len(caplog.records)) == (told, warned)
    assert CALL not in caplog.text
