"""One call's legs and media: who is in it, who hears whom, what is played and recorded. PURE."""

from apps.switch.session.inputs import (
    AskRinging,
    CallerGone,
    CallerUp,
    ConsultedOff,
    ConsultedUp,
    DialCaller,
    EndRecording,
    HandOver,
    HangUpCaller,
    HoldPartner,
    Input,
    JoinAll,
    LosePartner,
    MaskRecording,
    Mute,
    PartnerOff,
    PartnerUp,
    PlayPrompt,
    PromptOver,
    RegainConsult,
    RegainPartner,
    Resume,
    RingConsulted,
    RingPartner,
    RunRecording,
    SetMusic,
    StartRecording,
    StopPrompt,
    StopRinging,
)
from apps.switch.session.machine import TABLE, WrongState, handle, redraw
from apps.switch.session.state import Recording, Session, State, Track, new_leg

__all__ = [
    "AskRinging", "CallerGone", "CallerUp", "ConsultedOff", "ConsultedUp", "DialCaller", "EndRecording", "HandOver",
    "HangUpCaller", "HoldPartner", "Input", "JoinAll", "LosePartner", "MaskRecording", "Mute", "PartnerOff", "PartnerUp", "PlayPrompt",
    "PromptOver", "Recording", "RegainConsult", "RegainPartner", "Resume", "RingConsulted", "RingPartner", "RunRecording",
    "Session", "SetMusic", "StartRecording", "State", "StopPrompt", "StopRinging", "TABLE", "Track", "WrongState", "handle",
    "new_leg", "redraw",
]  # fmt: skip
