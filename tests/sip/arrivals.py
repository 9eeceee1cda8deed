"""When a datagram came, by the kernel's stamp: a Python that is busy makes no gap that was not there."""

import socket
import struct
import time

SO_TIMESTAMPNS = 35  # asm-generic/socket.h
TIMESPEC = struct.Struct("@ll")
LARGEST, ROOM = 2048, 64  # bytes: of a datagram, and for the stamp
AT_ONCE = 0.001  # s between two looks at a clock; more, and something else ran in between


def are_stamped(own: socket.socket) -> None:
    """What comes to this socket, from now on."""
    own.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def receive(own: socket.socket) -> tuple[bytes, tuple[str, int], float]:
    """A datagram, who sent it, and when it came, in Unix seconds. Errors: as `socket.recvmsg`."""
    data, ancillary, _, sender = own.recvmsg(LARGEST, ROOM)
    seconds, nanoseconds = TIMESPEC.unpack(ancillary[0][2][: TIMESPEC.size])
    return data, sender, seconds + nanoseconds / 1e9


def monotonic(at: float) -> float:
    """Unix seconds, as `time.monotonic` has them."""
    while True:
        before, now, after = time.monotonic(), time.time(), time.monotonic()
        if after - before < AT_ONCE:
            return at - now + before
