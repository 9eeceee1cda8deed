"""Words of imports, in the reader's language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.directory.sheet import HEADERS, LANGUAGES

STATES: dict[str, str | Promise] = {
    "checking": _("The file is being read."),
    "faulty": _("There are faults in the file. Nothing was imported."),
    "checked": _("Ready to be imported. Nothing has been changed yet."),
    "importing": _("Being imported."),
    "done": _("Imported."),
    "discarded": _("Discarded. Nothing was imported."),
    "failed": _("The import could not be finished. Nothing was imported; tell your administrator."),
}
FAULTS: dict[str, str | Promise] = {
    "workbook": _("This is a spreadsheet's own file. Save it there as CSV (in Excel: CSV UTF-8), then choose that file."),
    "binary": _("This is no text file."),
    "empty": _("There are no contacts in the file."),
    "rows": _("There are more than {detail} rows. Divide the file."),
    "columns": _("There are more than {detail} columns. Is something else than a list of contacts in the file?"),
    "no_key": _("There is no column for names. The first row must name the columns; one of them must be called Name, or Reference."),
    "column_twice": _("This column is there twice."),
    "quotes": _("A quotation mark is missing, or too many, in this row or before it. The rows from here on cannot be read."),
    "cells": _("The row has more or fewer cells than the first row. Is there a separator in a text without quotation marks?"),
    "missing": _("The name is missing."),
    "long": _("The text is longer than {detail} signs."),
    "signs": _("There are signs in it that cannot be read."),
    "number": _("“{detail}” is no telephone number. Write it with country code, for instance +4722334455."),
    "shortened": _("“{detail}”: the spreadsheet has shortened this number. Make the column text there, and write the number again."),
    "number_twice": _("“{detail}” is there twice."),
    "many": _("More than {detail} numbers."),
    "email": _("This is no e-mail address."),
    "twice": _("The contact is in row {detail} already."),
    "ambiguous": _("Several contacts have this name and company. Export the directory and use the references from there."),
}


def fault(code: str, detail: str) -> str:
    return str(FAULTS[code]).replace("{detail}", detail)


def language() -> str:
    """Of the columns' names."""
    return "nb" if (get_language() or "").startswith("nb") else "en"


def column(name: str) -> str:
    """As it is called in a file; "" stays empty."""
    return HEADERS[name][LANGUAGES.index(language())] if name else ""


def faults(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """`rows` as ContactImport.faults keeps them."""
    return [{"row": row or "", "column": column(name), "text": fault(code, detail)} for row, name, code, detail in rows]
