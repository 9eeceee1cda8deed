"""Who comes first: QU-02 for requests, QU-03 for agents. PURE.

A score grows with time, but two requests of one queue never change places: a score is (now - v) x 100 / service level,
where v is the virtual arrival, the time of arrival less what the VIP points are worth in seconds. So each queue keeps its
requests sorted once, by virtual arrival, and only the heads of the queues are compared when something is decided.
"""

from apps.queues.acd.state import FreeAgent, ProfileRules, QueueRules, Request

RequestKey = tuple[float, float, str]  # virtual arrival, arrival, id: ascending is the order of the queue
AgentKey = tuple[int, int, float, int]  # -level, connected requests, since when, agent: ascending is the order of preference
Rank = tuple[int, int, float, float, str]  # ascending is the order over all queues
LOWEST_LEVEL = 1


def importance(queue: QueueRules) -> int:
    """2: has a service level, 1: its service level is 0, 0: has none. A higher one always comes first (QU-02)."""
    if queue.service_level is None:
        return 0
    return 2 if queue.service_level > 0 else 1


def virtual_arrival(queue: QueueRules, request: Request) -> float:
    """The arrival, as much earlier as the VIP points are worth; to the microsecond, so that what is equal on paper is equal here.

    At service level 0 waiting has no weight, so points alone count; without a service level they are ignored (QU-02).
    """
    match importance(queue):
        case 2:
            return round(request.entered_at - request.vip * (queue.service_level or 0) / 100, 6)
        case 1:
            return -request.vip
    return 0.0


def score(queue: QueueRules, request: Request, now: float) -> float:
    """QU-02: 120 s at service level 60 is 200, 30 s is 50."""
    match importance(queue):
        case 2:
            return round((now - request.entered_at) * 100 / (queue.service_level or 1) + request.vip, 6)
        case 1:
            return request.vip
    return 0.0


def request_key(queue: QueueRules, request: Request) -> RequestKey:
    return virtual_arrival(queue, request), request.entered_at, request.id


def rank(queue: QueueRules, request: Request, now: float, level: int = 0) -> Rank:
    """Among the requests of all queues. `level`: the agent's on the queue, where he takes his best level first (QU-04)."""
    return -level, -importance(queue), -score(queue, request, now), request.entered_at, request.id


def request_score(queue: QueueRules, request: Request, now: float, level: int) -> tuple[float, ...]:
    """For the explanation (QU-14): score, importance of the queue, seconds waited, the agent's level on the queue."""
    return score(queue, request, now), float(importance(queue)), round(now - request.entered_at, 3), float(level)


def level_on(queue: QueueRules, profile: ProfileRules) -> int | None:
    """The lowest of the profile's levels in the skills that the queue needs. None: it does not serve the queue."""
    if any(profile.skills.get(skill, 0) < lowest for skill, lowest in queue.skills.items()):
        return None
    return min((profile.skills[skill] for skill in queue.skills), default=LOWEST_LEVEL)


def since(queue: QueueRules, agent: FreeAgent) -> float:
    """What the queue compares last: since when he has had no offer, or has been ready."""
    return agent.ready_since if queue.order == "longest_ready" else agent.last_offer


def agent_key(queue: QueueRules, agent: FreeAgent, level: int) -> AgentKey:
    """QU-03: highest level, fewest connected requests, longest since; then the lower id."""
    return -level, agent.connected, since(queue, agent), agent.agent


def agent_score(key: AgentKey, now: float) -> tuple[float, ...]:
    """For the explanation (QU-14): level, connected requests, seconds since the last offer or since he became ready (-1: never)."""
    return float(-key[0]), float(key[1]), round(now - key[2], 3) if key[2] else -1.0
