"""What load balancers and `make run` ask (PF-06)."""

import pytest
from django.test import Client

from apps.events import writer
from apps.switch import store
from apps.telephony import leases
from contactcenter.lib import bus

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_redis(settings, redis_url: str):
    settings.REDIS_URL = redis_url
    bus.client.cache_clear()
    yield bus.client()
    bus.client.cache_clear()


def missing(client: Client) -> tuple[int, list[str]]:
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()["missing"]


def test_a_living_web_process_says_so_whatever_else_is_missing(client: Client):
    assert client.get("/health/live").json() == {"alive": True}


def test_readiness_names_what_is_missing_and_is_reached_part_by_part(client: Client, own_redis):
    """PF-06"""
    assert missing(client) == (503, ["switch", "journal", "media", "gateway"])
    own_redis.set(store.LEASE, "token", px=3000)
    own_redis.set(writer.LEASE, "token", px=3000)
    leases.offer(own_redis, "cell", "127.0.0.1:20000")
    assert missing(client) == (503, ["gateway"])
    leases.offer_gateway(own_redis, "gateway", "127.0.0.1:20100")
    assert missing(client) == (200, [])


def test_without_redis_nothing_but_the_database_is_there(client: Client, settings):
    """PF-08: the page itself answers."""
    settings.REDIS_URL = "unix:///nonexistent/r.sock"
    bus.client.cache_clear()
    code, names = missing(client)
    bus.client.cache_clear()
    assert (code, names) == (503, ["redis", "switch", "journal", "media", "gateway"])
