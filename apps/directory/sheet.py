"""A table as spreadsheets write it: the bytes of a CSV file to rows, and rows to lines in which no spreadsheet finds a formula. PURE."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

LARGEST = 5 * 1024 * 1024  # bytes
MOST_ROWS, MOST_COLUMNS = 20_000, 100
KINDS = ("mobile", "work", "home", "other")  # columns of numbers, by the kind of ContactNumber
HEADERS = {  # column -> its names: English and Norwegian as they are exported, then others that are understood
    "reference": ("Reference", "Referanse", "Ref"),
    "name": ("Name", "Navn", "Full name", "Fullt navn"),
    "company": ("Company", "Firma", "Bedrift", "Selskap", "Organisation", "Organisasjon"),
    "mobile": ("Mobile", "Mobil", "Mobile phone", "Mobiltelefon"),
    "work": ("Work", "Arbeid", "Jobb", "Work phone", "Direct"),
    "home": ("Home", "Hjem", "Privat", "Home phone"),
    "other": ("Other", "Annet", "Number", "Nummer", "Phone", "Telephone", "Telefon", "Tlf"),
    "tags": ("Tags", "Etiketter", "Merkelapper", "Stikkord"),
    "email": ("E-mail", "E-post", "Mail"),
    "note": ("Note", "Notat", "Notes", "Merknad"),
}
LANGUAGES = ("en", "nb")  # in the order of HEADERS
DELIMITERS = ";,\t"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls
QUOTED = re.compile(r'"[^"]*"')
FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a cell that begins so is a formula to some spreadsheet (OWASP, "CSV Injection")


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """`row` as a spreadsheet counts them (the first, with the columns' names, is 1); 0: the file. `code`: wording.FAULTS has the words."""

    row: int
    column: str
    code: str
    detail: str = ""


class Unreadable(Exception):  # noqa: N818 - it says what the file is
    """Nothing of the file can be used."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns`: in the order of the file; "" is one that is not understood, whose name is in `ignored`. `rows`: number and cells."""

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(data: bytes) -> Sheet:
    """Errors: `Unreadable`."""
    text = _text(data)
    text, delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    if not rows:
        raise Unreadable(Fault(0, "", "empty"))
    if len(rows) - 1 > MOST_ROWS:
        raise Unreadable(Fault(0, "", "rows", str(MOST_ROWS)))
    (_, header), *others = rows
    if len(header) > MOST_COLUMNS:
        raise Unreadable(Fault(1, "", "columns", str(MOST_COLUMNS)))
    columns = tuple(_column(name) for name in header)
    _check(columns)
    ignored = tuple(name.strip()[:40] for name, column in zip(header, columns, strict=True) if not column and name.strip())
    return Sheet(columns, ignored, tuple(others))


def _text(data: bytes) -> str:
    """As Excel writes it: UTF-8 with or without a mark, UTF-16 with one, or the Latin-1 of Windows. Errors: `Unreadable`."""
    if data.startswith(WORKBOOKS):
        raise Unreadable(Fault(0, "", "workbook"))
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(Fault(0, "", "binary"))


def _delimiter(text: str) -> tuple[str, str]:
    """What follows the line "sep=;" that some write for Excel, and the sign that is most frequent in the line of names."""
    first, _, others = text.partition("\n")
    if (line := first.strip()).lower().startswith("sep=") and len(line) == 5:
        return others, line[4]
    bare = QUOTED.sub("", first)
    return text, max(DELIMITERS, key=bare.count)


def _rows(text: str, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    """Without empty ones, which count all the same. Errors: `Unreadable`."""
    found = []
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if any(cell.strip() for cell in cells):
                found.append((number, tuple(cells)))
    except csv.Error:
        raise Unreadable(Fault(number + 1, "", "quotes")) from None
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


NAMES = {_folded(name): column for column, names in HEADERS.items() for name in names}


def _column(name: str) -> str:
    return NAMES.get(_folded(name), "")


def _check(columns: tuple[str, ...]) -> None:
    """Errors: `Unreadable`."""
    twice = dict.fromkeys(column for column in columns if column and columns.count(column) > 1)
    if twice:
        raise Unreadable(*(Fault(1, column, "column_twice") for column in twice))
    if "name" not in columns and "reference" not in columns:
        raise Unreadable(Fault(1, "", "no_key"))


# -- cells


def plain(cell: str) -> str:
    """A cell of an export as it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def guarded(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula, +4722334455 too; `plain` takes it away again."""
    return f"'{text}" if FORMULA.match(text) else text


def header(language: str) -> tuple[str, ...]:
    """The names of all columns, in `language` ("nb"; else English)."""
    return tuple(names[language == "nb"] for names in HEADERS.values())


def lines(rows: Iterable[Iterable[str]], language: str) -> str:
    """As Excel of that language opens it by a double click: where decimals have a comma, cells are separated by semicolons."""
    written = io.StringIO()
    csv.writer(written, delimiter=";" if language == "nb" else ",").writerows([guarded(cell) for cell in row] for row in rows)
    return written.getvalue()
