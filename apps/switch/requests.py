"""What pages and the API ask of the switch (stream `bus.INBOX`), and how it answers (`Reply`). PURE.

The web process has checked who asks and that he may; the switch checks whether it is possible now.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from apps.events.vocabulary import TargetKind
from apps.flows.graph import FlowGraph
from contactcenter.lib.reading import reader

Id = Annotated[str, Meta(min_length=1, max_length=64)]


class Request(Struct, frozen=True, tag=True, kw_only=True):
    """`reply_to` empty: nobody waits for the answer."""

    reply_to: str = ""


class AgentRequest(Request, frozen=True, kw_only=True):
    agent: int


class LogOn(AgentRequest, frozen=True, kw_only=True):
    """Log on to the queues. `phone`: "softphone", or the number of an external phone (E.164). `pause`: log on directly into it (AS-04)."""

    profile: int
    phone: str = "softphone"
    pause: str = ""


class LogOff(AgentRequest, frozen=True, kw_only=True):
    """At once, or after the conversation and its wrap-up."""


class BecomeReady(AgentRequest, frozen=True, kw_only=True):
    """Ends pause, wrap-up, busy and no answer."""


class Pause(AgentRequest, frozen=True, kw_only=True):
    """At once, or after the conversation. Another reason while paused is an event of its own."""

    reason: str


class ExtendWrapUp(AgentRequest, frozen=True, kw_only=True):
    """As often as he likes, until what the queue or the profile allows in all is used up (AS-02)."""

    seconds: Annotated[int, Meta(ge=1, le=600)] = 30


class RejectOffer(AgentRequest, frozen=True, kw_only=True):
    leg: Id


class HangUpCall(AgentRequest, frozen=True, kw_only=True):
    """The agent hangs up his conversation."""


class Hold(AgentRequest, frozen=True, kw_only=True):
    on: bool


class Mute(AgentRequest, frozen=True, kw_only=True):
    on: bool


class PressKeys(AgentRequest, frozen=True, kw_only=True):
    """Digits from the agent's keypad, for the far end."""

    digits: Annotated[str, Meta(pattern=r"^[0-9A-D*#]{1,32}$")]


class MaskRecording(AgentRequest, frozen=True, kw_only=True):
    """RC-03: a tone is recorded instead of what is said, in every mode, until an agent unmasks or the call ends."""

    on: bool


class SetRecording(AgentRequest, frozen=True, kw_only=True):
    """Pause or resume the recording, in the modes that allow it."""

    on: bool


class ChooseDisposition(AgentRequest, frozen=True, kw_only=True):
    """Of the call that he talks in, or has talked in last."""

    call: Id
    disposition: int


class SoftphoneUp(AgentRequest, frozen=True, kw_only=True):
    """The agent's page is connected. `connection` names this page; the newest one owns the phone.

    `gateway`: the gateway's name that its media will use; `ready`: microphone permitted and media path tested (SP-03).
    `leg`: it is a page that lost its connection and not its audio, which goes on in this leg.
    `claims` False: it only tells how its media are; refused with `gone` if another page has the phone by now.
    """

    connection: Id
    gateway: str
    ready: bool
    leg: str = ""
    claims: bool = True


class MediaAttached(AgentRequest, frozen=True, kw_only=True):
    """Audio flows between that page and `leg`, to which it has come back. Ignored unless `connection` is the newest."""

    connection: Id
    leg: Id


class SoftphoneDown(AgentRequest, frozen=True, kw_only=True):
    """That page is gone. Ignored unless `connection` is the newest.

    `left` False: its connection broke; whether its audio goes on, the cell sees.
    """

    connection: Id
    left: bool = True


class TestDraft(Request, frozen=True, kw_only=True):
    """A test call is about to run this draft as it is now (TestMark.draft)."""

    graph: FlowGraph


class PlaceCall(Request, frozen=True, kw_only=True):
    """Call `number` (E.164) from a cell that the asker has leased, for an errand of the system (flows/errands.py). `call`: its id."""

    call: Id
    cell: Id
    number: Annotated[str, Meta(max_length=20)]
    errand: Id
    language: Annotated[str, Meta(max_length=5)]


class CallOut(AgentRequest, frozen=True, kw_only=True):
    """OB-01: the agent calls `number` (E.164), from a cell that the asker has leased. `call`: its id.

    `caller_id`: the id of the number to show; 0: the first that he may choose. `by`: the user who let him, if not he himself.
    """

    call: Id
    cell: Id
    number: Annotated[str, Meta(max_length=20)]
    caller_id: int = 0
    by: int | None = None


class Target(Struct, frozen=True):
    """TR-01: an agent, a queue, a flow (the entry to an IVR), or a number (E.164): typed, or of a contact; `caller_id` as in CallOut."""

    kind: TargetKind
    id: int = 0
    number: Annotated[str, Meta(max_length=20)] = ""
    caller_id: int = 0


class Consult(AgentRequest, frozen=True, kw_only=True):
    """The customer is held with music, and `to` is asked (TR-02, TR-03)."""

    to: Target


class JoinAll(AgentRequest, frozen=True, kw_only=True):
    """A consult becomes a three-party call."""


class TakeBack(AgentRequest, frozen=True, kw_only=True):
    """The consult is over; the agent has his customer back."""


class CompleteTransfer(AgentRequest, frozen=True, kw_only=True):
    """The customer is left to whom the agent consults, also while it still rings there."""


class Transfer(AgentRequest, frozen=True, kw_only=True):
    """The customer is brought to `to`, who has not been asked (blind transfer)."""

    to: Target


AnyRequest = (
    LogOn
    | LogOff
    | BecomeReady
    | Pause
    | ExtendWrapUp
    | RejectOffer
    | HangUpCall
    | Hold
    | Mute
    | PressKeys
    | SetRecording
    | MaskRecording
    | ChooseDisposition
    | SoftphoneUp
    | MediaAttached
    | SoftphoneDown
    | TestDraft
    | PlaceCall
    | CallOut
    | Consult
    | JoinAll
    | TakeBack
    | CompleteTransfer
    | Transfer
)

RefusalCode = Literal[
    "",
    "not_logged_on",
    "no_call",
    "not_now",
    "unknown_profile",
    "unknown_reason",
    "no_softphone",
    "no_trunk",
    "not_allowed",
    "unknown_disposition",
    "disposition_required",
    "wrap_up_limit",
    "no_line_out",
    "number_denied",
    "calls_out_used_up",
    "unknown_caller_id",
    "unknown_target",
    "agent_not_free",
    "agent_unreachable",
    "queue_closed",
    "cell_full",
    "gone",
    "fault",
    "no_answer_from_switch",
]


class Reply(Struct, frozen=True):
    """`code` empty: done. The page puts the code into words."""

    code: RefusalCode = ""


encode = msgspec.json.Encoder().encode
decode = reader(AnyRequest)
decode_reply = reader(Reply)
