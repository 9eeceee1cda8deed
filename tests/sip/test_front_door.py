"""The front door with real sockets, a real Redis and real SIPp callers; a SIPp phone stands in for the cell."""

import asyncio
import socket
import time

import pytest
from sipmessage import Request, Response

from apps.telephony import leases, load
from apps.telephony.frontdoor import calls, published
from apps.telephony.frontdoor.server import FrontDoorSettings, serve
from apps.telephony.frontdoor.sip import parse
from contactcenter.lib import bus
from tests.conftest import START_SECONDS, free_port
from tests.sip.door import STRANGER, TRUNK, Door, cell_waits, cells_come, config, switch_says
from tests.sip.messages import invite, request
from tests.sip.sipp import Caller, Phone, crowd

pytestmark = pytest.mark.media
NUMBER = "+4722334455"


@pytest.fixture
def door(redis_url, tmp_path):
    with Door(redis_url, tmp_path) as door:
        yield door


@pytest.fixture
def patient_door(redis_url, tmp_path):
    """A call waits for a cell for as long as a test needs; `test_a_second_is_enough` takes the time."""
    with Door(redis_url, tmp_path, warming_seconds=20.0) as door:
        yield door


def call(door, tmp_path, number=NUMBER, source=TRUNK, **more) -> Caller:
    return Caller(door.address, number, folder=tmp_path, source=source, **more)


class Wire:
    """A bare UDP socket: for what SIPp would not do."""

    def __init__(self, source: str = TRUNK) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.settimeout(10)
        self.port = self.socket.getsockname()[1]

    def send(self, door, data: bytes) -> None:
        self.socket.sendto(
            data.replace(b"192.0.2.1:5070", f"{self.socket.getsockname()[0]}:{self.port}".encode()), ("127.0.0.1", door.port)
        )

    def code(self) -> int:
        return parse(self.socket.recv(65_535)).code

    def request(self) -> Request:
        """The next one; an answer that is repeated before it is no news."""
        while isinstance(message := parse(self.socket.recv(65_535)), Response):
            continue
        return message

    def silent(self, seconds: float = 0.3) -> bool:
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(65_535)
        except TimeoutError:
            return True
        return False


def seats(door) -> int:
    return door.redis.zcard(calls.trunk_key("1"))


@pytest.mark.parametrize("tcp", [False, True])
def test_a_call_reaches_a_free_cell_and_both_hear_each_other(door, tmp_path, tcp):
    """AN-01, AN-03."""
    with Phone(folder=tmp_path) as cell:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path, tcp=tcp, seconds=10) as caller:  # both are to hear each other before he goes
            caller.wait_answered()
            cell.wait_answered()
            caller.audio.wait_for_tone(1000)
            cell.audio.wait_for_tone(440)
            assert "X-CC-Trunk: 1" in cell.invitations()[0]
            assert seats(door) == 1
            assert caller.wait() == 200
            cell.wait()
            door.until(lambda: seats(door) == 0, "the place in the trunk is free")


@pytest.mark.parametrize("tcp", [False, True])
def test_the_cell_may_hang_up(door, tmp_path, tcp):
    with Phone(folder=tmp_path, seconds=0.3) as cell:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path, tcp=tcp) as caller:
            assert caller.wait() == 200
            cell.wait()
            door.until(lambda: seats(door) == 0, "the place in the trunk is free")


def test_an_unknown_number_gets_404_and_a_line_that_names_the_trunk_and_nobody_else(door, tmp_path):
    """AN-02: nothing else happens: no cell, no place in the trunk, no call record, no word to the switch."""
    cell_waits(door.redis, "c1", "127.0.0.1:9")
    with call(door, tmp_path, number="+4799999999") as caller:
        assert caller.wait() == 404
    assert leases.take(door.redis) == leases.FreeCell("c1", "127.0.0.1:9")
    assert seats(door) == 0 and not door.redis.keys("cc:frontdoor:call:*") and not door.redis.exists(bus.INBOX)
    assert "trunk Telenor" in door.log_text()
    assert "4791234567" not in door.log_text() and "99999999" not in door.log_text()


def test_no_cell_is_503_with_retry_after(door, tmp_path):
    """PF-09."""
    with call(door, tmp_path) as caller:
        assert caller.wait() == 503
        assert "Retry-After: 5" in caller.messages()[-1]
    assert seats(door) == 0


def test_a_trunk_over_its_maximum_gets_503_and_the_call_that_is_up_goes_on(redis_url, tmp_path):
    """AN-03, PF-09."""
    with Door(redis_url, tmp_path, most=1) as door, Phone(folder=tmp_path) as cell, Phone(folder=tmp_path) as idle:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path) as first:
            first.wait_answered()
            cell_waits(door.redis, "c2", idle.address)
            with call(door, tmp_path) as second:
                assert second.wait() == 503
            first.hang_up()
            assert first.wait() == 200
        assert idle.invitations() == []


def test_a_call_waits_for_a_cell_that_is_being_started(patient_door, tmp_path):
    door = patient_door
    with Phone(folder=tmp_path, seconds=0.2) as cell:
        cells_come(door.redis)
        with call(door, tmp_path) as caller:
            door.until(lambda: seats(door) == 1, "the call waits", START_SECONDS)
            cell_waits(door.redis, "c1", cell.address)
            assert caller.wait() == 200
            answers = {text for text in caller.messages() if text.startswith("SIP/2.0 200")}
            assert len(answers) == 1, "of one cell, however often it repeats itself"


def test_a_second_is_enough(door, tmp_path):
    cells_come(door.redis)
    with call(door, tmp_path) as caller:
        assert caller.wait() == 503
        [refused] = caller.moments("received", "SIP/2.0 503")
        assert 0.9 < refused - caller.moments("sent", "INVITE")[0] < 2.5


def test_a_stranger_hears_nothing_and_is_counted(door):
    """PF-10."""
    wire = Wire(STRANGER)
    wire.send(door, invite())
    wire.send(door, request("OPTIONS"))
    assert wire.silent()
    with socket.create_connection(("127.0.0.1", door.port), source_address=(STRANGER, 0), timeout=2) as stream:
        assert stream.recv(100) == b""
    door.until(lambda: door.counts().get("stranger") == 3, "three are counted", 5)
    assert "127.0.0.3" not in door.log_text()


def test_a_known_trunk_may_ask_whether_we_are_there(door):
    wire = Wire()
    wire.send(door, request("OPTIONS", "sip:127.0.0.1:5060"))
    assert wire.code() == 200


def test_nonsense_and_floods_do_not_stop_it(door):
    """PF-10."""
    wire, flood = Wire(), Wire()
    for data in (b"\0" * 1000, b"INVITE\r\n\r\n", invite()[:200], b"\r\n\r\n", b"a" * 60_000):
        wire.send(door, data)
    for _ in range(3_000):
        flood.send(door, b"nonsense")
    door.until(lambda: door.counts().get("flood", 0) > 0, "the flood is cut", 5)
    time.sleep(1)
    wire.send(door, request("OPTIONS", "sip:127.0.0.1:5060"))
    assert wire.code() == 200
    assert door.counts()["malformed"] > 3


def test_a_caller_gives_up_while_it_rings(door, tmp_path):
    with Phone(folder=tmp_path, ring=60) as cell:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path) as caller:
            caller.wait_code(180)
            caller.cancel()
            assert caller.wait() == 487
            cell.wait()
            door.until(lambda: seats(door) == 0, "the place in the trunk is free")


def test_a_caller_gives_up_while_he_waits_for_a_cell(patient_door):
    door = patient_door
    cells_come(door.redis)
    wire = Wire()
    wire.send(door, invite())
    door.until(lambda: seats(door) == 1, "the call waits")
    wire.send(door, request("CANCEL"))
    assert {wire.code(), wire.code()} == {200, 487}
    door.until(lambda: seats(door) == 0, "the place in the trunk is free")


def test_a_retransmission_goes_to_the_same_cell_and_takes_no_second_one(door):
    wire, cell = Wire(), Wire("127.0.0.1")
    cell_waits(door.redis, "c1", f"127.0.0.1:{cell.port}")
    for _ in range(3):
        wire.send(door, invite())
    first = cell.socket.recv(65_535)
    door.redis.flushall()
    wire.send(door, invite())
    assert cell.socket.recv(65_535) == first


def test_after_a_restart_retransmission_cancel_and_bye_still_find_their_cell(door, tmp_path):
    """PF-08: the front door may be killed."""
    wire, cell = Wire(), Wire("127.0.0.1")
    cell_waits(door.redis, "c1", f"127.0.0.1:{cell.port}")
    wire.send(door, invite())
    first = cell.socket.recv(65_535)
    door.kill()
    door.start()
    wire.send(door, invite())
    assert cell.socket.recv(65_535) == first
    wire.send(door, request("CANCEL"))
    assert parse(cell.socket.recv(65_535)).via[0].parameters["branch"] == parse(first).via[0].parameters["branch"]


def test_a_call_outlives_the_front_door(door, tmp_path):
    with Phone(folder=tmp_path) as cell:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path) as caller:
            caller.wait_answered()
            cell.wait_answered()
            door.kill()
            door.start()
            assert seats(door) == 1
            caller.hang_up()
            assert caller.wait() == 200
            cell.wait()
            door.until(lambda: seats(door) == 0, "the place in the trunk is free")


def test_calls_go_on_and_end_while_redis_is_away(redis_server, door, tmp_path):
    """PF-08."""
    with Phone(folder=tmp_path) as cell:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path) as caller:
            caller.wait_answered()
            cell.wait_answered()
            redis_server.process.kill()
            redis_server.process.wait()
            with call(door, tmp_path) as late:
                assert late.wait() == 503
            caller.hang_up()
            assert caller.wait() == 200
            cell.wait()


def test_a_changed_configuration_is_taken_at_once(redis_url, tmp_path):
    """It is told of it; by itself it would not look for a minute."""
    wire = Wire()
    with Door(redis_url, tmp_path, refresh_seconds=60) as door:
        door.publish(version=2, numbers=("+4700000000", "+4700000001"))
        door.until(lambda: "2 numbers are known now" in door.log_text(), "it has heard of the change")
        wire.send(door, invite())
        assert wire.code() == 404


def test_a_call_out_goes_through_the_trunk_port_and_is_counted(door, tmp_path):
    """AN-03."""
    with Phone(folder=tmp_path, source=TRUNK, seconds=0.5) as outside:
        cell = Wire("127.0.0.1")
        route = f"Route: <sip:127.0.0.1:{door.port};lr>\r\nContact: <sip:cell@127.0.0.1:{cell.port}>\r\n"
        cell.send(door, request("INVITE", f"sip:+4799@{outside.address}", call="out", extra=route))
        answers = [cell.socket.recv(65_535) for _ in range(2)]
        assert [parse(answer).code for answer in answers] == [180, 200]
        assert seats(door) == 1
        routes = parse(answers[1]).headers["Record-Route"]
        ack = request("ACK", f"sip:{outside.address}", call="out", branch="2", to_tag="x", extra=f"Route: {routes}\r\n")
        cell.send(door, ack.replace(b"tag=x", parse(answers[1]).headers["To"].split(";")[1].encode()))
        outside.wait_answered()
        bye = cell.request()
        assert (bye.method, bye.uri.port) == ("BYE", cell.port)
        door.until(lambda: seats(door) == 0, "the place in the trunk is free")


def test_sigterm_closes_it_and_the_port_is_free(door):
    assert door.terminate() == 0
    door.start()


async def test_it_ends_at_whatever_moment_it_is_told_to(redis_url, redis):
    """Also while redis-py, which may swallow that, connects or subscribes."""
    published.publish(redis, config())
    for milliseconds in range(12):
        stop = asyncio.Event()
        settings = FrontDoorSettings(redis_url, port=free_port(), cells=("127.0.0.1/32",), cell_ports=(1_024, 65_535))
        door = asyncio.create_task(serve(settings, stop))
        await asyncio.sleep(milliseconds / 1_000)
        stop.set()
        await asyncio.wait_for(door, 5)


@pytest.mark.parametrize("reason", ["switch behind", "no switch"])
def test_while_the_switch_is_behind_new_calls_get_503_and_those_that_are_up_go_on(door, tmp_path, reason):
    """PF-09: and as soon as it is in time again they are let in."""
    with Phone(folder=tmp_path, calls=2) as cell:
        cell_waits(door.redis, "c1", cell.address)
        with call(door, tmp_path) as first:
            first.wait_answered()
            cell.wait_answered()
            cell_waits(door.redis, "c2", cell.address)
            switch_says(door.redis, lag=2.5, behind=True) if reason == "switch behind" else door.redis.delete(load.KEY)
            with call(door, tmp_path) as refused:
                assert refused.wait() == 503
                assert "Retry-After: 5" in refused.messages()[-1]
            first.audio.wait_for_tone(1000)
            first.hang_up()
            assert first.wait() == 200
        door.until(lambda: seats(door) == 0, "the place in the trunk is free")
        door.until(lambda: door.counts().get(reason) == 1, "it is counted")
        assert f"{reason}: new calls are refused" in door.log_text()
        switch_says(door.redis)
        with call(door, tmp_path, seconds=0.2) as late:
            assert late.wait() == 200


def test_a_crowd_of_callers(door, tmp_path):
    """PF-09: what is admitted is served; the rest gets 503."""
    with Phone(folder=tmp_path, calls=20, ring=0.05, seconds=20) as cells:
        for index in range(20):
            cell_waits(door.redis, f"c{index}", cells.address)
        codes = crowd(door.address, NUMBER, folder=tmp_path, calls=40, rate=40, seconds=1.0, source=TRUNK)
        assert sorted(codes) == [200] * 20 + [503] * 20


async def test_a_port_that_is_taken_is_an_error(redis_url):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match="in use"):
            await serve(FrontDoorSettings(redis_url, port=taken.getsockname()[1]), asyncio.Event())
