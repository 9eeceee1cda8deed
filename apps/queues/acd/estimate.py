"""How long a caller will probably wait (QU-10): his place, the answers of the last 15 minutes, the agents logged on. PURE."""

import math
from collections import deque

WINDOW = 15 * 60.0  # seconds
CALL_SECONDS = 240.0  # one agent's call with its wrap-up, as long as nothing is known of the queue
TRUST_IN_THAT = 3 * 60.0  # seconds: the assumption weighs as much as this long an observation
LONGEST = 1000  # answers remembered: over one a second for the whole window


class Answers:
    """When a queue's calls were answered, for as long as that matters."""

    def __init__(self, since: float) -> None:
        """`since`: when the queue began to be observed (Unix seconds)."""
        self._since = since
        self._times: deque[float] = deque(maxlen=LONGEST)

    def answered(self, now: float) -> None:
        self._times.append(now)

    def in_window(self, now: float) -> tuple[int, float]:
        """Answers in the last 15 minutes, and how many seconds of those were observed."""
        while self._times and self._times[0] <= now - WINDOW:
            self._times.popleft()
        return len(self._times), min(WINDOW, max(0.0, now - self._since))


def answers_per_minute(answers: int, observed: float, agents: int) -> float:
    """The rate seen, mixed with what so many agents usually do; the more was observed, the less the assumption weighs.

    So a quiet queue, or one after a restart, has a sensible figure, and more agents make it shorter at once.
    """
    assumed = agents * TRUST_IN_THAT / CALL_SECONDS
    return (answers + assumed) * 60 / (observed + TRUST_IN_THAT)


def estimated_wait(place: int, per_minute: float, agents: int) -> float | None:
    """Seconds until the caller at `place` (1 is next) is answered. None: nobody is there to answer."""
    if agents <= 0 or per_minute <= 0:
        return None
    return place * 60 / per_minute


def whole_minutes(seconds: float) -> int:
    """As it is announced (QU-09): never less than one, and rather a little too long."""
    return max(1, math.ceil(seconds / 60))
