"""Variables of a call: how they are named, put into texts, and hidden. PURE.

A value that a caller typed in confidence is *secret*: later steps use it, and whoever is shown it sees MASK.
"""

import re
from collections.abc import Collection, Mapping

from apps.flows.run import CALLER, DIALLED, FORWARDED_FROM

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
OF_EVERY_CALL = (CALLER, DIALLED, FORWARDED_FROM)
MASK = "••••"  # as long for every value: the length of a code is part of it
LONGEST = 500  # characters of a value; a step in a circle could double it each time
_PLACE = re.compile(r"\{(" + NAME.pattern + r")\}")


def fill(text: str, variables: Mapping[str, str]) -> str:
    """`text` with the values in its {places}; a variable that is not set leaves nothing."""
    return _PLACE.sub(lambda place: variables.get(place[1], ""), text)[:LONGEST]


def places(text: str) -> tuple[str, ...]:
    """The variables that `text` names."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def masked(variables: Mapping[str, str], secret: Collection[str]) -> dict[str, str]:
    """For people's eyes."""
    return {name: MASK if name in secret and value else value for name, value in variables.items()}
