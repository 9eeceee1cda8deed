"""Who makes something of the facts: readers and chores of the journal process, registered by each app in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.events.vocabulary import Entry

Read = Callable[[list[Entry]], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` gets facts in order, each exactly once: its cursor moves in the transaction in which `read` writes.

    It must not do anything outside the database except in `transaction.on_commit`. With `follows` it never comes before the
    reader of that name (whose rows it refers to).
    """

    name: str
    read: Read
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to look after at start and then every `seconds`, such as waking jobs whose wake-up call was lost."""

    name: str
    do: Callable[[], object]
    seconds: float


_readers: dict[str, Reader] = {}
_chores: dict[str, Chore] = {}


def register(name: str, read: Read, *, follows: str = "") -> None:
    """`name` is that of the cursor: a new name reads from the first fact in the database."""
    if follows and follows not in _readers:
        raise LookupError(f"reader {name} follows {follows}, which is not registered before it")
    _readers[name] = Reader(name, read, follows)


def register_chore(name: str, do: Callable[[], object], *, seconds: float) -> None:
    _chores[name] = Chore(name, do, seconds)


def registered() -> tuple[Reader, ...]:
    """In order of registration, so that a reader comes after the one that it follows."""
    return tuple(_readers.values())


def registered_chores() -> tuple[Chore, ...]:
    return tuple(_chores.values())
