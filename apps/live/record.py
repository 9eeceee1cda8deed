"""What the desk shows from the record and the directory: an agent's day, who a customer is, his earlier calls. Read only, bounded."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count
from django.utils import timezone

from apps.accounts.models import User
from apps.calls.models import Call
from apps.directory import services as directory
from apps.notes import services as notes
from contactcenter.lib import phone

LAST_CALLS = 8
EARLIER_CALLS = 5
CONTACTS = 3  # shown of those that have the same number
NOTE = 300  # signs of a contact's note
NOTE_SHOWN = 160  # characters


def my_day(user: User, now: datetime | None = None) -> dict[str, Any]:
    """His conversations of today that are over (by the server's time zone): how many, seconds on average, the newest ones."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Call.objects.filter(agent=user, answered_at__isnull=False, ended_at__isnull=False, started_at__gte=midnight)
    figures = today.aggregate(calls=Count("pk"), average=Avg("talked"))
    last = list(today.select_related("queue")[:LAST_CALLS])
    names = directory.names_of(call.caller for call in last)
    return {
        "calls": figures["calls"],
        "average": round(figures["average"] or 0),
        "last": [_shown(call, names.get(call.caller, "")) for call in last],
    }


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
    written = notes.newest(call.pk for call in last)
    return {"count": found.count(), "last": [_shown(call) | _summed_up(call, written) for call in last]}


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
        "agent": str(call.agent) if call.agent else "",
        "talked": round(call.talked),
        "answered": call.answered_at is not None,
        "test": call.test,
    }


def pretty(number: str) -> str:
    """As people write it; empty stays empty."""
    return phone.pretty(number, settings.COUNTRY) if number else ""
