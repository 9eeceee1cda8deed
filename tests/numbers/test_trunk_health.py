"""The page "Trunk health": what the front doors tell, in words; and the button that tests a trunk."""

import time
from collections.abc import Iterator

import pytest
import redis as redis_library
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role, Team, User
from apps.numbers import health
from apps.numbers.models import Trunk
from apps.telephony import leases, trunk_health
from apps.telephony.frontdoor.calls import trunk_key
from apps.telephony.trunk_health import HOUR, Tally, Tried, TrunkHealth
from contactcenter.lib import bus

PAGE = "admin:numbers_trunk_health"


@pytest.fixture(autouse=True)
def bus_client(redis: redis_library.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "client", lambda: redis)


@pytest.fixture
def administrator(db, client: Client) -> Iterator[Client]:
    client.force_login(User.objects.create(username="admin", role=Role.ADMINISTRATOR, team=Team.objects.create(name="A"), language="en"))
    yield client


@pytest.fixture
def trunk(db) -> Trunk:
    return Trunk.objects.create(
        name="Telenor", sources="192.0.2.1", host="sip.example.net", user="anna", password="s3cret", register=True, maximum_calls=30
    )


def tell(redis: redis_library.Redis, trunk: Trunk, door: str = "127.0.0.1:5060", tally: Tally | None = None, **seen: object) -> None:
    """As a front door does each second."""
    with redis.pipeline() as pipe:
        leases.offer_front_door(pipe, door)
        trunk_health.tell(pipe, door, [TrunkHealth(trunk=str(trunk.pk), **seen)], tally or Tally())
        pipe.execute()


def marks(redis: redis_library.Redis) -> list[tuple[str, str]]:
    (row,) = health.rows(redis)
    return [(mark.tone, mark.text) for mark in row.marks]


def test_a_trunk_that_is_well(redis, trunk: Trunk):
    tell(redis, trunk, registration="registered", registered_until=time.time() + 200, reachable=True, milliseconds=12)
    (registered, answers) = marks(redis)
    assert registered[0] == "good" and registered[1].startswith("Registered until ")
    assert answers == ("good", "Answers within 12 ms")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"registration": "refused", "code": 401}, ("bad", "Not registered: user name or password are wrong")),
        ({"registration": "refused", "code": 404}, ("bad", "Not registered: the operator does not know this account")),
        ({"registration": "refused", "code": 599}, ("bad", "Not registered: a fault at the far end")),
        ({"registration": "silent", "code": 408}, ("bad", "Not registered: the operator does not answer")),
        ({"registration": "asking"}, ("busy", "Registering …")),
        ({"registration": "off"}, ("bad", "Not registered: the password cannot be opened")),
    ],
)
def test_why_a_trunk_is_not_registered_is_said_in_words(redis, trunk: Trunk, seen: dict, expected: tuple[str, str]):
    tell(redis, trunk, reachable=True, **seen)
    assert marks(redis)[0] == expected


def test_a_trunk_that_is_away_says_since_when_and_what_it_means(redis, trunk: Trunk):
    tell(redis, trunk, registration="silent", code=408, reachable=False, since=time.time())
    (row,) = health.rows(redis)
    assert row.marks[1].text.startswith("Does not answer since ") and "another trunk" in row.marks[1].means


def test_of_several_front_doors_the_worst_is_told(redis, trunk: Trunk):
    tell(redis, trunk, "192.0.2.10:5060", registration="registered", registered_until=time.time() + 9, reachable=True)
    tell(redis, trunk, "192.0.2.11:5060", registration="refused", code=403, reachable=True)
    assert marks(redis)[0][0] == "bad"


def test_without_a_front_door_the_page_says_so(redis, trunk: Trunk):
    assert marks(redis) == [("bad", "No front door tells of this trunk")]


def test_a_trunk_that_is_switched_off_is_no_fault(redis, trunk: Trunk):
    trunk.active = False
    trunk.save()
    assert marks(redis) == [("neutral", "Switched off")]


def test_calls_and_failures_are_counted_by_code_in_words(redis, trunk: Trunk):
    tally, key = Tally(), str(trunk.pk)
    for number in range(3):
        tally.refused(key, "out", 486, f"call-{number}")
    tally.refused(key, "out", 486, "call-1")  # the same answer again: a retransmission
    tally.refused(key, "in", 404, "call-9")
    tally.refused(key, "out", 401, "call-8")  # a challenge
    tally.refused(key, "out", 487, "call-7")  # the caller gave up
    tally.called(key, "in")
    tell(redis, trunk, tally=tally)
    redis.zadd(trunk_key(key), {"up": time.time() + 60, "lapsed": time.time() - 1})
    (row,) = health.rows(redis)
    assert [(failure.code, failure.words, failure.direction, failure.count) for failure in row.failures] == [
        (486, "busy", "out", 3), (404, "no such number", "in", 1)
    ]  # fmt: skip
    assert (row.calls, row.last_out) == (1, "") and row.last_in


def test_failures_are_forgotten_after_a_day(redis, trunk: Trunk):
    hour = int(time.time()) // HOUR
    redis.hset(trunk_health.codes_key(str(trunk.pk), hour - 23), "out 503", 2)
    redis.hset(trunk_health.codes_key(str(trunk.pk), hour - 24), "out 486", 7)
    (row,) = health.rows(redis)
    assert [(failure.code, failure.count) for failure in row.failures] == [(503, 2)]


def test_the_page_shows_all_that(administrator: Client, redis, trunk: Trunk):
    tell(redis, trunk, registration="refused", code=403, reason="Forbidden by <them>", reachable=True)
    text = administrator.get(reverse(PAGE)).content.decode()
    for shown in ("Telenor", "it may be blocked", "403 Forbidden by &lt;them&gt;", "Calls that failed in the last 24 hours", "Test"):
        assert shown in text
    assert "s3cret" not in text


def test_the_page_takes_the_same_queries_however_many_trunks_there_are(administrator: Client, trunk: Trunk, django_assert_max_num_queries):
    for number in range(20):
        Trunk.objects.create(name=f"Trunk {number}", sources="192.0.2.1")
    with django_assert_max_num_queries(4):
        administrator.get(reverse(PAGE))


@pytest.mark.without_redis
def test_without_redis_the_page_says_that_nothing_is_known(administrator: Client, trunk: Trunk, monkeypatch: pytest.MonkeyPatch):
    nowhere = redis_library.Redis.from_url("unix:///nowhere/redis.sock")
    monkeypatch.setattr(bus, "client", lambda: nowhere)
    assert "is not known now" in administrator.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.AGENT])
def test_only_administrators_see_and_test(db, client: Client, trunk: Trunk, role: str):
    """PF-02"""
    client.force_login(User.objects.create(username="x", role=role, team=Team.objects.create(name="T"), is_staff=True))
    assert client.get(reverse(PAGE)).status_code in (302, 403)
    assert client.post(reverse("admin:numbers_trunk_try", args=[trunk.pk])).status_code in (302, 403)


def test_the_button_needs_a_front_door(administrator: Client, trunk: Trunk):
    answer = administrator.post(reverse("admin:numbers_trunk_try", args=[trunk.pk])).json()
    assert answer["address"] == "" and "does not run" in answer["html"]


def test_the_button_tells_each_step_and_what_it_waits_for(administrator: Client, redis, trunk: Trunk):
    with redis.pubsub(ignore_subscribe_messages=True) as door:
        door.subscribe(trunk_health.TRY)
        door.get_message(timeout=1)
        answer = administrator.post(reverse("admin:numbers_trunk_try", args=[trunk.pk])).json()
        command = trunk_health.decode_try(door.get_message(timeout=1)["data"])
    assert command.trunk == str(trunk.pk) and "Looking for the trunk" in answer["html"]
    assert shown(administrator, answer) == (False, "Looking for the trunk&#x27;s front door …")
    found(redis, command.test, Tried("begun"))
    assert shown(administrator, answer) == (False, "Looking up its name …")
    found(redis, command.test, Tried("name", True, 0, "198.51.100.7"), Tried("options", True, 200, "7"))
    over, text = shown(administrator, answer)
    assert not over and "198.51.100.7" in text and "within 7 ms" in text and text.endswith("Registering …")
    found(redis, command.test, Tried("register", False, 403, "Forbidden"), Tried("over"))
    over, text = shown(administrator, answer)
    assert over and "it may be blocked" in text and "403 Forbidden" in text


def found(redis: redis_library.Redis, test: str, *steps: Tried) -> None:
    with redis.pipeline() as pipe:
        for step in steps:
            trunk_health.push(pipe, test, step)
        pipe.execute()


def shown(client: Client, answer: dict) -> tuple[bool, str]:
    """(whether it is over, its words without the tags)."""
    news = client.get(answer["address"]).json()
    text = " ".join(part.partition(">")[2].strip() for part in news["html"].split("<") if part.partition(">")[2].strip())
    return news["over"], text


def test_a_trunk_that_is_switched_off_is_not_tested(administrator: Client, trunk: Trunk):
    trunk.active = False
    trunk.save()
    assert administrator.post(reverse("admin:numbers_trunk_try", args=[trunk.pk])).status_code == 404


def test_the_home_page_names_a_trunk_that_is_not_well(administrator: Client, redis, trunk: Trunk):
    tell(redis, trunk, registration="refused", code=403, reachable=True)
    assert "The trunk Telenor: Not registered: the operator does not let this account in" in administrator.get("/admin/").content.decode()
    tell(redis, trunk, registration="registered", registered_until=time.time() + 60, reachable=True)
    assert "The trunk Telenor" not in administrator.get("/admin/").content.decode()


def test_the_home_page_asks_nothing_of_trunks_that_only_call_in(administrator: Client, redis, db):
    Trunk.objects.create(name="Only in", sources="192.0.2.1")
    assert "Only in" not in administrator.get("/admin/").content.decode()
