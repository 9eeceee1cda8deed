"""What a browser hears in a test of its media path: silence, as a cell sends it when nobody speaks.

A browser that is let in hears something. One whose certificate is not the offered one thinks that it is connected (the engine looks at the
certificate when the handshake is over) and hears nothing, ever.
"""

import itertools
import secrets
import socket
import struct

from apps.telephony.gateway.engine import Endpoint

FRAME = 160  # samples of 20 ms
QUIET = {8: b"\xd5", 0: b"\xff"}  # A-law and µ-law, by payload type


class Silence:
    """Errors of the network are as if a packet was lost."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.address: Endpoint = self._socket.getsockname()
        self._source = secrets.randbits(32)
        self._numbers = itertools.count()

    def say(self, to: Endpoint, payload: int) -> None:
        """One packet. `payload`: 8 or 0 (RFC 3551)."""
        number = next(self._numbers)
        header = struct.pack("!BBHII", 0x80, payload, number & 0xFFFF, number * FRAME & 0xFFFFFFFF, self._source)
        try:
            self._socket.sendto(header + QUIET[payload] * FRAME, to)
        except OSError:
            return  # the session has ended in this moment

    def close(self) -> None:
        self._socket.close()
