"""Journal to database: facts become rows, in order, exactly once."""

from typing import Any

import redis
from django.db import transaction
from django.db.models import Max

from apps.events import journal
from apps.events.models import Event as EventRow
from apps.events.vocabulary import AnyEvent, to_data
from contactcenter.lib.clock import as_datetime


def written() -> int:
    """The seq of the newest fact in the database; 0: none."""
    return EventRow.objects.aggregate(newest=Max("seq"))["newest"] or 0


def copy(source: redis.Redis, after: int, *, count: int, block_ms: int | None) -> int:
    """Write the next facts after `after` in one transaction; returns the seq of the last one written (`after`: there was nothing).

    Exactly once: `seq` is the primary key, so a batch that another writer has begun to write fails as a whole
    (`django.db.IntegrityError`) and `written()` tells where to go on.
    """
    batch = journal.read_encoded(source, after, count=count, block_ms=block_ms)
    if not batch:
        return after
    with transaction.atomic():
        EventRow.objects.bulk_create([_row(seq, message) for seq, message in batch])
    return batch[-1][0]


def _row(seq: int, message: bytes) -> EventRow:
    """A fact that is not understood is kept as it came: it must neither be lost nor stop those behind it."""
    event = journal.understood(seq, message)
    try:
        return _readable(seq, event) if event is not None else _unreadable(seq, message)
    except (ValueError, OverflowError, OSError):  # a time that is no date
        return _unreadable(seq, message)


def _readable(seq: int, event: AnyEvent) -> EventRow:
    agent = getattr(event, "agent", None)
    data = _without_nul(to_data(event))
    return EventRow(seq=seq, at=as_datetime(event.at), kind=type(event).__name__, call=data.get("call", "")[:64], agent=agent, data=data)


def _unreadable(seq: int, message: bytes) -> EventRow:
    text = message.decode(errors="replace").replace("\x00", "")
    return EventRow(seq=seq, at=as_datetime(seq / 1e6), kind="unreadable", data={"text": text})


def _without_nul(value: Any) -> Any:
    """PostgreSQL's text and jsonb cannot hold U+0000, which a SIP header may."""
    match value:
        case str():
            return value.replace("\x00", "")
        case list() | tuple():
            return [_without_nul(item) for item in value]
        case dict():
            return {key: _without_nul(item) for key, item in value.items()}
    return value
