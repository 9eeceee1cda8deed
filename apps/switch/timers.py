"""Deadlines by name: set, moved and cleared at will; the earliest is found in O(log n). PURE."""

import heapq


class Timers:
    """Equal deadlines come out in the order of their names, so that a replay gives the same order."""

    def __init__(self) -> None:
        self._when: dict[tuple[str, str], float] = {}
        self._heap: list[tuple[float, tuple[str, str]]] = []

    def copy(self) -> "Timers":
        twin = Timers()
        twin._when, twin._heap = self._when.copy(), self._heap.copy()
        return twin

    def set(self, name: tuple[str, str], when: float | None) -> None:
        """None clears it."""
        if when is None:
            self._when.pop(name, None)
        elif self._when.get(name) != when:
            self._when[name] = when
            heapq.heappush(self._heap, (when, name))

    def get(self, name: tuple[str, str]) -> float | None:
        return self._when.get(name)

    def next(self) -> float | None:
        while self._heap and self._when.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # moved or cleared meanwhile
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> tuple[str, str] | None:
        """The earliest timer that is due, cleared; None when there is none."""
        when = self.next()
        if when is None or when > now:
            return None
        name = heapq.heappop(self._heap)[1]
        del self._when[name]
        return name
