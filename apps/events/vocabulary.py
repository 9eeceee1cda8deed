"""The facts of the product: one frozen struct per event, past tense, in the order in which they became true.

They are written to the journal (Redis stream `bus.JOURNAL`), copied from there to the database (`events.Event`), and
read by time lines, statistics, live pages and web hooks. Most come from the switch; those of finished work (a recording
was stored) from the worker. A fact never changes its meaning; new fields get defaults. PURE.

`at` is Unix seconds (UTC). Ids of calls and legs are strings, of configured things (agent, queue, step) database ids.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from contactcenter.lib.reading import reader


class Event(Struct, frozen=True, tag=True, kw_only=True):
    at: float
    call: str = ""  # empty: not about a call


# -- calls and legs


class CallArrived(Event, frozen=True, kw_only=True):
    """A caller reached an access number, or an administrator test-called a flow (`test`)."""

    leg: str
    caller: str
    caller_name: str = ""
    dialled: str
    forwarded_from: str = ""
    access_number: int | None = None
    flow: int | None = None
    flow_version: int | None = None
    trunk: int | None = None
    test: bool = False
    placed: bool = False  # the system made this call itself: `caller` is whom it called
    agent: int | None = None  # who made it: `caller` is whom he called, `dialled` what is shown to him
    by: int | None = None  # the user who let him make it, if not he himself


class CallEnded(Event, frozen=True, kw_only=True):
    """`cause`: caller_hung_up, agent_hung_up, flow_ended, refused, error.

    Of a call that an agent made, also busy, no_answer, rejected, unreachable, cancelled; and phone_busy, phone_no_answer,
    phone_unreachable: his own phone, which is rung first.

    Or media_lost: no packet came any more; cell_lost: its process died; recovered: its cell was gone when the switch came back.
    """

    cause: str


LegRole = Literal["caller", "agent", "external", "consulted", "listener"]


class LegStarted(Event, frozen=True, kw_only=True):
    leg: str
    role: LegRole
    agent: int | None = None
    number: str = ""


class LegConnected(Event, frozen=True, kw_only=True):
    leg: str


class LegFinished(Event, frozen=True, kw_only=True):
    """`code`: SIP status that ended it. Quality (packets, ms): as the cell saw it, and `sent_…` as the other end reports it."""

    leg: str
    code: int
    received: int = 0
    lost: int = 0
    jitter_ms: float = 0.0
    rtt_ms: float = 0.0
    sent: int = 0  # 0: it reports nothing
    sent_lost: int = 0
    sent_jitter_ms: float = 0.0


# -- flow


class StepEntered(Event, frozen=True, kw_only=True):
    step: int
    kind: str
    name: str


class StepLeft(Event, frozen=True, kw_only=True):
    """IV-05. `result`: choice, no_input, invalid, maximum_tries, played, collected, branch, otherwise, set, hung_up, answered, error, …

    `value`: the digit or label chosen, or what was collected or set; masked if that is sensitive (IV-04).
    """

    step: int
    exit: str
    result: str
    value: str = ""
    label: str = ""
    seconds: float = 0.0


class StepFailed(Event, frozen=True, kw_only=True):
    """IV-09: a step was broken; shown in admin. `reason` in words for the administrator."""

    step: int
    reason: str


class SurveyAnswered(Event, frozen=True, kw_only=True):
    """`question`: the step's name as it was; `answer`: the digit pressed."""

    step: int
    flow_version: int | None = None
    question: str
    answer: int


# -- queue


class QueueEntered(Event, frozen=True, kw_only=True):
    queue: int
    position: int = 0


class QueueLeft(Event, frozen=True, kw_only=True):
    """QU-08. `exit`: answered, hung_up, maximum_wait, full, no_agents, error; taken_back: the agent who asked it gives up;

    returned: the agent who brought the caller has him back (TR-04). `waited`: seconds that no QueueLeft before has told.
    """

    queue: int
    exit: str
    waited: float


class Candidate(Struct, frozen=True):
    """One agent (or one request) considered in a decision, and what counted for him (QU-14)."""

    id: str  # agent id or call id
    score: tuple[float, ...]
    note: str = ""


class OfferMade(Event, frozen=True, kw_only=True):
    """QU-14: who was considered, their scores, in the order of preference; the first one won. `trigger`: caller_arrived or agent_free."""

    queue: int
    agent: int
    leg: str
    waited: float
    trigger: str
    considered: tuple[Candidate, ...] = ()


class ConfirmationAsked(Event, frozen=True, kw_only=True):
    """An external phone has answered and is asked for a key, so that a mailbox takes no call: in an offer, or before a call out."""

    agent: int
    leg: str


class OfferEnded(Event, frozen=True, kw_only=True):
    """`result`: answered, rejected, no_answer, busy, error, caller_gone, withdrawn.

    `counted`: counts as offered to the agent (QU-06, ST-01).
    """

    queue: int
    agent: int
    leg: str
    result: str
    counted: bool
    seconds: float


# -- conversation


class ConversationStarted(Event, frozen=True, kw_only=True):
    leg: str
    agent: int | None = None
    queue: int | None = None


class ConversationEnded(Event, frozen=True, kw_only=True):
    """`by`: caller, agent, system. `seconds` of talk, hold included; `held` of them on hold; `holds` how often (TR-05).

    `consults`: how often he asked somebody. `transferred`: the caller was brought to somebody else.
    """

    leg: str
    agent: int | None = None
    by: str
    seconds: float
    held: float = 0.0
    holds: int = 0
    consults: int = 0
    transferred: bool = False


class HoldStarted(Event, frozen=True, kw_only=True):
    agent: int


class HoldEnded(Event, frozen=True, kw_only=True):
    agent: int
    seconds: float


class MuteChanged(Event, frozen=True, kw_only=True):
    agent: int
    muted: bool


class AgentMediaLost(Event, frozen=True, kw_only=True):
    """The agent's page or his audio is gone; the customer hears music until AgentMediaBack or the end."""

    agent: int


class AgentMediaBack(Event, frozen=True, kw_only=True):
    agent: int


class DispositionChosen(Event, frozen=True, kw_only=True):
    """The agent said how the call went; again: he changed his mind. `queue`: whose disposition it is. `name`: what it was called then."""

    agent: int
    queue: int
    disposition: int
    name: str


# -- consult and transfer

TargetKind = Literal["agent", "queue", "flow", "number"]


class Towards(Event, frozen=True, kw_only=True):
    """TR-01: to whom `agent` turns. `target`: id of an agent, a queue or a flow; `number`: E.164, if it is a number."""

    agent: int
    kind: TargetKind
    target: int = 0
    number: str = ""


class ConsultBegan(Towards, frozen=True, kw_only=True):
    """TR-02, TR-03: the customer hears music, and somebody is asked."""


class ThreePartyBegan(Event, frozen=True, kw_only=True):
    """Customer, agent and whom he consulted hear each other."""

    agent: int


class ConsultEnded(Event, frozen=True, kw_only=True):
    """`result`: transferred, taken_back, hung_up (whom he asked), busy, no_answer, rejected, unreachable, media_lost, caller_gone, error;

    of a queue also maximum_wait, no_agents. `seconds` from the beginning.
    """

    agent: int
    result: str
    seconds: float


class TransferBegan(Towards, frozen=True, kw_only=True):
    """The customer leaves `agent`. `consulted`: who gets him was asked before, and has answered."""

    consulted: bool = False


class TransferEnded(Event, frozen=True, kw_only=True):
    """`result`: answered; entered (a flow); busy, no_answer, rejected, unreachable, caller_gone, error; of a queue maximum_wait, no_agents.

    `agent`: who began it. `seconds` from the beginning.
    """

    agent: int
    result: str
    seconds: float = 0.0


class TransferReturned(Event, frozen=True, kw_only=True):
    """TR-04: it failed, and the customer goes back to the agent who began it, or else to the queue that he came from.

    One whom the agent had called came from none: `queue` is that to which he was brought, where he stays.
    """

    agent: int | None = None
    queue: int | None = None


# -- recording


class RecordingBegan(Event, frozen=True, kw_only=True):
    """`tape`: what is recorded, a conversation, or the caller alone: voicemail, or prompt (AU-02)."""

    recording: str
    agent: int | None
    queue: int | None
    mode: str
    path: str
    tape: str = "conversation"


class RecordingPaused(Event, frozen=True, kw_only=True):
    recording: str


class RecordingResumed(Event, frozen=True, kw_only=True):
    recording: str


class RecordingMasked(Event, frozen=True, kw_only=True):
    """RC-03: from now on a tone is recorded instead of what is said, until RecordingUnmasked."""

    recording: str
    agent: int


class RecordingUnmasked(Event, frozen=True, kw_only=True):
    """`agent` did it, or masked what ends with the recording."""

    recording: str
    agent: int


class RecordingFinished(Event, frozen=True, kw_only=True):
    """The file is complete on the media machine's disk."""

    recording: str
    path: str
    seconds: float
    error: str = ""


class RecordingDiscarded(Event, frozen=True, kw_only=True):
    """The caller did not keep it, or it was too short: its file is deleted."""

    recording: str


class VoicemailLeft(Event, frozen=True, kw_only=True):
    """`box`: name of the step. `team`: that looks after it. `seconds` as the switch saw them; RecordingFinished has the file's own."""

    recording: str
    step: int
    box: str
    team: int | None
    seconds: float


class PromptRecorded(Event, frozen=True, kw_only=True):
    """AU-02: somebody has spoken a sound by telephone and saved it."""

    recording: str
    seconds: float


class PromptChosen(Event, frozen=True, kw_only=True):
    """AU-02: a user who has proved himself by his code is about to speak this sound. `by`: user."""

    prompt: int
    by: int
    language: str


class PhoneCodeRefused(Event, frozen=True, kw_only=True):
    """AU-02. `reason`: wrong; blocked: too many were wrong before, so it was not looked at. `within_hour`: wrong ones, this included."""

    reason: Literal["wrong", "blocked"]
    within_hour: int


class CallbackOrdered(Event, frozen=True, kw_only=True):
    """The caller wants to be called back on `number` (E.164)."""

    number: str
    step: int
    queue: int | None = None


class RecordingStored(Event, frozen=True, kw_only=True):
    """From the worker: it is in the archive and can be played."""

    recording: str


# -- agents

Status = Literal["logged_off", "ready", "offered", "connected", "wrap_up", "busy", "no_answer", "pause"]


class PresenceChanged(Event, frozen=True, kw_only=True):
    """AS-05. `reason`: pause reason, or why the status came.

    That is rejected, phone_busy, error, no_answer_limit, error_limit, midnight, log_off …
    """

    agent: int
    status: Status
    before: Status
    reason: str = ""
    profile: int | None = None
    phone: str = ""  # softphone, or the external number


Fault = Literal[
    "offered_without_offer", "connected_without_call", "call_without_status", "without_end", "not_distributed",
    "offer_unknown", "conversation_unknown", "call_out_unknown", "timer_missing", "ringing_for_nobody", "talking_to_nobody",
    "place_without_chance",
]  # fmt: skip


class StateMended(Event, frozen=True, kw_only=True):
    """The watchdog found an agent and a call that did not agree, and mended it. What it did, the facts after this one tell."""

    agent: int | None
    fault: Fault


AnyEvent = (
    CallArrived | CallEnded | LegStarted | LegConnected | LegFinished | StepEntered | StepLeft | StepFailed | SurveyAnswered
    | QueueEntered | QueueLeft | OfferMade | OfferEnded | ConversationStarted | ConversationEnded | HoldStarted | HoldEnded | MuteChanged
    | ConfirmationAsked | AgentMediaLost | AgentMediaBack | DispositionChosen
    | ConsultBegan | ThreePartyBegan | ConsultEnded | TransferBegan | TransferEnded | TransferReturned
    | RecordingBegan | RecordingPaused | RecordingResumed | RecordingMasked | RecordingUnmasked
    | RecordingFinished | RecordingDiscarded | RecordingStored
    | VoicemailLeft | CallbackOrdered | PromptRecorded | PromptChosen | PhoneCodeRefused | PresenceChanged | StateMended
)  # fmt: skip

Seq = Annotated[int, Meta(ge=1)]


class Entry(Struct, frozen=True):
    """A fact in the journal. `seq` grows strictly: microseconds since 1970 by Redis's clock, or one more than the last."""

    seq: Seq
    event: AnyEvent


encode = msgspec.json.Encoder().encode
decode = reader(AnyEvent)
to_data = msgspec.to_builtins
