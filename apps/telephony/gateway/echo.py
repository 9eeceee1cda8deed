"""A test of the sound in which a person hears himself: what his browser sends comes back a moment later.

    echo = await Echo.open("127.0.0.1")
    ...                                  # the engine is told that a cell receives at echo.address
    echo.hear(inside)                    # from where the engine sends to it

Sequence numbers and times stay those of the browser, so what gets lost on either way is missing in what it receives.
"""

import asyncio
import secrets
from typing import Self

from apps.telephony.gateway.engine import NOWHERE, Endpoint

DELAY = 0.6  # seconds: long enough to be no ringing in one's own ear, short enough to be one's own word
HEADER, LONGEST = 12, 1500  # bytes of an RTP packet (RFC 3550)
SOUNDS = (0, 8)  # payload types: µ-law and A-law


class Echo(asyncio.DatagramProtocol):
    """`heard`: when the last packet came, by the clock of the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._from: Endpoint = NOWHERE
        self._source = secrets.token_bytes(4)  # its own sound under its own SSRC would be a loop (RFC 3550 8.2)
        self.heard = self._loop.time()

    @classmethod
    async def open(cls, host: str) -> Self:
        _, echo = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, 0))
        return echo

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # asyncio's own is wider
        self._transport = transport
        self.address: Endpoint = transport.get_extra_info("sockname")

    def hear(self, inside: Endpoint) -> None:
        """From now on, and from nobody else."""
        self._from = inside

    def datagram_received(self, data: bytes, addr: Endpoint) -> None:
        if addr != self._from or not _is_sound(data):
            return
        self.heard = self._loop.time()
        self._loop.call_later(DELAY, self._send, data[:8] + self._source + data[HEADER:])

    def error_received(self, error: Exception) -> None:
        """ICMP: the session has ended in this moment."""

    def _send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data, self._from)

    def close(self) -> None:
        self._transport.close()


def _is_sound(data: bytes) -> bool:
    return HEADER < len(data) <= LONGEST and data[0] >> 6 == 2 and data[1] & 0x7F in SOUNDS
