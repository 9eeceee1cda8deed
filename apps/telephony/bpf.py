"""Programs for the kernel's socket filter (classic BPF): which datagrams a UDP socket takes at all. PURE.

The kernel runs such a program on each datagram before it is put into the socket's queue; what it refuses costs nothing further. Here the
packet begins with the UDP header; the IP header is reached through the offset SKF_NET_OFF (Linux, filter.h). IPv4 only, as are the sockets.
"""

import struct
from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import NamedTuple


class Source(NamedTuple):
    """Who may send. `port` None: any."""

    network: IPv4Network
    port: int | None = None


class Instruction(NamedTuple):
    """struct sock_filter. `yes`, `no`: instructions to skip when the comparison holds, or does not."""

    code: int
    yes: int
    no: int
    value: int


ADDRESS = 0x20  # load a word of the packet
PORT = 0x28  # load half a word
MASK = 0x54  # keep the bits of `value`
COMPARE = 0x15
RETURN = 0x06
SOURCE_ADDRESS = 0xFFF0_0000 + 12  # SKF_NET_OFF + its place in the IP header
SOURCE_PORT = 0  # its place in the UDP header
WHOLE, NOTHING = 0xFFFF_FFFF, 0  # bytes of the datagram that are taken


def program(sources: Iterable[Source]) -> tuple[Instruction, ...]:
    """Take what comes from one of `sources`, refuse all else; without sources all is refused."""
    return (*(instruction for source in sources for instruction in _block(source)), Instruction(RETURN, 0, 0, NOTHING))


def _block(source: Source) -> tuple[Instruction, ...]:
    """Each block stands for itself, so no jump is longer than three, however many sources there are."""
    take = Instruction(RETURN, 0, 0, WHOLE)
    rest = (take,) if source.port is None else (Instruction(PORT, 0, 0, SOURCE_PORT), Instruction(COMPARE, 0, 1, source.port), take)
    return (
        Instruction(ADDRESS, 0, 0, SOURCE_ADDRESS),
        Instruction(MASK, 0, 0, int(source.network.netmask)),
        Instruction(COMPARE, 0, len(rest), int(source.network.network_address)),
        *rest,
    )


def encode(instructions: Iterable[Instruction]) -> bytes:
    """As the kernel reads them, in this machine's byte order."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
