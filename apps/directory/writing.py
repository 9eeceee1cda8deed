"""What an import writes. One transaction: all of it, or nothing."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from apps.directory import plan, services
from apps.directory.entries import Entry
from apps.directory.models import Contact, ContactNumber
from apps.directory.plan import Plan, Step

BATCH = 500
TEXTS = ("name", "company", "tags", "email", "note")
Row = TypeVar("Row")


class Overtaken(Exception):  # noqa: N818 - it says what happened
    """The directory has changed since the plan was shown; `plan` is what would be done now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("overtaken")
        self.plan = plan


def write(entries: list[Entry], fingerprint: str, tell: Callable[[float], None]) -> Plan:
    """Do what was shown, and nothing else. `tell` gets the share that is done. In the caller's transaction. Errors: `Overtaken`."""
    made = plan.make(entries, lock=True)
    if made.faults or made.fingerprint() != fingerprint:
        raise Overtaken(made)
    done, steps = 0, [*made.new, *made.changed]
    with transaction.atomic():
        for some in _batches(steps):
            _write(some)
            done += len(some)
            tell(done / len(steps))
    return made


def _batches(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def _write(steps: Sequence[Step]) -> None:
    new, changed = ([step for step in steps if (step.contact is None) is wanted] for wanted in (True, False))
    for step in new:
        step.contact = _filled(Contact(), step)
        if step.entry.reference:
            step.contact.reference = step.entry.reference
    Contact.objects.bulk_create(_contact(step) for step in new)
    now = timezone.now()
    for step in changed:
        _filled(_contact(step), step).changed_at = now
    Contact.objects.bulk_update([_contact(step) for step in changed], [*TEXTS, "changed_at"])
    _write_numbers(new, changed)
    services.index(_contact(step).pk for step in steps)


def _contact(step: Step) -> Contact:
    if step.contact is None:
        raise LookupError("a step without its contact")
    return step.contact


def _filled(contact: Contact, step: Step) -> Contact:
    for column, (_, after) in step.changes.items():
        if column in TEXTS:
            setattr(contact, column, after)
    return contact


def _write_numbers(new: list[Step], changed: list[Step]) -> None:
    others = [step for step in changed if not set(step.changes) <= set(TEXTS)]
    ContactNumber.objects.filter(contact__in=[_contact(step).pk for step in others]).delete()
    rows = ((_contact(step), number, kind) for step in (*new, *others) for number, kind in step.numbers.items())
    ContactNumber.objects.bulk_create(ContactNumber(contact=contact, number=number, kind=kind) for contact, number, kind in rows)
