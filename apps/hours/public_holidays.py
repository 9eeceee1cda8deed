"""TM-02: public holidays by country, from the library `holidays`. No database, no network: it computes them."""

import re
from datetime import date
from functools import lru_cache
from typing import Any

import holidays
from msgspec import Struct

ALREADY, AHEAD = 1, 2  # years before this one and after it
ENGLISH = ("en_US", "en_GB")
LANGUAGES = {"nb": ("nb", "no"), "en": ENGLISH}
MOVED = re.compile(r" \((observed|estimated|observed, estimated)\)$")
PAIRING_YEARS = 8  # enough for each holiday to fall once on a day of its own


class Holiday(Struct, frozen=True):
    """`key`: its English name, the same every year. A day that is off instead of the holiday has the same key."""

    day: date
    key: str


def countries() -> dict[str, tuple[str, ...]]:
    """Country (ISO 3166) -> its parts that have holidays of their own."""
    return {country: tuple(parts) for country, parts in holidays.list_supported_countries(include_aliases=False).items()}


def around(country: str, part: str, year: int) -> tuple[Holiday, ...]:
    """Those of last year, this one and the two to come. An unknown country or part has none."""
    return _of_years(country, part, year - ALREADY, year + AHEAD)


@lru_cache(maxsize=256)
def _of_years(country: str, part: str, first: int, last: int) -> tuple[Holiday, ...]:
    found = _named(country, part, first, last, ENGLISH)
    return tuple(Holiday(day, MOVED.sub("", name)) for day, names in sorted(found.items()) for name in names)


def in_words(key: str, country: str, part: str, language: str, year: int) -> str:
    """The holiday's name in `language`; where the library does not have it, as the country itself calls it."""
    return _names(country, part, language, year).get(key, key)


@lru_cache(maxsize=256)
def _names(country: str, part: str, language: str, year: int) -> dict[str, str]:
    """Key -> name. Both languages name the same days: a day with one holiday tells what it is called in each."""
    first, last = year - PAIRING_YEARS, year + AHEAD
    english = _named(country, part, first, last, ENGLISH)
    other = _named(country, part, first, last, LANGUAGES.get(language, ()))
    pairs = {}
    for day, names in english.items():
        if len(names) == len(other.get(day, ())) == 1 and not MOVED.search(names[0]):
            pairs[names[0]] = other[day][0]
    return pairs


def _named(country: str, part: str, first: int, last: int, languages: tuple[str, ...]) -> dict[date, list[str]]:
    """Day -> names, in the first of `languages` that the library has, else in the country's own."""
    if part not in (*countries().get(country, ()), "") or country not in countries():
        return {}
    table: Any = holidays.country_holidays(country, subdiv=part or None)
    language = next((language for language in languages if language in table.supported_languages), table.default_language)
    table = holidays.country_holidays(country, subdiv=part or None, years=range(first, last + 1), language=language)
    return {day: table.get_list(day) for day in table}
