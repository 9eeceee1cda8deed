"""What the switch remembers of a call and of an agent: frozen, so that a snapshot is the thing itself. PURE."""

from typing import Literal

from msgspec import Struct

from apps.accounts.presence import Presence
from apps.flows.interpreter import Run
from apps.switch.configuration import Number
from apps.switch.requests import Target
from apps.switch.session import Session


class Place(Struct, frozen=True):
    """A caller's place in a queue. `exits`: names of the exits that the flow has wired, or of `queueing.BROUGHT`.

    `told`: seconds since `entered_at` that an earlier QueueLeft has told. `endless`: the queue's maximum wait is not for him.
    """

    queue: int
    entered_at: float
    exits: tuple[str, ...] = ()
    told: float = 0.0
    endless: bool = False


class Offer(Struct, frozen=True):
    """One request presented to one agent. `waited`: seconds until then. `asked`: his phone has answered and must confirm with a key.

    `rung_out`: his time is over; until `deadline` the cell may still say that he has answered in time.
    """

    leg: str
    agent: int
    queue: int
    made_at: float
    deadline: float
    waited: float
    asked: bool = False
    rung_out: bool = False


class Outgoing(Struct, frozen=True):
    """A number that the flow dials for the caller."""

    leg: str
    number: str
    deadline: float


class CallingOut(Struct, frozen=True):
    """A call that an agent makes (OB-01). `state`: his own phone is rung, whom he calls is dialled, is rung, has answered.

    `leg`: of the agent. `early`: tones of the network are heard. `confirm_until`: his own phone has answered and must confirm with a key.
    """

    agent: int
    leg: str
    since: float  # of the state
    state: Literal["phone", "dialling", "alerting", "answered"] = "phone"
    early: bool = False
    confirm_until: float | None = None


class CalledOut(Struct, frozen=True):
    """How the last call that an agent made has ended. `result`: CallEnded.cause."""

    number: str
    result: str
    at: float


class AskedInVain(Struct, frozen=True):
    """A consult that the agent did not end himself. `result`: ConsultEnded.result."""

    to: Target
    result: str


class Conversation(Struct, frozen=True):
    """`agent` None: the flow dialled a number, or the customer was transferred to one (`transferred`).

    `hold_since` None: not on hold. `lost_until`: when we stop waiting for his media. `in_vain`: the newest consult, if it was.
    """

    leg: str
    started_at: float
    agent: int | None = None
    queue: int | None = None
    entered_at: float = 0.0
    waited: float = 0.0
    held: float = 0.0
    holds: int = 0
    hold_since: float | None = None
    lost_until: float | None = None
    consults: int = 0
    in_vain: AskedInVain | None = None
    transferred: bool = False
    disposition: int | None = None


class Consult(Struct, frozen=True):
    """Whom the agent asks while his customer hears music. `leg` empty: nobody has been found yet, he waits in a queue.

    `agent`: whose phone it is. `until`: when its ringing, or the wait for its media, is given up. `asked` as in Offer.
    """

    to: Target
    began_at: float
    since: float  # of the state
    state: Literal["waiting", "ringing", "talking", "three_party"] = "ringing"
    leg: str = ""
    agent: int | None = None
    until: float | None = None
    asked: bool = False


class Transfer(Struct, frozen=True):
    """The customer's agent has left, and `to` is rung for him, or he stands in it. `back`: the conversation that he had.

    `returning`: that failed, and now the agent who left is rung, or waited for. `leg` empty: nobody is rung.
    """

    to: Target
    by: int
    began_at: float
    back: Conversation
    since: float = 0.0  # of the ringing
    leg: str = ""
    agent: int | None = None
    until: float | None = None
    returning: bool = False
    asked: bool = False


class Taping(Struct, frozen=True):
    """The recording that runs: how long it is so far, to show it. `since` None: paused, or `failed`."""

    id: str
    mode: str
    seconds: float
    since: float | None
    failed: bool = False


class Call(Struct, frozen=True, kw_only=True):
    session: Session
    arrived_at: float
    caller: str
    caller_name: str
    dialled: str
    number: Number | None
    test: bool = False
    run: Run | None = None
    place: Place | None = None
    offer: Offer | None = None
    outgoing: Outgoing | None = None
    talk: Conversation | None = None
    consult: Consult | None = None
    transfer: Transfer | None = None
    out: CallingOut | None = None
    taping: Taping | None = None
    masked_by: int | None = None  # agent: a tone is recorded instead of what is said, whoever has the customer (RC-03)
    silent_leg: str = ""  # a telephone from which no packet comes
    silent_until: float | None = None  # no packet comes from a telephone: when its call is given up
    alerting: str = ""  # the leg whose phone was heard to ring last
    open_legs: tuple[str, ...] = ()  # the cell retires when the last one is over

    @property
    def id(self) -> str:
        return self.session.call


class Softphone(Struct, frozen=True):
    """The page that owns the agent's phone."""

    connection: str = ""
    gateway: str = ""
    ready: bool = False


class Talked(Struct, frozen=True):
    """The agent's last conversation, for what he writes about it afterwards. `queue`: whose dispositions are for it."""

    call: str
    queue: int | None
    caller: str
    caller_name: str
    disposition: int | None = None


class AgentState(Struct, frozen=True):
    """`away_until`: his softphone cannot be reached; until then it is waited for, and he is offered nothing."""

    presence: Presence
    softphone: Softphone = Softphone()
    away_until: float | None = None
    call: str = ""  # offered or connected
    calls_today: int = 0
    talked_today: float = 0.0
    calls_out_today: int = 0
    called_out: CalledOut | None = None
    talked: Talked | None = None
