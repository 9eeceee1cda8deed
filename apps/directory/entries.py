"""A row of an import: what its cells say of a contact, and what is wrong with them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField, TextField

from apps.directory import numbers
from apps.directory.models import Contact
from apps.directory.sheet import KINDS, Fault, Sheet, plain

MOST_NUMBERS = 20  # of one contact
LONGEST_NUMBERS = 1000  # signs of a cell with numbers
WHO = ("reference", "name", "company")
SHOWN = 40  # signs of a cell that is quoted
BETWEEN = re.compile(r"[,;\n]")  # numbers in one cell
SHORTENED = re.compile(r"\d[.,]?\d*E\+\d+", re.IGNORECASE)  # 4,72233E+09: what a spreadsheet makes of a long number
LENGTHS = {field.name: field.max_length or 0 for field in Contact._meta.local_fields if isinstance(field, CharField | TextField)}
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]")


@dataclass(slots=True)
class Entry:
    """`texts`: column -> text, `kinds`: kind -> its numbers; of the columns that the file has."""

    row: int
    reference: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, list[str]] = field(default_factory=dict)


class Wrong(Exception):  # noqa: N818 - it says what a cell is
    """`code` and `detail` as in Fault."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def read(sheet: Sheet) -> tuple[list[Entry], list[Fault]]:
    """The rows of which it is clear whom they are about, and all that is wrong in any. What is wrong is left out of its entry."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for row, cells in sheet.rows:
        if len(cells) != len(sheet.columns):
            faults.append(Fault(row, "", "cells"))
            continue
        entry = Entry(row)
        its = _fill(entry, {column: plain(cell) for column, cell in zip(sheet.columns, cells, strict=True) if column})
        faults += its
        if not any(fault.column in WHO for fault in its):
            entries.append(entry)
    return entries, faults


def _fill(entry: Entry, cells: dict[str, str]) -> list[Fault]:
    faults = []
    for column, cell in cells.items():
        try:
            if CONTROL.search(cell.replace("\r\n", "\n")):
                raise Wrong("signs")
            if column in KINDS:
                _fill_numbers(entry, column, cell)
            elif column == "reference":
                entry.reference = _text(cell, column)
            else:
                entry.texts[column] = TEXTS[column](cell, column)
        except Wrong as wrong:
            faults.append(Fault(entry.row, column, wrong.code, wrong.detail))
    return faults


def _fill_numbers(entry: Entry, kind: str, cell: str) -> None:
    """Errors: `Wrong`."""
    if len(cell) > LONGEST_NUMBERS:
        raise Wrong("long", str(LONGEST_NUMBERS))
    known = [number for others in entry.kinds.values() for number in others]
    mine = entry.kinds[kind] = []
    for text in filter(None, (part.strip() for part in BETWEEN.split(cell)) if not SHORTENED.search(cell) else [cell]):
        number = _number(text)
        if number in known or number in mine:
            raise Wrong("number_twice", text[:SHOWN])
        mine.append(number)
    if len(known) + len(mine) > MOST_NUMBERS:
        raise Wrong("many", str(MOST_NUMBERS))


def _number(text: str) -> str:
    """Errors: `Wrong`."""
    if SHORTENED.search(text):
        raise Wrong("shortened", text[:SHOWN])
    number = numbers.kept(plain(text), settings.COUNTRY)
    if number is None:
        raise Wrong("number", text[:SHOWN])
    return number


def tags(text: str) -> str:
    """Each once, with a comma and a space between them."""
    found = (" ".join(tag.split()) for tag in text.split(","))
    return ", ".join(dict.fromkeys(tag for tag in found if tag))


def normal(text: str, column: str) -> str:
    """A text of the database as an import would have written it, so that both can be compared."""
    if column == "note":
        return text.replace("\r\n", "\n").strip()
    return tags(text) if column == "tags" else " ".join(text.split())


def _fitting(text: str, column: str) -> str:
    if len(text) > LENGTHS[column]:
        raise Wrong("long", str(LENGTHS[column]))
    return text


def _text(cell: str, column: str) -> str:
    return _fitting(normal(cell, column), column)


def _email(cell: str, column: str) -> str:
    text = _text(cell, column)
    try:
        if text:
            validate_email(text)
    except ValidationError:
        raise Wrong("email") from None
    return text


TEXTS: dict[str, Callable[[str, str], str]] = {"name": _text, "company": _text, "tags": _text, "email": _email, "note": _text}
