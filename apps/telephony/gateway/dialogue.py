"""The states of one SIP dialogue with a cell, and what moves it: one table (RFC 3261, 13 and 15, over UDP). PURE.

The gateway is called (agents' legs: ringing ...) or calls (test calls: calling ...). Actions are names of functions of
phones.py. Whatever arrives late or out of place leaves the state as it is, as the RFC wants; only what the gateway itself
asks for must fit, else KeyError.
"""

from dataclasses import dataclass
from enum import StrEnum

T1 = 0.5  # seconds: first retransmission (RFC 3261, 17.1.1.1)
T2 = 4.0  # longest time between two of them
GIVE_UP = 64 * T1


class State(StrEnum):
    RINGING = "ringing"  # called: 180 is sent
    ACCEPTED = "accepted"  # called: 200 is sent, ACK is missing
    WITHDRAWN = "withdrawn"  # as accepted, but we want to leave: BYE must wait for the ACK (RFC 3261, 15)
    REFUSED = "refused"  # called: a final response is sent, ACK is missing
    CALLING = "calling"  # INVITE is sent, nothing came back
    PROCEEDING = "proceeding"  # 1xx came back
    ABANDONED = "abandoned"  # as calling, but we want to leave: CANCEL must wait for a 1xx (RFC 3261, 9.1)
    CANCELLING = "cancelling"  # CANCEL is sent
    CANCELLED = "cancelled"  # CANCEL is confirmed, the INVITE's final response is missing
    UP = "up"
    LEAVING = "leaving"  # BYE is sent
    OVER = "over"  # kept for a while to answer what is repeated


class Event(StrEnum):
    # from the cell
    INVITED_AGAIN = "invited_again"
    REINVITED = "reinvited"
    CANCELLED = "cancelled"
    ACKNOWLEDGED = "acknowledged"
    LEFT = "left"  # BYE
    PROGRESSED = "progressed"  # 1xx to our INVITE
    SUCCEEDED = "succeeded"  # 2xx to our INVITE
    FAILED = "failed"  # 3xx-6xx to our INVITE
    CONFIRMED = "confirmed"  # final response to our CANCEL or BYE
    # from the gateway
    ACCEPT = "accept"
    HANG_UP = "hang_up"
    # from the clock
    DUE = "due"  # the last message is to be repeated
    EXPIRED = "expired"  # the state has lasted too long


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """`repeat`: seconds to the first repetition of the last message (doubled up to T2). `lasts`: seconds until EXPIRED."""

    repeat: float | None
    lasts: float | None


S, E = State, Event
LIVE = frozenset({S.RINGING, S.ACCEPTED, S.CALLING, S.PROCEEDING, S.UP})
RESUMED = frozenset({S.RINGING, S.ACCEPTED, S.WITHDRAWN, S.UP})  # the next process goes on with them: the cell waits for our next word

PATIENCE = {
    S.RINGING: Patience(None, 180.0),  # the cell's own limit is shorter; this is for cells that died
    S.ACCEPTED: Patience(T1, GIVE_UP),
    S.WITHDRAWN: Patience(T1, GIVE_UP),
    S.REFUSED: Patience(T1, GIVE_UP),
    S.CALLING: Patience(T1, 4.0),  # cells are near: one that is silent for so long is dead
    S.PROCEEDING: Patience(None, 20.0),
    S.ABANDONED: Patience(T1, 4.0),
    S.CANCELLING: Patience(T1, GIVE_UP),
    S.CANCELLED: Patience(None, GIVE_UP),
    S.UP: Patience(None, None),
    S.LEAVING: Patience(T1, GIVE_UP),
    S.OVER: Patience(None, GIVE_UP),
}

TABLE: dict[tuple[State, Event], Step] = {
    (S.RINGING, E.INVITED_AGAIN): Step(S.RINGING, ("repeat",)),
    (S.RINGING, E.CANCELLED): Step(S.REFUSED, ("confirm", "terminated")),
    (S.RINGING, E.LEFT): Step(S.REFUSED, ("confirm", "terminated")),
    (S.RINGING, E.ACCEPT): Step(S.ACCEPTED, ("accept",)),
    (S.RINGING, E.HANG_UP): Step(S.REFUSED, ("decline",)),
    (S.RINGING, E.EXPIRED): Step(S.REFUSED, ("unavailable",)),
    (S.ACCEPTED, E.INVITED_AGAIN): Step(S.ACCEPTED, ("repeat",)),
    (S.ACCEPTED, E.CANCELLED): Step(S.ACCEPTED, ("confirm",)),  # too late: it has no effect
    (S.ACCEPTED, E.ACKNOWLEDGED): Step(S.UP),
    (S.ACCEPTED, E.LEFT): Step(S.OVER, ("confirm",)),
    (S.ACCEPTED, E.HANG_UP): Step(S.WITHDRAWN),
    (S.ACCEPTED, E.DUE): Step(S.ACCEPTED, ("repeat",)),
    (S.ACCEPTED, E.EXPIRED): Step(S.LEAVING, ("leave",)),
    (S.WITHDRAWN, E.INVITED_AGAIN): Step(S.WITHDRAWN, ("repeat",)),
    (S.WITHDRAWN, E.CANCELLED): Step(S.WITHDRAWN, ("confirm",)),
    (S.WITHDRAWN, E.ACKNOWLEDGED): Step(S.LEAVING, ("leave",)),
    (S.WITHDRAWN, E.LEFT): Step(S.OVER, ("confirm",)),
    (S.WITHDRAWN, E.DUE): Step(S.WITHDRAWN, ("repeat",)),
    (S.WITHDRAWN, E.EXPIRED): Step(S.LEAVING, ("leave",)),
    (S.REFUSED, E.INVITED_AGAIN): Step(S.REFUSED, ("repeat",)),
    (S.REFUSED, E.CANCELLED): Step(S.REFUSED, ("confirm",)),
    (S.REFUSED, E.LEFT): Step(S.REFUSED, ("confirm",)),
    (S.REFUSED, E.ACKNOWLEDGED): Step(S.OVER),
    (S.REFUSED, E.DUE): Step(S.REFUSED, ("repeat",)),
    (S.REFUSED, E.EXPIRED): Step(S.OVER),
    (S.CALLING, E.PROGRESSED): Step(S.PROCEEDING),
    (S.CALLING, E.SUCCEEDED): Step(S.UP, ("established", "acknowledge")),
    (S.CALLING, E.FAILED): Step(S.OVER, ("acknowledge_failure",)),
    (S.CALLING, E.HANG_UP): Step(S.ABANDONED),
    (S.CALLING, E.DUE): Step(S.CALLING, ("repeat",)),
    (S.CALLING, E.EXPIRED): Step(S.OVER),
    (S.PROCEEDING, E.SUCCEEDED): Step(S.UP, ("established", "acknowledge")),
    (S.PROCEEDING, E.FAILED): Step(S.OVER, ("acknowledge_failure",)),
    (S.PROCEEDING, E.HANG_UP): Step(S.CANCELLING, ("cancel",)),
    (S.PROCEEDING, E.EXPIRED): Step(S.CANCELLING, ("cancel",)),
    (S.ABANDONED, E.PROGRESSED): Step(S.CANCELLING, ("cancel",)),
    (S.ABANDONED, E.SUCCEEDED): Step(S.LEAVING, ("established", "acknowledge", "leave")),
    (S.ABANDONED, E.FAILED): Step(S.OVER, ("acknowledge_failure",)),
    (S.ABANDONED, E.DUE): Step(S.ABANDONED, ("repeat",)),
    (S.ABANDONED, E.EXPIRED): Step(S.OVER),
    (S.CANCELLING, E.CONFIRMED): Step(S.CANCELLED),
    (S.CANCELLING, E.SUCCEEDED): Step(S.LEAVING, ("established", "acknowledge", "leave")),
    (S.CANCELLING, E.FAILED): Step(S.OVER, ("acknowledge_failure",)),
    (S.CANCELLING, E.DUE): Step(S.CANCELLING, ("repeat",)),
    (S.CANCELLING, E.EXPIRED): Step(S.OVER),
    (S.CANCELLED, E.SUCCEEDED): Step(S.LEAVING, ("established", "acknowledge", "leave")),
    (S.CANCELLED, E.FAILED): Step(S.OVER, ("acknowledge_failure",)),
    (S.CANCELLED, E.EXPIRED): Step(S.OVER),
    (S.UP, E.INVITED_AGAIN): Step(S.UP, ("repeat",)),
    (S.UP, E.REINVITED): Step(S.ACCEPTED, ("agree",)),
    (S.UP, E.SUCCEEDED): Step(S.UP, ("acknowledge",)),  # our ACK was lost
    (S.UP, E.LEFT): Step(S.OVER, ("confirm",)),
    (S.UP, E.HANG_UP): Step(S.LEAVING, ("leave",)),
    (S.LEAVING, E.CONFIRMED): Step(S.OVER),
    (S.LEAVING, E.SUCCEEDED): Step(S.LEAVING, ("acknowledge",)),
    (S.LEAVING, E.LEFT): Step(S.OVER, ("confirm",)),
    (S.LEAVING, E.DUE): Step(S.LEAVING, ("repeat",)),
    (S.LEAVING, E.EXPIRED): Step(S.OVER),
    (S.OVER, E.CANCELLED): Step(S.OVER, ("confirm",)),
    (S.OVER, E.LEFT): Step(S.OVER, ("confirm",)),
    (S.OVER, E.SUCCEEDED): Step(S.OVER, ("acknowledge",)),
    (S.OVER, E.FAILED): Step(S.OVER, ("acknowledge_failure",)),
}

_FROM_THE_CELL = tuple(Event)[: tuple(Event).index(Event.ACCEPT)]
for _state in State:
    for _event in _FROM_THE_CELL:
        TABLE.setdefault((_state, _event), Step(_state))
for _state in set(State) - LIVE:
    TABLE[_state, Event.HANG_UP] = Step(_state)  # it is ending already
