"""Whom a web request may call. Other systems of the company, yes; this machine's own ports, and what only machines find, no.

An address is judged when it is known and before anything is sent: names can be made to lead anywhere, and to somewhere else the next time.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

PER_ADDRESS = 0.7  # seconds: a name may lead to several addresses, and the first may be dead
MOST_ADDRESSES = 4


class ForbiddenError(Exception):
    """The address must not be called."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`own_ports`: of this machine that may be called all the same. `closed`: (address, port) of ours elsewhere, such as the database."""

    own_ports: frozenset[int] = frozenset()
    closed: frozenset[tuple[str, int]] = field(default_factory=frozenset)


async def connect(host: str, port: int, rules: Rules) -> socket.socket:
    """A connection to the first address of `host` that answers. Errors: ForbiddenError, OSError (TimeoutError among them)."""
    fault: Exception = OSError("the name leads nowhere")
    for family, address in await _addresses(host, port):
        try:
            _judge(address[0], port, rules)
            return await _connect(family, address, rules)
        except (OSError, ForbiddenError) as error:
            fault = error
    raise fault


async def _addresses(host: str, port: int) -> Sequence[tuple[int, Any]]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found][:MOST_ADDRESSES]


def _judge(address: str, port: int, rules: Rules) -> None:
    """Errors: ForbiddenError."""
    ip = plain(address)
    if ip.is_loopback or ip.is_unspecified:
        if port not in rules.own_ports:
            raise ForbiddenError
    elif ip.is_link_local or ip.is_multicast or ip.is_reserved:  # 169.254.169.254 tells virtual machines their secrets
        raise ForbiddenError
    if (str(ip), port) in rules.closed:
        raise ForbiddenError


def plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address in IPv6's clothes is what it is underneath."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


async def _connect(family: int, address: Any, rules: Rules) -> socket.socket:
    """Errors: ForbiddenError when it turns out to be one of this machine's other addresses; OSError."""
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        async with asyncio.timeout(PER_ADDRESS):
            await asyncio.get_running_loop().sock_connect(connection, address)
        if connection.getsockname()[0] == connection.getpeername()[0] and address[1] not in rules.own_ports:
            raise ForbiddenError
    except BaseException:
        connection.close()
        raise
    return connection


def closed(endpoints: Collection[tuple[str, int]]) -> frozenset[tuple[str, int]]:
    """(host, port) with each host as all its addresses; a name that leads nowhere now is left out."""
    found = set()
    for host, port in endpoints:
        try:
            found |= {(str(plain(str(entry[4][0]))), port) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except OSError:
            continue
    return frozenset(found)
