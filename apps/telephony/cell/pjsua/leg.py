"""What the endpoint knows of one leg."""

import math
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
        received = sum(stream.received for stream in self.streams)
        share = [(stream.received / received if received else 0.0, stream) for stream in self.streams]
        return LegQuality(
            received=received,
            lost=sum(stream.lost for stream in self.streams),
            jitter_ms=round(sum(part * stream.jitter_ms for part, stream in share), 1),
            rtt_ms=round(sum(part * stream.rtt_ms for part, stream in share), 1),
        )
