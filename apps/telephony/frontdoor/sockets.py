"""The trunk port: UDP and TCP, bounded. What comes in goes to one function with its sender; what goes out finds its connection again."""

import asyncio
import contextlib
import ipaddress
import logging
import secrets
import socket
import time
from collections.abc import Callable
from typing import Literal

from apps.telephony.frontdoor import framing, sip
from apps.telephony.frontdoor.lanes import Lanes

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
MAX_OF_ONE_HOST = 64  # a trunk that opens one after the other leaves room for the others
MAX_UNSENT = 262_144  # bytes waiting for one peer that does not read
CONNECT_SECONDS = 3.0
DNS_SECONDS = 2.0
DNS_KEPT_SECONDS = 60.0
MAX_NAMES = 100
IDLE_SECONDS = 3_600.0
MESSAGE_SECONDS = 32.0  # a message that is not complete after so long is given up by its sender too (RFC 3261: 64 * T1)
READ_A_TURN = 4_096  # bytes of one connection; then others have their turn

Received = Callable[[bytes, str, int, Literal["udp", "tcp"], str], bool]  # data, host, port, transport, flow; False: it was dropped
Welcome = Callable[[str], bool]  # may this host connect?


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Connection(asyncio.BufferedProtocol):
    """One TCP connection, ours or theirs; `flow` is its name in Via and Record-Route. It is read a few messages at a time: then it is
    the turn of others."""

    def __init__(self, sockets: "Sockets") -> None:
        self.sockets, self.framer = sockets, framing.Framer()
        self.flow, self.heard = secrets.token_hex(8), time.monotonic()
        self.incomplete_since: float | None = None  # monotonic; a message has begun, or none has come yet
        self._buffer = bytearray(READ_A_TURN)
        self.transport: asyncio.Transport  # from connection_made on, which comes first
        self.host, self.port = "", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.host, self.port = transport.get_extra_info("peername")[:2]
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self.sockets.welcome(self.host) or not self.sockets.has_room(self.host):
            transport.abort()  # type: ignore[attr-defined]
            return
        self.incomplete_since = self.heard
        self.sockets.connections[self.flow] = self

    def connection_lost(self, exc: Exception | None) -> None:
        self.sockets.connections.pop(self.flow, None)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.heard = time.monotonic()
        try:
            messages = self.framer.feed(bytes(self._buffer[:nbytes]))
        except sip.Malformed:
            self.transport.abort()
            return
        if not self.framer.waiting:
            self.incomplete_since = None
        elif messages or self.incomplete_since is None:
            self.incomplete_since = self.heard
        if pings := messages.count(framing.PING):
            self.write(framing.PONG * pings)
        for message in messages:
            if message != framing.PING:
                self.sockets.received(message, self.host, self.port, "tcp", self.flow)

    def write(self, data: bytes) -> None:
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > MAX_UNSENT:
            self.transport.abort()


class Sockets:
    """`open`, then `send`; `received` is called for each whole message."""

    def __init__(self, received: Received, welcome: Welcome) -> None:
        self.received, self.welcome = received, welcome
        self.lanes = Lanes(self._datagram)
        self.connections: dict[str, Connection] = {}
        self._names: dict[str, tuple[str, float]] = {}  # name -> address, monotonic time until which it is believed

    async def open(self, address: str, port: int) -> None:
        """Errors: OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Connection(self), address, port, backlog=128)
        self.lanes.open(address, port)  # after TCP, which refuses a port that another front door has

    def _datagram(self, data: bytes, host: str, port: int) -> bool:
        return self.received(data, host, port, "udp", "")

    def has_room(self, host: str) -> bool:
        """For one more connection with `host`."""
        of_this_host = sum(connection.host == host for connection in self.connections.values())
        return len(self.connections) < MAX_CONNECTIONS and of_this_host < MAX_OF_ONE_HOST

    def send(self, data: bytes, host: str, port: int) -> None:
        """One datagram; `host` is an IP address."""
        self.lanes.send(data, host, port)

    async def deliver(self, data: bytes, name: str, port: int, transport: Literal["udp", "tcp"], flow: str) -> None:
        """To a host by name, or over a connection: `flow` if it is still there, else one to host and port, else a new one.

        Errors: OSError, TimeoutError.
        """
        connection = self.connections.get(flow) if transport == "tcp" else None
        if connection is None:
            host = await self.resolve(name)
            if transport == "udp":
                return self.send(data, host, port)
            connection = await self._connected(host, port)
        return connection.write(data)

    async def _connected(self, host: str, port: int) -> Connection:
        for connection in self.connections.values():
            if (connection.host, connection.port) == (host, port):
                return connection
        connecting = asyncio.get_running_loop().create_connection(lambda: Connection(self), host, port)
        connection = (await asyncio.wait_for(connecting, CONNECT_SECONDS))[1]
        connection.incomplete_since = None  # it was made to speak, not to listen
        return connection

    async def resolve(self, name: str) -> str:
        """An address of `name`, kept for a minute. Errors: OSError, TimeoutError."""
        if is_address(name):
            return name
        address, until = self._names.get(name, ("", 0.0))
        if time.monotonic() > until:
            asking = asyncio.get_running_loop().getaddrinfo(name, None, family=socket.AF_INET)
            address = str((await asyncio.wait_for(asking, DNS_SECONDS))[0][4][0])
            self._names = {**dict(list(self._names.items())[1 - MAX_NAMES :]), name: (address, time.monotonic() + DNS_KEPT_SECONDS)}
        return address

    def close_idle(self) -> None:
        """Who is silent for long, and who dribbles: a place is for those who speak."""
        now = time.monotonic()
        for connection in list(self.connections.values()):
            since = connection.incomplete_since
            if connection.heard < now - IDLE_SECONDS:
                connection.transport.close()
            elif since is not None and since < now - MESSAGE_SECONDS:
                connection.transport.abort()

    async def close(self) -> None:
        self.lanes.close()
        self.server.close()
        for connection in list(self.connections.values()):
            connection.transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.server.wait_closed(), 1.0)
