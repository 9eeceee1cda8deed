"""What a page can do to the web server below the consumer: too long, without end, too fast, half open. Memory stays bounded (PF-10)."""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator

import msgspec
import pytest

from apps.live import consumer
from tests.live.served import Web

MEGABYTE = 1_048_576
TEXT, BINARY, CONTINUATION, CLOSE, PING, WHOLE = 0x1, 0x2, 0x0, 0x8, 0x9, 0x80  # RFC 6455 5.2
PATIENCE = 10.0


class Raw:
    """A WebSocket spoken by hand, to say what no library would."""

    def __init__(self, web: Web) -> None:
        self.stream = socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE)
        lines = ("GET /ws/live HTTP/1.1", f"Host: localhost:{web.port}", f"Origin: http://localhost:{web.port}", "Upgrade: websocket")
        more = ("Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
        self.stream.sendall("\r\n".join([*lines, *more, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.stream.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 ")

    def frame(self, kind: int, payload: bytes, *, announced: int | None = None) -> None:
        """`announced`: the length that the header claims. Masked with zeros, as clients must mask."""
        length = len(payload) if announced is None else announced
        if length < 126:
            head = struct.pack("!BB", kind, 0x80 | length)
        elif length < 1 << 16:
            head = struct.pack("!BBH", kind, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", kind, 0x80 | 127, length)
        self.stream.sendall(head + bytes(4) + payload)

    def read(self) -> tuple[int, bytes]:
        """A short frame of the server. Errors: ConnectionError at the end."""
        head = self._exactly(2)
        length = head[1] if head[1] < 126 else struct.unpack("!H", self._exactly(2))[0]
        return head[0] & 0x0F, self._exactly(length)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            if not (piece := self.stream.recv(size - len(data))):
                raise ConnectionResetError
            data += piece
        return data

    def closed(self) -> int:
        """The code that the server closes with; 0: it just hung up."""
        with contextlib.suppress(ConnectionError):
            while True:
                kind, payload = self.read()
                if kind == CLOSE:
                    return struct.unpack("!H", payload[:2])[0]
        return 0


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> Iterator[Web]:
    from tests.conftest import RedisServer

    redis = RedisServer()
    with Web(redis.url, tmp_path_factory.mktemp("web")) as web:
        yield web
    redis.stop()


@pytest.fixture(autouse=True)
def memory_stays(web: Web) -> Iterator[None]:
    before = web.memory
    yield
    assert "Traceback" not in web.log.read_text()
    assert web.memory - before < 16 * MEGABYTE
    page = Raw(web)
    page.frame(WHOLE | TEXT, b'{"m": "live.ping", "id": 1}')
    assert msgspec.json.decode(page.read()[1])["code"] == "", "the next page is served"
    page.stream.close()


def _pour(page: Raw, kind: int, megabytes: int, *, announced: int | None = None) -> None:
    """Send until it is enough or the server has hung up."""
    with contextlib.suppress(ConnectionError):
        page.frame(kind, b"x" * MEGABYTE, announced=announced)
        for _ in range(megabytes - 1):
            if announced is None:
                page.frame(CONTINUATION, b"x" * MEGABYTE)
            else:
                page.stream.sendall(b"x" * MEGABYTE)
        raise AssertionError(f"{megabytes} MB were taken")


def test_a_frame_that_announces_a_terabyte_is_not_waited_for(web: Web) -> None:
    _pour(Raw(web), WHOLE | TEXT, 64, announced=1 << 40)


def test_a_message_of_frames_without_end_is_not_collected(web: Web) -> None:
    _pour(Raw(web), TEXT, 64)


@pytest.mark.parametrize(("kind", "payload"), [(BINARY, os.urandom(500)), (TEXT, b"x" * (consumer.LONGEST_MESSAGE + 1))])
def test_what_is_no_text_or_too_long_ends_the_connection(web: Web, kind: int, payload: bytes) -> None:
    page = Raw(web)
    page.frame(WHOLE | kind, payload)
    assert page.closed() == consumer.TOO_BIG


def test_a_flood_of_messages_ends_the_connection(web: Web) -> None:
    page = Raw(web)
    with contextlib.suppress(ConnectionError):
        for _ in range(20_000):
            page.frame(WHOLE | TEXT, b'{"m": "live.seen", "batch": 0}')
    assert page.closed() in (consumer.TOO_FAST, 0)  # 0: the goodbye was lost in what we still sent


def test_a_page_that_is_gone_without_a_word_is_noticed(web: Web) -> None:
    """Half open: it answers no ping any more (RFC 6455 5.5.2)."""
    page = Raw(web)
    assert page.read()[0] == PING
    with pytest.raises(ConnectionResetError):
        while True:
            page.read()
