"""How much one source may send: token buckets, and how many sources are remembered. PURE."""

from collections import OrderedDict


class Buckets:
    """One bucket per source, filled with `rate` tokens a second up to `burst`; the sources unheard of longest are forgotten."""

    def __init__(self, rate: float, burst: float, sources: int = 1024) -> None:
        self.rate, self.burst, self.sources = rate, burst, sources
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # source -> (tokens, when counted)

    def allows(self, source: str, now: float) -> bool:
        """Take one token. `now`: seconds on any clock that never goes back."""
        tokens, counted = self._buckets.pop(source, (self.burst, now))
        tokens = min(self.burst, tokens + (now - counted) * self.rate)
        self._buckets[source] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._buckets) > self.sources:
            self._buckets.popitem(last=False)
        return tokens >= 1
