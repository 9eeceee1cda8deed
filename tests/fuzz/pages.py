"""What a page may send over its WebSocket, and what processes read of each other from Redis."""

from collections.abc import Coroutine
from typing import Any

import msgspec

from apps.live import consumer
from apps.live.page import Page
from apps.live.rate import Bucket
from apps.telephony import protocol
from tests.fuzz.target import Target, quickly

CLOSE_CODES = (consumer.TOO_BIG, consumer.TOO_FAST)
DECODERS = (protocol.decode_command, protocol.decode_leg_event, protocol.decode_gateway_request, protocol.decode_gateway_reply)


class Heard(consumer.LiveConsumer):
    """The real consumer with a page that asks nobody: requests are made and thrown away."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []
        self.closed: list[int] = []
        self.page = Page(_Somebody(), self.send_json, None, self.background)  # type: ignore[arg-type]
        self.bucket = Bucket(per_second=1, burst=10)
        self.answering, self.mailbox, self.tasks = 0, None, set()

    async def send_json(self, content: Any, close: bool = False) -> None:
        self.said.append(content)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.closed.append(code or 0)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()


class _Somebody:
    pk = 17


def check_page(data: bytes) -> None:
    """One message: at most one reply, and nothing but a reply or the end of the connection."""
    page = Heard()
    with quickly():
        _run(page.receive(text_data=data.decode(errors="replace")))
    assert len(page.said) + len(page.closed) <= 1
    assert set(page.closed) <= set(CLOSE_CODES)
    assert len(msgspec.json.encode(page.said)) < len(data) + 300


def _run(work: Coroutine[Any, Any, None]) -> None:
    """To its end; nothing in it waits."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")


def page_seeds() -> list[bytes]:
    values = {
        "id": 7,
        "offer": "v=0",
        "leg": "leg-1",
        "profile": 1,
        "phone": "22 33 44 55",
        "reason": "Lunch",
        "seconds": 30,
        "digits": "1#",
    }
    more = {"on": True, "ready": False, "number": "+4780012345", "caller": "", "batch": 3, "known": {"agent:17": 4}, "desk": True}
    names = [*consumer.ENTRIES, "live.start", "live.seen", "live.ping", "nobody.knows"]
    deep = b'{"m":"live.ping","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}"
    return [*(msgspec.json.encode({"m": name, **values, **more}) for name in names), deep]


def check_protocol(data: bytes) -> None:
    """Each reads what it knows and refuses the rest, in one way."""
    for decode in DECODERS:
        with quickly():
            try:
                message = decode(data)
            except msgspec.DecodeError:
                continue
        assert decode(protocol.encode(message)) == message


def protocol_seeds() -> list[bytes]:
    caller = {"call": "c", "cell": "k", "at": 1.0}
    asked = {"reply_to": "r", "connection": "w", "address": "agent-17", "offer": "v=0"}
    messages = [
        protocol.Dial(call="c", leg="l", uri="sip:agent-17@127.0.0.1", headers={"X-CC-Call": "c"}),
        protocol.Play(call="c", leg="l", playback="p", files=("/a.wav",), loop=True),
        protocol.Mix(call="c", edges=(("a", "b"),)),
        protocol.Record(call="c", recording="r", path="/r.wav", left=("a",), right=("b",)),
        protocol.SendDigits(call="c", leg="l", digits="1#"),
        protocol.LegArrived(**caller, leg="l", caller="+4791234567", dialled="22334455"),
        protocol.LegEnded(**caller, leg="l", code=200, by_us=False, quality=protocol.LegQuality(1, 2, 3.0, 4.0)),
        protocol.CellReport(**caller, legs=(protocol.LegStatus("l", True),)),
        protocol.TestCall(**asked, number="22334455", caller=""),
        protocol.AnswerOffer(**asked, leg="l"),
        protocol.MediaAnswer("v=0", "l"),
        protocol.MediaRefused("gone"),
    ]
    return [protocol.encode(message) for message in messages]


JSON = (b"[", b"{", b'":', b'","', b"null", b"1e999", b"-1", b"\\u0000", b"\\ud800", b'"type":', b'"m":"live.start"', b"[[[[[[[[")

TARGETS = {
    "page": Target(check_page, page_seeds, JSON, longest=40_000),
    "protocol": Target(check_protocol, protocol_seeds, JSON),
}
