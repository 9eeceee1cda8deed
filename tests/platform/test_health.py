"""What load balancers and `make run` ask (PF-06). The same on the running product, part by part killed: tests/outages."""

import shutil
import signal
import time
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client

from apps.events import journal, writer
from apps.flows.web import fetcher
from apps.switch import store
from apps.telephony import leases, load
from apps.telephony.frontdoor.server import FrontDoor, FrontDoorSettings
from contactcenter import health, readiness, worker
from tests.events.conftest import append_many
from tests.sip.door import cells_come

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own_redis(settings, redis, redis_url: str):
    settings.REDIS_URL = redis_url
    return redis


def missing(client: Client) -> tuple[int, list[str]]:
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()["missing"]


def part(client: Client, name: str) -> dict:
    return client.get("/health/ready").json()["parts"][name]


def test_a_living_web_process_says_so_whatever_else_is_missing(client: Client):
    assert client.get("/health/live").json() == {"alive": True}


async def test_readiness_names_what_is_missing_and_is_reached_part_by_part(async_client, own_redis, redis_url):
    """PF-06"""

    async def now() -> tuple[int, list[str]]:
        answer = await async_client.get("/health/ready")
        return answer.status_code, answer.json()["missing"]

    assert await now() == (503, ["switch", "journal", "worker", "frontdoor", "media", "gateway"])
    own_redis.set(store.LEASE, "token")
    own_redis.set(load.KEY, load.encode(load.Load(0.0, behind=False)))
    own_redis.set(writer.LEASE, "token")
    own_redis.set(worker.ALIVE, 1)
    assert await now() == (503, ["frontdoor", "media", "gateway"])
    door = FrontDoor(FrontDoorSettings(redis_url))
    await door.refresh()
    await door.redis.aclose()
    own_redis.zadd(leases.FRONT_DOORS, dict.fromkeys(own_redis.zrange(leases.FRONT_DOORS, 0, -1), float("inf")))  # it goes on saying so
    cells_come(own_redis)
    assert await now() == (503, ["gateway"])
    leases.offer_gateway(own_redis, "gateway", "127.0.0.1:20100")
    assert await now() == (200, [])


def test_what_told_of_itself_long_ago_is_missing(client: Client, own_redis):
    """Fields that a killed process left behind prove nothing."""
    own_redis.hset(leases.ROOM, "here", f"3 {time.time() - 1:.3f}")
    own_redis.zadd(leases.OFFERS, {"cell 127.0.0.1:20000": time.time() - 1})
    assert part(client, "media")["state"] == "missing"


def test_no_fetcher_is_a_warning_and_no_fault(client: Client, own_redis):
    """IV-09: calls go on without it."""
    own_redis.delete(fetcher.ALIVE)
    told = part(client, "fetcher")
    assert told["state"] == "warning" and "error exit" in told["why"]
    own_redis.set(fetcher.ALIVE, 1, ex=3)
    assert part(client, "fetcher")["state"] == "ready"


def test_full_cells_are_a_warning_and_no_fault(client: Client, own_redis):
    leases.set_room(own_redis, "here", 0)
    told = part(client, "media")
    assert (told["state"], told["figures"]) == ("warning", {"free": 0, "room": 0}) and "get 503" in told["why"]


@pytest.mark.parametrize(
    ("free", "state", "said"),
    [(11e9, "ready", ""), (9.4e9, "warning", "81 hours"), (0, "warning", "0 hours"), (None, "warning", "PermissionError")],
)
def test_a_disk_that_fills_is_a_warning_in_time(client: Client, monkeypatch, free: float | None, state: str, said: str):
    def usage(_: object) -> SimpleNamespace:
        if free is None:
            raise PermissionError
        return SimpleNamespace(free=int(free))

    monkeypatch.setattr(health.shutil, "disk_usage", usage)
    told = part(client, "disk")
    assert told["state"] == state and said in told["why"]
    assert missing(client)[1].count("disk") == 0


def test_how_full_the_disk_is_is_read_where_the_product_keeps_its_data(client: Client, settings):
    free = shutil.disk_usage(settings.VAR_DIR).free / 1e9
    assert part(client, "disk")["figures"]["free_gb"] == pytest.approx(free, abs=1)


def test_a_switch_that_is_behind_is_said_so_with_its_figures(client: Client, own_redis):
    """PF-09"""
    own_redis.set(store.LEASE, "token")
    own_redis.set(load.KEY, load.encode(load.Load(2.34, behind=True)))
    told = part(client, "switch")
    assert told == {"state": "missing", "why": "switch behind: messages wait 2.3 s, new calls get 503", "figures": {"lag": 2.34}}


def test_a_journal_that_fills_is_told_before_a_fact_is_lost(client: Client, own_redis, monkeypatch):
    """Not before it is half full, nor while its facts are on their way to the database."""
    own_redis.set(writer.LEASE, "token")
    append_many(own_redis, range(20))
    assert part(client, "journal")["state"] == "ready"
    monkeypatch.setattr(journal, "ALARM", 10)
    assert part(client, "journal")["state"] == "ready"
    monkeypatch.setattr(journal, "WAITS", 1e-6)
    told = part(client, "journal")
    assert (told["state"], told["figures"]["facts"]) == ("warning", 20)
    assert told["why"].startswith("facts wait for the database") and "the oldest are lost" in told["why"]
    newest = own_redis.xrevrange("cc:journal", count=1)[0][0].split(b"-")[0]
    own_redis.set(journal.WRITTEN, newest)
    assert part(client, "journal")["state"] == "ready"


def test_without_redis_nothing_but_the_database_is_there_and_saying_so_is_no_fault_of_the_page(client: Client, settings, caplog):
    """PF-08: the page itself answers; whoever asks every few seconds of an outage does not fill the log."""
    settings.REDIS_URL = "unix:///nonexistent/r.sock"
    assert missing(client) == (503, ["redis", *readiness.OVER_REDIS])
    assert not [record for record in caplog.records if record.name == "django.request"]


@pytest.mark.quiet
def test_a_redis_that_takes_connections_and_says_nothing_does_not_hold_the_answer_up(client: Client, own_redis, redis_server):
    """PF-06"""
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert missing(client)[1][0] == "redis"
        assert time.monotonic() - began < health.ANSWER_SECONDS + 1
    finally:
        redis_server.process.send_signal(signal.SIGCONT)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite in memory has one lock only; its file is locked in tests/outages")
def test_a_database_that_says_nothing_does_not_hold_the_answer_up_and_holds_one_connection(client: Client, own_redis, monkeypatch):
    """PF-06: however often one asks."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%'"
    monkeypatch.setattr(health, "QUESTION", "SELECT pg_sleep(60)")
    for _ in range(2):
        began = time.monotonic()
        assert "database" in missing(client)[1]
        assert time.monotonic() - began < health.ANSWER_SECONDS + 1
    with connection.cursor() as cursor:
        cursor.execute(busy)
        assert cursor.fetchone() == (1,)
        cursor.execute(busy.replace("count(*)", "pg_cancel_backend(pid)"))
    health._database._asked.result()
    monkeypatch.undo()
    assert "database" not in missing(client)[1]
