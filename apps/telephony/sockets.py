"""Filters on sockets of this process that a library opened. They need no rights: a process may always hear less."""

import contextlib
import ctypes
import functools
import logging
import socket
import struct
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

from apps.telephony import bpf
from apps.telephony.bpf import Source

log = logging.getLogger(__name__)

SO_ATTACH_FILTER, SO_MEMINFO = 26, 55  # asm-generic/socket.h; the module `socket` does not name them
MEMINFO, DROPS = struct.Struct("9I"), 8  # SK_MEMINFO_VARS numbers; the last one is what the socket refused or had no room for
TRIAL_SECONDS = 0.5

Endpoint = tuple[str, int]


@contextlib.contextmanager
def _borrowed(descriptor: int) -> Iterator[socket.socket]:
    """Somebody else's socket: it stays open."""
    found = socket.socket(fileno=descriptor)
    try:
        yield found
    finally:
        found.detach()


def find(local: Endpoint) -> int | None:
    """The descriptor of this process's UDP socket at `local`."""
    return next((number for number in map(int, _open_descriptors()) if is_at(number, local)), None)


def _open_descriptors() -> list[str]:
    return [entry.name for entry in Path("/proc/self/fd").iterdir()]


def is_at(descriptor: int, local: Endpoint) -> bool:
    """Whether `descriptor` is a UDP socket at `local`: numbers are used again."""
    try:
        with _borrowed(descriptor) as found:
            return found.type == socket.SOCK_DGRAM and found.family == socket.AF_INET and found.getsockname() == local
    except OSError:
        return False


def admit(descriptor: int, sources: Iterable[Source]) -> None:
    """From now on the socket takes nothing but what comes from `sources`. Errors: OSError."""
    code = bpf.encode(bpf.program(sources))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))  # struct sock_fprog; the kernel copies what it points to
    with _borrowed(descriptor) as found:
        found.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def refused(descriptor: int) -> int:
    """Datagrams that the socket has not taken, since it was opened. Errors: OSError."""
    with _borrowed(descriptor) as found:
        return int(MEMINFO.unpack(found.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO.size))[DROPS])


@functools.cache
def filters_work() -> bool:
    """Whether this kernel does as it is told: some (of sandboxes) say yes and filter nothing. Tried once, and said loudly if not."""
    works = False
    with contextlib.suppress(OSError):
        works = _trial()
    if not works:
        log.error("this kernel filters no sockets: strangers who find the port of a call can speak in it. Let a firewall keep them out")
    return works


def _trial() -> bool:
    """Of two who send, only the second may."""
    kind = socket.AF_INET, socket.SOCK_DGRAM
    with socket.socket(*kind) as ear, socket.socket(*kind) as stranger, socket.socket(*kind) as friend:
        for one in (ear, stranger, friend):
            one.bind(("127.0.0.1", 0))
        admit(ear.fileno(), [Source(IPv4Network("127.0.0.1"), friend.getsockname()[1])])
        for one in (stranger, friend):
            one.sendto(b"", ear.getsockname())
        ear.settimeout(TRIAL_SECONDS)
        return bool(ear.recvfrom(1)[1] == friend.getsockname())
