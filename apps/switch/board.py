"""The board: the documents that live pages show, one per topic, each complete in itself. PURE.

The switch writes a document anew when what it tells has changed, in the same commit as the facts (hash `bus.BOARD`, topic ->
BoardEntry as JSON) and appends the same entry to `bus.BOARD_FEED`. A page's first state is the documents it wants; every
change replaces one. So first state + changes = fresh state, and a page that reconnects fetches the documents again.
Times are Unix seconds of the server; pages count from them with the offset they learnt at connection.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from apps.events.vocabulary import TargetKind


def agent_topic(agent: int) -> str:
    return f"agent:{agent}"


def queue_topic(queue: int) -> str:
    return f"queue:{queue}"


class PassedStep(Struct, frozen=True):
    """A step of the flow that the caller passed, and what he chose there (empty: nothing to choose)."""

    name: str
    choice: str = ""


class ShownValue(Struct, frozen=True):
    """What a step has found out about the call, under the name that its administrator gave. `link`: an address of the web to click."""

    name: str
    value: str
    link: bool = False


class ConsultCard(Struct, frozen=True):
    """Whom the agent asks while his customer waits (TR-02). `name`: of an agent, queue or contact; `number`: E.164, if it is a number's.

    `found`: the agent whom a queue has found.
    """

    kind: TargetKind
    name: str
    number: str
    state: Literal["waiting", "ringing", "talking", "three_party"]
    since: float  # of the state
    found: str = ""


class InVainCard(Struct, frozen=True):
    """Why he whom the agent asked is not there (any more). `name`, `number` as of ConsultCard; `result`: ConsultEnded.result."""

    name: str
    number: str
    result: str


class CallCard(Struct, frozen=True):
    """The call that an agent is offered or talks in."""

    call: str
    leg: str  # the agent's leg: what AnswerOffer and RejectOffer name
    # lost: the agent's media are gone, the customer hears music. consulting: he talks to whom he asks, or is the one who is asked.
    # Of a call that he makes, until it is answered: phone (his own is rung), dialling, alerting (whom he calls is rung).
    state: Literal["ringing", "talking", "held", "consulting", "three_party", "lost", "phone", "dialling", "alerting"]
    since: float  # of the state
    caller: str  # E.164, or empty: withheld
    caller_name: str
    dialled: str
    number_name: str  # the access number's name
    queue: int | None
    queue_name: str
    entered_at: float  # into the queue
    waited: float  # seconds until the offer
    path: tuple[PassedStep, ...] = ()
    shown: tuple[ShownValue, ...] = ()
    answered_at: float | None = None
    muted: bool = False
    recording: Literal["off", "on", "paused", "failed"] = "off"
    recording_mode: str = "off"
    masked: bool = False  # a tone is recorded
    recorded_seconds: float = 0.0  # before `recording_since`
    recording_since: float | None = None
    test: bool = False
    confirming: bool = False  # his external phone has answered, and must confirm with a key
    consult: ConsultCard | None = None
    in_vain: InVainCard | None = None  # until he asks somebody else, or goes
    asked_by: str = ""  # name of the agent who consults him, or brings him this customer
    consulted: bool = False  # he is asked; the customer is still the other's
    returned: bool = False  # his own transfer failed, and its customer is back
    out: bool = False  # the agent made the call: `caller` is whom he calls, `dialled` what is shown to him


class DispositionChoice(Struct, frozen=True):
    id: int
    name: str


class Summary(Struct, frozen=True):
    """What the agent writes about: the call that he talks in, else the one that he has talked in last. `disposition`: the chosen one."""

    call: str
    caller: str
    caller_name: str
    queue_name: str
    dispositions: tuple[DispositionChoice, ...] = ()
    required: bool = False  # wrap-up does not end before one is chosen
    disposition: int | None = None


class CallerChoice(Struct, frozen=True):
    """A number that the agent may show to whom he calls."""

    id: int
    number: str
    name: str


class CalledOut(Struct, frozen=True):
    """How the last call that the agent made has ended. `result`: CallEnded.cause; `at`: when."""

    number: str
    result: str
    at: float


class AgentDocument(Struct, frozen=True):
    agent: int
    status: str  # vocabulary.Status
    since: float
    until: float | None = None  # when the status ends by itself (wrap-up, busy, no answer)
    reason: str = ""
    profile: int | None = None
    phone: str = ""
    pending: str = ""  # what happens after the conversation: "log_off" or "pause:<reason>"
    softphone: Literal["offline", "online", "not_ready"] = "offline"
    connection: str = ""  # the page that owns the phone
    card: CallCard | None = None
    calls_today: int = 0
    talked_today: float = 0.0
    callers: tuple[CallerChoice, ...] = ()  # the first is what he gets if he does not choose; none: the trunk's own
    called_out: CalledOut | None = None
    summary: Summary | None = None
    owes: bool = False  # the wrap-up cannot end before a disposition is chosen
    extendable: float = 0.0  # seconds by which the wrap-up may still be extended
    extended: float = 0.0  # seconds by which it has been


class QueueDocument(Struct, frozen=True):
    queue: int
    name: str
    waiting: int = 0
    oldest: float | None = None  # when the one who waits longest entered
    logged_on: int = 0
    ready: int = 0
    connected: int = 0
    paused: int = 0


class BoardEntry(Struct, frozen=True):
    """What stands in the hash and in the feed. `seq` grows strictly over all topics. `document`: the struct as JSON."""

    seq: int
    topic: str
    document: msgspec.Raw


decode_entry = msgspec.json.Decoder(BoardEntry).decode
encode = msgspec.json.Encoder().encode
