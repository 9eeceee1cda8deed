"""Ports for cells: each gets a block of its own, taken from the range that the firewall lets through."""

import contextlib
import secrets
import socket
from collections.abc import Iterator

from apps.telephony.cell.place import Place

SIZE = 16  # ports: SIP, one spare, then RTP and RTCP for four legs and their successors


class NoPorts(Exception):
    """Every block is taken, by our cells or by somebody else."""


class Blocks:
    """A block is given out only when every port of it can be bound: a former supervisor's cells may still have calls on theirs."""

    def __init__(self, low: int, high: int, sip_address: str, media_address: str) -> None:
        self._bases = range(low + low % 2, high - SIZE + 2, SIZE)
        self._addresses = sip_address, media_address
        self._taken: set[int] = set()
        self._next = secrets.randbelow(len(self._bases))

    def take(self) -> Place:
        """Errors: NoPorts."""
        for base in self._candidates():
            if base not in self._taken and self._unused(base):
                self._taken.add(base)
                sip_address, media_address = self._addresses
                return Place(sip_address, base, media_address, base + 2, SIZE - 2)
        raise NoPorts(f"no {SIZE} free ports in a row between {self._bases.start} and {self._bases.stop}")

    def keep(self, place: Place) -> None:
        """Somebody has it already: an adopted cell."""
        self._taken.add(place.sip_port)

    def give_back(self, place: Place) -> None:
        self._taken.discard(place.sip_port)

    def _candidates(self) -> Iterator[int]:
        """Round and round, so that a block rests before it is used again: late packets of a call reach nobody."""
        for _ in range(len(self._bases)):
            self._next = (self._next + 1) % len(self._bases)
            yield self._bases[self._next]

    def _unused(self, base: int) -> bool:
        sip_address, media_address = self._addresses
        wanted = [(sip_address, base), *((media_address, port) for port in range(base + 2, base + SIZE))]
        with contextlib.ExitStack() as probes:
            for address in wanted:
                try:
                    probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(address)
                except OSError:
                    return False
        return True
