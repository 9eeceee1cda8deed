"""When the switch counts as behind: not for a moment's delay, nor for what a switch catches up with that was away for 2 s. PURE."""

BEGINS, ENDS = 1.0, 0.3  # seconds of lag
PATIENCE = 1.0  # seconds for which it must stay above


class Gauge:
    """Hysteresis: begins above `BEGINS` for `PATIENCE`, ends below `ENDS`."""

    def __init__(self) -> None:
        self.lag = 0.0
        self.behind = False
        self._above_since: float | None = None

    def observe(self, lag: float, now: float) -> bool:
        """`lag`: seconds that the oldest message just handled had waited. True: `behind` has changed."""
        self.lag, before = lag, self.behind
        if lag <= BEGINS:
            self._above_since = None
            self.behind = self.behind and lag >= ENDS
        elif self._above_since is None:
            self._above_since = now
        elif now - self._above_since >= PATIENCE:
            self.behind = True
        return self.behind != before
