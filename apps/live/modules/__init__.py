"""What a page may say, by module. Each module maps the name of a message to its struct and the function that does it.

A handler returns what the reply carries besides its code, or raises `Refused`. `gone` is called when the page has left.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from apps.live.page import Page
from contactcenter.lib.reading import reader

Handler = Callable[[Page, Any], Awaitable[dict[str, Any] | None]]


def agents(page: Page) -> bool:
    return page.desk


def administrators(page: Page) -> bool:
    return page.administrator


@dataclass(frozen=True)
class Entry:
    """`may`: who may say it; looked at before anything else."""

    decode: Callable[[str], msgspec.Struct]
    handle: Handler
    may: Callable[[Page], bool]


def entry(kind: type[msgspec.Struct], handle: Handler, may: Callable[[Page], bool]) -> Entry:
    return Entry(reader(kind), handle, may)


class Empty(msgspec.Struct, frozen=True):
    """Nothing but the name."""


class Switch(msgspec.Struct, frozen=True):
    on: bool
