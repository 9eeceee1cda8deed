"""One queue at this moment: who stands in it, in order, and which agents are there for it. PURE."""

from collections.abc import Iterator

from sortedcontainers import SortedKeyList, SortedList

from apps.queues.acd import ordering
from apps.queues.acd.ordering import AgentKey
from apps.queues.acd.state import Counts, FreeAgent, QueueRules, Request


def _by_arrival(request: Request) -> tuple[float, str]:
    return request.entered_at, request.id


class Line:
    """Every list is sorted, so each change and each look costs the logarithm of its length."""

    def __init__(self, rules: QueueRules) -> None:
        def in_order(request: Request) -> ordering.RequestKey:
            return ordering.request_key(rules, request)

        self.rules = rules
        self.standing = SortedKeyList(key=in_order)  # all, also those being offered
        self.open = SortedKeyList(key=in_order)  # may be offered to every agent
        self.arrivals = SortedKeyList(key=_by_arrival)  # all
        self.patient = SortedKeyList(key=_by_arrival)  # all but those being offered, and endless ones: whose wait may end
        self.agents: set[int] = set()  # logged on, free or not
        self.free: SortedList = SortedList()  # AgentKey

    def enter(self, request: Request) -> None:
        self.standing.add(request)
        self.arrivals.add(request)

    def leave(self, request: Request) -> None:
        self.standing.remove(request)
        self.arrivals.remove(request)

    def put_back(self, request: Request, *, to_all: bool) -> None:
        """May be offered: to every agent, or only to him for whom it is reserved."""
        if not request.endless:
            self.patient.add(request)
        if to_all:
            self.open.add(request)

    def take_out(self, request: Request) -> None:
        """Is being offered, or leaves."""
        self.patient.discard(request)
        self.open.discard(request)

    def place(self, request: Request) -> int:
        """1 is the next one."""
        return int(self.standing.index(request)) + 1

    def add_free(self, agent: FreeAgent, level: int) -> None:
        self.free.add(ordering.agent_key(self.rules, agent, level))

    def remove_free(self, agent: FreeAgent, level: int) -> None:
        self.free.discard(ordering.agent_key(self.rules, agent, level))

    def fill(self, standing: list[Request], patient: list[Request], open_to_all: list[Request], free: list[AgentKey]) -> None:
        """All at once: much faster than one by one, when the configuration has changed."""
        self.standing.update(standing)
        self.arrivals.update(standing)
        self.patient.update(request for request in patient if not request.endless)
        self.open.update(open_to_all)
        self.free.update(free)

    def expiry(self) -> float | None:
        """When the next wait is over."""
        if self.rules.maximum_wait is None or not self.patient:
            return None
        return float(self.patient[0].entered_at + self.rules.maximum_wait)

    def expired(self, now: float) -> Iterator[Request]:
        if self.rules.maximum_wait is None:
            return
        for request in self.patient:
            if request.entered_at + self.rules.maximum_wait > now:
                return
            yield request

    def counts(self) -> Counts:
        oldest = self.arrivals[0].entered_at if self.arrivals else None
        return Counts(len(self.standing), oldest, len(self.agents), len(self.free))
