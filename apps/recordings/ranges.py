"""Byte ranges of HTTP (RFC 9110, 14). PURE."""

import re

LONGEST = 1_048_576  # bytes in one answer: a player asks on where the last one ended

_ONE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class UnsatisfiableError(Exception):
    """The range begins behind the end: 416."""


def wanted(header: str, size: int, longest: int = LONGEST) -> tuple[int, int] | None:
    """(first, last) byte of the answer to a Range header, at most `longest` bytes. None: no range, or one to ignore (malformed, several).

    Errors: UnsatisfiableError.
    """
    found = _ONE_RANGE.fullmatch(header.strip().replace(" ", ""))
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size - 1
    else:
        start, end = int(first), min(int(last or size - 1), size - 1)
        if last and int(last) < start:
            return None
    if start >= size or suffix == "0":
        raise UnsatisfiableError
    return start, min(end, start + longest - 1)
