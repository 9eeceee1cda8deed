"""The same rules as the engine's, written so that anybody sees that they are right: lists, and every pair compared."""

from apps.queues.acd.ordering import level_on, score
from apps.queues.acd.state import AcdConfiguration, FreeAgent, Request


class SlowEngine:
    def __init__(self, configuration: AcdConfiguration) -> None:
        self.configuration = configuration
        self.logged_on: dict[int, int] = {}  # agent -> profile
        self.free_agents: dict[int, FreeAgent] = {}
        self.requests: dict[str, Request] = {}
        self.offers: set[str] = set()

    # -- what happens

    def log_on(self, agent: int, profile: int) -> None:
        self.logged_on[agent] = profile
        if free := self.free_agents.get(agent):
            self.free_agents[agent] = FreeAgent(agent, profile, free.ready_since, free.last_offer, free.connected)

    def log_off(self, agent: int) -> None:
        self.logged_on.pop(agent, None)
        self.free_agents.pop(agent, None)

    def free(self, agent: FreeAgent) -> None:
        self.logged_on[agent.agent] = agent.profile
        self.free_agents[agent.agent] = agent

    def taken(self, agent: int) -> None:
        self.free_agents.pop(agent, None)

    def enter(self, request: Request) -> None:
        self.leave(request.id)
        self.requests[request.id] = request

    def leave(self, request_id: str) -> None:
        self.requests.pop(request_id, None)
        self.offers.discard(request_id)

    def give_back(self, request_id: str) -> None:
        self.offers.discard(request_id)

    # -- the rules

    def level(self, agent: int, queue: int) -> int | None:
        profile = self.configuration.profiles[self.logged_on[agent]]
        return level_on(self.configuration.queues[queue], profile)

    def order(self, request: Request, now: float) -> tuple:
        """QU-02: importance of the queue, score, arrival, id."""
        queue = self.configuration.queues[request.queue]
        importance = {None: 0, 0: 1}.get(queue.service_level, 2)
        return -importance, -score(queue, request, now), request.entered_at, request.id

    def available(self) -> list[Request]:
        return [request for request in self.requests.values() if request.id not in self.offers]

    def reserved(self, request: Request) -> bool:
        return request.reserved_for in self.logged_on

    def may_take(self, agent: int, request: Request) -> bool:
        if self.reserved(request):
            return request.reserved_for == agent
        level = self.level(agent, request.queue)
        if level is None:
            return False
        if not self.configuration.profiles[self.logged_on[agent]].best_level_only:
            return True
        waiting = {other.queue for other in self.available() if not self.reserved(other)}
        return all((self.level(agent, queue) or 0) <= level for queue in waiting)

    def preference(self, agent: FreeAgent, request: Request) -> tuple:
        """QU-03."""
        queue = self.configuration.queues[request.queue]
        since = agent.ready_since if queue.order == "longest_ready" else agent.last_offer
        return -(self.level(agent.agent, request.queue) or 0), agent.connected, since, agent.agent

    def decide(self, now: float) -> list[tuple[str, int]]:
        decided = []
        while True:
            pairs = [(r, a) for r in self.available() for a in self.free_agents.values() if self.may_take(a.agent, r)]
            if not pairs:
                return decided
            request, agent = min(pairs, key=lambda pair: self._before(*pair, now))
            self.offers.add(request.id)
            self.taken(agent.agent)
            decided.append((request.id, agent.agent))

    def _before(self, request: Request, agent: FreeAgent, now: float) -> tuple:
        if self.reserved(request):
            return 0, agent.agent, self.order(request, now), ()
        return 1, 0, self.order(request, now), self.preference(agent, request)

    # -- looking

    def waiting(self, queue: int) -> list[str]:
        standing = [request for request in self.requests.values() if request.queue == queue]
        return [request.id for request in sorted(standing, key=lambda request: self.order(request, 10_000.0))]

    def expired(self, now: float) -> set[str]:
        limits = {queue.id: queue.maximum_wait for queue in self.configuration.queues.values()}
        waiting = ((request, limits[request.queue]) for request in self.available())
        return {request.id for request, limit in waiting if limit is not None and request.entered_at + limit <= now}

    def refusal(self, queue: int) -> str | None:
        rules = self.configuration.queues[queue]
        if not any(self.level(agent, queue) is not None for agent in self.logged_on):
            return "no_agents"
        return "full" if rules.maximum_callers is not None and len(self.waiting(queue)) >= rules.maximum_callers else None
