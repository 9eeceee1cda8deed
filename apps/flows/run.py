"""What the interpreter remembers of one call, what it hears, and what it asks for. PURE.

Inputs are past tense and come from the call's session in the switch; actions are imperative and go back to it. Facts
(`apps.events.vocabulary`) stand in the same list as the actions, in the order in which they became true.
"""

from typing import Literal

from msgspec import Struct

from apps.events.vocabulary import Event

CALLER, DIALLED, FORWARDED_FROM = "caller", "dialled", "forwarded_from"  # variables that every call has from its beginning
PATH_KEPT = 100  # newest steps of the path that are remembered; a longer one is of no use on an agent's screen


class Passed(Struct, frozen=True):
    """A step that the caller has left, and the label of what he chose there (empty: nothing to choose)."""

    step: int
    name: str
    label: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """Where one call is in its flow. Times are Unix seconds; the switch keeps this in its snapshot of the call."""

    version: int
    call: str
    step: int | None = None  # None: not begun, or over
    entered_at: float = 0.0
    tries: int = 0  # of this step that are used up
    silent: int = 0  # of these, without any digit
    invalid: int = 0  # of these, with a wrong one
    typed: str = ""  # what the caller has typed so far in this step
    phase: str = ""  # where the step is, in its own words
    kept: dict[str, int] = {}  # what the step has found out, by names of its own
    visits: int = 0  # steps entered so far
    playing: bool = False
    timer: float | None = None  # when TimePassed is due
    shift: float = 0.0  # seconds by which this call's clock is ahead: a test call may be made at another time (IV-07)
    stranded: bool = False  # the limit of visits was reached and the default exit was taken for it
    variables: dict[str, str] = {}  # those of the call (CALLER, …) and those that steps have set
    secret: frozenset[str] = frozenset()  # names of variables that nobody is shown (variables.py)
    labels: dict[str, str] = {}  # variable -> the name under which agents are shown it; the others they are not
    path: tuple[Passed, ...] = ()

    @property
    def over(self) -> bool:
        return self.step is None and self.visits > 0


# -- inputs


class Begin(Struct, frozen=True, tag=True):
    """The caller is connected."""


class Played(Struct, frozen=True, tag=True):
    """The newest PlayPrompts ended, or `error` says why it could not be played. Of older playbacks nothing is told."""

    error: str = ""


class DigitPressed(Struct, frozen=True, tag=True):
    digit: str


class TimePassed(Struct, frozen=True, tag=True):
    """The time of `next_timer` is reached; too early it is ignored."""


class QueueLeft(Struct, frozen=True, tag=True):
    """`exit` as in vocabulary.QueueLeft. `answered` comes when the conversation is over and the caller is still there."""

    exit: str


class Dialled(Struct, frozen=True, tag=True):
    """`answered`: both talk. `ended`: the dialled party hung up. The others: there was no conversation."""

    result: Literal["answered", "busy", "no_answer", "error", "ended"]


class CallerGone(Struct, frozen=True, tag=True):
    """`result` of the step he was in: "answered" when he hung up after the conversation that the step led to."""

    result: str = "hung_up"


class CallbackTaken(Struct, frozen=True, tag=True):
    """The answer to OrderCallback, at once. `already`: the number has an order that waits."""

    result: Literal["ordered", "already"]


class Taped(Struct, frozen=True, tag=True):
    """The file of a StartTape is complete, or `error` says why it could not be written."""

    recording: str
    seconds: float
    error: str = ""


class WebAnswered(Struct, frozen=True, tag=True):
    """The FetchWeb with this `number` is done. `values`: path -> text; `error`: a key of kinds.web.REASONS."""

    number: int
    status: int = 0
    values: dict[str, str] = {}
    error: str = ""


class CodeProved(Struct, frozen=True, tag=True):
    """The answer to ProveCode, at once. `user` None: it is nobody's; `blocked`: no code is looked at now."""

    user: int | None = None
    blocked: bool = False


class SoundFound(Struct, frozen=True, tag=True):
    """The answer to FindSound, at once. `sound` None: there is none; `allowed`: whether the user may record sounds still."""

    sound: int | None = None
    allowed: bool = True


Input = (
    Begin | Played | DigitPressed | TimePassed | QueueLeft | Dialled | CallerGone | WebAnswered | Taped | CallbackTaken | CodeProved
    | SoundFound
)  # fmt: skip


# -- actions


class Say(Struct, frozen=True):
    """A text that the system speaks in the flow's language, `how`: digit by digit, as a number, or as a time (hh:mm)."""

    text: str
    how: Literal["digits", "number", "time"] = "digits"


class Tape(Struct, frozen=True, tag=True):
    """As something to play: what StartTape has recorded in this call."""

    recording: str


Prompt = int | str | Say | Tape


class PlayPrompts(Struct, frozen=True, tag=True):
    """Play the prompts without a gap in the flow's language. `barge_in`: the first digit stops them in the cell.

    A prompt is a sound's database id, the key of one that the system speaks (apps/audio/prompts.py), a text to say, or a tape.
    """

    prompts: tuple[Prompt, ...]
    barge_in: bool = False


class StopPrompts(Struct, frozen=True, tag=True):
    """Stop what PlayPrompts began; no Played follows. Nothing to do where a digit has stopped it already."""


class JoinQueue(Struct, frozen=True, tag=True):
    """`exits`: those that lead somewhere; the queue leaves by the others only when it cannot go on."""

    queue: int
    exits: frozenset[str] = frozenset()


class DialNumber(Struct, frozen=True, tag=True):
    """`number` in E.164; `timeout`: seconds of ringing until `no_answer`."""

    number: str
    timeout: float


class FetchWeb(Struct, frozen=True, tag=True):
    """Ask a web service; WebAnswered with the same `number` follows, or nothing.

    `header` is sealed; `expected`: status codes that are no fault.
    """

    number: int
    url: str
    method: Literal["GET", "POST"]
    body: dict[str, str] = {}
    header_name: str = ""
    header: str = ""
    paths: tuple[str, ...] = ()
    expected: tuple[int, ...] = ()


class OrderCallback(Struct, frozen=True, tag=True):
    """`number` in E.164; CallbackTaken follows."""

    number: str
    step: int
    queue: int | None = None


class ProveCode(Struct, frozen=True, tag=True):
    """Whose personal code this is; CodeProved follows."""

    code: str


class FindSound(Struct, frozen=True, tag=True):
    """Let `user` record the sound with this number; SoundFound follows."""

    user: int
    number: str


class StartTape(Struct, frozen=True, tag=True):
    """Record what the caller says, in a file of his own. `tape` as in vocabulary.RecordingBegan."""

    recording: str
    tape: str = "voicemail"


class StopTape(Struct, frozen=True, tag=True):
    """Close it; Taped follows."""

    recording: str


class EndCall(Struct, frozen=True, tag=True):
    """`cause` as in vocabulary.CallEnded."""

    cause: str = "flow_ended"


Action = (
    PlayPrompts | StopPrompts | JoinQueue | DialNumber | FetchWeb | OrderCallback | ProveCode | FindSound | StartTape | StopTape | EndCall
    | Event
)  # fmt: skip
