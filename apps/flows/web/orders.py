"""What the switch and the fetchers say to each other about web requests. PURE."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from contactcenter.lib.reading import reader

STREAM = "cc:web-requests"  # from the switch; entries that nobody took in time are of no use any more
LONGEST_VALUE = 500  # characters of one value that is taken from an answer

Step = str | int  # of a path: a name in an object, or a place in a list


class WebOrder(Struct, frozen=True, tag=True, kw_only=True):
    """From the switch to whichever fetcher is free. `header` is sealed. `expected`: status codes that are no fault.

    It holds what callers have entered: it is never logged.
    """

    call: str
    number: int
    url: str
    method: Literal["GET", "POST"]
    body: dict[str, str] = {}
    header_name: str = ""
    header: str = ""
    paths: tuple[str, ...] = ()
    expected: tuple[int, ...] = ()


class WebResult(Struct, frozen=True, tag=True, kw_only=True):
    """From a fetcher to the switch's inbox. `values`: path -> text. `error`: a key of kinds.web.REASONS; empty: there is an answer."""

    call: Annotated[str, Meta(min_length=1, max_length=64)]
    number: int
    status: int = 0
    values: dict[str, str] = {}
    error: str = ""


decode_order = reader(WebOrder)


def values_of(answer: bytes, paths: tuple[str, ...]) -> dict[str, str]:
    """The values of a JSON document at `paths`; what is not there, or is no single value, is absent. Errors: ValueError."""
    if not paths:
        return {}
    try:
        document = msgspec.json.decode(answer)
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep
    if not isinstance(document, dict | list):
        raise ValueError("neither object nor list")
    found = {path: _text(_at(document, path)) for path in paths}
    return {path: text for path, text in found.items() if text is not None}


def _at(document: Any, path: str) -> Any:
    """None: not there."""
    for step in steps_of(path):
        if isinstance(step, int):
            document = document[step] if isinstance(document, list) and step < len(document) else None
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def steps_of(path: str) -> list[Step]:
    """`orders[0].id` -> ["orders", 0, "id"]."""
    names = path.replace("[", ".[").split(".")
    return [int(name[1:-1]) if name.startswith("[") else name for name in names if name]


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:LONGEST_VALUE] if isinstance(value, str | int | float) else None
