"""Tells when the RTP of a leg stays away, and when it is back. PURE."""

from dataclasses import dataclass

from apps.telephony.ports import Emit
from apps.telephony.protocol import MediaBack, MediaLost

PATIENCE = 3.0  # seconds without a packet


@dataclass(slots=True)
class _Seen:
    packets: int
    at: float
    lost: bool = False


class Watchdog:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._legs: dict[str, _Seen] = {}

    def look(self, leg: str, packets: int, now: float) -> None:
        """`packets` have come so far from `leg`, which should be sending."""
        seen = self._legs.setdefault(leg, _Seen(packets, now))
        if packets != seen.packets:
            self._back(leg, seen)
            seen.packets, seen.at = packets, now
        elif not seen.lost and now - seen.at >= PATIENCE:
            seen.lost = True
            self._emit(MediaLost, leg=leg, seconds=round(now - seen.at, 1))

    def excuse(self, leg: str) -> None:
        """`leg` need not send now: it holds the call."""
        if seen := self._legs.pop(leg, None):
            self._back(leg, seen)

    def forget(self, leg: str) -> None:
        self._legs.pop(leg, None)

    def _back(self, leg: str, seen: _Seen) -> None:
        if seen.lost:
            seen.lost = False
            self._emit(MediaBack, leg=leg)
