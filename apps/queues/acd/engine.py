"""The distribution engine: which request is offered to which agent (QU-02 to QU-04, QU-06 to QU-08, QU-14, QU-15, QU-17). PURE.

The rule, in one sentence: of all waiting requests that a free agent may take, the one that comes first is offered to the
agent who comes first for it; a request reserved for a free agent goes before all others. An agent whose profile says
"best level only" may take a request only if none waits on a queue on which his level is higher; he is never idle while
somebody waits whom he could serve. Both sides are reserved by the decision, so neither can be offered twice (QU-07).

The shell calls `decide` after each change, so nothing is polled: either a request came and finds free agents, or an agent
came and finds requests. After a restart or a change of configuration many pairs may be open, and the same rule orders them.

Ties end with the id, nothing is random, so a replayed journal gives the same decisions.
"""

from collections.abc import Iterator
from heapq import merge
from itertools import islice

from apps.events.vocabulary import Candidate
from apps.queues.acd import ordering
from apps.queues.acd.line import Line
from apps.queues.acd.ordering import AgentKey, Rank
from apps.queues.acd.state import AcdConfiguration, Counts, Decision, FreeAgent, ProfileRules, QueueRules, Refusal, Request, Trigger

CONSIDERED = 10
NOBODY = {0: ordering.LOWEST_LEVEL}  # skill 0 does not exist, so no agent serves a queue that needs it


class Engine:
    def __init__(self, configuration: AcdConfiguration, configured: frozenset[int] | None = None) -> None:
        """`configured`: those of the queues that callers may still enter; None: all."""
        self._queues: dict[int, QueueRules] = {}
        self._profiles = configuration.profiles
        self._levels: dict[int, dict[int, int]] = {}  # profile -> queue -> level, as they are asked for
        self._lines: dict[int, Line] = {}
        self._agents: dict[int, int] = {}  # logged on -> profile
        self._free: dict[int, FreeAgent] = {}
        self._requests: dict[str, Request] = {}
        self._offered: set[str] = set()
        self._reserved: dict[int, set[str]] = {}  # agent -> requests not being offered that are his while he is logged on
        self._since: dict[str | int, int] = {}  # request or agent -> count of changes when it became available
        self._changes = 0
        self._configured: frozenset[int] = frozenset()
        self.configure(configuration)
        if configured is not None:
            self._configured = configured

    # -- configuration

    def configure(self, configuration: AcdConfiguration) -> None:
        """From the next decision on (QU-17). Nobody is logged off or loses his place: what was deleted stays while it is in use."""
        queues = {queue: line.rules for queue, line in self._lines.items() if line.standing}
        profiles = {profile: self._profiles[profile] for profile in self._agents.values() if profile in self._profiles}
        self._queues = queues | configuration.queues
        self._profiles = profiles | configuration.profiles
        self._configured = frozenset(configuration.queues)
        self._levels = {}
        self._rebuild()

    @property
    def plan(self) -> tuple[AcdConfiguration, frozenset[int]]:
        """What `Engine(*plan)` needs to be like this one, with nobody in it: also queues and profiles that were deleted while in use."""
        return AcdConfiguration(self._queues, self._profiles), self._configured

    def _rebuild(self) -> None:
        self._lines = {queue: Line(rules) for queue, rules in self._queues.items()}
        free: dict[int, list[AgentKey]] = {queue: [] for queue in self._lines}
        for agent, profile in self._agents.items():
            for queue, level in self._levels_of(profile).items():
                self._lines[queue].agents.add(agent)
                if agent in self._free:
                    free[queue].append(ordering.agent_key(self._queues[queue], self._free[agent], level))
        for queue, line in self._lines.items():
            standing = [request for request in self._requests.values() if request.queue == queue]
            patient = [request for request in standing if request.id not in self._offered]
            line.fill(standing, patient, [request for request in patient if not self._is_reserved(request)], free[queue])

    def _levels_of(self, profile: int) -> dict[int, int]:
        """Queue -> level, of the queues that the profile serves. An unknown profile serves none."""
        if profile not in self._profiles:
            return {}
        if profile not in self._levels:
            levels = ((queue, ordering.level_on(rules, self._profiles[profile])) for queue, rules in self._queues.items())
            self._levels[profile] = {queue: level for queue, level in levels if level is not None}
        return self._levels[profile]

    # -- agents

    def log_on(self, agent: int, profile: int) -> None:
        """He serves his profile's queues, free or not. Again with another profile: a change of it; free, he stays free."""
        free = self._free.get(agent)
        self._withdraw(agent)
        self._agents[agent] = profile
        for queue in self._levels_of(profile):
            self._lines[queue].agents.add(agent)
        for request in self._his_reserved(agent):
            self._lines[request.queue].open.discard(request)
        if free:
            self.free(FreeAgent(agent, profile, free.ready_since, free.last_offer, free.connected))

    def log_off(self, agent: int) -> None:
        """What was reserved for him is open to the others at once (QU-11)."""
        if agent not in self._agents:
            return
        self._withdraw(agent)
        for request in self._his_reserved(agent):
            self._lines[request.queue].open.add(request)

    def _withdraw(self, agent: int) -> None:
        self.taken(agent)
        if agent in self._agents:
            for queue in self._levels_of(self._agents.pop(agent)):
                self._lines[queue].agents.discard(agent)

    def free(self, agent: FreeAgent) -> None:
        """He may be offered a call from now on; one who is not logged on with this profile is logged on."""
        self.taken(agent.agent)
        if self._agents.get(agent.agent) != agent.profile:
            self.log_on(agent.agent, agent.profile)
        self._free[agent.agent] = agent
        self._became_available(agent.agent)
        for queue, level in self._levels_of(agent.profile).items():
            self._lines[queue].add_free(agent, level)

    def taken(self, agent: int) -> None:
        """He may not be offered a call now. Not free before: no error."""
        free = self._free.pop(agent, None)
        if free is None:
            return
        self._since.pop(agent, None)
        for queue, level in self._levels_of(free.profile).items():
            self._lines[queue].remove_free(free, level)

    def is_logged_on(self, agent: int) -> bool:
        return agent in self._agents

    def is_free(self, agent: int) -> bool:
        return agent in self._free

    # -- requests

    def enter(self, request: Request) -> None:
        """Stands in its queue, where its arrival and its points place it. Already there: is moved.

        A queue that was deleted while the switch was away holds its requests, and `refusal` says that no agent serves it.
        """
        self.leave(request.id)
        if request.queue not in self._lines:
            self._queues[request.queue] = QueueRules(request.queue, skills=NOBODY)
            self._lines[request.queue] = Line(self._queues[request.queue])
        self._requests[request.id] = request
        self._lines[request.queue].enter(request)
        self._open(request)

    def leave(self, request_id: str) -> None:
        """Answered, hung up, or waited long enough. Unknown: no error."""
        request = self._requests.get(request_id)
        if request is None:
            return
        self._shut(request)
        self._offered.discard(request_id)
        self._since.pop(request_id, None)
        self._lines[request.queue].leave(request)
        del self._requests[request_id]

    def give_back(self, request_id: str) -> None:
        """The offer came to nothing: the request may be offered again, from the place where it stands (QU-06). Not offered: no error."""
        if request_id in self._offered:
            self._offered.discard(request_id)
            self._open(self._requests[request_id])

    def reserve(self, request_id: str) -> None:
        """It is being offered already: for a switch that resumes after a restart. `decide` does this by itself."""
        self._shut(self._requests[request_id])
        self._offered.add(request_id)

    def is_offered(self, request_id: str) -> bool:
        return request_id in self._offered

    def _is_reserved(self, request: Request) -> bool:
        return request.reserved_for in self._agents

    def _his_reserved(self, agent: int) -> list[Request]:
        return [self._requests[request_id] for request_id in self._reserved.get(agent, ())]

    def _open(self, request: Request) -> None:
        self._became_available(request.id)
        if request.reserved_for is not None:
            self._reserved.setdefault(request.reserved_for, set()).add(request.id)
        self._lines[request.queue].put_back(request, to_all=not self._is_reserved(request))

    def _shut(self, request: Request) -> None:
        if request.reserved_for in self._reserved:
            self._reserved[request.reserved_for].discard(request.id)
            if not self._reserved[request.reserved_for]:
                del self._reserved[request.reserved_for]
        self._lines[request.queue].take_out(request)

    def _became_available(self, who: str | int) -> None:
        self._changes += 1
        self._since[who] = self._changes

    # -- deciding

    def decide(self, now: float) -> list[Decision]:
        """All offers that can be made now, the first one first.

        Each reserves its request until `give_back` or `leave`, and its agent until `free`.
        """
        decisions = []
        while pair := self._reserved_pair(now) or self._first_pair(now):
            decision = self._explain(*pair, now)
            self.reserve(decision.request.id)
            self.taken(decision.agent)
            decisions.append(decision)
        return decisions

    def _reserved_pair(self, now: float) -> tuple[Request, int] | None:
        agents = self._free.keys() & self._reserved.keys()
        if not agents:
            return None
        agent = min(agents)
        return min(self._his_reserved(agent), key=lambda request: self._rank(request, now)), agent

    def _first_pair(self, now: float) -> tuple[Request, int] | None:
        heads = [line.open[0] for line in self._lines.values() if line.open and line.free]
        for request in sorted(heads, key=lambda request: self._rank(request, now)):
            for agent in self._takers(request.queue):
                return request, agent[-1]
        return None

    def _takers(self, queue: int) -> Iterator[AgentKey]:
        """Free agents who may take a request of `queue`, the best first."""
        return (key for key in self._lines[queue].free if not self._has_better(key[-1], queue))

    def _has_better(self, agent: int, queue: int) -> bool:
        """QU-04: somebody waits on a queue on which his level is higher, and his profile takes those first."""
        if not self._profile_of(agent).best_level_only:
            return False
        levels = self._levels_of(self._agents[agent])
        return any(level > levels[queue] and self._lines[other].open for other, level in levels.items())

    def _profile_of(self, agent: int) -> ProfileRules:
        profile = self._agents[agent]
        return self._profiles.get(profile) or ProfileRules(profile)

    def _rank(self, request: Request, now: float, level: int = 0) -> Rank:
        return ordering.rank(self._queues[request.queue], request, now, level)

    # -- explaining (QU-14)

    def _explain(self, request: Request, agent: int, now: float) -> Decision:
        trigger: Trigger = "caller_arrived" if self._since[request.id] > self._since[agent] else "agent_free"
        if trigger == "agent_free":
            return Decision(request, agent, trigger, tuple(self._requests_for(agent, now)))
        if self._is_reserved(request):
            return Decision(request, agent, trigger, (self._as_candidate(self._free[agent], request.queue, now, "reserved"),))
        best = islice(self._takers(request.queue), CONSIDERED)
        considered = (self._as_candidate(self._free[key[-1]], request.queue, now) for key in best)
        return Decision(request, agent, trigger, tuple(considered))

    def _as_candidate(self, agent: FreeAgent, queue: int, now: float, note: str = "") -> Candidate:
        rules, level = self._queues[queue], self._levels_of(agent.profile).get(queue, 0)
        score = ordering.agent_score(ordering.agent_key(rules, agent, level), now)
        return Candidate(str(agent.agent), score, note or self._profile_of(agent.agent).name)

    def _requests_for(self, agent: int, now: float) -> Iterator[Candidate]:
        """The requests that a free agent finds, in the order in which he would take them."""
        levels = self._levels_of(self._agents[agent])
        best_level_first = self._profile_of(agent).best_level_only

        def in_his_order(request: Request) -> Rank:
            return self._rank(request, now, levels[request.queue] if best_level_first else 0)

        reserved = sorted(self._his_reserved(agent), key=lambda request: self._rank(request, now))
        others = islice(merge(*(self._lines[queue].open for queue in levels), key=in_his_order), CONSIDERED)
        found = [*((request, "reserved") for request in reserved), *((request, self._queues[request.queue].name) for request in others)]
        for request, note in found[:CONSIDERED]:
            score = ordering.request_score(self._queues[request.queue], request, now, levels.get(request.queue, 0))
            yield Candidate(request.id, score, note)

    # -- looking

    def rules(self, queue: int) -> QueueRules:
        """Also of a queue that was deleted while somebody stands in it. Errors: KeyError when nobody ever stood there."""
        return self._queues[queue]

    def refusal(self, queue: int) -> Refusal | None:
        """Why nobody may enter `queue` (QU-08). One that is no longer configured has no agents for those who come new."""
        if queue not in self._configured or self.unserved(queue):
            return "no_agents"
        line = self._lines[queue]
        maximum = line.rules.maximum_callers
        return "full" if maximum is not None and len(line.standing) >= maximum else None

    def unserved(self, queue: int) -> bool:
        """No agent who is logged on serves it: those who wait leave it by the exit *no agents* (QU-08)."""
        return queue not in self._lines or not self._lines[queue].agents

    def expired(self, now: float) -> list[Request]:
        """Those who have waited the maximum, until they `leave`. One that is being offered is not among them: the ringing may go on."""
        return [request for line in self._lines.values() for request in line.expired(now)]

    def next_timer(self) -> float | None:
        """When somebody's wait is over (Unix seconds)."""
        return min((at for line in self._lines.values() if (at := line.expiry()) is not None), default=None)

    def waiting(self, queue: int) -> list[Request]:
        """All who stand in `queue`, in order; those being offered stand where they stood."""
        return list(self._lines[queue].standing) if queue in self._lines else []

    def position(self, request_id: str) -> int:
        """Place in the queue: 1 is next, 0: does not wait."""
        request = self._requests.get(request_id)
        return self._lines[request.queue].place(request) if request else 0

    def serving(self, agent: int) -> tuple[int, ...]:
        """The queues that he, logged on, serves."""
        return tuple(sorted(self._levels_of(self._agents[agent]))) if agent in self._agents else ()

    def agents(self, queue: int) -> frozenset[int]:
        """Logged on, free or not, and serving `queue`."""
        return frozenset(self._lines[queue].agents) if queue in self._lines else frozenset()

    def counts(self, queue: int) -> Counts:
        return self._lines[queue].counts() if queue in self._lines else Counts()
