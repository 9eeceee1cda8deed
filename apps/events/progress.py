"""How one reader goes through the facts in the database, and what happens when it fails."""

import logging
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection, transaction

from apps.events import services
from apps.events.models import ReaderCursor
from apps.events.readers import Chore, Reader
from contactcenter.lib.logs import place_of

BATCH = 500  # facts in one transaction
FIRST_WAIT = 0.5  # seconds after a failure; doubled with each further one
LONGEST_WAIT = 60.0
LONGEST_WAIT_FOR_DATABASE = 2.0  # it is not the reader that is broken: go on soon after the database is back

log = logging.getLogger(__name__)


class OvertakenError(Exception):
    """Another process moved this cursor: the transaction is undone and the cursor read anew."""


class ReaderError(Exception):
    """The reader, or the database under it, raised `__cause__` on the facts `first` to `last` (seq); nothing of it is written."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(first, last)
        self.first, self.last = first, last


def drop_broken_connection() -> None:
    """After a failure: the next query connects anew if it must. Inside a transaction the connection is its owner's."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def cursor(name: str) -> int:
    """The last fact that reader `name` has taken in; 0: none."""
    return ReaderCursor.objects.filter(name=name).values_list("seq", flat=True).first() or 0


def advance(reader: Reader, after: int, limit: int) -> int:
    """Give `reader` the next facts and move its cursor in the same transaction; returns where it stands then.

    Errors: `OvertakenError`, `ReaderError`.
    """
    until = cursor(reader.follows) if reader.follows else None
    rows = services.rows_after(after, limit, until=until)
    if not rows:
        return after
    first, last = rows[0][0], rows[-1][0]
    try:
        with transaction.atomic():
            _move(reader.name, after, last)
            reader.read([entry for _, entry in rows if entry is not None])
    except OvertakenError:
        raise
    except Exception as fault:
        raise ReaderError(first, last) from fault
    return last


def _move(name: str, old: int, new: int) -> None:
    """Compare and set, before anything else is written: of two processes one waits here and then finds itself overtaken."""
    ReaderCursor.objects.get_or_create(name=name)
    if ReaderCursor.objects.filter(name=name, seq=old).update(seq=new) != 1:
        raise OvertakenError(name)


@dataclass(slots=True)
class Progress:
    """One reader's way: where it stands, when it may be tried again after a failure (monotonic seconds), how much it gets at once."""

    reader: Reader
    seq: int | None = None  # None: read it from the database
    due: float = 0.0
    wait: float = 0.0
    limit: int = BATCH

    def behind(self, written: int) -> bool:
        return self.seq is None or self.seq < written

    def step(self, now: float) -> bool:
        """Take in one batch; True if the reader moved. A failure is logged with the fact it failed at, and retried later."""
        if now < self.due:
            return False
        try:
            start = cursor(self.reader.name) if self.seq is None else self.seq
            self.seq = advance(self.reader, start, self.limit)
        except OvertakenError:
            self.seq = None
            return True
        except Exception as fault:
            self._failed(fault, now)
            return False
        self.wait, self.limit = 0.0, min(BATCH, self.limit * 2)
        return self.seq > start

    def _failed(self, fault: Exception, now: float) -> None:
        """From a batch that failed the facts are given one by one, so that all before the one that fails get through."""
        drop_broken_connection()
        cause = fault.__cause__ or fault
        if self.limit > 1:
            self.limit = 1
            log.warning("reader %s failed on a batch (%s): now one fact at a time", self.reader.name, type(cause).__name__)
            return
        longest = LONGEST_WAIT_FOR_DATABASE if isinstance(cause, OperationalError | InterfaceError) else LONGEST_WAIT
        self.wait = min(max(FIRST_WAIT, self.wait * 2), longest)
        self.due = now + self.wait
        log.error("reader %s failed at %s, next try in %.1f s; %s", self.reader.name, _place(fault), self.wait, place_of(cause))


def _place(fault: Exception) -> str:
    return f"fact {fault.first}" if isinstance(fault, ReaderError) else "its cursor"


@dataclass(slots=True)
class Round:
    """When a chore is due next (monotonic seconds)."""

    chore: Chore
    due: float = 0.0

    def step(self, now: float) -> None:
        if now < self.due:
            return
        self.due = now + self.chore.seconds
        try:
            self.chore.do()
        except Exception:
            drop_broken_connection()
            log.exception("chore %s failed, next try in %.0f s", self.chore.name, self.chore.seconds)
