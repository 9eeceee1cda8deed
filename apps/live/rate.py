"""How fast one page may speak. PURE."""


class Bucket:
    """A token bucket: `burst` messages at once, `per_second` in the long run."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self.per_second, self.burst = per_second, burst
        self._tokens = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """One message at `now` (seconds of any steady clock). False: too many."""
        passed = now - self._at if self._at is not None else 0.0
        self._at = now
        self._tokens = min(self.burst, self._tokens + passed * self.per_second)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
