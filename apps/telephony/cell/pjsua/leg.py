"""What the endpoint knows of one leg."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.telephony.cell.lifeline import Debt
from apps.telephony.cell.pjsua.callbacks import Call
from apps.telephony.cell.pjsua.gate import Gate
from apps.telephony.protocol import LegQuality


@dataclass(slots=True)
class Leg:
    id: str
    call: Call
    incoming: bool
    gate: Gate
    give_up: float = math.inf  # monotonic time
    ringing: bool = False
    answered: bool = False
    expected: bool = False  # RTP should come
    code: int = 0  # why we ended it; 0: we did not
    by_us: bool = False
    streams: list[LegQuality] = field(default_factory=list)
    debt: Debt | None = None

    def quality(self) -> LegQuality | None:
        """Over all streams (each re-INVITE may begin a new one), means weighted by packets. None: it was never answered."""
        if not self.answered:
            return None
        return LegQuality(
            received=sum(stream.received for stream in self.streams),
            lost=sum(stream.lost for stream in self.streams),
            jitter_ms=_mean((stream.jitter_ms, stream.received) for stream in self.streams),
            rtt_ms=_mean((stream.rtt_ms, stream.received) for stream in self.streams),
            sent=sum(stream.sent for stream in self.streams),
            sent_lost=sum(stream.sent_lost for stream in self.streams),
            sent_jitter_ms=_mean((stream.sent_jitter_ms, stream.sent) for stream in self.streams),
        )


def _mean(weighted: Iterable[tuple[float, int]]) -> float:
    """Of values and their weights; 0 without any weight."""
    pairs = list(weighted)
    whole = sum(weight for _, weight in pairs)
    return round(sum(value * weight for value, weight in pairs) / whole, 1) if whole else 0.0
