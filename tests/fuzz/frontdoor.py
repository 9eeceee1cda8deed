"""The front door's parser, framer and proxy."""

from sipmessage import Request, Response

from apps.telephony.frontdoor import framing, proxy, sip
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.decisions import Alive, Decision, Drop, Forward, Inside, NewCall, NewOutgoing, Own, Peer, Resume
from apps.telephony.protocol import HEADER_MEDIA, HEADER_TRUNK
from tests.fuzz.target import ADDED, Target, quickly
from tests.sip.messages import invite, reply, request
from tests.sip.torture import CASES, OURS

TRUNK = TrunkConfig("7", "Telenor", ("192.0.2.0/24",))
CONFIG = FrontDoorConfig(1, ("+4722334455", "02345"), (TRUNK,))
OWN = Own("127.0.0.1", 5060)
CELL_AT = "127.0.0.1:20002"
PEERS = (
    Peer("192.0.2.1", 5070, trunk=TRUNK),
    Peer("192.0.2.1", 40_000, "tcp", TRUNK, "f00d"),
    Peer("127.0.0.1", 20_002),
)
WORDS = (
    b"\r\nRoute: <sip:127.0.0.1:5060;lr>", b"\r\nRoute: <sip:flow-f00d@127.0.0.1:5060;transport=tcp;lr>", b"\r\nX-CC-Trunk: 9",
    b"\r\nVia: ", b";received=203.0.113.5", b";%72eceived=203.0.113.5", b";rport=99999", b";branch=z9hG4bKcc", b";tag=",
    b";maddr=224.0.0.1", b"127.0.0.1:20002", b"255.255.255.255", b"[::1]", b"\r\n ", b"\r\n\r\n", b"\0", b'"', b"\\", b"<", b">", b",",
    b";lr", b";transport=tcp", b"tel:", b"sips:", b"%00",
    b"\r\nContent-Length: 0", b"\r\nMax-Forwards: 0", b"\r\nCSeq: 1 INVITE", b"\r\nProxy-Require: x", b"SIP/2.0", b"\xff", b"4294967296",
)  # fmt: skip


def seeds() -> list[bytes]:
    """The first byte tells who sends it."""
    bye = request("BYE", f"sip:cell@{CELL_AT}", cseq=2, to_tag="cell", extra="Route: <sip:127.0.0.1:5060;lr>\r\n")
    out = request("INVITE", "sip:+4799@198.51.100.9:5080", extra="Route: <sip:127.0.0.1:5060;lr>\r\nX-CC-Leg: 5\r\nX-CC-Trunk: 7\r\n")
    probed = reply(sip.encode(proxy.probe("k1", CELL_AT, OWN).message), 200)
    answered = reply(invite().replace(b"Via: ", f"{OURS}\r\nVia: ".encode(), 1))
    named = invite().replace(b";rport", b";%72eceived=203.0.113.5")
    own = [invite(), request("CANCEL"), request("ACK", to_tag="cell"), request("OPTIONS"), bye, out, probed, answered, named]
    data = own + [case.data for case in CASES]
    return [bytes([sender]) + message for message in data for sender in range(len(PEERS))]


def check(data: bytes) -> None:
    if not data:
        return
    peer, message = PEERS[data[0] % len(PEERS)], data[1:]
    with quickly():
        found = _decided(message, peer)
    assert _bytes_of(found) == _bytes_of(_decided(message, peer)), "a stateless proxy does the same again"
    if found is not None:
        _judge(found, message, peer)


def _decided(data: bytes, peer: Peer) -> Decision | None:
    try:
        message = sip.parse(data)
    except sip.Malformed:
        return proxy.refuse_unreadable(data, peer)
    return proxy.decide(message, peer, CONFIG, OWN)


def _bytes_of(found: Decision | None) -> bytes:
    match found:
        case Forward():
            return sip.encode(found.message)
        case NewCall() | Resume():
            return sip.encode(found.request)
        case NewOutgoing() | Inside():
            return sip.encode(found.forward.message)
    return repr(found).encode()


def _judge(found: Decision, data: bytes, peer: Peer) -> None:
    match found:
        case Forward(message=Response()) if not data.lstrip(b"\r\n").startswith(b"SIP/2.0 "):
            _judge_refusal(found, data, peer)
        case Forward():
            _judge_forward(found, data, peer)
        case NewCall():
            assert peer.trunk is not None
            _judge_call(found, data)
        case Resume():
            assert peer.trunk is not None
            _judge_forward(proxy.place(found.request, peer, CELL_AT, OWN), data, peer)
            if isinstance(found.missing, Forward):
                _judge_refusal(found.missing, data, peer)
        case Inside():
            assert peer.trunk is not None
            _judge_forward(found.forward, data, peer)
            if isinstance(found.refusal, Forward):
                _judge_refusal(found.refusal, data, peer)
        case NewOutgoing():
            assert peer.trunk is None
            _judge_refusal(found.refusal, data, peer)
            _judge_forward(found.forward, data, peer)
        case Alive():
            assert peer.trunk is None
        case Drop():
            assert found.reason


def _judge_refusal(found: Forward, data: bytes, peer: Peer) -> None:
    """To its sender and nobody else, and hardly longer than what it refuses."""
    assert found.to.host == peer.host, found.to
    assert found.to.flow == peer.flow
    assert len(sip.encode(found.message)) <= 2 * len(data) + ADDED  # Latin-1 becomes UTF-8


def _judge_forward(found: Forward, data: bytes, peer: Peer) -> None:
    sent = sip.encode(found.message)
    assert len(sent) <= 2 * len(data) + ADDED
    assert not found.to.is_many or peer.trunk is None
    if peer.trunk:
        assert OWN.is_cell(found.to.host, found.to.port), "no open relay"
    again = sip.parse(sent)
    before = sip.parse(data)
    assert again.body == before.body
    for name in ("From", "To", "Call-ID", "CSeq"):
        assert again.headers[name] == before.headers[name]
    if isinstance(again, Request) and isinstance(before, Request):
        assert again.method == before.method
        assert sip.values(again, "Via")[0].startswith("SIP/2.0/") and " 127.0.0.1:5060;" in sip.values(again, "Via")[0]
        assert {name for name in again.headers.keys() if name.lower().startswith("x-cc-")} <= {HEADER_TRUNK, HEADER_MEDIA}  # noqa: SIM118


def _judge_call(new: NewCall, data: bytes) -> None:
    """What the cell answers finds its way back."""
    placed = proxy.place(new.request, new.peer, CELL_AT, OWN)
    _judge_forward(placed, data, new.peer)
    assert placed.message.headers["X-CC-Trunk"] == "7"
    answer = Response(200, "OK")
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        sip.put(answer, name, list(placed.message.headers.getlist(name)))
    back = proxy.decide(sip.parse(sip.encode(answer)), PEERS[2], CONFIG, OWN)
    assert isinstance(back, Forward), back
    assert (back.to.host, back.to.flow) == (new.peer.host, new.peer.flow)


def stream_seeds() -> list[bytes]:
    """The first byte is the size of the pieces; long inputs come in at most 256 of them."""
    several = b"\r\n\r\n" + invite() + b"\r\n" + request("BYE", to_tag="x") + b"\r\n\r\n\r\n"
    return [bytes([size]) + data for size in (0, 1, 7, 200) for data in (several, *(case.data for case in CASES))]


def check_stream(data: bytes) -> None:
    """However a stream is cut it gives the same messages, and what waits is less than one message and one piece."""
    if not data:
        return
    size, stream = max(data[0], len(data) // 256) or len(data), data[1:]
    with quickly():
        whole, cut = _framed([stream]), _framed([stream[begin : begin + size] for begin in range(0, len(stream), size)])
    assert cut == whole[: len(cut)] or cut[: len(whole)] == whole
    at = 0
    for message in whole:
        at = stream.index(message, at) + len(message)


def _framed(pieces: list[bytes]) -> list[bytes]:
    framer, found = framing.Framer(), []
    try:
        for piece in pieces:
            found += framer.feed(piece)
            assert framer.waiting <= sip.MAX_SIZE
    except sip.Malformed:
        pass
    return found


TARGETS = {
    "frontdoor": Target(check, seeds, WORDS),
    "stream": Target(check_stream, stream_seeds, (b"\r\n", b"\r\n\r\n", b"Content-Length: 4\r\n", b"l:0000001", b"\r\n l: 5", b"-1")),
}
