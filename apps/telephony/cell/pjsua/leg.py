"""What the endpoint knows of one leg."""

import math
from dataclasses import dataclass, field

from apps.telephony.cell import quality
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
        """None: it was never answered."""
        return quality.over(self.streams) if self.answered else None
