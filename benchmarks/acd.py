"""How long the distribution takes for one decision (QU-15): 1,000 agents, 1,000 waiting callers, 20 queues, 50 profiles.

`python -m benchmarks.acd` prints one JSON object per line, in milliseconds. The goal is 2 ms at the 99th percentile: of the
50 ms from "agent ready" to the call being sent, the rest belongs to Redis, the cell and the network.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

from apps.queues.acd.engine import Engine
from apps.queues.acd.state import AcdConfiguration, Decision, FreeAgent, ProfileRules, QueueRules, Request
from benchmarks.figures import tell

AGENTS, WAITING, QUEUES, PROFILES, SKILLS, ROUNDS = 1000, 1000, 20, 50, 20, 5000
GOAL_MS = 2.0
GOAL_ONCE_MS = 50.0  # seldom: after a change of configuration, after a restart
NINE = 1_750_000_000.0


class Company:
    """A busy company; the same at every run."""

    def __init__(self) -> None:
        self.random = random.Random(2)
        self.now, self.calls = NINE, 0
        self.engine = Engine(self.configuration())

    def configuration(self) -> AcdConfiguration:
        queues = (QueueRules(n, f"queue {n}", self.random.choice([None, 0, 20, 30, 60, 120]), {n: 1}) for n in range(1, QUEUES + 1))
        return AcdConfiguration({queue.id: queue for queue in queues}, {n: self.profile(n) for n in range(1, PROFILES + 1)})

    def profile(self, number: int) -> ProfileRules:
        """One in five serves every queue; the others six of them."""
        skills = range(1, SKILLS + 1) if number % 5 == 0 else self.random.sample(range(1, SKILLS + 1), 6)
        levels = {skill: self.random.randint(1, 9) for skill in skills}
        return ProfileRules(number, f"profile {number}", levels, best_level_only=number % 3 == 0)

    def frees(self, agent: int) -> None:
        profile = agent % PROFILES + 1
        self.engine.free(FreeAgent(agent, profile, self.now, self.now - self.random.random() * 600, self.random.randint(0, 40)))

    def calls_in(self, waited: float = 0.0, queue: int | None = None) -> None:
        self.calls += 1
        vip = self.random.choice([0.0] * 9 + [50.0])
        self.engine.enter(Request(f"{self.calls:032x}", queue or self.random.randint(1, QUEUES), self.now - waited, vip))

    def waiting(self) -> int:
        return sum(self.engine.counts(queue).waiting for queue in range(1, QUEUES + 1))

    def all_busy(self) -> "Company":
        for agent in range(1, AGENTS + 1):
            self.engine.log_on(agent, agent % PROFILES + 1)
        for _ in range(WAITING):
            self.calls_in(self.random.random() * 600)
        return self

    def all_free(self) -> "Company":
        for agent in range(1, AGENTS + 1):
            self.frees(agent)
        return self


class Took(NamedTuple):
    """Milliseconds by the clock, and of the processor: where they differ, other programs wanted it too."""

    clock: float
    processor: float


def measured(work: Callable[[], list[Decision]]) -> tuple[Took, list[Decision]]:
    began, used = time.perf_counter(), time.thread_time()
    decisions = work()
    return Took((time.perf_counter() - began) * 1000, (time.thread_time() - used) * 1000), decisions


def agent_becomes_free(company: Company) -> Took:
    """1,000 callers wait: he is given the best, who is answered; another calls the same queue."""
    agent = company.random.randint(1, AGENTS)

    def work() -> list[Decision]:
        company.frees(agent)
        return company.engine.decide(company.now)

    took, (decision,) = measured(work)
    company.engine.leave(decision.request.id)
    company.calls_in(queue=decision.request.queue)
    return took


def caller_arrives(company: Company) -> Took:
    """1,000 agents are free: the caller is given the best, who is free again after it."""

    def work() -> list[Decision]:
        company.calls_in()
        return company.engine.decide(company.now)

    took, (decision,) = measured(work)
    company.engine.leave(decision.request.id)
    company.frees(decision.agent)
    return took


def caller_joins_the_waiting(company: Company) -> Took:
    """1,000 wait and nobody is free: the caller takes his place, another gives up."""
    gone = company.engine.waiting(company.random.randint(1, QUEUES))[0].id

    def work() -> list[Decision]:
        company.calls_in()
        return company.engine.decide(company.now)

    took, _ = measured(work)
    company.engine.leave(gone)
    return took


def configuration_changes(company: Company) -> Took:
    """QU-17, with 1,000 free agents: everybody is sorted anew."""
    configuration = company.configuration()
    took, _ = measured(lambda: company.engine.configure(configuration) or [])
    return took


def everything_at_once(_: Company) -> Took:
    """After a restart: 1,000 free agents meet 1,000 callers, and one call of `decide` makes all the offers there are."""
    company = Company().all_busy().all_free()
    took, decisions = measured(lambda: company.engine.decide(company.now))
    assert len(decisions) > WAITING / 2
    return took


def run(name: str, company: Company, one_round: Callable[[Company], Took], rounds: int, goal_ms: float) -> None:
    """By the clock, and by the processor alone: on a machine with neighbours the first tells of them too."""
    times = []
    for _ in range(rounds):
        company.now += 0.1
        times.append(one_round(company))
    clock, processor = (statistics.quantiles(each, n=100, method="inclusive") for each in zip(*times, strict=True))
    tell(f"distribution, {name}: 99th percentile", clock[98], "ms", goal_ms)
    tell(f"distribution, {name}: 99th percentile of processor time", processor[98], "ms", goal_ms)


def main() -> None:
    gc.freeze()
    busy, idle = Company().all_busy(), Company().all_free()
    run("agent becomes free", busy, agent_becomes_free, ROUNDS, GOAL_MS)
    run("caller joins the waiting", busy, caller_joins_the_waiting, ROUNDS, GOAL_MS)
    run("caller arrives", idle, caller_arrives, ROUNDS, GOAL_MS)
    run("configuration changes", idle, configuration_changes, 100, GOAL_ONCE_MS)
    run("everything at once", busy, everything_at_once, 5, GOAL_ONCE_MS)


if __name__ == "__main__":
    main()
