"""What a contact is found by: words without case and accents, and the digits of numbers. PURE.

A search is prefixes, each of which must begin a word of the contact: "kar nord" finds Kari Nordmann, "22 33" finds +47 22 33 44 55.
"""

import re
import unicodedata
from collections.abc import Iterable

from contactcenter.lib import phone

LONGEST = 40  # bytes of a word that are kept: a longer beginning finds nothing more
MOST_PREFIXES = 6
WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"(?<![^\W_])\+?\d(?:[\d\s().\-/]*\d)?(?![^\W_])")  # "+47 22 33 44 55", "(22) 33-44", but not the 5 of "b5"
NO_DECOMPOSITION = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})


def folded(text: str) -> str:
    """'bjorn asas' for 'Bjørn Åsås': who has another keyboard finds him too."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(NO_DECOMPOSITION))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def of_contact(texts: Iterable[str], numbers: Iterable[str], country: str) -> set[bytes]:
    """`texts`: name, company, tags; `numbers`: E.164 or short ones."""
    found = {word for text in texts for word in WORD.findall(folded(text))}
    for number in numbers:
        found |= {_digits(number), _digits(phone.national(number, country))}
    return {_kept(word) for word in found if word}


def asked(text: str) -> list[bytes]:
    """The prefixes of what somebody typed, the longest first. Digits that belong together are one, however they are spelled."""
    plain = folded(text)
    numbers = [_digits(found).removeprefix("00") for found in NUMBER.findall(plain)]
    prefixes = dict.fromkeys([*filter(None, numbers), *WORD.findall(NUMBER.sub(" ", plain))])
    return sorted((_kept(prefix) for prefix in prefixes), key=len, reverse=True)[:MOST_PREFIXES]


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def _kept(word: str) -> bytes:
    return word.encode()[:LONGEST]
