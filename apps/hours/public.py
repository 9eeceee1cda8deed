"""TM-06: what holds now, as JSON for any web page. However often one asks, the database is read once in two seconds."""

import logging
import threading
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from msgspec import Struct

from apps.hours import services
from apps.hours.opening import Calendar, exit_at, next_change
from apps.hours.rows import freeze
from contactcenter.anonymous import anonymous

log = logging.getLogger(__name__)

FRESH = 2.0  # seconds that a reading of the database serves
CACHE = 15  # seconds that a browser or a proxy may keep an answer, at most
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Now(Struct, frozen=True):
    """`open`: the exit is the calendar's exit when open. `until`: from then on another exit holds; null: not in the next two months."""

    exit: str
    open: bool
    until: datetime | None


class Refusal(Struct, frozen=True):
    error: str


class Shelf:
    """What holds in each public calendar, by key, as it was at most FRESH seconds ago; while the database is away, as it was last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        self._read_at = float("-inf")
        self._answers: dict[str, Now] | None = None

    def get(self, key: str) -> Now | None:
        """Errors: `DatabaseError` if it could never be read."""
        with self._lock:  # who comes while another one reads waits for that reading
            if time.monotonic() - self._read_at > FRESH:
                self._answers = self._read()
                self._read_at = time.monotonic()
            return (self._answers or {}).get(key)

    def _read(self) -> dict[str, Now]:
        now, today = timezone.now().timestamp(), timezone.localdate()
        try:
            rows = services.with_rows().filter(public=True).exclude(key=None)
            return {str(row.key): _now(freeze(row, today), now) for row in rows}
        except DatabaseError as error:
            if self._answers is None:
                raise
            log.warning("opening hours cannot be read now: %s", type(error).__name__)
            return self._answers


shelf = Shelf()


def address(key: str) -> str:
    return reverse("opening_hours_now", args=[key])


@anonymous
def opening_hours_now(request: HttpRequest, key: str) -> HttpResponse:
    if request.method == "OPTIONS":
        return _answer(None, 204, 86_400)
    if request.method not in ("GET", "HEAD"):
        return _answer(Refusal("method not allowed"), 405, 0)
    found = shelf.get(key)
    if found is None:
        return _answer(Refusal("no such opening hours, or they are not public"), 404, CACHE)
    left = (found.until - timezone.now()).total_seconds() if found.until else CACHE
    return _answer(found, 200, max(0, min(CACHE, int(left))))


def _now(calendar: Calendar, now: float) -> Now:
    name, change = exit_at(calendar, now), next_change(calendar, now)
    return Now(name, name == calendar.open_exit, datetime.fromtimestamp(change.at, ZoneInfo(calendar.zone)) if change else None)


def _answer(body: Any, status: int, seconds: int) -> HttpResponse:
    encoded = b"" if body is None else msgspec.json.encode(body)
    answer = HttpResponse(encoded, content_type="application/json", status=status, headers=HEADERS)
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    return answer
