"""An agent's status and what belongs to it; his team's rules. PURE."""

from msgspec import Struct

from apps.events.vocabulary import Status


class AgentRules(Struct, frozen=True):
    """A team's rules. Seconds 0 to 30; the two limits: consecutive offers, 0 = never."""

    busy_seconds: float = 10
    no_answer_seconds: float = 10
    log_off_after_unanswered: int = 0
    log_off_after_errors: int = 5
    log_off_at_midnight: bool = False


class Presence(Struct, frozen=True):
    """`until`: when the status ends by itself. `pending`: what comes after the call, "log_off" or "pause:<reason>".

    `ready_since` and `last_offer` are what the distribution compares (QU-03): when the agent became free, and when the
    last offer that counts as one began. They, unlike profile and phone, outlive a log-off, so logging off and on gains nothing.
    """

    agent: int
    status: Status = "logged_off"
    since: float = 0.0
    until: float | None = None
    reason: str = ""
    owes: bool = False  # this wrap-up, or the one that his own customer rings him out of, does not end before a disposition is chosen
    extendable: float = 0.0  # seconds by which this wrap-up may still be extended
    extended: float = 0.0  # seconds by which it has been
    profile: int | None = None
    phone: str = ""  # softphone, or the number of an external phone
    pending: str = ""
    pending_reason: str = ""  # why the pending log-off comes
    unanswered: int = 0  # consecutive
    errors: int = 0  # consecutive
    ready_since: float = 0.0
    last_offer: float = 0.0
