"""What the gateway hears: session descriptions of browsers and cells, and datagrams of cells in every state of a dialogue."""

from apps.telephony.gateway import sdp
from apps.telephony.gateway.dialogue import State
from apps.telephony.gateway.phones import DIALOGUES_MAX, LONGEST
from apps.telephony.gateway.talk import Accept, Call, HangUp, Output, Over, Received, Send
from tests.fuzz.target import Target, quickly
from tests.gateway.offers import CELL, CHROMIUM, FINGERPRINT, FIREFOX
from tests.gateway.test_phones import ANSWER, CELL_AT, Table
from tests.sip.torture import CASES

SIDE = sdp.GatewaySide("10.0.0.1", 28_000, "abcd", "p" * 24, FINGERPRINT, "passive", ("1 1 UDP 2113929471 10.0.0.1 28000 typ host",))
ADDED = 2_000  # bytes: a 200 carries our description, whatever it answers
END = b"\n--\n"  # between the steps of a story


def check_sdp(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    with quickly():
        offer, side = _read(sdp.parse_browser_offer, text), _read(sdp.parse_plain, text)
    if offer is not None:
        _judge_offer(offer)
    if side is not None:
        assert 0 < side.port < 65_536
        assert sdp.parse_plain(sdp.plain(side)) == side


def _read(parse, text: str):
    try:
        return parse(text)
    except sdp.OfferRefused as refusal:
        assert refusal.code
        return None


def _judge_offer(offer: sdp.BrowserOffer) -> None:
    """Values end in a command line of the media engine; the answer does not grow with the offer."""
    for value in (offer.ufrag, offer.pwd, offer.fingerprint, offer.mid, *offer.candidates):
        assert value.isascii() and value.isprintable() and "&&" not in value
    assert len(offer.candidates) <= sdp.CANDIDATES_MAX
    audio = _read(lambda wanted: sdp.common_audio(wanted, offer.audio), sdp.Audio((8, 0), 120))
    if audio:
        answer = sdp.browser_answer(offer, SIDE, audio)
        assert len(answer) < 1_500 and answer.isascii()


def phone_seeds() -> list[bytes]:
    """Stories: a byte for what happens, then a datagram if a cell speaks, then END."""
    ring, ack = _spoken("INVITE"), _spoken("ACK", tag="leg-1")
    talk = [b"d" + ring, b"a", b"d" + ack]
    stories = [
        [*talk, b"d" + _spoken("BYE", 2, "leg-1"), b"w"],
        [*talk, b"d" + _spoken("INVITE", 3, "leg-1"), b"d" + _spoken("ACK", 3, "leg-1"), b"h"],
        [b"d" + ring, b"d" + _spoken("CANCEL"), b"d" + ack],
        [b"d" + ring, b"h", b"w", b"d" + ack],
        [b"c", b"d" + _answered(180), b"d" + _answered(200), b"h"],
        [b"c", b"d" + _answered(100), b"h", b"d" + _answered(487)],
        [b"c", b"h", b"d" + _answered(486), b"w"],
        *([*talk, b"d" + case.data] for case in CASES),
    ]
    return [END.join(story) for story in stories]


def _spoken(method: str, seq: int = 1, tag: str = "") -> bytes:
    body = CELL if method == "INVITE" else ""
    return (
        f"{method} sip:agent-17@127.0.0.1:28000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:20000;rport;branch=z9hG4bK-c1-{seq}\r\n"
        f"From: <sip:cell@127.0.0.1>;tag=cell\r\nTo: <sip:agent-17@127.0.0.1:28000>{';tag=' + tag if tag else ''}\r\nCall-ID: c1\r\n"
        f"CSeq: {seq} {method}\r\nContact: <sip:cell@127.0.0.1:20000>\r\nX-CC-Leg: leg-1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _answered(code: int) -> bytes:
    return (
        f"SIP/2.0 {code} Some\r\nVia: SIP/2.0/UDP 127.0.0.1:28000;rport;branch=z9hG4bKleg-9-1-INVITE\r\n"
        "From: <sip:agent-17@127.0.0.1:28000>;tag=leg-9\r\nTo: <sip:80012345@127.0.0.1:20000>;tag=cell\r\nCall-ID: leg-9@127.0.0.1\r\n"
        f"CSeq: 1 INVITE\r\nContact: <sip:cell@127.0.0.1:20000>\r\n\r\n{CELL}"
    ).encode()


def check_phones(data: bytes) -> None:
    """No exception; at most two datagrams for one; every leg ends once; nothing is remembered for ever."""
    table, ended, longest = Table(), [], 0
    for step in _calling_once(data.split(END)[:32]):
        longest = max(longest, len(step))  # a CANCEL is answered with the whole of what its INVITE said
        with quickly():
            outputs = _step(table, step)
        sent = [output for output in outputs if isinstance(output, Send)]
        assert len(sent) <= (2 if step[:1] == b"d" else 64)
        assert all(output.to == CELL_AT for output in sent)
        if step[:1] == b"d":
            assert sum(len(output.data) for output in sent) <= 4 * min(longest, LONGEST) + ADDED
        ended += [output.leg for output in outputs if isinstance(output, Over)]
    assert len(table.phones.live_legs()) <= DIALOGUES_MAX
    for leg in table.phones.live_legs():
        ended += [output.leg for output in table.tell(HangUp(leg.leg)) if isinstance(output, Over)]
    ended += [output.leg for output in table.wait(400) if isinstance(output, Over)]
    assert len(ended) == len(set(ended)), ended
    assert table.phones.next_timer() is None and not table.phones.ending()


def _calling_once(story: list[bytes]) -> list[bytes]:
    """No leg has the id of one before it."""
    first = next((number for number, step in enumerate(story) if step[:1] == b"c"), -1)
    return [step for number, step in enumerate(story) if step[:1] != b"c" or number == first]


def _step(table: Table, step: bytes) -> list[Output]:
    match step[:1]:
        case b"d":
            return table.tell(Received(step[1:], CELL_AT))
        case b"a":
            leg = table.phones.leg("leg-1")
            return table.tell(Accept("leg-1", ANSWER)) if leg and leg.state is State.RINGING else []
        case b"h":
            return [output for leg in ("leg-1", "leg-9") for output in table.tell(HangUp(leg))]
        case b"c":
            return table.tell(Call(leg="leg-9", cell=CELL_AT, number="80012345", caller="", address="agent-17", token="t", sdp=ANSWER))
        case b"w":
            return table.wait(1.0)
    return []


WORDS = (
    END, END + b"d", END + b"a", END + b"h", END + b"w", b";tag=leg-1", b"\r\n", b"INVITE", b"ACK", b"BYE", b"CANCEL",
    b"SIP/2.0 ", b"\xff", b"%",
)  # fmt: skip

TARGETS = {
    "sdp": Target(
        check_sdp,
        lambda: [text.encode() for text in (CHROMIUM, FIREFOX, CELL)],
        (b"\r\na=candidate:", b"a=rtpmap:8 ", b"m=audio ", b" && D x", b"IN IP4 ", b"sha-256 ", b"\r\n", b"\0", b"\xff", b"65536"),
        longest=32_768,
    ),
    "phones": Target(check_phones, phone_seeds, WORDS),
}
