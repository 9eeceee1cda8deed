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

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
MAX_OF_ONE_HOST = 64  # a trunk that opens one after the other leaves room for the others
MAX_UNSENT = 262_144  # bytes waiting for one peer that does not read
CONNECT_SECONDS = 3.0
DNS_SECONDS = 2.0
DNS_KEPT_SECONDS = 60.0
MAX_NAMES = 100
IDLE_SECONDS = 3_600.0
RECEIVE_BUFFER = 4 * 1024 * 1024  # bytes; a burst of INVITEs waits in the kernel

Received = Callable[[bytes, str, int, Literal["udp", "tcp"], str], None]  # data, host, port, transport, flow
Welcome = Callable[[str], bool]  # may this host connect?


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, received: Received) -> None:
        self.received = received

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        self.received(data, addr[0], addr[1], "udp", "")

    def error_received(self, exc: Exception) -> None:
        log.debug("a datagram could not be delivered: %s", exc)


class Connection(asyncio.Protocol):
    """One TCP connection, ours or theirs; `flow` is its name in Via and Record-Route."""

    def __init__(self, sockets: "Sockets") -> None:
        self.sockets, self.framer = sockets, framing.Framer()
        self.flow, self.heard = secrets.token_hex(8), time.monotonic()
        self.transport: asyncio.Transport  # from connection_made on, which comes first
        self.host, self.port = "", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.host, self.port = transport.get_extra_info("peername")[:2]
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self.sockets.welcome(self.host) or not self.sockets.has_room(self.host):
            transport.abort()  # type: ignore[attr-defined]
            return
        self.sockets.connections[self.flow] = self

    def connection_lost(self, exc: Exception | None) -> None:
        self.sockets.connections.pop(self.flow, None)

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        try:
            messages = self.framer.feed(data)
        except sip.Malformed:
            self.transport.abort()
            return
        for message in messages:
            if message == framing.PING:
                self.write(framing.PONG)
            else:
                self.sockets.received(message, self.host, self.port, "tcp", self.flow)

    def write(self, data: bytes) -> None:
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > MAX_UNSENT:
            self.transport.abort()


class Sockets:
    """`open`, then `send`; `received` is called for each whole message."""

    def __init__(self, received: Received, welcome: Welcome) -> None:
        self.received, self.welcome = received, welcome
        self.connections: dict[str, Connection] = {}
        self._names: dict[str, tuple[str, float]] = {}  # name -> address, monotonic time until which it is believed

    async def open(self, address: str, port: int) -> None:
        """Errors: OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Connection(self), address, port, backlog=128)
        self.datagrams, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self.received), (address, port))
        self.datagrams.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    def has_room(self, host: str) -> bool:
        """For one more connection with `host`."""
        of_this_host = sum(connection.host == host for connection in self.connections.values())
        return len(self.connections) < MAX_CONNECTIONS and of_this_host < MAX_OF_ONE_HOST

    def send(self, data: bytes, host: str, port: int) -> None:
        """One datagram; `host` is an IP address."""
        self.datagrams.sendto(data, (host, port))

    async def deliver(self, data: bytes, name: str, port: int, transport: Literal["udp", "tcp"], flow: str) -> None:
        """To a host by name, or over a connection: `flow` if it is still there, else one to host and port, else a new one.

        Errors: OSError, TimeoutError.
        """
        connection = self.connections.get(flow) if transport == "tcp" else None
        if connection is None:
            host = await self._resolve(name)
            if transport == "udp":
                return self.send(data, host, port)
            connection = await self._connected(host, port)
        return connection.write(data)

    async def _connected(self, host: str, port: int) -> Connection:
        for connection in self.connections.values():
            if (connection.host, connection.port) == (host, port):
                return connection
        connecting = asyncio.get_running_loop().create_connection(lambda: Connection(self), host, port)
        return (await asyncio.wait_for(connecting, CONNECT_SECONDS))[1]

    async def _resolve(self, name: str) -> str:
        """An address of `name`, kept for a minute."""
        if is_address(name):
            return name
        address, until = self._names.get(name, ("", 0.0))
        if time.monotonic() > until:
            asking = asyncio.get_running_loop().getaddrinfo(name, None, family=socket.AF_INET)
            address = str((await asyncio.wait_for(asking, DNS_SECONDS))[0][4][0])
            self._names = {**dict(list(self._names.items())[1 - MAX_NAMES :]), name: (address, time.monotonic() + DNS_KEPT_SECONDS)}
        return address

    def close_idle(self) -> None:
        before = time.monotonic() - IDLE_SECONDS
        for connection in [connection for connection in self.connections.values() if connection.heard < before]:
            connection.transport.close()

    async def close(self) -> None:
        self.server.close()
        for connection in list(self.connections.values()):
            connection.transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.server.wait_closed(), 1.0)
        self.datagrams.close()
