"""TCP connections of trunks that dribble, never end a message, or send without end: bounded, and released (PF-10)."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from apps.telephony.frontdoor import framing, sip, sockets
from tests.conftest import free_port
from tests.sip.messages import invite, request

GREEDY, OTHER = "127.0.0.2", "127.0.0.3"


class Port:
    """The trunk port, and what came through it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.sockets = sockets.Sockets(self._received, lambda host: True)
        self.number = free_port()

    def _received(self, data: bytes, host: str, *_: object) -> bool:
        self.heard.append((host, data))
        return True

    async def connect(self, source: str = GREEDY) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.number, local_addr=(source, 0))

    async def until(self, true) -> None:
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110 - the sockets are read in this loop
                await asyncio.sleep(0.001)


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    port = Port()
    await port.sockets.open("127.0.0.1", port.number)
    yield port
    await port.sockets.close()


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(100), 5) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "data",
    [b"a" * (sip.MAX_SIZE + 10), b"INVITE x\r\n\r\n", b"A b\r\nContent-Length: 99999999999\r\n\r\n", b"A b\r\nl: 999999\r\n\r\n"],
    ids=["no end of headers", "no length", "a length of many digits", "a length too long"],
)
async def test_a_stream_that_cannot_be_read_on_is_closed(port: Port, data: bytes):
    reader, writer = await port.connect()
    writer.write(data)
    assert await ended(reader)
    assert port.heard == []
    writer.close()


async def test_who_dribbles_is_let_go_and_who_speaks_in_whole_messages_stays(port: Port, monkeypatch):
    """A slow loris keeps its place for half a minute at most, however busily it dribbles; so does who says nothing at all."""
    (slow, dribbling), (silent, unused), (_, speaking) = [await port.connect() for _ in range(3)]
    dribbling.write(invite()[:100])
    speaking.write(request("OPTIONS") + b"\r\n\r\n")
    await port.until(lambda: len(port.heard) == 1 and sum(one.framer.waiting == 100 for one in port.sockets.connections.values()) == 1)
    port.sockets.close_idle()
    assert len(port.sockets.connections) == 3, "nobody is let go too early"
    dribbling.write(b"x")
    await port.until(lambda: sum(one.framer.waiting == 101 for one in port.sockets.connections.values()) == 1)
    monkeypatch.setattr(sockets, "MESSAGE_SECONDS", -1.0)  # half a minute later
    port.sockets.close_idle()
    assert await ended(slow) and await ended(silent)
    await port.until(lambda: len(port.sockets.connections) == 1)
    unused.close()
    speaking.write(request("OPTIONS"))
    await port.until(lambda: len(port.heard) == 2)


async def test_a_connection_that_sends_without_end_lets_others_have_their_turn(port: Port):
    """A few messages of one, then those of the others."""
    message = request("OPTIONS")
    with _wire(port, GREEDY) as greedy, _wire(port, OTHER) as other:
        greedy.sendall(message * 200)  # all of it is here before anything is read
        other.sendall(message)
        await port.until(lambda: len(port.heard) == 201)
    assert [host for host, _ in port.heard].index(OTHER) < 40


def _wire(port: Port, source: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port.number), source_address=(source, 0))


async def test_keep_alives_are_answered_together(port: Port):
    """RFC 5626 3.5.1: one for one, and not with a packet each."""
    reader, writer = await port.connect()
    writer.write(framing.PING * 500)
    assert await asyncio.wait_for(reader.readexactly(len(framing.PONG) * 500), 5) == framing.PONG * 500
    writer.close()


async def test_what_waits_in_a_connection_is_never_more_than_a_message(port: Port):
    _, writer = await port.connect()
    begun = b"A b\r\nContent-Length: 60000\r\n\r\n" + b"x" * 50_000
    writer.write(begun)
    await port.until(lambda: [one.framer.waiting for one in port.sockets.connections.values()] == [len(begun)])
    writer.write(b"x" * 10_000)
    await port.until(lambda: len(port.heard) == 1)
    assert [one.framer.waiting for one in port.sockets.connections.values()] == [0]
    writer.close()
