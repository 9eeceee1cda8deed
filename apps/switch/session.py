"""One call's legs and media: who is in it, who hears whom, what is played and recorded. PURE.

A session knows nothing of queues or flows. `handle(session, input)` looks the next state up in `TABLE`, and the commands
are the difference between two pictures: what should be heard before and after (`_media_commands`). So a state says once what it
means for the media, and a restarted switch can draw the whole picture again (`redraw`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from apps.telephony import protocol as p

State = Literal["arriving", "alone", "talking", "held", "lost", "reaching", "ended"]


class WrongState(Exception):
    """The session's table has no such transition."""

    code = "wrong_state"


class Recording(Struct, frozen=True):
    """`tape`: the caller is recorded while he is alone, and no conversation."""

    id: str
    path: str
    running: bool = True
    tape: bool = False


class Session(Struct, frozen=True, kw_only=True):
    """`alone`: the caller hears prompts over music. `lost`: the partner's media are away and the caller hears music.

    `reaching`: the other way round: the partner is there, and the caller's leg is being dialled for him.
    """

    call: str
    cell: str
    caller: str  # leg
    state: State = "arriving"
    partner: str = ""  # leg that the caller talks to
    ringing: str = ""  # leg that is being dialled for him
    music: tuple[str, ...] = ()  # below the prompts while he is alone
    hold_music: tuple[str, ...] = ()
    muted: bool = False
    prompt: str = ""  # playback that the flow waits for
    track: str = ""  # playback of the music
    hears: str = ""  # leg that hears it; empty: the caller's
    recording: Recording | None = None
    count: int = 0  # of ids given: they must come out the same when a journal is replayed


# Inputs: what happened or is wanted, already decided by the core.


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
    """What the caller hears below the prompts while he is alone; empty: nothing."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RingPartner:
    dial: p.Dial


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
    """The conversation is over; `over`: his leg is gone already."""

    over: bool


@dataclass(frozen=True, slots=True)
class HoldPartner:
    music: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resume:
    """Back from hold."""


@dataclass(frozen=True, slots=True)
class Mute:
    on: bool


@dataclass(frozen=True, slots=True)
class LosePartner:
    """His media are away: the caller hears music meanwhile."""

    music: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegainPartner:
    """They are back, and the two hear each other. (Back into a hold: HoldPartner, whose music goes on.)"""


@dataclass(frozen=True, slots=True)
class StartRecording:
    id: str
    path: str
    tape: bool = False


@dataclass(frozen=True, slots=True)
class RunRecording:
    """Pause and resume."""

    on: bool


@dataclass(frozen=True, slots=True)
class EndRecording:
    """Close the file; ignored when nothing is recorded."""


@dataclass(frozen=True, slots=True)
class HangUpCaller:
    code: int = 200


Input = (
    CallerUp | CallerGone | DialCaller | PlayPrompt | StopPrompt | PromptOver | SetMusic | RingPartner | PartnerUp | StopRinging
    | PartnerOff | HoldPartner | Resume | Mute | LosePartner | RegainPartner | StartRecording | RunRecording | EndRecording
    | HangUpCaller
)  # fmt: skip

_WITH_PARTNER: tuple[State, ...] = ("talking", "held", "lost")
TABLE: dict[tuple[State, type], State] = {
    ("arriving", CallerUp): "alone",
    ("arriving", RingPartner): "arriving",
    ("arriving", PartnerUp): "reaching",
    ("reaching", DialCaller): "reaching",
    ("reaching", SetMusic): "reaching",
    ("reaching", CallerUp): "talking",
    ("alone", PlayPrompt): "alone",
    ("alone", StartRecording): "alone",
    ("alone", RingPartner): "alone",
    ("alone", PartnerUp): "talking",
    ("talking", HoldPartner): "held",
    ("held", Resume): "talking",
    ("talking", LosePartner): "lost",
    ("held", LosePartner): "lost",
    ("lost", RegainPartner): "talking",
    ("lost", HoldPartner): "held",
    **{(state, PartnerOff): "alone" for state in _WITH_PARTNER},
    **{(state, kind): state for state in _WITH_PARTNER for kind in (Mute, StartRecording, RunRecording)},
    **{
        (state, kind): state
        for state in ("alone", *_WITH_PARTNER)
        for kind in (SetMusic, StopPrompt, PromptOver, StopRinging, EndRecording)
    },
    **{(state, kind): "ended" for state in ("arriving", "reaching", "alone", *_WITH_PARTNER) for kind in (CallerGone, HangUpCaller)},
}  # type: ignore[assignment, dict-item]  # mypy widens the literals of the comprehensions


def handle(session: Session, happened: Input) -> tuple[Session, list[p.Command]]:
    """The session afterwards, and what its cell must do. Errors: WrongState."""
    target = TABLE.get((session.state, type(happened)))
    if target is None:
        raise WrongState(f"{type(happened).__name__} in {session.state}")
    changed, commands = _CHANGES[type(happened)](session, happened)
    after = replace(changed, state=target)
    if target == "ended":
        return _ended(after), [*commands, *_closing(session)]
    after, media = _media_commands(session, after)
    return after, [*commands, *media]


def redraw(session: Session) -> list[p.Command]:
    """Who hears whom and what is recorded, said again to the cell of a session that was recovered."""
    if session.state in ("arriving", "ended"):
        return []
    commands: list[p.Command] = [p.Mix(call=session.call, edges=_edges(session))]
    return [*commands, *_record(session)]


def new_leg(session: Session) -> str:
    """The id that the next leg of this call should have."""
    return f"{session.call}-l{session.count + 1}"


# -- what each input changes, besides the media picture


def _play_prompt(session: Session, wanted: PlayPrompt) -> tuple[Session, list[p.Command]]:
    count = session.count + 1
    playback = f"{session.call}-p{count}"
    play = p.Play(call=session.call, leg=session.caller, playback=playback, files=wanted.files, barge_in=wanted.barge_in)
    return replace(session, count=count, prompt=playback), [*_stop(session, session.prompt), play]


def _stop_prompt(session: Session, _: StopPrompt) -> tuple[Session, list[p.Command]]:
    return replace(session, prompt=""), _stop(session, session.prompt)


def _prompt_over(session: Session, _: PromptOver) -> tuple[Session, list[p.Command]]:
    return replace(session, prompt=""), []


def _ring(session: Session, wanted: RingPartner) -> tuple[Session, list[p.Command]]:
    return replace(session, count=session.count + 1, ringing=wanted.dial.leg), [wanted.dial]


def _partner_up(session: Session, _: PartnerUp) -> tuple[Session, list[p.Command]]:
    return replace(session, partner=session.ringing, ringing="", prompt="", music=(), muted=False), _stop(session, session.prompt)


def _dial_caller(session: Session, wanted: DialCaller) -> tuple[Session, list[p.Command]]:
    return session, [wanted.dial]


def _caller_up(session: Session, _: CallerUp) -> tuple[Session, list[p.Command]]:
    return replace(session, music=() if session.state == "reaching" else session.music), []


def _stop_ringing(session: Session, wanted: StopRinging) -> tuple[Session, list[p.Command]]:
    return replace(session, ringing=""), [] if wanted.over else _hang_up(session, session.ringing, wanted.code)


def _partner_off(session: Session, wanted: PartnerOff) -> tuple[Session, list[p.Command]]:
    commands: list[p.Command] = [] if wanted.over else _hang_up(session, session.partner, 200)
    return replace(session, partner="", muted=False, hold_music=()), commands


def _set(**fields: str) -> Callable[[Session, Input], tuple[Session, list[p.Command]]]:
    """A change that copies fields of the input to fields of the session."""

    def change(session: Session, wanted: Input) -> tuple[Session, list[p.Command]]:
        return replace(session, **{mine: getattr(wanted, theirs) for mine, theirs in fields.items()}), []

    return change


def _start_recording(session: Session, wanted: StartRecording) -> tuple[Session, list[p.Command]]:
    return replace(session, recording=Recording(wanted.id, wanted.path, tape=wanted.tape)), []


def _run_recording(session: Session, wanted: RunRecording) -> tuple[Session, list[p.Command]]:
    recording = session.recording and replace(session.recording, running=wanted.on)
    return replace(session, recording=recording), []


def _end_recording(session: Session, _: EndRecording) -> tuple[Session, list[p.Command]]:
    return replace(session, recording=None), _stop_record(session)


def _hang_up_caller(session: Session, wanted: HangUpCaller) -> tuple[Session, list[p.Command]]:
    return session, _hang_up(session, session.caller, wanted.code)


_CHANGES: dict[type, Callable[[Session, Any], tuple[Session, list[p.Command]]]] = {
    CallerUp: _caller_up,
    CallerGone: _set(),
    PlayPrompt: _play_prompt,
    StopPrompt: _stop_prompt,
    PromptOver: _prompt_over,
    SetMusic: _set(music="files"),
    RingPartner: _ring,
    PartnerUp: _partner_up,
    DialCaller: _dial_caller,
    StopRinging: _stop_ringing,
    PartnerOff: _partner_off,
    HoldPartner: _set(hold_music="music"),
    Resume: _set(),
    Mute: _set(muted="on"),
    LosePartner: _set(hold_music="music"),
    RegainPartner: _set(),
    StartRecording: _start_recording,
    RunRecording: _run_recording,
    EndRecording: _end_recording,
    HangUpCaller: _hang_up_caller,
}


# -- the picture: what a state means for the media


def _edges(session: Session) -> tuple[tuple[str, str], ...]:
    if session.state == "reaching":  # tones and announcements of the network; what the partner says meanwhile is nobody's
        return ((session.caller, session.partner),)
    if session.state != "talking":
        return ()
    to_partner = (session.caller, session.partner)
    return (to_partner,) if session.muted else (to_partner, (session.partner, session.caller))


def _background(session: Session) -> tuple[str, ...]:
    """Music that the caller should hear."""
    if session.state in ("held", "lost"):
        return session.hold_music
    return session.music if session.state in ("alone", "reaching") else ()


def _recorded(session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Left and right. A muted agent is silent; on hold neither party speaks to the other, so neither is recorded."""
    if session.recording and session.recording.tape:
        return (session.caller,) if session.state == "alone" else (), ()
    if session.state != "talking":
        return (), ()
    return (session.caller,), () if session.muted else (session.partner,)


def _media_commands(before: Session, after: Session) -> tuple[Session, list[p.Command]]:
    commands: list[p.Command] = []
    if _background(before) != _background(after):
        after, commands = _change_music(after)
    if _edges(before) != _edges(after):
        commands.append(p.Mix(call=after.call, edges=_edges(after)))
    if after.recording and (before.recording, _recorded(before)) != (after.recording, _recorded(after)):
        commands += _record(after)
    return after, commands


def _change_music(session: Session) -> tuple[Session, list[p.Command]]:
    commands = _stop(session, session.track, session.hears)
    files = _background(session)
    if not files:
        return replace(session, track="", hears=""), commands
    count = session.count + 1
    track = f"{session.call}-p{count}"
    hears = session.partner if session.state == "reaching" else session.caller
    play = p.Play(call=session.call, leg=hears, playback=track, files=files, loop=True)
    return replace(session, count=count, track=track, hears=hears), [*commands, play]


def _record(session: Session) -> list[p.Command]:
    if session.recording is None:
        return []
    left, right = _recorded(session)
    recording = session.recording
    return [p.Record(call=session.call, recording=recording.id, path=recording.path, left=left, right=right, running=recording.running)]


def _stop(session: Session, playback: str, leg: str = "") -> list[p.Command]:
    return [p.StopPlay(call=session.call, leg=leg or session.caller, playback=playback)] if playback else []


def _stop_record(session: Session) -> list[p.Command]:
    return [p.StopRecord(call=session.call, recording=session.recording.id)] if session.recording else []


def _hang_up(session: Session, leg: str, code: int) -> list[p.Command]:
    return [p.HangUp(call=session.call, leg=leg, code=code)] if leg else []


def _closing(session: Session) -> list[p.Command]:
    """Everybody else's end, and the end of the recording. The cell retires when the last leg is reported over."""
    others = [*_hang_up(session, session.ringing, 487), *_hang_up(session, session.partner, 200)]
    return [*others, *_stop_record(session)]


def _ended(session: Session) -> Session:
    return replace(session, partner="", ringing="", music=(), prompt="", track="", recording=None)
