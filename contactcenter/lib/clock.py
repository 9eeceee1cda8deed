"""The clock of the shells. Pure machines get `now` (Unix seconds, UTC) as a parameter and never look here."""

import time
from datetime import UTC, datetime


def now() -> float:
    return time.time()


def as_datetime(at: float) -> datetime:
    return datetime.fromtimestamp(at, tz=UTC)
