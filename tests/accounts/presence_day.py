"""Anna's day in virtual time: what tests of presence begin with."""

from apps.accounts.presence import (
    AgentRules,
    ConversationEnded,
    LoggedOn,
    OfferAnswered,
    Offered,
    OfferRejected,
    OfferUnanswered,
    PauseChosen,
    Presence,
    TimePassed,
    handle,
)

ANNA, SUPPORT_PROFILE, SALES_PROFILE = 17, 3, 4
NINE = 1_750_000_000.0
LOG_ON, USUAL = LoggedOn(SUPPORT_PROFILE), AgentRules()


class Day:
    """Anna's day: what happens to her, and the statuses that were told."""

    def __init__(self, rules: AgentRules = USUAL) -> None:
        self.rules, self.now, self.presence, self.events = rules, NINE, Presence(ANNA), []

    def happens(self, *inputs, after: float = 0.0) -> "Day":
        self.now += after
        for one in inputs:
            self.presence, events = handle(self.presence, one, self.now, self.rules)
            self.events += events
        return self

    def passes(self, seconds: float) -> "Day":
        return self.happens(TimePassed(), after=seconds)

    @property
    def status(self) -> str:
        return self.presence.status

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event.status, event.reason) for event in self.events]


def given_ready(rules: AgentRules = USUAL) -> Day:
    return Day(rules).happens(LOG_ON)


def given_offered(rules: AgentRules = USUAL) -> Day:
    return given_ready(rules).happens(Offered(), after=5)


def given_connected(rules: AgentRules = USUAL) -> Day:
    return given_offered(rules).happens(OfferAnswered(), after=3)


def given_status(status: str, rules: AgentRules = USUAL) -> Day:
    """Anna in `status`, by the shortest way there."""
    ways = {
        "logged_off": lambda: Day(rules),
        "ready": lambda: given_ready(rules),
        "offered": lambda: given_offered(rules),
        "connected": lambda: given_connected(rules),
        "wrap_up": lambda: given_connected(rules).happens(ConversationEnded(30, extendable=60)),
        "busy": lambda: given_offered(rules).happens(OfferRejected()),
        "no_answer": lambda: given_offered(rules).happens(OfferUnanswered()),
        "pause": lambda: given_ready(rules).happens(PauseChosen("Lunch")),
    }
    day = ways[status]()
    assert day.status == status
    return day
