"""Log lines for people (text) and for log collectors (JSON). PURE.

Whatever belongs to a person goes into `extra={"pii": …}` and is never written; nor are Django's requests, whose addresses hold what
people searched for.
"""

import json
import logging
import os
import traceback
from datetime import UTC, datetime

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "pii", "request"}


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _USUAL}


def place_of(fault: BaseException, depth: int = 3) -> str:
    """Which error, and where, the innermost `depth` places first; without its text, which may quote a caller's data."""
    frames = list(traceback.walk_tb(fault.__traceback__))[-depth:]
    places = (f"{frame.f_code.co_name} ({frame.f_code.co_filename}:{line})" for frame, line in reversed(frames))
    return " < ".join([type(fault).__name__, *places])


def not_readiness(record: logging.LogRecord) -> bool:
    """Django logs every answer of 500 and above as an error; `/health/ready` says 503 on purpose, every few seconds of an outage."""
    path = getattr(getattr(record, "request", None), "path", "")
    return not (getattr(record, "status_code", 0) == 503 and path.startswith("/health/"))


class TextLines(logging.Formatter):
    """`08:15:30.123 WARNING apps.switch text key=value`; local time."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S.%f")[:-3]
        extras = "".join(f" {name}={value}" for name, value in _extras(record).items())
        line = f"{at} {record.levelname} {record.name} {record.getMessage()}{extras}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """One JSON object per line; `at` is UTC in ISO 8601."""

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": os.environ.get("CC_PROCESS", ""),
            "pid": record.process,
            "logger": record.name,
            "text": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            document["trace"] = self.formatException(record.exc_info)
        return json.dumps(document, default=str, ensure_ascii=False)
