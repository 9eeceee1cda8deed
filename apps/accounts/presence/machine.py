"""An agent's status: one table of transitions, one writer (the switch). PURE. AS-01 to AS-05, AL-01 to AL-03.

What agents expect, where the rules leave a choice:
- A pause or a log-off chosen while a call rings or is talked in waits (`pending`). A conversation's wrap-up is still given,
  because the work of the call is not done; then the wish comes true. After an offer that came to nothing it comes true at once.
- The newest wish counts: another pause replaces it, *ready* takes it back. What is chosen during wrap-up happens at once.
- Who calls out from a pause is back in it afterwards, unless he chooses *ready* meanwhile; a wrap-up is over when he calls out.
- An offer that was withdrawn (the caller hung up) costs nothing: the agent keeps his place among the free ones.
- A profile or phone can be changed while logged on, except in a call; the status stays as it is.
- At midnight nobody is torn from a call or its wrap-up: the log-off waits for the end of both.
- A wrap-up is extended as often as its agent likes, until what is allowed in all is used up.
- A wrap-up that owes a disposition ends neither by itself nor by a wish of the agent; at midnight only its time counts (decision 52).
- His own customer, whose transfer failed, rings him out of it and forgives nothing: if they do not talk, he is back in it and owes.

docs/presence.md is made from the table: `python -m apps.accounts.presence_picture > docs/presence.md`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

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
from apps.accounts.presence.state import AgentRules, Presence
from apps.events.vocabulary import PresenceChanged, Status

SHORTEST_ERROR_REST = 5.0  # seconds: a phone that fails or is busy is not tried again at once, even where `busy_seconds` is 0


class WrongState(Exception):  # noqa: N818 - named for what is the matter
    """The input does not belong to the agent's status; nothing has changed. `code` is stable."""

    code = "wrong_state"


class Owing(WrongState):
    """The wrap-up cannot end: the queue demands a disposition, and none is chosen."""

    code = "disposition_required"


class NotExtendable(WrongState):
    """The wrap-up would become longer than queue or profile allow."""

    code = "wrap_up_limit"


Outcome = tuple[Presence, tuple[PresenceChanged, ...]]
Action = Callable[[Presence, Any, float, AgentRules], Outcome]  # Any: the input of that row


class Transition(NamedTuple):
    """`to`: every status that `action` can lead to; what the picture shows and the tests hold it to."""

    action: Action
    to: tuple[Status, ...]


def handle(presence: Presence, what: Input, now: float, rules: AgentRules) -> Outcome:
    """The presence after `what` happened, and the changes of status to be told, in order. `now`: Unix seconds. Raises `WrongState`."""
    transition = TABLE.get((presence.status, type(what)))
    if transition is None:
        raise WrongState(f"{type(what).__name__} while {presence.status}")
    return transition.action(presence, what, now, rules)


def next_timer(presence: Presence) -> float | None:
    """When `TimePassed` is due (Unix seconds)."""
    return presence.until


# -- actions

_AFTER_A_CALL = ("wrap_up", "offered")  # and rung out of it by his own customer


def _become(presence: Presence, status: Status, now: float, *, reason: str = "", until: float | None = None) -> Outcome:
    """Into `status`, with the event that says so."""
    after = replace(presence, status=status, since=now, until=until, reason=reason)
    if status not in _AFTER_A_CALL:
        after = replace(after, owes=False, extendable=0.0, extended=0.0)
    event = PresenceChanged(
        at=now, agent=after.agent, status=status, before=presence.status, reason=reason, profile=after.profile, phone=after.phone
    )
    return after, (event,)


def _stay(presence: Presence, *_: object) -> Outcome:
    return presence, ()


def _become_ready(presence: Presence, now: float, *, reason: str = "") -> Outcome:
    return _become(replace(presence, ready_since=now, pending="", pending_reason=""), "ready", now, reason=reason)


def _pause(presence: Presence, now: float, reason: str) -> Outcome:
    if presence.status == "pause" and presence.reason == reason:
        return _stay(presence)
    return _become(replace(presence, pending="", pending_reason=""), "pause", now, reason=reason)


def _leave(presence: Presence, now: float, reason: str) -> Outcome:
    """Logged off. The event still names the profile and phone that he had."""
    after, events = _become(presence, "logged_off", now, reason=reason)
    return replace(after, profile=None, phone="", pending="", pending_reason="", unanswered=0, errors=0), events


def _fulfil(presence: Presence, now: float) -> Outcome:
    """What is pending comes true."""
    if presence.pending == "log_off":
        return _leave(presence, now, presence.pending_reason)
    return _pause(presence, now, presence.pending.removeprefix("pause:"))


def _settle(presence: Presence, now: float) -> Outcome:
    """Nothing holds him any more: what is pending, else ready."""
    return _fulfil(presence, now) if presence.pending else _become_ready(presence, now)


def _rest(presence: Presence, status: Status, now: float, seconds: float, reason: str = "") -> Outcome:
    """Busy or no answer for some seconds (AS-03); no rest for one who owes, who wants to go, or where the rule is 0 seconds."""
    if _is_kept(presence):
        return _become(presence, "wrap_up", now, reason=reason)
    if presence.pending or seconds <= 0:
        return _settle(presence, now)
    return _become(presence, status, now, reason=reason, until=now + seconds)


def _log_on(presence: Presence, what: LoggedOn, now: float, rules: AgentRules) -> Outcome:
    fresh = replace(presence, profile=what.profile, phone=what.phone, unanswered=0, errors=0)
    ready, events = _become_ready(fresh, now, reason="log_on")
    if not what.pause:
        return ready, events
    paused, more = _pause(ready, now, what.pause)
    return paused, events + more


def _change_profile(presence: Presence, what: LoggedOn, now: float, rules: AgentRules) -> Outcome:
    """Same status, since the same time, with another profile or phone; then the pause, if one was chosen."""
    changed = presence
    events: tuple[PresenceChanged, ...] = ()
    if (what.profile, what.phone) != (presence.profile, presence.phone):
        changed = replace(presence, profile=what.profile, phone=what.phone)
        same, events = _become(changed, presence.status, now, reason=presence.reason, until=presence.until)
        changed = replace(same, since=presence.since)
    if not what.pause:
        return changed, events
    paused, more = _pause(changed, now, what.pause)
    return paused, events + more


def _log_off(presence: Presence, what: LoggedOff, now: float, rules: AgentRules) -> Outcome:
    return _leave(presence, now, what.reason)


def _log_off_later(presence: Presence, what: LoggedOff, now: float, rules: AgentRules) -> Outcome:
    return replace(presence, pending="log_off", pending_reason=what.reason), ()


def _midnight(presence: Presence, what: MidnightPassed, now: float, rules: AgentRules) -> Outcome:
    return _leave(presence, now, "midnight") if rules.log_off_at_midnight else _stay(presence)


def _midnight_in_call(presence: Presence, what: MidnightPassed, now: float, rules: AgentRules) -> Outcome:
    if not rules.log_off_at_midnight:
        return _stay(presence)
    return replace(presence, pending="log_off", pending_reason="midnight"), ()


def _ready(presence: Presence, what: ReadyChosen, now: float, rules: AgentRules) -> Outcome:
    return _become_ready(presence, now)


def _take_back(presence: Presence, what: ReadyChosen, now: float, rules: AgentRules) -> Outcome:
    return replace(presence, pending="", pending_reason=""), ()


def _pause_now(presence: Presence, what: PauseChosen, now: float, rules: AgentRules) -> Outcome:
    return _pause(presence, now, what.reason)


def _pause_later(presence: Presence, what: PauseChosen, now: float, rules: AgentRules) -> Outcome:
    return replace(presence, pending=f"pause:{what.reason}", pending_reason=""), ()


def _call_out(presence: Presence, what: CalledOut, now: float, rules: AgentRules) -> Outcome:
    return _into_call(presence, now, "called_out")


def _found_in_call(presence: Presence, what: FoundInCall, now: float, rules: AgentRules) -> Outcome:
    return _into_call(presence, now, "found_in_call")


def _into_call(presence: Presence, now: float, reason: str) -> Outcome:
    pending = f"pause:{presence.reason}" if presence.status == "pause" else ""
    return _become(replace(presence, pending=pending), "connected", now, reason=reason)


def _ring(presence: Presence, what: Offered | Returned, now: float, rules: AgentRules) -> Outcome:
    return _become(presence, "offered", now)


def _counted(presence: Presence) -> Presence:
    """The offer that ends now counts as one (QU-06): it began when the status did."""
    return replace(presence, last_offer=presence.since)


def _connect(presence: Presence, what: OfferAnswered, now: float, rules: AgentRules) -> Outcome:
    return _become(replace(_counted(presence), unanswered=0, errors=0), "connected", now)


def _reject(presence: Presence, what: OfferRejected, now: float, rules: AgentRules) -> Outcome:
    return _rest(_counted(presence), "busy", now, rules.busy_seconds, "rejected")


def _phone_busy(presence: Presence, what: PhoneBusy, now: float, rules: AgentRules) -> Outcome:
    return _rest(presence, "busy", now, max(rules.busy_seconds, SHORTEST_ERROR_REST), "phone_busy")


def _unanswered(presence: Presence, what: OfferUnanswered, now: float, rules: AgentRules) -> Outcome:
    counted = replace(_counted(presence), unanswered=presence.unanswered + 1)
    if 0 < rules.log_off_after_unanswered <= counted.unanswered:
        return _leave(counted, now, "no_answer_limit")
    return _rest(counted, "no_answer", now, rules.no_answer_seconds)


def _fail(presence: Presence, what: OfferFailed, now: float, rules: AgentRules) -> Outcome:
    counted = replace(presence, errors=presence.errors + 1)
    if 0 < rules.log_off_after_errors <= counted.errors:
        return _leave(counted, now, "error_limit")
    return _rest(counted, "busy", now, max(rules.busy_seconds, SHORTEST_ERROR_REST), "error")


def _withdraw(presence: Presence, what: OfferWithdrawn, now: float, rules: AgentRules) -> Outcome:
    if _is_kept(presence):
        return _become(presence, "wrap_up", now)
    if presence.pending:
        return _fulfil(presence, now)
    return _become(presence, "ready", now, reason="withdrawn")  # `ready_since` and `last_offer` stay: he keeps his place


def _end(presence: Presence, what: ConversationEnded, now: float, rules: AgentRules) -> Outcome:
    if what.wrap_up <= 0 and not what.owes:
        return _settle(presence, now)
    until = now + what.wrap_up if what.wrap_up > 0 else None
    after = replace(presence, owes=what.owes, extendable=what.extendable, extended=0.0)
    return _become(after, "wrap_up", now, reason=what.reason, until=until)


def _extend(presence: Presence, what: WrapUpExtended, now: float, rules: AgentRules) -> Outcome:
    """Raises `NotExtendable`."""
    if what.seconds > presence.extendable:
        raise NotExtendable(f"{what.seconds} s of {presence.extendable} s")
    left, used = presence.extendable - what.seconds, presence.extended + what.seconds
    return replace(presence, until=max(presence.until or now, now) + what.seconds, extendable=left, extended=used), ()


def _time(presence: Presence, what: TimePassed, now: float, rules: AgentRules) -> Outcome:
    return _settle(presence, now) if presence.until is not None and presence.until <= now else _stay(presence)


# -- what a wrap-up owes


def _is_kept(presence: Presence) -> bool:
    """By what he owes; but midnight logs him off."""
    return presence.owes and presence.pending_reason != "midnight"


def _when_paid(action: Action) -> Action:
    """`action` would end the wrap-up. Raises `Owing`."""

    def act(presence: Presence, what: Any, now: float, rules: AgentRules) -> Outcome:
        if presence.owes:
            raise Owing(f"{type(what).__name__} before a disposition is chosen")
        return action(presence, what, now, rules)

    return act


def _log_off_from_wrap_up(presence: Presence, what: LoggedOff, now: float, rules: AgentRules) -> Outcome:
    """His own wish waits; whoever else logs him off has a reason."""
    return (_when_paid(_log_off) if what.reason == LoggedOff().reason else _log_off)(presence, what, now, rules)


def _change_in_wrap_up(presence: Presence, what: LoggedOn, now: float, rules: AgentRules) -> Outcome:
    return (_when_paid(_change_profile) if what.pause else _change_profile)(presence, what, now, rules)


def _pay(presence: Presence, what: DispositionChosen, now: float, rules: AgentRules) -> Outcome:
    """The wrap-up goes on to its time; if that is over, it ends now."""
    after = replace(presence, owes=False)
    return _settle(after, now) if presence.owes and presence.until is None else (after, ())


def _pay_ringing(presence: Presence, what: DispositionChosen, now: float, rules: AgentRules) -> Outcome:
    return replace(presence, owes=False), ()


def _wrap_up_time(presence: Presence, what: TimePassed, now: float, rules: AgentRules) -> Outcome:
    """Its time is over; what is owed keeps the agent in it, unless midnight wants him logged off."""
    if presence.until is None or presence.until > now:
        return _stay(presence)
    if _is_kept(presence):
        return replace(presence, until=None), ()
    return _settle(presence, now)


def _midnight_in_wrap_up(presence: Presence, what: MidnightPassed, now: float, rules: AgentRules) -> Outcome:
    """Who only owes has left: nobody chooses anything any more today."""
    return (_midnight if presence.until is None else _midnight_in_call)(presence, what, now, rules)


# -- the table

STATUSES: tuple[Status, ...] = ("logged_off", "ready", "offered", "connected", "wrap_up", "busy", "no_answer", "pause")
INPUTS: tuple[type[Input], ...] = (
    LoggedOn, LoggedOff, ReadyChosen, PauseChosen, CalledOut, FoundInCall, Offered, Returned, OfferAnswered, OfferRejected, PhoneBusy,
    OfferUnanswered, OfferFailed, OfferWithdrawn, ConversationEnded, WrapUpExtended, DispositionChosen, TimePassed, MidnightPassed,
)  # fmt: skip


def _at_work(status: Status) -> dict[type[Input], Transition]:
    """Of one who is logged on and not in a call."""
    return {
        LoggedOn: Transition(_change_profile, (status,) if status == "pause" else (status, "pause")),
        LoggedOff: Transition(_log_off, ("logged_off",)),
        ReadyChosen: Transition(_ready, ("ready",)),
        PauseChosen: Transition(_pause_now, ("pause",)),
        CalledOut: Transition(_call_out, ("connected",)),
        FoundInCall: Transition(_found_in_call, ("connected",)),
        TimePassed: Transition(_stay, (status,)),
        MidnightPassed: Transition(_midnight, (status, "logged_off")),
    }


def _in_call(status: Status) -> dict[type[Input], Transition]:
    return {
        LoggedOff: Transition(_log_off_later, (status,)),
        ReadyChosen: Transition(_take_back, (status,)),
        PauseChosen: Transition(_pause_later, (status,)),
        TimePassed: Transition(_stay, (status,)),
        MidnightPassed: Transition(_midnight_in_call, (status,)),
    }


_BY_STATUS: dict[Status, dict[type[Input], Transition]] = {
    "logged_off": {
        LoggedOn: Transition(_log_on, ("ready", "pause")),
        TimePassed: Transition(_stay, ("logged_off",)),
        MidnightPassed: Transition(_stay, ("logged_off",)),
    },
    "ready": {
        **_at_work("ready"),
        ReadyChosen: Transition(_stay, ("ready",)),
        Offered: Transition(_ring, ("offered",)),
        Returned: Transition(_ring, ("offered",)),
    },
    "offered": {
        **_in_call("offered"),
        OfferAnswered: Transition(_connect, ("connected",)),
        OfferRejected: Transition(_reject, ("busy", "ready", "pause", "wrap_up", "logged_off")),
        PhoneBusy: Transition(_phone_busy, ("busy", "pause", "wrap_up", "logged_off")),
        OfferUnanswered: Transition(_unanswered, ("no_answer", "ready", "pause", "wrap_up", "logged_off")),
        OfferFailed: Transition(_fail, ("busy", "pause", "wrap_up", "logged_off")),
        OfferWithdrawn: Transition(_withdraw, ("ready", "pause", "wrap_up", "logged_off")),
        DispositionChosen: Transition(_pay_ringing, ("offered",)),
    },
    "connected": {
        **_in_call("connected"),
        ConversationEnded: Transition(_end, ("wrap_up", "ready", "pause", "logged_off")),
    },
    "wrap_up": {
        **_at_work("wrap_up"),
        LoggedOn: Transition(_change_in_wrap_up, ("wrap_up", "pause")),
        LoggedOff: Transition(_log_off_from_wrap_up, ("logged_off",)),
        ReadyChosen: Transition(_when_paid(_ready), ("ready",)),
        PauseChosen: Transition(_when_paid(_pause_now), ("pause",)),
        CalledOut: Transition(_when_paid(_call_out), ("connected",)),
        Returned: Transition(_ring, ("offered",)),
        WrapUpExtended: Transition(_extend, ("wrap_up",)),
        DispositionChosen: Transition(_pay, ("wrap_up", "ready", "pause", "logged_off")),
        TimePassed: Transition(_wrap_up_time, ("wrap_up", "ready", "pause", "logged_off")),
        MidnightPassed: Transition(_midnight_in_wrap_up, ("wrap_up", "logged_off")),
    },
    "busy": {**_at_work("busy"), TimePassed: Transition(_time, ("busy", "ready"))},
    "no_answer": {**_at_work("no_answer"), TimePassed: Transition(_time, ("no_answer", "ready"))},
    "pause": _at_work("pause"),
}  # fmt: skip

TABLE: dict[tuple[Status, type[Input]], Transition] = {
    (status, kind): transition for status, row in _BY_STATUS.items() for kind, transition in row.items()
}  # fmt: skip
