"""Lists of telephone numbers, as they are typed and as they are asked. PURE.

numbers, refused = read("22 33 44 55\n+4790*", "NO")       # ["+4722334455", "+4790*"], []
"+4790123456" in NumberSet.of(numbers)                      # True
"""

import re
from collections.abc import Iterable, Iterator
from typing import Self

from msgspec import Struct

from contactcenter.lib import phone

MOST = 100_000
WHOLE = re.compile(r"\+[1-9]\d{6,14}")  # as it will be kept: reading a long list again must not take seconds
SHORT = re.compile(r"\d{2,8}")
PREFIX = re.compile(r"(\+|00)(?P<digits>[1-9]\d{0,14}\*)")
SPACES = re.compile(r"[\s().-]")


class NumberSet(Struct, frozen=True):
    """`prefixes` without their star; `lengths` of them, so that a question costs as much in a long list as in a short one."""

    numbers: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        entries = set(entries)
        prefixes = frozenset(entry[:-1] for entry in entries if entry.endswith("*"))
        numbers = frozenset(entry for entry in entries if not entry.endswith("*"))
        return cls(numbers, prefixes, tuple(sorted({len(prefix) for prefix in prefixes})))

    def __contains__(self, number: str) -> bool:
        return number in self.numbers or any(number[:length] in self.prefixes for length in self.lengths)


def read(text: str, country: str) -> tuple[list[str], list[tuple[int, str]]]:
    """(entries without doubles, in their order; the lines that are none, each with its number from 1)."""
    good: dict[str, None] = {}
    refused: list[tuple[int, str]] = []
    for number, line in _lines(text):
        entry = _entry(line, country)
        if entry:
            good[entry] = None
        else:
            refused.append((number, line))
    return list(good), refused


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def _entry(line: str, country: str) -> str:
    """Empty: it is none."""
    if WHOLE.fullmatch(line):
        return line
    bare = SPACES.sub("", line)
    if prefix := PREFIX.fullmatch(bare):
        return f"+{prefix['digits']}"
    return phone.e164(line, country) or (bare if SHORT.fullmatch(bare) else "")
