"""The player: who may listen, in ranges, logged, and in words when it cannot be (AR-03 to AR-05, RC-11)."""

import pytest
from django.test import AsyncClient
from django.urls import reverse

from apps.accounts.models import Role, Team
from apps.recordings import ranges, services
from apps.recordings.models import Listen, Recording, archive
from tests.calls.story import CALL, RECORDING
from tests.recordings.conftest import write_wav

pytestmark = pytest.mark.django_db
ADDRESS = f"/recordings/{RECORDING}/audio"


@pytest.fixture
def administrator(company, client):
    client.force_login(company.person("ada", "Ada", "Lie", role=Role.ADMINISTRATOR, language="en"))
    return client


@pytest.fixture
def content(source, finished) -> bytes:
    """The bytes of the stored recording."""
    content = source.read_bytes()
    services.store(RECORDING)
    return content


def whole(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_player_gets_the_whole_file(administrator, content):
    answer = administrator.get(ADDRESS)
    assert (answer.status_code, whole(answer) == content) == (200, True)
    assert {name: answer[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges")} == {
        "Content-Type": "audio/wav",
        "Content-Length": str(len(content)),
        "Accept-Ranges": "bytes",
    }


def test_nobody_keeps_a_copy_on_the_way(administrator, content):
    assert administrator.get(ADDRESS)["Cache-Control"] == "private, no-store"
    assert administrator.get(ADDRESS, headers={"Range": "bytes=0-9"})["Cache-Control"] == "private, no-store"


def test_a_player_searches_in_the_file(administrator, content):
    """AR-03."""
    answer = administrator.get(ADDRESS, headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, answer.content, answer["Content-Range"]) == (206, content[1000:2000], f"bytes 1000-1999/{len(content)}")


def test_a_long_recording_is_sent_in_pieces(administrator, source, finished):
    source.write_bytes(write_wav(source).read_bytes() + bytes(2_000_000))  # sound, and more than one piece of it
    content = source.read_bytes()
    services.store(RECORDING)
    got = b""
    while len(got) < len(content):
        answer = administrator.get(ADDRESS, headers={"Range": f"bytes={len(got)}-"})
        assert len(answer.content) <= ranges.LONGEST
        got += answer.content
    assert got == content
    assert Listen.objects.count() == 1


def test_a_range_behind_the_end_is_refused_with_the_length(administrator, content):
    answer = administrator.get(ADDRESS, headers={"Range": "bytes=99999999-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(content)}")


def test_a_range_of_another_version_is_answered_with_the_whole(administrator, content):
    assert administrator.get(ADDRESS, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200
    etag = administrator.get(ADDRESS)["ETag"]
    assert administrator.get(ADDRESS, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206


@pytest.mark.django_db(transaction=True)  # the view runs in another thread
async def test_an_asgi_server_sends_it_piece_by_piece(company, content_of_an_asgi_server):
    client, content = content_of_an_asgi_server
    answer = await client.get(ADDRESS)
    pieces = [piece async for piece in answer.streaming_content]
    assert b"".join(pieces) == content
    assert answer.is_async


@pytest.fixture
def content_of_an_asgi_server(company, content):
    client = AsyncClient()
    client.force_login(company.person("ada", "Ada", "Lie", role=Role.ADMINISTRATOR))
    return client, content


# -- who may listen


def test_a_team_leader_hears_his_team_and_nobody_else(company, client, content):
    """AR-05."""
    client.force_login(company.liv)
    assert client.get(ADDRESS).status_code == 200
    company.anna.team = Team.objects.create(name="Another team")
    company.anna.save()
    assert client.get(ADDRESS).status_code == 403


def test_an_agent_hears_no_recordings(company, client, content):
    """AR-05."""
    client.force_login(company.anna)
    assert client.get(ADDRESS).status_code == 403
    assert not Listen.objects.exists()


def test_who_has_not_logged_in_is_sent_to_log_in(client, content):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.url) == (302, f"{reverse('login')}?next={ADDRESS}")


def test_a_recording_is_read_and_not_written(administrator, content):
    assert administrator.post(ADDRESS).status_code == 405
    assert administrator.get("/recordings/none/audio").status_code == 404


# -- the audit log


def test_every_listen_is_logged_once_however_the_player_fetches_it(administrator, company, content):
    """AR-04."""
    for part in ("bytes=0-", "bytes=5000-", "bytes=20000-30000"):
        administrator.get(ADDRESS, headers={"Range": part})
    listen = Listen.objects.get()
    assert (listen.recording, listen.username, listen.user.username) == (RECORDING, "ada", "ada")
    administrator.get(ADDRESS, headers={"Range": "bytes=0-"})
    assert Listen.objects.count() == 2


def test_who_leaves_out_the_beginning_is_logged_too(administrator, content):
    """AR-04."""
    administrator.get(ADDRESS, headers={"Range": "bytes=44-"})
    assert Listen.objects.count() == 1


def test_asking_about_the_file_is_no_listen(administrator, content):
    assert administrator.head(ADDRESS).status_code == 200
    assert not Listen.objects.exists()


# -- when it cannot be


def test_a_missing_file_is_said_in_words(administrator, content):
    archive().delete(Recording.objects.get().file.name)
    answer = administrator.get(ADDRESS, headers={"Range": "bytes=0-"})
    assert (answer.status_code, answer["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert "is missing in the archive" in answer.content.decode()
    assert not Listen.objects.exists()


def test_a_changed_file_is_not_played(administrator, content, folders):
    """RC-11."""
    file = folders / "archive" / Recording.objects.get().file.name
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    answer = administrator.get(ADDRESS, headers={"Range": "bytes=0-99"})
    assert answer.status_code == 409
    assert "was changed after it was stored" in answer.content.decode()


def test_a_recording_on_its_way_asks_for_patience(administrator, finished):
    answer = administrator.get(ADDRESS, headers={"Range": "bytes=0-"})
    assert (answer.status_code, "not in the archive yet" in answer.content.decode()) == (409, True)


def test_a_recording_that_failed_says_why(administrator, finished):
    Recording.objects.update(state="failed", fault="The file is not stereo.")
    answer = administrator.get(ADDRESS, headers={"Range": "bytes=0-"})
    assert (answer.status_code, "The file is not stereo." in answer.content.decode()) == (410, True)


# -- admin


def test_the_page_has_player_gaps_masks_call_and_who_listened(administrator, content):
    administrator.get(ADDRESS)
    text = administrator.get(reverse("admin:recordings_recording_change", args=[RECORDING])).content.decode()
    for shown in (
        f'src="{ADDRESS}"',
        "10:01:20",
        "10:01:40",
        "(Anna Berg)",
        reverse("admin:calls_call_change", args=[CALL]),
        "ada",
        "2.0 s",
    ):
        assert shown in text


def test_the_list_shows_what_is_there_with_bounded_queries(administrator, company, content, django_assert_max_num_queries):
    address = reverse("admin:recordings_recording_changelist")
    stored = Recording.objects.get()
    Recording.objects.bulk_create(
        Recording(id=f"r{number}", call=stored.call, agent=company.anna, queue=company.support, mode="forced", started_at=stored.started_at)
        for number in range(30)
    )
    with django_assert_max_num_queries(10):
        text = administrator.get(address).content.decode()
    for shown in ("Anna Berg", "Support", "Stored", "Running", "2.0 s"):
        assert shown in text


def test_a_team_leader_lists_his_team_only(company, client, content):
    """AR-05."""
    client.force_login(company.liv)
    page = reverse("admin:recordings_recording_changelist")
    assert len(client.get(page).context["cl"].result_list) == 1
    company.anna.team = Team.objects.create(name="Another team")
    company.anna.save()
    assert len(client.get(page).context["cl"].result_list) == 0


def test_the_audit_log_cannot_be_edited_and_is_the_administrators(administrator, company, client, content):
    """AR-04."""
    administrator.get(ADDRESS)
    listen = Listen.objects.get()
    page = reverse("admin:recordings_listen_change", args=[listen.pk])
    assert administrator.get(page).status_code == 200
    assert administrator.post(page, {"username": "other"}).status_code == 403
    assert administrator.post(reverse("admin:recordings_listen_delete", args=[listen.pk])).status_code == 403
    client.force_login(company.liv)
    assert client.get(page).status_code == 403
