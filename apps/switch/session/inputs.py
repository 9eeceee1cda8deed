"""What happens to a session or is wanted of it, already decided by the core. PURE."""

from dataclasses import dataclass

from apps.telephony import protocol as p


@dataclass(frozen=True, slots=True)
class CallerUp:
    """The caller's leg is answered."""


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller's leg is over."""


@dataclass(frozen=True, slots=True)
class PlayPrompt:
    files: tuple[str, ...]
    barge_in: bool


@dataclass(frozen=True, slots=True)
class StopPrompt:
    """Ignored when no prompt plays."""


@dataclass(frozen=True, slots=True)
class PromptOver:
    """The cell has played it to the end."""


@dataclass(frozen=True, slots=True)
class SetMusic:
    """What the caller hears below the prompts while he is alone, or his partner while he waits for somebody; empty: nothing."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RingPartner:
    dial: p.Dial


@dataclass(frozen=True, slots=True)
class AskRinging:
    """The ringing leg answered and must still say that it takes the call: it hears `files` again and again, and nobody else."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartnerUp:
    """The ringing leg answered."""


@dataclass(frozen=True, slots=True)
class DialCaller:
    """The partner is there: now to whom he wants to talk."""

    dial: p.Dial


@dataclass(frozen=True, slots=True)
class StopRinging:
    """Take the ringing leg back (its end may also have come by itself: `over`)."""

    over: bool
    code: int = 487


@dataclass(frozen=True, slots=True)
class PartnerOff:
    """The conversation is over; `over`: his leg is gone already. Whom he was having rung goes on being rung, for the caller."""

    over: bool


@dataclass(frozen=True, slots=True)
class HoldPartner:
    music: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resume:
    """Back from hold."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Nobody hears what comes from `leg`."""

    leg: str
    on: bool


@dataclass(frozen=True, slots=True)
class LosePartner:
    """His media are away: the caller hears music meanwhile."""

    music: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegainPartner:
    """They are back, and the two hear each other. (Back into a hold: HoldPartner, whose music goes on; into a consult: RegainConsult.)"""


@dataclass(frozen=True, slots=True)
class RingConsulted:
    """The partner, who has the caller on hold, asks somebody."""

    dial: p.Dial


@dataclass(frozen=True, slots=True)
class ConsultedUp:
    """The ringing leg answered: the partner talks to it, and the caller hears music."""


@dataclass(frozen=True, slots=True)
class ConsultedOff:
    """The consult is over, and the partner has his caller back; `over`: the consulted leg is gone already."""

    over: bool


@dataclass(frozen=True, slots=True)
class RegainConsult:
    """The partner's media are back, and he talks to whom he consults."""


@dataclass(frozen=True, slots=True)
class JoinAll:
    """Caller, partner and consulted hear each other."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The partner leaves (`over`: his leg is gone already), and the caller talks to whom he consulted."""

    over: bool


@dataclass(frozen=True, slots=True)
class StartRecording:
    id: str
    path: str
    masked: bool = False
    tape: bool = False


@dataclass(frozen=True, slots=True)
class RunRecording:
    """Pause and resume."""

    on: bool


@dataclass(frozen=True, slots=True)
class MaskRecording:
    """A tone instead of what is said, and what is said again."""

    on: bool


@dataclass(frozen=True, slots=True)
class EndRecording:
    """Close the file; ignored when nothing is recorded."""


@dataclass(frozen=True, slots=True)
class HangUpCaller:
    code: int = 200


Input = (
    CallerUp | CallerGone | DialCaller | PlayPrompt | StopPrompt | PromptOver | SetMusic | RingPartner | AskRinging | PartnerUp
    | StopRinging | PartnerOff | HoldPartner | Resume | Mute | LosePartner | RegainPartner | RingConsulted | ConsultedUp | ConsultedOff
    | RegainConsult | JoinAll | HandOver | StartRecording | RunRecording | MaskRecording | EndRecording
    | HangUpCaller
)  # fmt: skip
