"""Imports of contacts on their way: a file is handed in, a worker reads it, somebody looks at what it would change and says yes.

    an import is  checking -> faulty | checked
                  checked  -> importing -> done        somebody has said yes
                           -> discarded

The row owns the state, a job only wakes it: a worker that is killed loses nothing, and has written nothing (writing.py). How far a job is
stands in Redis: what a transaction writes nobody sees before it ends.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import django_rq
import redis
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.directory import entries, plan, sheet, writing
from apps.directory.models import ContactImport
from apps.directory.plan import Plan, Step
from apps.directory.sheet import Fault, Unreadable
from contactcenter.lib import bus

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # for which a job has an import to itself; whoever is slower is waited for by its row's lock
MOST_TRIES = 5
SWEEP = 50
KEPT = timedelta(days=7)
SHOWN = 50  # rows of each kind that are kept to be shown
PROGRESS_SECONDS = 600


def add(*, name: str, data: bytes, by: int | None = None) -> ContactImport:
    """A file of `sheet.LARGEST` at the most."""
    with transaction.atomic():
        row = ContactImport.objects.create(name=name[:120], content=data, by_id=by)
        transaction.on_commit(lambda: wake(row.pk), robust=True)
    return row


def confirm(import_id: int) -> bool:
    """Do it. False: it is not to be done (any more)."""
    waits = ContactImport.objects.filter(pk=import_id, state="checked")
    with transaction.atomic():
        won = waits.update(state="importing", tries=0, try_at=None) == 1
        if won:
            transaction.on_commit(lambda: wake(import_id), robust=True)
    return won


def discard(import_id: int) -> bool:
    return _end(ContactImport.objects.filter(pk=import_id, state="checked"), "discarded")


def _end(which: Any, state: str, **more: Any) -> bool:
    """What is over keeps figures and no contacts."""
    return which.update(state=state, content=b"", preview=None, try_at=None, ended_at=timezone.now(), **more) == 1


def wake(import_id: int) -> None:
    """Have a worker look at it. Errors: `redis.RedisError`; the sweep wakes it later."""
    from apps.directory import jobs

    django_rq.get_queue("default", connection=bus.client()).enqueue(jobs.work, import_id, result_ttl=60)


def sweep() -> None:
    """Wake what waits, whoever lost its wake-up call; put away what is old."""
    now = timezone.now()
    waiting = ContactImport.objects.filter(Q(try_at=None) | Q(try_at__lte=now), state__in=WORK)
    for import_id in waiting.order_by("pk").values_list("pk", flat=True)[:SWEEP]:
        wake(import_id)
    ContactImport.objects.filter(created_at__lt=now - KEPT).delete()


# -- the work


def work(import_id: int) -> None:
    """Done, or another job is at it: nothing happens."""
    row = _claim(import_id)
    if row is not None:
        WORK[row.state](row)


def _claim(import_id: int) -> ContactImport | None:
    """Compare and set: of two jobs one gets it, until its lease ends."""
    now = timezone.now()
    row = ContactImport.objects.filter(Q(try_at=None) | Q(try_at__lte=now), pk=import_id, state__in=WORK).first()
    if row is None:
        return None
    mine = ContactImport.objects.filter(pk=row.pk, state=row.state, tries=row.tries)
    if row.tries >= MOST_TRIES:
        _end(mine, "failed")
        return None
    return row if mine.update(tries=F("tries") + 1, try_at=now + LEASE) else None


def _check(row: ContactImport) -> None:
    """What it would do, for somebody to look at."""
    found: list[Fault] = []
    made, teller = Plan(), Teller(row.pk)
    try:
        read = sheet.read(bytes(row.content))
        teller.tell(0.2)
        row.rows, row.ignored = len(read.rows), list(read.ignored)
        rows, found = entries.read(read)
        teller.tell(0.7)
        made = plan.make(rows)
        found += made.faults
        if not read.rows:
            found.append(Fault(0, "", "empty"))
    except Unreadable as refusal:
        found = list(refusal.faults)
    mine = ContactImport.objects.filter(pk=row.pk, state="checking")
    if found:
        found.sort(key=lambda fault: fault.row)
        _end(mine, "faulty", rows=row.rows, ignored=row.ignored, faults=[[one.row, one.column, one.code, one.detail] for one in found])
    else:
        mine.update(state="checked", rows=row.rows, ignored=row.ignored, try_at=None, **_told(made))


def _told(made: Plan) -> dict[str, Any]:
    """Columns of the row."""
    preview = {kind: [_shown(step) for step in steps[:SHOWN]] for kind, steps in (("new", made.new), ("changed", made.changed))}
    counts = {"new": len(made.new), "changed": len(made.changed), "same": made.same}
    return {**counts, "preview": preview, "fingerprint": made.fingerprint()}


def _shown(step: Step) -> list[Any]:
    """Row, name, and what changes: column, before, after."""
    name = step.contact.name if step.contact else step.entry.texts.get("name", "")
    return [step.entry.row, name, [[column, before, after] for column, (before, after) in step.changes.items()]]


def _import(row: ContactImport) -> None:
    """Imports are written one after the other: each waits for the rows of those that have begun."""
    rows, _ = entries.read(sheet.read(bytes(row.content)))
    try:
        with transaction.atomic():
            begun = ContactImport.objects.select_for_update().filter(state="importing").order_by("pk")
            if row.pk not in [one.pk for one in begun.only("pk")]:
                return
            writing.write(rows, row.fingerprint, Teller(row.pk).tell)
            _end(ContactImport.objects.filter(pk=row.pk), "done")
    except writing.Overtaken as overtaken:
        _look_again(row, overtaken.plan)


def _look_again(row: ContactImport, made: Plan) -> None:
    """What was shown is not what would happen now."""
    mine = ContactImport.objects.filter(pk=row.pk, state="importing")
    if made.faults:
        _end(mine, "faulty", faults=[[one.row, one.column, one.code, one.detail] for one in made.faults])
    else:
        mine.update(state="checked", overtaken=True, try_at=None, **_told(made))


WORK = {"checking": _check, "importing": _import}


# -- how far it is


def _key(import_id: int) -> str:
    return f"cc:directory:import:{import_id}"


@dataclass
class Teller:
    """`lost`: Redis is away; the work does not wait for it again and again."""

    import_id: int
    lost: bool = False

    def tell(self, share: float) -> None:
        try:
            if not self.lost:
                bus.client().set(_key(self.import_id), int(100 * share), ex=PROGRESS_SECONDS)
        except redis.RedisError:
            self.lost = True
            log.warning("the progress of an import could not be told")


def told(import_id: int) -> int:
    """Percent."""
    try:
        return int(bus.client().get(_key(import_id)) or 0)
    except redis.RedisError:
        return 0
