"""One call's legs and media as a table: `handle(session, input)` looks the next state up in `TABLE`. PURE.

A session knows nothing of queues or flows. The commands are the difference between two pictures (picture.py): what should be heard
before and after. So a state says once what it means for the media, and a restarted switch can draw the whole picture again (`redraw`).
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from apps.switch.session import inputs as i
from apps.switch.session import picture
from apps.switch.session.state import Recording, Session, State
from apps.telephony import protocol as p


class WrongState(Exception):
    """The session's table has no such transition."""

    code = "wrong_state"


_WITH_PARTNER: tuple[State, ...] = ("talking", "held", "consulting", "three_party", "lost")
_WITH_CONSULTED: tuple[State, ...] = ("consulting", "three_party", "lost")
_UNENDED: tuple[State, ...] = ("arriving", "reaching", "alone", *_WITH_PARTNER)
TABLE: dict[tuple[State, type], State] = {
    ("arriving", i.CallerUp): "alone",
    ("arriving", i.RingPartner): "arriving",
    ("arriving", i.PartnerUp): "reaching",
    ("reaching", i.DialCaller): "reaching",
    ("reaching", i.SetMusic): "reaching",
    ("reaching", i.CallerUp): "talking",
    ("alone", i.PlayPrompt): "alone",
    ("alone", i.StartRecording): "alone",
    ("alone", i.RingPartner): "alone",
    **{(state, i.AskRinging): state for state in ("arriving", "alone", "held", "lost")},
    ("alone", i.PartnerUp): "talking",
    ("talking", i.HoldPartner): "held",
    ("held", i.Resume): "talking",
    ("held", i.RingConsulted): "held",
    ("held", i.ConsultedUp): "consulting",
    ("consulting", i.JoinAll): "three_party",
    ("consulting", i.ConsultedOff): "talking",
    ("three_party", i.ConsultedOff): "talking",
    ("talking", i.LosePartner): "lost",
    ("held", i.LosePartner): "lost",
    ("consulting", i.LosePartner): "lost",
    ("three_party", i.LosePartner): "three_party",  # the other two go on talking
    ("lost", i.RegainPartner): "talking",
    ("lost", i.HoldPartner): "held",
    ("lost", i.RegainConsult): "consulting",
    ("lost", i.ConsultedUp): "lost",
    ("lost", i.ConsultedOff): "lost",
    **{(state, i.HandOver): "talking" for state in _WITH_CONSULTED},
    **{(state, i.PartnerOff): "alone" for state in _WITH_PARTNER},
    **{(state, kind): state for state in _WITH_PARTNER for kind in (i.Mute, i.StartRecording, i.RunRecording, i.MaskRecording)},
    **{
        (state, kind): state
        for state in ("alone", *_WITH_PARTNER)
        for kind in (i.SetMusic, i.StopPrompt, i.PromptOver, i.StopRinging, i.EndRecording)
    },
    **{(state, kind): "ended" for state in _UNENDED for kind in (i.CallerGone, i.HangUpCaller)},
}  # type: ignore[assignment, dict-item]  # mypy widens the literals of the comprehensions


def handle(session: Session, happened: i.Input) -> tuple[Session, list[p.Command]]:
    """The session afterwards, and what its cell must do. Errors: WrongState."""
    target = TABLE.get((session.state, type(happened)))
    if target is None:
        raise WrongState(f"{type(happened).__name__} in {session.state}")
    changed, commands = _CHANGES[type(happened)](session, happened)
    after = replace(changed, state=target)
    if target == "ended":
        return _ended(after), [*commands, *_closing(session)]
    after, media = picture.change(session, after)
    return after, [*commands, *media]


def redraw(session: Session) -> list[p.Command]:
    """Who hears whom and what is recorded, said again to the cell of a session that was recovered."""
    if session.state in ("arriving", "ended"):
        return []
    return [p.Mix(call=session.call, edges=picture.edges(session)), *picture.record(session)]


# -- what each input changes, besides the picture

Changed = tuple[Session, list[p.Command]]


def _play_prompt(session: Session, wanted: i.PlayPrompt) -> Changed:
    count = session.count + 1
    playback = f"{session.call}-p{count}"
    play = p.Play(call=session.call, leg=session.caller, playback=playback, files=wanted.files, barge_in=wanted.barge_in)
    return replace(session, count=count, prompt=playback), [*_stop_playing(session), play]


def _stop_prompt(session: Session, _: i.StopPrompt) -> Changed:
    return replace(session, prompt=""), _stop_playing(session)


def _prompt_over(session: Session, _: i.PromptOver) -> Changed:
    return replace(session, prompt=""), []


def _ring(session: Session, wanted: i.RingPartner | i.RingConsulted) -> Changed:
    return replace(session, count=session.count + 1, ringing=wanted.dial.leg), [wanted.dial]


def _partner_up(session: Session, _: i.PartnerUp) -> Changed:
    return replace(session, partner=session.ringing, ringing="", question=(), prompt="", music=(), muted=()), _stop_playing(session)


def _consulted_up(session: Session, _: i.ConsultedUp) -> Changed:
    return replace(session, consulted=session.ringing, ringing="", question=(), music=()), []


def _consulted_off(session: Session, wanted: i.ConsultedOff) -> Changed:
    commands: list[p.Command] = [] if wanted.over else _hang_up(session, session.consulted, 200)
    return replace(session, consulted="", muted=_without(session.muted, session.consulted)), commands


def _hand_over(session: Session, wanted: i.HandOver) -> Changed:
    commands: list[p.Command] = [] if wanted.over else _hang_up(session, session.partner, 200)
    muted = _without(session.muted, session.partner)
    return replace(session, partner=session.consulted, consulted="", muted=muted, hold_music=()), commands


def _dial_caller(session: Session, wanted: i.DialCaller) -> Changed:
    return session, [wanted.dial]


def _caller_up(session: Session, _: i.CallerUp) -> Changed:
    return replace(session, music=() if session.state == "reaching" else session.music), []


def _stop_ringing(session: Session, wanted: i.StopRinging) -> Changed:
    return replace(session, ringing="", question=()), [] if wanted.over else _hang_up(session, session.ringing, wanted.code)


def _partner_off(session: Session, wanted: i.PartnerOff) -> Changed:
    commands: list[p.Command] = [] if wanted.over else _hang_up(session, session.partner, 200)
    return replace(session, partner="", muted=(), hold_music=()), commands


def _mute(session: Session, wanted: i.Mute) -> Changed:
    others = _without(session.muted, wanted.leg)
    return replace(session, muted=(*others, wanted.leg) if wanted.on else others), []


def _set(**fields: str) -> Callable[[Session, i.Input], Changed]:
    """A change that copies fields of the input to fields of the session."""

    def copy(session: Session, wanted: i.Input) -> Changed:
        return replace(session, **{mine: getattr(wanted, theirs) for mine, theirs in fields.items()}), []

    return copy


def _start_recording(session: Session, wanted: i.StartRecording) -> Changed:
    return replace(session, recording=Recording(wanted.id, wanted.path, masked=wanted.masked, tape=wanted.tape)), []


def _run_recording(session: Session, wanted: i.RunRecording) -> Changed:
    recording = session.recording and replace(session.recording, running=wanted.on)
    return replace(session, recording=recording), []


def _mask_recording(session: Session, wanted: i.MaskRecording) -> Changed:
    recording = session.recording and replace(session.recording, masked=wanted.on)
    return replace(session, recording=recording), []


def _end_recording(session: Session, _: i.EndRecording) -> Changed:
    return replace(session, recording=None), _stop_recording(session)


def _hang_up_caller(session: Session, wanted: i.HangUpCaller) -> Changed:
    return session, _hang_up(session, session.caller, wanted.code)


_CHANGES: dict[type, Callable[[Session, Any], Changed]] = {
    i.CallerUp: _caller_up,
    i.CallerGone: _set(),
    i.PlayPrompt: _play_prompt,
    i.StopPrompt: _stop_prompt,
    i.PromptOver: _prompt_over,
    i.SetMusic: _set(music="files"),
    i.RingPartner: _ring,
    i.AskRinging: _set(question="files"),
    i.PartnerUp: _partner_up,
    i.DialCaller: _dial_caller,
    i.StopRinging: _stop_ringing,
    i.PartnerOff: _partner_off,
    i.HoldPartner: _set(hold_music="music"),
    i.Resume: _set(),
    i.Mute: _mute,
    i.LosePartner: _set(hold_music="music"),
    i.RegainPartner: _set(),
    i.RingConsulted: _ring,
    i.ConsultedUp: _consulted_up,
    i.ConsultedOff: _consulted_off,
    i.RegainConsult: _set(),
    i.JoinAll: _set(),
    i.HandOver: _hand_over,
    i.StartRecording: _start_recording,
    i.RunRecording: _run_recording,
    i.MaskRecording: _mask_recording,
    i.EndRecording: _end_recording,
    i.HangUpCaller: _hang_up_caller,
}


def _without(legs: tuple[str, ...], leg: str) -> tuple[str, ...]:
    return tuple(other for other in legs if other != leg)


def _stop_playing(session: Session) -> list[p.Command]:
    """The prompt."""
    return [p.StopPlay(call=session.call, leg=session.caller, playback=session.prompt)] if session.prompt else []


def _stop_recording(session: Session) -> list[p.Command]:
    return [p.StopRecord(call=session.call, recording=session.recording.id)] if session.recording else []


def _hang_up(session: Session, leg: str, code: int) -> list[p.Command]:
    return [p.HangUp(call=session.call, leg=leg, code=code)] if leg else []


def _closing(session: Session) -> list[p.Command]:
    """Everybody else's end, and the end of the recording. The cell retires when the last leg is reported over."""
    others = [*_hang_up(session, session.partner, 200), *_hang_up(session, session.consulted, 200)]
    return [*_hang_up(session, session.ringing, 487), *others, *_stop_recording(session)]


def _ended(session: Session) -> Session:
    return replace(session, partner="", consulted="", ringing="", question=(), music=(), prompt="", tracks=(), recording=None)
