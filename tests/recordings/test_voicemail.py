"""Messages of callers: stored as recordings are, heard by those who look after them, and gone when they were not kept."""

import re
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, Team
from apps.calls import services as calls
from apps.events import vocabulary as v
from apps.recordings import reading, services
from apps.recordings.models import Recording, Voicemail, archive
from apps.telephony.cell import stereo
from tests import tones
from tests.calls.story import CALL, START, entries

pytestmark = pytest.mark.django_db
TAPE = f"{CALL}-m1.0"
HERTZ = 440


@pytest.fixture
def path(folders) -> Path:
    path = folders / "incoming" / "2026-03-02" / f"{TAPE}.wav"
    path.parent.mkdir(parents=True)
    return path


def spoken(seconds: float = 1.0) -> np.ndarray:
    return tones.tone(HERTZ, seconds)


@pytest.fixture
def tell(company, path):
    """Facts of a call that ends in the voicemail of the team."""

    def tell(*events: v.Event) -> None:
        told = entries(list(events))
        calls.read(told)
        reading.read(told)

    return tell


def arrived(company) -> v.Event:
    return v.CallArrived(at=START, call=CALL, leg=f"{CALL}-1", caller="+4722334455", dialled="+4780012345")


def began(path: Path) -> v.Event:
    return v.RecordingBegan(at=START + 5, call=CALL, recording=TAPE, agent=None, queue=None, mode="", path=str(path), tape="voicemail")


def left(company, team: bool = True) -> v.Event:
    box = {"step": 1, "box": "Voicemail", "team": company.team.pk if team else None}
    return v.VoicemailLeft(at=START + 10, call=CALL, recording=TAPE, seconds=1.0, **box)


def finished(path: Path) -> v.Event:
    return v.RecordingFinished(at=START + 10, call=CALL, recording=TAPE, path=str(path), seconds=1.0)


DISCARDED = v.RecordingDiscarded(at=START + 10, call=CALL, recording=TAPE)


@pytest.fixture
def message(company, tell, path, django_capture_on_commit_callbacks) -> Voicemail:
    """A message in the archive."""
    tones.write_wav(path, spoken(), tones.silence(1.0))
    with django_capture_on_commit_callbacks(execute=True):
        tell(arrived(company), began(path), left(company), finished(path))
        services.store(TAPE)
    return Voicemail.objects.get()


def test_a_message_is_archived_with_the_callers_voice_for_both_ears(message, path):
    recording = message.recording
    assert (recording.state, recording.tape, recording.channels) == ("stored", "voicemail", 1)
    with archive().open(str(recording.file.name)) as file:
        channels, rate = tones.read_wav(file)
    assert len(channels) == 1 and tones.hears(channels[0], HERTZ, rate=rate)
    assert list(path.parent.iterdir()) == []
    assert (message.caller, message.box, message.heard_at) == ("+4722334455", "Voicemail", None)


def test_a_message_that_its_caller_may_still_hear_stays_where_the_cell_plays_it_from(
    company, tell, path, django_capture_on_commit_callbacks
):
    """2 plays it to him, 3 records it again: until he has decided, or is gone, no worker takes the file away."""
    tones.write_wav(path, spoken(), tones.silence(1.0))
    with django_capture_on_commit_callbacks(execute=True):
        tell(arrived(company), began(path), finished(path))
        services.store(TAPE)
        services.sweep()
    assert Recording.objects.get().state == "finished" and path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        tell(left(company))
        services.store(TAPE)
    assert Recording.objects.get().state == "stored" and not path.exists()


def test_a_message_whose_cell_died_is_put_together(company, tell, path, django_capture_on_commit_callbacks):
    """RC-06"""
    tones.write_wav(stereo.parts(path)[0], spoken())
    with django_capture_on_commit_callbacks(execute=True):
        tell(arrived(company), began(path), left(company), v.CallEnded(at=START + 11, call=CALL, cause="cell_lost"))
        Recording.objects.update(try_at=None)
        services.store(TAPE)
    assert Recording.objects.get().state == "stored"
    assert Recording.objects.get().seconds == pytest.approx(1.0)


@pytest.mark.parametrize("closed", [True, False])
def test_what_was_not_kept_is_gone_with_its_file(company, tell, path, closed, django_capture_on_commit_callbacks):
    """Whether its cell had closed the file by then or not."""
    tones.write_wav(path, spoken(), tones.silence(1.0))
    with django_capture_on_commit_callbacks(execute=True):
        tell(arrived(company), began(path), *((finished(path), DISCARDED) if closed else (DISCARDED, finished(path))))
    assert not Recording.objects.exists() and not path.exists()


def test_what_was_not_kept_is_gone_from_the_archive_too(message, tell, django_capture_on_commit_callbacks):
    name = str(message.recording.file.name)
    assert archive().exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        tell(DISCARDED)
    assert not archive().exists(name)


def test_what_was_not_kept_and_whose_cell_died_is_swept_away(company, tell, path, django_capture_on_commit_callbacks):
    tones.write_wav(stereo.parts(path)[0], spoken())
    with django_capture_on_commit_callbacks(execute=True):
        tell(arrived(company), began(path), DISCARDED, v.CallEnded(at=START + 11, call=CALL, cause="cell_lost"))
        services.sweep()
    assert not Recording.objects.exists() and list(path.parent.iterdir()) == []


def log_in(client, company, role: str = Role.TEAM_LEADER, team: Team | None = None):
    person = company.person("bo", "Bo", "Aas", role=role, is_staff=True, language="en")
    person.team = team
    person.save()
    client.force_login(person)
    return person


def listens(client):
    return client.get(reverse("recording_audio", args=[TAPE]))


@pytest.mark.parametrize(
    ("role", "own", "status"),
    [(Role.ADMINISTRATOR, False, 200), (Role.TEAM_LEADER, True, 200), (Role.TEAM_LEADER, False, 403), (Role.AGENT, True, 403)],
)
def test_the_leader_of_the_team_and_administrators_hear_it(client, company, message, role, own, status):
    """AR-05"""
    log_in(client, company, role, company.team if own else Team.objects.create(name="Others"))
    assert listens(client).status_code == status


def test_hearing_it_marks_it_as_heard(client, company, message):
    person = log_in(client, company, team=company.team)
    listed = reverse("admin:recordings_voicemail_changelist")
    assert "Not heard" in client.get(listed).content.decode()
    page = reverse("admin:recordings_voicemail_change", args=[message.pk])
    assert ">Not heard<" in re.sub(r"\s*([<>])\s*", r"\1", client.get(page).content.decode())
    listens(client)
    message.refresh_from_db()
    assert message.heard_by == person and message.heard_at <= timezone.now()
    assert "Not heard" not in client.get(listed).content.decode()
    client.post(listed, {"action": "mark_unheard", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.heard_at is None


def test_the_list_shows_messages_of_the_own_team_with_player_and_number(client, company, message):
    log_in(client, company, team=company.team)
    page = client.get(reverse("admin:recordings_voicemail_changelist")).content.decode()
    assert "22 33 44 55" in page and reverse("recording_audio", args=[TAPE]) in page
    assert client.get(reverse("admin:recordings_voicemail_change", args=[message.pk])).status_code == 200


def test_a_longer_list_asks_the_database_no_more_often(client, company, message, django_assert_num_queries):
    log_in(client, company, team=company.team)
    listed = reverse("admin:recordings_voicemail_changelist")
    client.get(listed)  # what is looked up once in a process is no cost of the list
    with CaptureQueriesContext(connection) as one:
        client.get(listed)
    tape = message.recording
    for number in range(5):
        more = Recording.objects.create(id=f"m{number}", call=tape.call, tape="voicemail", state="stored", started_at=tape.started_at)
        Voicemail.objects.create(recording=more, box=message.box, team=message.team, caller=message.caller, left_at=message.left_at)
    with django_assert_num_queries(len(one)):
        client.get(listed)


def test_others_do_not_see_them(client, company, message):
    log_in(client, company, team=Team.objects.create(name="Others"))
    page = client.get(reverse("admin:recordings_voicemail_changelist")).content.decode()
    assert "22 33 44 55" not in page
    assert client.get(reverse("admin:recordings_voicemail_change", args=[message.pk])).status_code == 302
