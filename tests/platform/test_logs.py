"""What log lines must not hold (PF-06)."""

import logging

import pytest
from django.test import RequestFactory

from contactcenter.lib.logs import JsonLines, TextLines

SEARCHED = "4791234567"


def failed_page() -> logging.LogRecord:
    """As Django logs a page that failed."""
    record = logging.makeLogRecord({"name": "django.request", "levelname": "ERROR", "msg": "Internal Server Error: /admin/calls/call/"})
    record.status_code = 500  # type: ignore[attr-defined]
    record.request = RequestFactory().get("/admin/calls/call/", {"q": SEARCHED})  # type: ignore[attr-defined]
    return record


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_a_failed_page_does_not_tell_what_was_searched_for(lines: logging.Formatter):
    line = lines.format(failed_page())
    assert SEARCHED not in line
    assert "Internal Server Error: /admin/calls/call/" in line and "500" in line


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_what_belongs_to_a_person_is_never_written(lines: logging.Formatter):
    record = logging.makeLogRecord({"name": "apps", "levelname": "INFO", "msg": "a call", "pii": {"caller": SEARCHED}})
    assert SEARCHED not in lines.format(record)
