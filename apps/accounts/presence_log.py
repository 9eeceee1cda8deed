"""AS-05: every status change of an agent, written from the journal; statistics are made of it."""

from apps.accounts.models import PresenceEntry, Profile, User
from apps.events.vocabulary import Entry, PresenceChanged
from contactcenter.lib.clock import as_datetime


def read(entries: list[Entry]) -> None:
    """The reader "presence". Reading the same facts again changes nothing; those of people who are gone are left out."""
    changes = [(entry.seq, entry.event) for entry in entries if isinstance(entry.event, PresenceChanged)]
    if not changes:
        return
    agents = set(User.objects.filter(pk__in={event.agent for _, event in changes}).values_list("pk", flat=True))
    profiles = set(Profile.objects.filter(pk__in={event.profile for _, event in changes}).values_list("pk", flat=True))
    rows = [_row(seq, event, profiles) for seq, event in changes if event.agent in agents]
    PresenceEntry.objects.bulk_create(rows, ignore_conflicts=True)


def _row(seq: int, event: PresenceChanged, profiles: set[int]) -> PresenceEntry:
    return PresenceEntry(
        seq=seq, agent_id=event.agent, at=as_datetime(event.at), status=event.status, reason=event.reason[:80],
        profile_id=event.profile if event.profile in profiles else None, phone=event.phone[:40],
    )  # fmt: skip
