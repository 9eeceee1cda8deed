"""Record a fact from a Django process, and read facts back from the database."""

import msgspec
from django.db import transaction

from apps.events import journal
from apps.events.models import Event as EventRow
from apps.events.vocabulary import AnyEvent, Entry, Event
from contactcenter.lib import bus


def record(event: Event) -> None:
    """Append `event` to the journal when the surrounding transaction commits (at once if there is none).

    Errors: `redis.RedisError` after the commit; the caller's rows are written then, and he may record again.
    """
    transaction.on_commit(lambda: journal.append(bus.client(), event))


def read_after(seq: int, limit: int = 500, *, until: int | None = None) -> list[Entry]:
    """Facts in the database after `seq`, oldest first, up to and with `until`. What is not understood is left out."""
    return [entry for row_seq, entry in rows_after(seq, limit, until=until) if entry is not None]


def rows_after(seq: int, limit: int, *, until: int | None = None) -> list[tuple[int, Entry | None]]:
    """As `read_after`, with the seq of those that are not understood, so that a reader can step over them."""
    rows = EventRow.objects.filter(seq__gt=seq).order_by("seq")
    if until is not None:
        rows = rows.filter(seq__lte=until)
    return [(row_seq, _entry(row_seq, data)) for row_seq, data in rows.values_list("seq", "data")[:limit]]


def _entry(seq: int, data: object) -> Entry | None:
    try:
        return Entry(seq, msgspec.convert(data, AnyEvent))
    except msgspec.ValidationError:
        return None
