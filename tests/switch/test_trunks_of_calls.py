"""Over which trunk a call goes out, and how its numbers are written there and understood (AN-01, AN-03)."""

from queue import SimpleQueue

import pytest
from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.numbers.models import Trunk
from apps.switch.configuration import Configuration, Outbound, first_fit
from apps.switch.core import Configured
from apps.switch.loading import Watcher, load
from apps.telephony import leases, trunk_health
from apps.telephony import protocol as t
from apps.telephony.frontdoor.calls import trunk_key
from apps.telephony.trunk_health import Tally, TrunkHealth
from contactcenter.lib import bus
from contactcenter.lib.secrets import unseal
from tests.switch.company import Company, configuration

TELENOR = Outbound("sip:{number}@one.example;transport=udp", "sip:127.0.0.1:5060;lr", "+4722000000", "1")
TELIA = Outbound(
    "sip:{number}@two.example;transport=udp", "sip:127.0.0.1:5060;lr", "+4722000000", "2", written="digits", home="two.example"
)


def test_a_call_out_is_written_as_its_operator_writes():
    """AN-03"""
    dial = TELIA.dial(call="c", leg="l", number="+4790000000", timeout=20)
    assert (dial.uri, dial.caller, dial.home) == ("sip:4790000000@two.example;transport=udp", "4722000000", "two.example")
    assert dial.headers == {t.HEADER_TRUNK: "2"}


def test_the_first_trunk_that_can_is_taken():
    """AN-03"""
    both = (TELENOR, TELIA)
    assert first_fit(both, ()) == TELENOR
    assert first_fit(both, {"1"}) == TELIA
    assert first_fit(both, {"1", "2"}) == TELENOR, "one of them is tried all the same"
    assert first_fit((), ()) is None


def test_numbers_that_come_are_understood_by_their_trunk():
    """AN-01, AN-03: the caller, the number dialled and the one that forwarded are E.164 in the facts and in the flow."""
    company = Company(replace(configuration(), written={"7": "digits"}))
    company.tell(
        t.LegArrived(
            cell="cell", call="call", at=company.now, leg="leg", caller="46812345678", dialled="4780012345", forwarded_from="4722998877",
            trunk="7",
        )
    )  # fmt: skip
    arrived = company.of(v.CallArrived)[-1]
    assert (arrived.caller, arrived.dialled, arrived.forwarded_from) == ("+46812345678", "+4780012345", "+4722998877")
    assert arrived.access_number == 1 and arrived.trunk == 7


@pytest.fixture
def trunks(db) -> tuple[Trunk, Trunk]:
    """Two, of which the second one is wanted first."""
    common = {"sources": "192.0.2.1", "maximum_calls": 2, "caller_id": "+4722000000"}
    return (
        Trunk.objects.create(name="A", host="one.example", preference=2, **common),
        Trunk.objects.create(name="B", host="two.example", preference=1, user="anna", password="s3cret", number_format="digits", **common),
    )


def test_the_picture_has_the_ways_out_in_their_order(trunks: tuple[Trunk, Trunk]):
    """AN-03"""
    spare, first = trunks
    told, door = load()
    assert [outbound.trunk for outbound in told.outbounds] == [str(first.id), str(spare.id)] and told.outbound == told.outbounds[0]
    assert told.outbound.proof and (told.outbound.proof.user, unseal(told.outbound.proof.sealed)) == ("anna", "s3cret")
    assert told.outbound.home == "two.example" and told.outbounds[1].proof is None
    assert told.written == {str(first.id): "digits", str(spare.id): "plus"}
    assert [(trunk.id, trunk.host, trunk.ping, trunk.registration) for trunk in door.trunks] == [
        (str(first.id), "two.example", True, None), (str(spare.id), "one.example", True, None)
    ]  # fmt: skip


def tell(redis, *healths: TrunkHealth) -> None:
    """As a front door does each second."""
    with redis.pipeline() as pipe:
        leases.offer_front_door(pipe, "127.0.0.1:5060")
        trunk_health.tell(pipe, "127.0.0.1:5060", list(healths), Tally())
        pipe.execute()


@pytest.mark.django_db(transaction=True)
def test_calls_go_out_over_another_trunk_while_the_first_is_away_or_full(redis_url, redis, monkeypatch, trunks: tuple[Trunk, Trunk]):
    """AN-03: noticed within a second."""
    monkeypatch.setattr("apps.switch.loading.POLL", 0.05)
    spare, first = trunks
    news: SimpleQueue = SimpleQueue()
    watcher = Watcher(redis_url, news)
    watcher.start()
    well, bad = TrunkHealth(trunk=str(first.id), reachable=True), TrunkHealth(trunk=str(first.id), reachable=False)
    try:
        assert way(news) == str(first.id)
        tell(redis, bad)
        assert way(news) == str(spare.id)
        tell(redis, well)
        assert way(news) == str(first.id)
        tell(redis, TrunkHealth(trunk=str(first.id), registration="refused", code=403))
        assert way(news) == str(spare.id)
        tell(redis, well)
        assert way(news) == str(first.id)
        redis.zadd(trunk_key(str(first.id)), {"call-1": 9e9, "call-2": 9e9})
        assert way(news) == str(spare.id)
    finally:
        watcher.stop()
        watcher.join()


def way(news: SimpleQueue) -> str:
    """The trunk that the switch is told of next."""
    told = news.get(timeout=5)
    assert isinstance(told, Configured) and isinstance(told.configuration, Configuration) and told.configuration.outbound
    return told.configuration.outbound.trunk


def test_the_password_stays_sealed_on_its_way_to_the_cell(trunks: tuple[Trunk, Trunk]):
    """AN-03: what goes through Redis cannot be read there."""
    told, door = load()
    assert told.outbound
    dial = told.outbound.dial(call="c", leg="l", number="+4790000000", timeout=20)
    assert b"s3cret" not in t.encode(dial) and b"s3cret" not in bus.encoder.encode(door)
