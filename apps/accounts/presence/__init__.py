"""An agent's status: inputs, and one table of transitions with one writer (the switch). PURE."""

from apps.accounts.presence.inputs import (
    CalledOut,
    ConversationEnded,
    DispositionChosen,
    FoundInCall,
    Input,
    LoggedOff,
    LoggedOn,
    MidnightPassed,
    OfferAnswered,
    Offered,
    OfferFailed,
    OfferRejected,
    OfferUnanswered,
    OfferWithdrawn,
    PauseChosen,
    PhoneBusy,
    ReadyChosen,
    Returned,
    TimePassed,
    WrapUpExtended,
)
from apps.accounts.presence.machine import (
    INPUTS,
    SHORTEST_ERROR_REST,
    STATUSES,
    TABLE,
    NotExtendable,
    Owing,
    WrongState,
    handle,
    next_timer,
)
from apps.accounts.presence.state import AgentRules, Presence

__all__ = [
    "AgentRules", "CalledOut", "ConversationEnded", "DispositionChosen", "FoundInCall", "INPUTS", "Input", "LoggedOff", "LoggedOn",
    "MidnightPassed", "NotExtendable", "OfferAnswered", "OfferFailed", "OfferRejected", "OfferUnanswered", "OfferWithdrawn", "Offered",
    "Owing", "PauseChosen", "PhoneBusy", "Presence", "ReadyChosen", "Returned", "SHORTEST_ERROR_REST", "STATUSES", "TABLE", "TimePassed",
    "WrapUpExtended", "WrongState", "handle", "next_timer",
]  # fmt: skip
