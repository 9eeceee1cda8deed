"""Write and read notes."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounts.models import User
from apps.notes.models import LONGEST, Note
from contactcenter.lib import clock


class Stale(Exception):  # noqa: N818 - reads as what happened
    """Another window has written meanwhile; nothing is changed. `note`: as it is now."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note


def write(*, call: str, agent: User, text: str, revision: int) -> int:
    """The agent's note about `call` reads `text` now. `revision`: of what the writer has seen, 0: nothing. Returns the new one.

    Errors: Stale, ValueError (too long).
    """
    text = text.replace("\x00", "")  # PostgreSQL keeps none
    if len(text) > LONGEST:
        raise ValueError("too long")
    fields = {"text": text, "written_at": clock.as_datetime(clock.now())}
    if revision == 0:
        return _begin(call, agent, fields)
    mine = Note.objects.filter(call_id=call, agent=agent, revision=revision)
    if mine.update(revision=F("revision") + 1, **fields) != 1:
        raise Stale(read(call, agent) or Note(call_id=call, agent=agent, revision=0))
    return revision + 1


def _begin(call: str, agent: User, fields: dict) -> int:
    try:
        with transaction.atomic():
            return Note.objects.create(call_id=call, agent=agent, **fields).revision
    except IntegrityError:
        raise Stale(Note.objects.get(call_id=call, agent=agent)) from None


def read(call: str, agent: User) -> Note | None:
    return Note.objects.filter(call_id=call, agent=agent).first()


def newest(calls: Iterable[str]) -> dict[str, str]:
    """Call -> what was written about it last, of those with a note. One query."""
    found = Note.objects.filter(call_id__in=list(calls)).exclude(text="").order_by("written_at").values_list("call_id", "text")
    return dict(found)
