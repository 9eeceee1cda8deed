"""What an import would do: which contact each row is about, and what becomes new, changes, or is the same already.

A row is matched by its reference. A row without one is matched by name and company, case set aside (by name alone if the file has no
companies). A reference that no contact has makes a new contact, which keeps it: what one installation exported another can import, again
and again.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from apps.directory.entries import MOST_NUMBERS, Entry, normal
from apps.directory.models import Contact
from apps.directory.sheet import KINDS, Fault

AT_ONCE = 500  # contacts in one query
Key = tuple[str, str | None]  # name and company without case; None: whichever company
Item = TypeVar("Item")


@dataclass(slots=True)
class Step:
    """One row. `contact` None: a new one. `numbers` that it has afterwards: number -> kind. `changes`: column -> before, after."""

    entry: Entry
    contact: Contact | None
    numbers: dict[str, str]
    changes: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Plan:
    new: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fingerprint(self) -> str:
        """Differs if anything else would be written."""
        told = [(step.entry.row, step.contact.pk if step.contact else 0, step.changes) for step in (*self.new, *self.changed)]
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def make(entries: list[Entry], *, lock: bool = False) -> Plan:
    """`lock`: nobody else changes those contacts until the caller's transaction ends."""
    plan = Plan()
    found = _Found(entries)
    contacts = found.load(lock=lock)
    rows: dict[object, int] = {}  # whom a row is about -> the first row that is
    for entry in entries:
        ids = found.of(entry)
        if len(ids) > 1:
            plan.faults.append(Fault(entry.row, "name", "ambiguous"))
            continue
        contact = contacts.get(ids[0]) if ids else None
        about = contact.pk if contact else entry.reference or _key(entry)
        if (first := rows.setdefault(about, entry.row)) != entry.row:
            plan.faults.append(Fault(entry.row, "", "twice", str(first)))
        else:
            _add(plan, entry, contact)
    return plan


def _add(plan: Plan, entry: Entry, contact: Contact | None) -> None:
    if not entry.texts.get("name", "name" if contact else ""):
        plan.faults.append(Fault(entry.row, "name", "missing"))
        return
    before = {row.number: row.kind for row in contact.numbers.all()} if contact else {}
    after = _numbers(entry, before)
    if len(after) > MOST_NUMBERS:
        plan.faults.append(Fault(entry.row, "", "many", str(MOST_NUMBERS)))
        return
    changes = dict(_text_changes(entry, contact)) | dict(_number_changes(before, after))
    step = Step(entry, contact, after, changes)
    if contact is None:
        plan.new.append(step)
    elif changes:
        plan.changed.append(step)
    else:
        plan.same += 1


def _numbers(entry: Entry, before: dict[str, str]) -> dict[str, str]:
    """Kinds that the file has no column for keep their numbers."""
    kept = {number: kind for number, kind in before.items() if kind not in entry.kinds}
    return kept | {number: kind for kind, numbers in entry.kinds.items() for number in numbers}


def _text_changes(entry: Entry, contact: Contact | None) -> Iterator[tuple[str, tuple[str, str]]]:
    for column, text in entry.texts.items():
        before = normal(getattr(contact, column), column) if contact else ""
        if before != text:
            yield column, (before, text)


def _number_changes(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for kind in KINDS:
        old, new = ({number for number, its in numbers.items() if its == kind} for numbers in (before, after))
        if old != new:
            yield kind, (", ".join(sorted(old)), ", ".join(sorted(new)))


def _key(entry: Entry) -> Key:
    company = entry.texts.get("company")
    return entry.texts.get("name", "").casefold(), None if company is None else company.casefold()


class _Found:
    """The contacts of the rows: three queries for each 500 of them, and one over the names of all."""

    def __init__(self, entries: list[Entry]) -> None:
        self.by_reference = _by_reference({entry.reference for entry in entries if entry.reference})
        self.by_name = _by_name({_key(entry) for entry in entries if not entry.reference})

    def of(self, entry: Entry) -> list[int]:
        if entry.reference:
            return self.by_reference.get(entry.reference, [])
        return self.by_name.get(_key(entry), [])

    def load(self, *, lock: bool) -> dict[int, Contact]:
        ids = {pk for found in (self.by_reference, self.by_name) for pks in found.values() for pk in pks}
        contacts: dict[int, Contact] = {}
        for some in _some(ids):
            rows = Contact.objects.order_by("pk").prefetch_related("numbers")
            contacts |= (rows.select_for_update() if lock else rows).in_bulk(some)
        return contacts


def _by_reference(wanted: set[str]) -> dict[str, list[int]]:
    rows = (row for some in _some(wanted) for row in Contact.objects.filter(reference__in=some).values_list("reference", "pk"))
    return {reference: [pk] for reference, pk in rows}


def _by_name(wanted: set[Key]) -> dict[Key, list[int]]:
    """Compared here: databases disagree about what is the same but for case (SQLite knows A to Z)."""
    found: dict[Key, list[int]] = {}
    if wanted:
        for pk, name, company in Contact.objects.order_by("pk").values_list("pk", "name", "company").iterator():
            for key in ((name.casefold(), company.casefold()), (name.casefold(), None)):
                if key in wanted:
                    found.setdefault(key, []).append(pk)
    return found


def _some(items: Iterable[Item]) -> Iterator[list[Item]]:
    ordered = list(items)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))
