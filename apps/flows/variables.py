"""Variables of a call: how they are named, put into texts, and hidden. PURE.

A value that a caller typed in confidence is *secret*: later steps use it, and whoever is shown it sees MASK.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from apps.flows.run import CALLER, DIALLED, FORWARDED_FROM

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
OF_EVERY_CALL = (CALLER, DIALLED, FORWARDED_FROM)
MASK = "••••"  # as long for every value: the length of a code is part of it
LONGEST = 500  # characters of a value; a step in a circle could double it each time
MOST_SHOWN = 12  # values on an agent's card: more would hide what is there to be answered
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


def labelled(label: str, *names: str) -> dict[str, str]:
    """For Leave.labels. An empty label is none: the value is not for agents, or keeps the name that it has."""
    return dict.fromkeys(names, label) if label else {}


def for_agents(variables: Mapping[str, str], labels: Mapping[str, str], secret: Collection[str]) -> Iterator[tuple[str, str]]:
    """(label, value) in the order in which the variables got their labels; nothing empty, and nothing secret, not even a mask.

    Values come from callers and from other systems: on one line, and without signs that only steer how others are drawn.
    """
    for name, label in list(labels.items())[:MOST_SHOWN]:
        line = " ".join(variables.get(name, "").split())
        value = "".join(sign for sign in line if sign.isprintable())[:LONGEST]
        if value and name not in secret:
            yield label, value


def is_link(value: str) -> bool:
    """Whether an agent may click it: a whole address of the web, which shows where it leads and carries no password."""
    if len(value) >= LONGEST or not value.isascii() or " " in value:
        return False  # as long as that it may have been cut
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
