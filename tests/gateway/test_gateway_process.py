"""`manage.py gateway` as a process: what it says to Redis and to cells, and how it ends."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.telephony import leases, load, protocol
from apps.telephony.gateway.phones import decode_dialogue
from contactcenter.lib import bus
from tests.conftest import START_SECONDS
from tests.gateway.cells import PlainCell
from tests.gateway.offers import CHROMIUM
from tests.gateway.world import GatewayProcess, until
from tests.sip.door import cell_waits, switch_says

pytestmark = pytest.mark.media


def answered(gateway: GatewayProcess, cell: PlainCell) -> None:
    cell.invite(gateway.address, "agent-17", "leg-1")
    cell.wait(180)
    assert isinstance(gateway.ask(protocol.AnswerOffer, leg="leg-1", offer=CHROMIUM), protocol.MediaAnswer)
    cell.wait(200)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_gateway_that_is_killed_leaves_no_child_and_its_offer_lapses(gateway: GatewayProcess) -> None:
    [engine] = gateway.children()
    gateway.kill()
    until(lambda: not alive(engine))
    until(lambda: gateway.name not in leases.gateways(gateway.redis), within=leases.OFFER_SECONDS + 1)


def test_gateway_that_drains_withdraws_hangs_up_and_leaves_no_child(gateway: GatewayProcess, cell: PlainCell) -> None:
    answered(gateway, cell)
    [engine] = gateway.children()
    gateway.process.send_signal(signal.SIGTERM)
    until(lambda: not gateway.redis.zcard(leases.GATEWAYS))  # taken back: an offer that lapsed would still be there
    cell.wait("BYE")
    assert gateway.process.wait(10) == 0
    assert not alive(engine)


def kept(gateway: GatewayProcess, leg: str, state: str) -> bool:
    """Whether the next process would find `leg` in `state`."""
    saved = gateway.redis.hget(f"cc:gateway:{gateway.name}:memory", f"leg {leg}")
    return saved is not None and decode_dialogue(saved).state == state


def test_desk_that_rings_while_the_gateway_is_killed_can_still_be_answered(gateway: GatewayProcess, cell: PlainCell) -> None:
    """SP-07: the cell has its 180 and does not ask again; nobody but the next process can say who rings."""
    cell.invite(gateway.address, "agent-17", "leg-1")
    cell.wait(180)
    until(lambda: kept(gateway, "leg-1", "ringing"))
    gateway.kill()
    gateway.start()
    assert isinstance(gateway.ask(protocol.AnswerOffer, leg="leg-1", offer=CHROMIUM), protocol.MediaAnswer)
    cell.wait(200)


def test_cell_that_stops_ringing_while_the_gateway_is_away_is_heard(gateway: GatewayProcess, cell: PlainCell) -> None:
    """Nobody can take a caller who has gone."""
    cell.invite(gateway.address, "agent-17", "leg-1")
    cell.wait(180)
    until(lambda: kept(gateway, "leg-1", "ringing"))
    gateway.kill()
    gateway.start()
    assert isinstance(gateway.ask(protocol.TestMedia, offer=CHROMIUM), protocol.MediaAnswer)  # it is there again
    cell.cancel()
    cell.wait(487)
    assert gateway.ask(protocol.AnswerOffer, leg="leg-1", offer=CHROMIUM) == protocol.MediaRefused("gone")


def test_answer_that_no_cell_has_confirmed_is_repeated_by_the_next_process(gateway: GatewayProcess, cell: PlainCell) -> None:
    """RFC 3261, 13.3.1.4; and its page finds its leg."""
    cell.silent = True
    answered(gateway, cell)
    until(lambda: kept(gateway, "leg-1", "accepted"))
    gateway.kill()
    gateway.start()
    cell.wait(200)
    assert isinstance(gateway.ask(protocol.Reattach, leg="leg-1", offer=CHROMIUM), protocol.MediaAnswer)


def test_gateway_that_drains_does_not_say_that_its_people_do_not_answer(gateway: GatewayProcess, cell: PlainCell) -> None:
    cell.invite(gateway.address, "agent-17", "leg-1")
    cell.wait(180)
    gateway.process.send_signal(signal.SIGTERM)
    cell.wait(503)
    assert gateway.process.wait(10) == 0


@pytest.fixture
def patient_gateway(redis_url: str, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(redis_url, tmp_path / "var", drain=60)
    yield process
    process.kill()


def test_gateway_that_drains_lets_a_conversation_end_by_itself(patient_gateway: GatewayProcess, cell: PlainCell) -> None:
    """And goes as soon as it has, long before its patience is over."""
    gateway = patient_gateway
    answered(gateway, cell)
    gateway.process.send_signal(signal.SIGTERM)
    cell.bye()
    cell.wait(200)
    assert gateway.process.wait(15) == 0
    assert "BYE" not in [getattr(message, "method", "") for _, message in cell.heard]


def test_request_that_nobody_understands_is_dropped(gateway: GatewayProcess) -> None:
    gateway.redis.xadd(bus.gateway_stream(gateway.name), {"m": b'{"type": "Nonsense"}'})
    gateway.redis.xadd(bus.gateway_stream(gateway.name), {"m": b"\xff"})
    assert isinstance(gateway.ask(protocol.TestMedia, offer=CHROMIUM), protocol.MediaAnswer)


def test_rubbish_on_the_sip_port_changes_nothing(gateway: GatewayProcess, cell: PlainCell) -> None:
    host, _, port = gateway.address.rpartition(":")
    for rubbish in (b"", b"\x00" * 1500, b"INVITE\r\n\r\n", b"\xff\xfe"):
        cell.socket.sendto(rubbish, (host, int(port)))
    answered(gateway, cell)


def test_answer_is_repeated_to_a_cell_that_is_silent(gateway: GatewayProcess, cell: PlainCell) -> None:
    """RFC 3261, 13.3.1.4."""
    cell.silent = True
    answered(gateway, cell)
    cell.wait(200, within=2.0)
    cell.send("ACK")


def test_requests_that_came_while_the_gateway_was_away_are_answered(gateway: GatewayProcess) -> None:
    """SP-07."""
    assert isinstance(gateway.ask(protocol.TestMedia, offer=CHROMIUM), protocol.MediaAnswer)
    gateway.kill()
    request = protocol.TestMedia(reply_to="later", connection="page", address="agent-17", offer=CHROMIUM)
    in_time = f"{round(1000 * (time.time() + START_SECONDS))}-0"  # its asker still waits, however long the next one takes to start
    gateway.redis.xadd(bus.gateway_stream(gateway.name), {"m": bus.encoder.encode(request)}, id=in_time)
    gateway.start()
    answer = gateway.redis.blpop([bus.reply_list("later")], timeout=10)
    assert answer and isinstance(protocol.decode_gateway_reply(answer[1]), protocol.MediaAnswer)


def test_while_the_switch_is_behind_a_test_call_takes_no_cell(gateway: GatewayProcess, cell: PlainCell) -> None:
    """PF-09: it is a new call, as one from the trunk is."""
    cell_waits(gateway.redis, "c1", cell.address)
    call = {"number": "80012345", "caller": "", "offer": CHROMIUM}
    for says in (lambda: switch_says(gateway.redis, lag=2.0, behind=True), lambda: gateway.redis.delete(load.KEY)):
        says()
        assert gateway.ask(protocol.TestCall, **call) == protocol.MediaRefused("busy")
    assert gateway.redis.zcard(leases.OFFERS) == 1
    switch_says(gateway.redis)
    assert isinstance(gateway.ask(protocol.TestCall, **call), protocol.MediaAnswer)


def test_gateway_outlives_a_redis_that_goes_away(gateway: GatewayProcess, cell: PlainCell, redis_server) -> None:
    answered(gateway, cell)
    redis_server.process.kill()
    redis_server.process.wait()
    cell.invite(f"{cell.peer[0]}:{cell.peer[1]}", "agent-18", "leg-2")
    cell.wait(180)
    redis_server.start()
    until(lambda: gateway.name in leases.gateways(gateway.redis))
    assert isinstance(gateway.ask(protocol.AnswerOffer, address="agent-18", leg="leg-2", offer=CHROMIUM), protocol.MediaAnswer)
