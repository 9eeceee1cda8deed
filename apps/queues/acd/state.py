"""What the distribution works on: the frozen configuration, requests, free agents, and what it decides. PURE.

Times are Unix seconds, durations seconds, skill levels 1 to 9 (9 is best).
"""

from typing import Literal

from msgspec import Struct, field

from apps.events.vocabulary import Candidate

Order = Literal["longest_since_offer", "longest_ready"]
Trigger = Literal["caller_arrived", "agent_free"]
Refusal = Literal["full", "no_agents"]


class Disposition(Struct, frozen=True):
    """How a call of the queue may have gone."""

    id: int
    name: str


class QueueRules(Struct, frozen=True):
    """A queue as an administrator set it (QU-01)."""

    id: int
    name: str = ""
    service_level: float | None = 60  # seconds; None ranks below 0, and 0 below every other
    skills: dict[int, int] = field(default_factory=dict)  # skill -> lowest level that serves; empty: every agent serves
    order: Order = "longest_since_offer"  # among agents of equal level and equally many requests (QU-03)
    ring_timeout: float = 20.0
    maximum_callers: int | None = None
    maximum_wait: float | None = None
    wrap_up: float | None = None  # None: the profile's
    wrap_up_extension: float | None = None  # seconds in all by which agents may extend it; None: the profile's
    recording_mode: str = "off"
    music: tuple[str, ...] = ()  # absolute paths, played one after the other
    welcome: tuple[str, ...] = ()  # absolute paths, in the installation's language
    welcome_by_language: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dispositions: tuple[Disposition, ...] = ()
    disposition_required: bool = False  # before the wrap-up ends; not if there is nothing to choose


class ProfileRules(Struct, frozen=True):
    """What an agent logged on with. `best_level_only`: of the queues where callers wait he takes those of his highest level (QU-04)."""

    id: int
    name: str = ""
    skills: dict[int, int] = field(default_factory=dict)  # skill -> level
    wrap_up: float = 30.0
    wrap_up_extension: float = 120.0  # seconds in all by which the agent may extend it
    wrap_up_out: bool = False  # after calls that the agent made too
    best_level_only: bool = False


class AcdConfiguration(Struct, frozen=True):
    queues: dict[int, QueueRules] = field(default_factory=dict)
    profiles: dict[int, ProfileRules] = field(default_factory=dict)


class Request(Struct, frozen=True):
    """A call that waits. `reserved_for`: only that agent may get it, as long as he is logged on. `endless`: for it there is no maximum."""

    id: str  # the call's
    queue: int
    entered_at: float
    vip: float = 0.0  # points
    reserved_for: int | None = None
    endless: bool = False


class FreeAgent(Struct, frozen=True):
    """An agent who may be offered a call now, and what is compared of him (QU-03)."""

    agent: int
    profile: int
    ready_since: float
    last_offer: float
    connected: int = 0  # requests today


class Decision(Struct, frozen=True):
    """Offer `request` to `agent`. `considered`: at most the ten best, the winner first (QU-14).

    `trigger` caller_arrived: the free agents, each with the score of `ordering.agent_score`. agent_free: the waiting
    requests, each with the score of `ordering.request_score`.
    """

    request: Request
    agent: int
    trigger: Trigger
    considered: tuple[Candidate, ...]


class Counts(Struct, frozen=True):
    """A queue at this moment. `waiting` includes those being offered; `oldest`: when the one who waits longest entered."""

    waiting: int = 0
    oldest: float | None = None
    logged_on: int = 0
    free: int = 0
