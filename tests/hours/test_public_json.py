"""TM-06: what holds now, for any web page, at a bounded price."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Role, Team, User
from apps.hours import public, services

ADDRESS = "/open/customer-service.json"
NOON = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)  # ten o'clock in Oslo, a Wednesday


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The wall clock and the one that tells how old a reading is; a test may put them forward."""

    class Clock:
        now = NOON

        def passes(self, seconds: float) -> None:
            self.now += timedelta(seconds=seconds)

    hands = Clock()
    monkeypatch.setattr(timezone, "now", lambda: hands.now)
    monkeypatch.setattr(timezone, "localdate", lambda *_: hands.now.date())
    monkeypatch.setattr(public.time, "monotonic", lambda: hands.now.timestamp())
    public.shelf.clear()
    yield hands
    public.shelf.clear()


@pytest.fixture
def shown(service):
    service.public = True
    service.key = "customer-service"
    service.save()
    return service


def get(client, address: str = ADDRESS, status: int = 200) -> dict:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    return json.loads(answer.content)


def test_it_says_what_holds_whether_that_is_open_and_until_when(client, shown):
    assert get(client) == {"exit": "Open", "open": True, "until": "2026-06-10T11:30:00+02:00"}


def test_only_the_exit_when_open_counts_as_open(client, shown, clock):
    clock.passes(1.75 * 3600)
    assert get(client) == {"exit": "Lunch", "open": False, "until": "2026-06-10T12:00:00+02:00"}


def test_nothing_that_changes_has_no_end(client, db):
    services.Calendar.objects.create(name="Always", public=True, key="always").weekly.create(
        days="all", begin=time(0), end=time(23, 59), exit="Open"
    )
    assert get(client, "/open/always.json") == {"exit": "Open", "open": True, "until": None}


def test_a_page_of_any_origin_may_read_it(client, shown):
    answer = client.get(ADDRESS, headers={"Origin": "https://shop.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(ADDRESS, headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"})
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")


def test_an_answer_may_be_kept_for_a_moment_and_never_beyond_the_next_change(client, shown, clock):
    assert client.get(ADDRESS).headers["Cache-Control"] == "public, max-age=15"
    clock.passes(1.5 * 3600 - 4)
    assert client.get(ADDRESS).headers["Cache-Control"] == "public, max-age=4"


@pytest.mark.parametrize("address", ["/open/nothing.json", "/open/private.json"])
def test_what_is_not_public_is_as_if_it_were_not_there(client, shown, address):
    services.Calendar.objects.create(name="Private", key="private")
    assert get(client, address, 404) == {"error": "no such opening hours, or they are not public"}


def test_it_can_only_be_read(client, shown):
    assert client.post(ADDRESS).status_code == 405
    assert client.head(ADDRESS).status_code == 200


def test_nobody_is_known_there(client, shown, django_assert_num_queries):
    """No session, no cookie, also where the browser has one; so a cache may serve everybody."""
    team = Team.objects.create(name="Service")
    client.force_login(User.objects.create(username="kari", team=team, role=Role.TEAM_LEADER))
    get(client)
    with django_assert_num_queries(0):
        answer = client.get(ADDRESS)
    assert not answer.cookies and "Vary" not in answer.headers


def test_a_thousand_questions_cost_one_reading_in_two_seconds(client, shown, clock):
    with CaptureQueriesContext(connection) as captured:
        for number in range(1_000):
            clock.passes(0.0019)
            client.get(ADDRESS if number % 2 else f"/open/guess-{number}.json")
    assert 0 < len(captured) <= 7
    with CaptureQueriesContext(connection) as captured:
        clock.passes(2.0)
        get(client)
    assert captured


def test_closing_early_is_seen_within_two_seconds(client, shown, clock):
    """TM-05."""
    assert get(client)["open"] is True
    services.close_early(shown, by=None, now=NOON)
    clock.passes(2.01)
    assert get(client) == {"exit": "Closed", "open": False, "until": "2026-06-11T08:00:00+02:00"}


def test_while_the_database_is_away_the_last_reading_serves(client, shown, clock, monkeypatch):
    assert get(client)["exit"] == "Open"
    monkeypatch.setattr(services, "with_rows", lambda: (_ for _ in ()).throw(DatabaseError))
    clock.passes(60)
    assert get(client)["exit"] == "Open"
