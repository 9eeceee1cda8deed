"""A small company for the tests of the distribution: two queues, three agents."""

from msgspec.structs import replace

from apps.queues.acd.engine import Engine
from apps.queues.acd.state import AcdConfiguration, Decision, FreeAgent, ProfileRules, QueueRules, Request

NINE = 1_750_000_000.0
SUPPORT, SALES = 1, 2
SPEAKS_SUPPORT, SPEAKS_SALES = 11, 12  # skills
ANNA, BEN, CARL = 101, 102, 103
EXPERT, BEGINNER, BOTH, BOTH_BEST_FIRST = 21, 22, 23, 24  # profiles
MIXED = {SPEAKS_SUPPORT: 9, SPEAKS_SALES: 3}


def queue(number: int, skill: int, **changes) -> QueueRules:
    return replace(QueueRules(number, {SUPPORT: "Support", SALES: "Sales"}[number], skills={skill: 1}), **changes)


def configuration(support: dict | None = None, sales: dict | None = None) -> AcdConfiguration:
    """The company's, with changes to its two queues."""
    queues = [queue(SUPPORT, SPEAKS_SUPPORT, **(support or {})), queue(SALES, SPEAKS_SALES, **(sales or {}))]
    profiles = [
        ProfileRules(EXPERT, "Expert", {SPEAKS_SUPPORT: 9}),
        ProfileRules(BEGINNER, "Beginner", {SPEAKS_SUPPORT: 2}),
        ProfileRules(BOTH, "Both", MIXED),
        ProfileRules(BOTH_BEST_FIRST, "Both, best first", MIXED, best_level_only=True),
    ]
    return AcdConfiguration({one.id: one for one in queues}, {one.id: one for one in profiles})


class Company:
    """An engine in virtual time."""

    def __init__(self, support: dict | None = None, sales: dict | None = None) -> None:
        self.engine, self.now = Engine(configuration(support, sales)), NINE

    def calls(self, name: str, to: int = SUPPORT, waited: float = 0.0, **more) -> "Company":
        self.engine.enter(Request(name, to, self.now - waited, **more))
        return self

    def ready(self, agent: int, profile: int = EXPERT, *, idle: float = 0.0, since_offer: float = 0.0, connected: int = 0) -> "Company":
        self.engine.free(FreeAgent(agent, profile, self.now - idle, self.now - since_offer, connected))
        return self

    def busy(self, agent: int, profile: int = EXPERT) -> "Company":
        self.engine.log_on(agent, profile)
        return self

    def decided(self) -> list[Decision]:
        return self.engine.decide(self.now)

    def offers(self) -> list[tuple[str, int]]:
        return [(decision.request.id, decision.agent) for decision in self.decided()]

    def standing(self, to: int = SUPPORT) -> list[str]:
        return [request.id for request in self.engine.waiting(to)]
