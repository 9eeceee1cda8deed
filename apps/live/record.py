"""What the desk shows from the record and the directory: an agent's day, who a customer is, his earlier calls. Read only, bounded."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.calls.models import Call, Leg
from apps.directory import services as directory
from apps.notes import services as notes
from contactcenter.lib import phone

DAY_CALLS = 200  # shown of a day: calls of two minutes without a break; 40 kB, asked for once after each call
EARLIER_CALLS = 5
CONTACTS = 3  # shown of those that have the same number
NOTE = 300  # signs of a contact's note
NOTE_SHOWN = 160  # characters
NOT_REACHED = Q(role="agent", call__kind="outbound", call__answered_at__isnull=True, call__ended_at__isnull=False)


def my_day(user: User, now: datetime | None = None) -> dict[str, Any]:
    """His conversations of today that are over (by the server's time zone): how many, seconds on average. And the newest ones.

    A conversation is one of his legs: a call that he passed on is his and his colleague's, each with what he talked himself.
    Among the newest are his calls out that nobody answered, with their cause. `more`: there are others.
    """
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Leg.objects.filter(agent=user, started_at__gte=midnight)
    figures = today.aggregate(calls=Count("talked"), average=Avg("talked"))
    shown = today.filter(Q(talked__isnull=False) | NOT_REACHED).select_related("call__queue").order_by("-started_at")
    legs = list(shown[: DAY_CALLS + 1])
    names = directory.names_of(leg.call.caller for leg in legs)
    return {
        "calls": figures["calls"],
        "average": round(figures["average"] or 0),
        "last": [_of_day(leg, names.get(leg.call.caller, "")) for leg in legs[:DAY_CALLS]],
        "more": len(legs) > DAY_CALLS,
    }


def _of_day(leg: Leg, name: str) -> dict[str, Any]:
    own = {"id": leg.pk, "at": leg.started_at.timestamp(), "talked": round(leg.talked or 0)}
    return _shown(leg.call, name) | own | {"ended": leg.call.ended_at.timestamp() if leg.call.ended_at else None}


def customer(caller: str) -> dict[str, Any]:
    """SP-04: who calls, as the directory has it; of a withheld number nothing is known.

    `name` if it is clear (directory.names_of); the contacts that have this number, and how many `more` have it.
    """
    contacts, count = directory.of_number(caller, most=CONTACTS) if caller else ([], 0)
    return {
        "caller": caller,
        "name": directory.names_of([caller]).get(caller, ""),
        "contacts": [{"name": one.name, "company": one.company, "tags": one.tags, "note": one.note[:NOTE]} for one in contacts],
        "more": count - len(contacts),
        "earlier": earlier_calls(caller),
    }


def earlier_calls(caller: str) -> dict[str, Any]:
    """Ended calls of a number; of a withheld number there are none to tell apart."""
    found = Call.objects.filter(caller=caller, ended_at__isnull=False) if caller else Call.objects.none()
    last = list(found.select_related("queue", "agent", "disposition")[:EARLIER_CALLS])
    written, agents = notes.newest(call.pk for call in last), _agents(last)
    shown = [_shown(call) | {"agent": agents.get(call.pk, _last_agent(call))} | _summed_up(call, written) for call in last]
    return {"count": found.count(), "last": shown}


def _agents(calls: list[Call]) -> dict[str, str]:
    """Who talked, in this order, by call."""
    legs = Leg.objects.filter(call__in=calls, agent__isnull=False, talked__isnull=False).select_related("agent").order_by("started_at")
    names: dict[str, dict[str, None]] = {}
    for leg in legs:
        names.setdefault(leg.call_id, {})[str(leg.agent)] = None
    return {call: ", ".join(those) for call, those in names.items()}


def _last_agent(call: Call) -> str:
    """Of a call from before legs had conversations, and of one that he made and nobody answered."""
    return str(call.agent) if call.agent else ""


def _summed_up(call: Call, written: dict[str, str]) -> dict[str, str]:
    """How it went, and the beginning of its note."""
    note = written.get(call.pk, "")
    return {"disposition": str(call.disposition or ""), "note": note if len(note) <= NOTE_SHOWN else f"{note[:NOTE_SHOWN].rstrip()} …"}


def _shown(call: Call, name: str = "") -> dict[str, Any]:
    return {
        "at": call.started_at.timestamp(),
        "caller": pretty(call.caller),
        "number": call.caller,
        "out": call.kind == "outbound",
        "name": name or call.caller_name,
        "queue": call.queue.name if call.queue else "",
        "talked": round(call.talked),
        "answered": call.answered_at is not None,
        "cause": call.cause if call.kind == "outbound" and call.answered_at is None else "",
        "test": call.test,
    }


def pretty(number: str) -> str:
    """As people write it; empty stays empty."""
    return phone.pretty(number, settings.COUNTRY) if number else ""
