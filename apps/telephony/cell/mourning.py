"""The sockets of farewells: while a dead cell's far ends are told, its supervisor speaks from its SIP port."""

import contextlib
import logging
import socket

from apps.telephony.cell.farewell import Farewell
from apps.telephony.cell.lifeline import Debt
from apps.telephony.cell.place import Place
from apps.telephony.frontdoor import sip

log = logging.getLogger(__name__)


class Mourning:
    """One dead cell. `step` it when its socket is readable or `next_timer` has come, until it is `over`. Times: monotonic seconds."""

    def __init__(self, place: Place, debts: dict[str, Debt], now: float) -> None:
        """Errors: OSError, somebody else has the port already."""
        self.place = place
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self.socket.bind((place.sip_address, place.sip_port))
        except OSError:
            self.socket.close()
            raise
        found = [self._farewell(debt, now) for debt in debts.values()]
        self._farewells = {farewell.call_id: farewell for farewell in found if farewell}

    def _farewell(self, debt: Debt, now: float) -> Farewell | None:
        try:
            return Farewell(debt, (self.place.sip_address, self.place.sip_port), now)
        except sip.Malformed as fault:
            log.error("the far end of a dead cell's leg cannot be told: %s", fault)
            return None

    def over(self, now: float) -> bool:
        return all(farewell.over(now) for farewell in self._farewells.values())

    def next_timer(self, now: float) -> float | None:
        return min((farewell.next_timer() for farewell in self._farewells.values() if not farewell.over(now)), default=None)

    def step(self, now: float) -> None:
        """Hear what has come, say what is due."""
        while data := self._received():
            with contextlib.suppress(sip.Malformed):
                message = sip.parse(data)
                if farewell := self._farewells.get(message.call_id):
                    self._send(farewell, farewell.handle(message, now))
        for farewell in self._farewells.values():
            self._send(farewell, farewell.due(now) if not farewell.over(now) else [])

    def close(self) -> None:
        self.socket.close()

    def _received(self) -> bytes:
        try:
            return self.socket.recv(sip.MAX_SIZE)
        except OSError:  # nothing there; or the far end is gone too
            return b""

    def _send(self, farewell: Farewell, messages: list[bytes]) -> None:
        for message in messages:
            with contextlib.suppress(OSError):
                self.socket.sendto(message, farewell.peer)
