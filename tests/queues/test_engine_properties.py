"""Whatever happens, in any order: the engine decides as its slow, obvious counterpart, and never twice about the same."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.queues.acd.engine import Engine
from apps.queues.acd.state import AcdConfiguration, FreeAgent, ProfileRules, QueueRules, Request
from tests.queues.slow_engine import SlowEngine

QUEUES, PROFILES, AGENTS, SKILLS = (1, 2, 3, 4), (1, 2, 3), tuple(range(1, 7)), (1, 2, 3)
LEVELS = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 9), max_size=3)


def queue(number: int) -> st.SearchStrategy[QueueRules]:
    return st.builds(
        QueueRules,
        id=st.just(number),
        name=st.just(f"queue {number}"),
        service_level=st.sampled_from([None, 0, 10, 20, 30, 60]),
        skills=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), max_size=2),
        order=st.sampled_from(["longest_since_offer", "longest_ready"]),
        maximum_callers=st.sampled_from([None, 1, 3]),
        maximum_wait=st.sampled_from([None, 20, 60]),
    )


def profile(number: int) -> st.SearchStrategy[ProfileRules]:
    return st.builds(ProfileRules, id=st.just(number), name=st.just(f"profile {number}"), skills=LEVELS, best_level_only=st.booleans())


CONFIGURATIONS = st.builds(
    AcdConfiguration, st.fixed_dictionaries({n: queue(n) for n in QUEUES}), st.fixed_dictionaries({n: profile(n) for n in PROFILES})
)
VIP = st.sampled_from([0, 0, 0, 10, 50, 100])


class Distribution(RuleBasedStateMachine):
    @initialize(configuration=CONFIGURATIONS)
    def begins(self, configuration):
        self.engine, self.slow = Engine(configuration), SlowEngine(configuration)
        self.now, self.entered = 1000.0, 0
        self.offers: dict[str, int] = {}  # request -> agent who is being rung

    def both(self, name, *arguments):
        getattr(self.engine, name)(*arguments)
        getattr(self.slow, name)(*arguments)

    @rule(seconds=st.sampled_from([1, 5, 30, 120]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule(configuration=CONFIGURATIONS)
    def an_administrator_saves(self, configuration):
        self.engine.configure(configuration)
        self.slow.configuration = configuration

    @rule(agent=st.sampled_from(AGENTS), profile=st.sampled_from(PROFILES))
    def logs_on(self, agent, profile):
        self.both("log_on", agent, profile)

    @rule(agent=st.sampled_from(AGENTS))
    def logs_off(self, agent):
        self.both("log_off", agent)

    @rule(agent=st.sampled_from(AGENTS), ago=st.integers(0, 5), offered=st.integers(0, 5), connected=st.integers(0, 2))
    def becomes_ready(self, agent, ago, offered, connected):
        if agent in self.offers.values():
            return
        profile = self.slow.logged_on.get(agent, 1)
        self.both("free", FreeAgent(agent, profile, self.now - ago, self.now - offered, connected))

    @rule(agent=st.sampled_from(AGENTS))
    def pauses(self, agent):
        self.both("taken", agent)

    @rule(queue=st.sampled_from(QUEUES), ago=st.integers(0, 100), vip=VIP, reserved=st.sampled_from([None, None, None, *AGENTS]))
    def somebody_calls(self, queue, ago, vip, reserved):
        self.entered += 1
        self.both("enter", Request(f"call-{self.entered % 30:02}", queue, self.now - ago, vip, reserved))
        self.offers.pop(f"call-{self.entered % 30:02}", None)

    @precondition(lambda self: self.slow.requests)
    @rule(data=st.data())
    def somebody_hangs_up(self, data):
        request_id = data.draw(st.sampled_from(sorted(self.slow.requests)))
        self.offers.pop(request_id, None)
        self.both("leave", request_id)

    @precondition(lambda self: self.offers)
    @rule(data=st.data())
    def an_offer_fails(self, data):
        request_id = data.draw(st.sampled_from(sorted(self.offers)))
        del self.offers[request_id]
        self.both("give_back", request_id)

    @precondition(lambda self: self.offers)
    @rule(data=st.data())
    def an_offer_is_answered(self, data):
        request_id = data.draw(st.sampled_from(sorted(self.offers)))
        del self.offers[request_id]
        self.both("leave", request_id)

    @rule()
    def it_decides(self):
        """QU-02, QU-03, QU-04 as the slow engine says; QU-07: no agent and no request twice."""
        decisions = self.engine.decide(self.now)
        assert [(decision.request.id, decision.agent) for decision in decisions] == self.slow.decide(self.now)
        for decision in decisions:
            assert decision.request.id not in self.offers
            assert decision.agent not in self.offers.values()
            self.offers[decision.request.id] = decision.agent
            self.explained(decision)

    def explained(self, decision):
        """QU-14."""
        winner = decision.considered[0].id
        assert winner == (str(decision.agent) if decision.trigger == "caller_arrived" else decision.request.id)
        assert len(decision.considered) <= 10

    @invariant()
    def nobody_is_lost(self):
        """QU-06, QU-17: who came and has not left stands in his queue, in the order of the scores."""
        for queue in QUEUES:
            expected = self.slow.waiting(queue)
            assert [request.id for request in self.engine.waiting(queue)] == expected
            assert [self.engine.position(request_id) for request_id in expected] == list(range(1, len(expected) + 1))
            assert self.engine.refusal(queue) == self.slow.refusal(queue)
            self.counted(queue, expected)
        assert {request.id for request in self.engine.expired(self.now)} == self.slow.expired(self.now)
        assert bool(self.slow.expired(self.now)) == ((self.engine.next_timer() or float("inf")) <= self.now)

    def counted(self, queue, expected):
        counts = self.engine.counts(queue)
        serving = {agent for agent in self.slow.logged_on if self.slow.level(agent, queue) is not None}
        assert self.engine.agents(queue) == serving == {agent for agent in AGENTS if queue in self.engine.serving(agent)}
        oldest = min((self.slow.requests[request_id].entered_at for request_id in expected), default=None)
        assert (counts.waiting, counts.oldest, counts.logged_on) == (len(expected), oldest, len(serving))
        assert counts.free == len(serving & self.slow.free_agents.keys())


TestDistribution = Distribution.TestCase
TestDistribution.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
