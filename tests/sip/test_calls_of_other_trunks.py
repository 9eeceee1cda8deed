"""A trunk that knows the ids of somebody else's dialogue, from a log or a capture, can do nothing to it."""

from collections import Counter

import pytest
import redis.asyncio

from apps.telephony import leases, load
from apps.telephony.frontdoor import sip
from apps.telephony.frontdoor.calls import Placed
from apps.telephony.frontdoor.decisions import Decision, Drop, Forward, Inside, NewCall, Own, Peer, Resume
from apps.telephony.frontdoor.seating import Seating
from tests.sip.messages import invite, request
from tests.sip.test_proxy import CELL_URI, CONFIG, KARI, decide

MALLORY = Peer("198.51.100.9", 5060, trunk=CONFIG.trunks[1])  # another trunk
CELL, OTHER_CELL = "127.0.0.1:20002", "127.0.0.1:20018"


class Door:
    """Seating with a real Redis; what it sends goes into `sent`."""

    def __init__(self, url: str) -> None:
        self.redis = redis.asyncio.Redis.from_url(url)
        self.sent: list[Forward] = []
        self.seating = Seating(self.redis, Own("127.0.0.1", 5060), Counter(), self.sent.append)

    def hears(self, data: bytes, peer: Peer) -> Forward | None:
        """What is sent because of it at once."""
        before = len(self.sent)
        self.carry_out(decide(data, peer))
        return self.sent[before] if len(self.sent) > before else None

    def carry_out(self, decision: Decision) -> None:
        match decision:
            case Forward():
                self.sent.append(decision)
            case Inside():
                self.carry_out(decision.refusal if self.seating.is_anothers(decision) else decision.forward)
            case NewCall():
                self.seating.arrive(decision)
            case Resume():
                self.seating.resume(decision, self.carry_out)
            case Drop():
                pass

    async def has_karis_call(self) -> None:
        await self.redis.set(load.KEY, load.encode(load.Load(lag=0.0, behind=False)))
        await self.redis.zadd(leases.OFFERS, {f"cell {CELL}": 99_999_999_999})
        placed = await self.seating.calls.seat("7", decide(invite()).key, 1, most=10)
        assert isinstance(placed, Placed)


@pytest.fixture
async def door(redis_url: str):
    door = Door(redis_url)
    await door.has_karis_call()
    yield door
    await door.seating.drain()
    await door.redis.aclose()


@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "INFO", "REFER", "OPTIONS"])
async def test_a_request_in_the_dialogue_of_another_trunk_is_refused(door: Door, method: str) -> None:
    data = request(method, CELL_URI, cseq=2, to_tag="cell")
    assert door.hears(data, MALLORY).message.code == 481
    assert door.hears(data, KARI).message.method == method


async def test_a_forged_bye_does_not_free_the_place_in_the_trunk(door: Door) -> None:
    refusal = door.hears(request("BYE", CELL_URI, cseq=2, to_tag="cell"), MALLORY)
    assert refusal.ends == () and len(door.seating.calls.running()) == 1


async def test_an_ack_in_the_dialogue_of_another_trunk_vanishes(door: Door) -> None:
    assert door.hears(request("ACK", CELL_URI, cseq=2, to_tag="cell"), MALLORY) is None


async def test_the_side_that_was_called_is_guarded_too(door: Door) -> None:
    """The cell called over trunk 7: the tag of the side that called is in To."""
    data = request("BYE", CELL_URI, cseq=1, from_tag="them", to_tag="kari")
    assert door.hears(data, MALLORY).message.code == 481
    assert door.hears(data, KARI).message.method == "BYE"


async def test_a_dialogue_does_not_lead_to_another_cell(door: Door) -> None:
    """A Request-URI or a Route that names the cell of another call."""
    elsewhere = f"sip:cell@{OTHER_CELL}"
    routed = request("BYE", "sip:127.0.0.1:5060;lr", cseq=2, to_tag="cell", extra=f"Route: <{elsewhere}>\r\n")
    for data in (request("BYE", elsewhere, cseq=2, to_tag="cell"), routed):
        assert door.hears(data, KARI).message.code == 481


@pytest.mark.parametrize("method", ["CANCEL", "ACK", "BYE"])
async def test_what_is_known_by_the_key_of_its_call_is_the_trunks_own(door: Door, method: str) -> None:
    data = request(method, to_tag="" if method == "CANCEL" else "cell")
    answer = door.hears(data, MALLORY)
    assert answer is None if method == "ACK" else answer.message.code == 481
    assert door.hears(data, KARI).message.method == method


async def test_an_invite_with_the_ids_of_another_trunks_call_does_not_take_it_over(door: Door) -> None:
    """RFC 3261 8.2.2.2; neither as a retransmission nor as a new try."""
    assert door.hears(invite(), MALLORY).message.code == 482
    assert door.hears(invite().replace(b"CSeq: 1 ", b"CSeq: 2 "), MALLORY).message.code == 482
    assert f"{door.hears(invite(), KARI).to.host}:{door.hears(invite(), KARI).to.port}" == CELL


async def test_a_call_that_waits_for_its_cell_is_not_cancelled_by_others(door: Door) -> None:
    await leases_room(door)
    assert door.hears(invite(call="waits"), KARI) is None
    assert door.hears(request("CANCEL", call="waits"), MALLORY) is None
    assert door.hears(invite(call="waits"), MALLORY).message.code == 482
    (waiting, task) = next(iter(door.seating.waiting.values()))
    assert waiting.trunk.id == "7" and not task.cancelling()
    assert door.hears(request("CANCEL", call="waits"), KARI).message.code == 200


async def leases_room(door: Door) -> None:
    """A cell is being started."""
    await door.redis.hset(leases.ROOM, "here", "3 99999999999")


async def test_a_dialogue_that_nobody_knows_reaches_the_cell_it_names(door: Door) -> None:
    """After a restart without Redis a BYE still gets through; the cell knows its own dialogues by ids that cannot be guessed."""
    data = request("BYE", CELL_URI, call="forgotten", cseq=2, to_tag="cell")
    assert door.hears(data, KARI).message.method == "BYE"


async def test_over_is_over(door: Door) -> None:
    """The same ids may come again when the call has ended: an operator that fails over to its second trunk."""
    await door.seating.calls.end(decide(invite()).key)
    assert door.hears(invite().replace(b"CSeq: 1 ", b"CSeq: 2 "), MALLORY) is None
    assert sip.parse(invite()).call_id and len(door.seating.waiting) == 1
