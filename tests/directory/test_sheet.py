"""Files as spreadsheets write them, and files in which no spreadsheet finds a formula (OB-04)."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.directory import sheet
from apps.directory.sheet import Fault, Unreadable

TEXT = "Navn;Firma;Mobil\r\nBjørn Åsen;Åsen & Sønner;90 12 34 56\r\n"
ROW = (2, ("Bjørn Åsen", "Åsen & Sønner", "90 12 34 56"))


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("latin-1"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace("\r\n", "\n").encode(),
        b"sep=;\r\n" + TEXT.encode(),
        TEXT.replace("Navn;Firma;Mobil", 'NAME;"Company";mobile phone').encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "latin-1", "windows", "utf-16", "commas", "tabs", "unix", "sep=", "english"],
)
def test_a_table_is_read_however_a_spreadsheet_saved_it(data: bytes) -> None:
    read = sheet.read(data)
    assert read.columns == ("name", "company", "mobile")
    assert [row for row in read.rows if row[0] == ROW[0]] == [ROW]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    """A cell may have several lines; an empty row counts."""
    read = sheet.read(b'Name;Note\n"Kari";"one\ntwo"\n;\nOla;x\n')
    assert [number for number, _ in read.rows] == [2, 4]


def test_unknown_columns_are_named() -> None:
    assert sheet.read(b"Name;Shoe size; ;E-post\nKari;38;;\n").ignored == ("Shoe size",)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault(0, "", "empty")),
        (b"\n;;\n", Fault(0, "", "empty")),
        (b"PK\x03\x04rest", Fault(0, "", "workbook")),
        (b"Name;\x00\x01", Fault(0, "", "binary")),
        (b"Firma;Mobil\nx;y\n", Fault(1, "", "no_key")),
        (b"Name;Navn\nx;y\n", Fault(1, "name", "column_twice")),
        (b'Name;Note\nKari;"open\nOla;x\n', Fault(2, "", "quotes")),
        (b'Name;Note\nKari;ok\nOla;"a"b\n', Fault(3, "", "quotes")),
        (b"Name;" * 500_000, Fault(1, "", "columns", str(sheet.MOST_COLUMNS))),
        (b"Name\n" + b"x\n" * (sheet.MOST_ROWS + 1), Fault(0, "", "rows", str(sheet.MOST_ROWS))),
    ],
    ids=[
        "empty",
        "only separators",
        "xlsx",
        "zero bytes",
        "no names",
        "twice",
        "open quote",
        "quote inside",
        "too many columns",
        "too many rows",
    ],
)
def test_what_cannot_be_read_is_told_with_its_row(data: bytes, fault: Fault) -> None:
    with pytest.raises(Unreadable) as refusal:
        sheet.read(data)
    assert refusal.value.faults == (fault,)


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reading(data: bytes) -> None:
    try:
        read = sheet.read(data)
    except Unreadable as refusal:
        assert refusal.faults
    else:
        assert "name" in read.columns or "reference" in read.columns


@pytest.mark.parametrize("cell", ["=1+1", "+4722334455", "-2", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''+1"])
def test_no_cell_of_an_export_is_a_formula_and_it_is_read_as_it_was(cell: str) -> None:
    guarded = sheet.guarded(cell)
    assert guarded == f"'{cell}" and sheet.plain(guarded) == cell


@given(st.text(max_size=20))
def test_every_cell_comes_back_as_it_was(cell: str) -> None:
    guarded = sheet.guarded(cell)
    assert guarded[:1] not in set("=+-@\t\r")
    assert sheet.plain(guarded) == cell


NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(st.lists(NAME, min_size=1, max_size=5), st.sampled_from(["en", "nb"]))
def test_lines_are_read_back(names: list[str], language: str) -> None:
    width = len(sheet.HEADERS)
    text = sheet.lines([sheet.header(language), *([name] * width for name in names)], language)
    read = sheet.read(("\ufeff" + text).encode())
    assert read.columns == tuple(sheet.HEADERS)
    assert [tuple(map(sheet.plain, cells)) for _, cells in read.rows] == [(name,) * width for name in names if name.strip()]
