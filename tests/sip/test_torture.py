"""The messages of RFC 4475 at front door and gateway (PF-10): each has the fate that torture.py names, and a call works afterwards."""

import re
import socket

import pytest
from sipmessage import Response

from apps.telephony.frontdoor import framing, proxy, sip
from apps.telephony.frontdoor.configuration import FrontDoorConfig
from apps.telephony.frontdoor.decisions import Drop, Forward, NewCall, Own, Peer, Target
from apps.telephony.gateway.dialogue import State
from apps.telephony.gateway.talk import Received, Send
from tests.gateway.test_phones import CELL_AT, Table
from tests.sip.door import TRUNK, Door, cell_waits, config
from tests.sip.sipp import Caller, Phone
from tests.sip.torture import CASES, Case, Fate

CONFIG: FrontDoorConfig = config()
OWN = Own("127.0.0.1", 5060)
CALLER = Peer("192.0.2.1", 5070, trunk=CONFIG.trunks[0])
CELL = Peer("127.0.0.1", 20_002)
UNREADABLE_STREAMS = ("ncl", "mcl01")
CHANGED = {"via", "max-forwards", "record-route", "content-length", "x-cc-trunk", "x-cc-media"}  # by any proxy (RFC 3261 16.6), or ours
COMPACT = {"v": "via", "f": "from", "t": "to", "m": "contact", "i": "call-id", "s": "subject", "l": "content-length"}


def is_response(case: Case) -> bool:
    return case.data.startswith(b"SIP/")


def decided(case: Case) -> Forward | Drop | NewCall:
    """As server.py does it."""
    peer = CELL if is_response(case) else CALLER
    try:
        return proxy.decide(sip.parse(case.data), peer, CONFIG, OWN)
    except sip.Malformed:
        return proxy.refuse_unreadable(case.data, peer) or Drop("malformed")


def fate(decision: Forward | Drop | NewCall) -> Fate:
    match decision:
        case NewCall():
            return "to a cell"
        case Forward(message=Response() as answer, to=Target("192.0.2.1", 5070)):
            return answer.code
    return "dropped"


def headers(data: bytes) -> list[tuple[str, str]]:
    """Name and value of each header as it was written, unfolded; read here without the product's parser."""
    head = re.sub(rb"\r\n[ \t]+", b" ", data.partition(b"\r\n\r\n")[0]).decode()
    pairs = [line.partition(":")[::2] for line in head.split("\r\n")[1:]]
    return [(COMPACT.get(name.strip().lower(), name.strip().lower()), value.strip()) for name, value in pairs]


def kept(data: bytes) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in headers(data) if name not in CHANGED)


def body(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def test_all_of_them_are_here():
    assert len({case.name for case in CASES}) == len({case.section for case in CASES}) == 49


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_message_has_its_fate(case: Case):
    """PF-10."""
    assert case.fate == ("to the caller" if is_response(case) and case.fate != "dropped" else fate(decided(case)))
    if is_response(case):
        assert isinstance(decided(case), Drop if case.fate == "dropped" else Forward)


@pytest.mark.parametrize("case", [case for case in CASES if case.fate == "to a cell"], ids=lambda case: case.name)
def test_what_is_valid_reaches_the_cell_as_it_was_written(case: Case):
    new = decided(case)
    sent = sip.encode(proxy.place(new.request, new.peer, "127.0.0.1:20002", OWN).message)
    assert sent.split(b"\r\n")[0] == case.data.split(b"\r\n")[0]
    assert kept(sent) == kept(case.data)
    assert body(sent) == body(case.data)
    below = [value for name, value in headers(sent) if name == "via"][1:]
    before = [re.sub(" +", " ", item) for name, value in headers(case.data) if name == "via" for item in sip.split(value)]
    assert [re.sub(" +", " ", value) for value in below] == before


@pytest.mark.parametrize("case", [case for case in CASES if case.fate == "to the caller"], ids=lambda case: case.name)
def test_responses_come_back_as_the_cell_wrote_them(case: Case):
    back = decided(case)
    sent = sip.encode(back.message)
    assert (back.to.host, back.to.port) == ("192.0.2.1", 5070)
    assert sent.split(b"\r\n")[0] == case.data.split(b"\r\n")[0]
    assert kept(sent) == kept(case.data)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_over_tcp_each_is_read_whole_or_the_connection_ends(case: Case):
    """RFC 3261 18.3: a stream without a length that makes sense cannot be read on."""
    framer = framing.Framer()
    if case.name in UNREADABLE_STREAMS:
        with pytest.raises(sip.Malformed):
            framer.feed(case.data)
    elif case.name == "clerr":
        assert framer.feed(case.data) == []
    else:
        assert b"".join(framer.feed(case.data)) == case.data


def test_a_refusal_is_never_much_longer_than_what_it_refuses():
    """PF-10: nothing is amplified. What is added: our tag, the source, the length, the methods."""
    for case in CASES:
        if isinstance(case.fate, int):
            assert len(sip.encode(decided(case).message)) < len(case.data) + 200, case.name


@pytest.mark.media
def test_a_front_door_that_got_them_all_serves_the_next_call(redis_url, tmp_path):
    """PF-10: over real sockets, UDP and TCP, with a real caller after them."""
    with Door(redis_url, tmp_path) as door, Phone(folder=tmp_path, seconds=0.3) as cell:
        answers = _from_the_trunk(door)
        answered = [case for case in CASES if not is_response(case) and case.fate != "dropped"]
        assert answers == {case.name: case.fate if isinstance(case.fate, int) else 503 for case in answered}
        _by_tcp(door)
        cell_waits(door.redis, "c1", cell.address)
        with Caller(door.address, "+4722334455", folder=tmp_path, source=TRUNK) as caller:
            assert caller.wait() == 200
        assert "Traceback" not in door.log_text()


def _from_the_trunk(door: Door) -> dict[str, int]:
    """Each by UDP; returns the status that each got. There is no cell: calls get 503."""
    answers: dict[str, int] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((TRUNK, 0))
        wire.settimeout(5)
        here = f"{TRUNK}:{wire.getsockname()[1]}".encode()
        requests = [case for case in CASES if not is_response(case)]
        for case in requests:
            wire.sendto(_addressed(case.data, here, door), ("127.0.0.1", door.port))
        awaited = sum(case.fate != "dropped" for case in requests)
        for _ in range(awaited):
            answer = wire.recv(65_535)  # read by hand: it repeats what our parser refuses
            answers[dict(headers(answer))["call-id"].partition(".")[0]] = int(answer.split(b" ")[1])
        wire.settimeout(0.3)
        with pytest.raises(TimeoutError):
            wire.recv(65_535)
    return answers


def _by_tcp(door: Door) -> None:
    """Each by a connection of its own: the same answer; where the stream cannot be read on, the end of it."""
    for case in CASES:
        with socket.create_connection(("127.0.0.1", door.port), source_address=(TRUNK, 0), timeout=5) as stream:
            stream.sendall(_addressed(case.data, b"192.0.2.1:5070", door))
            if case.name in UNREADABLE_STREAMS:
                assert stream.recv(100) == b""
            elif case.fate != "dropped" and case.name != "clerr" and not is_response(case):
                assert int(stream.recv(65_535).split(b" ")[1]) == (case.fate if isinstance(case.fate, int) else 503), case.name


def _addressed(data: bytes, here: bytes, door: Door) -> bytes:
    return data.replace(b"192.0.2.1:5070", here).replace(b"127.0.0.1:5060", door.address.encode())


def test_the_gateway_reads_them_all_and_rings_for_the_next_call():
    """PF-10: none of them begins a leg (they name none), none is answered by more than one datagram."""
    table = Table()
    for case in CASES:
        for data in (case.data, case.data.replace(b"+4722334455", b"agent-17")):
            outputs = table.tell(Received(data, CELL_AT))
            assert len(outputs) <= 1, case.name
            assert all(isinstance(output, Send) and len(output.data) < len(data) + 200 for output in outputs), case.name
    assert table.phones.live_legs() == []
    table.ring()
    assert [leg.state for leg in table.phones.live_legs()] == [State.RINGING]
