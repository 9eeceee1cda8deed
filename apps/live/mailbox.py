"""What one page has still to be told. PURE.

A page that reads slowly must not make a queue grow in the web process, and what it is told late must not be old. So a
mailbox keeps the newest document of each topic only, and hands out a new batch when the page has acknowledged the ones
before (`WINDOW` may be on their way, which hides the round trip). A web socket's own buffer cannot do that: the server
never learns how full it is.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from apps.switch.board import BoardEntry

WINDOW = 8  # batches that may be unacknowledged


class Mailbox:
    """The documents of some topics on their way to one page."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        """`known`: topic -> seq of the document that the page has already, from its first paint or its last connection."""
        self.topics: frozenset[str] = frozenset()
        self._sequence = dict(known or {})
        self._told: set[str] = set()
        self._waiting: dict[str, BoardEntry] = {}
        self._unseen: deque[int] = deque()
        self._batch = 0

    def want(self, topics: Iterable[str]) -> frozenset[str]:
        """From now on these topics; returns those that are new. What is known of others is forgotten."""
        before, self.topics = self.topics, frozenset(topics)
        self._waiting = {topic: entry for topic, entry in self._waiting.items() if topic in self.topics}
        self._sequence = {topic: seq for topic, seq in self._sequence.items() if topic in self.topics}
        self._told &= self.topics
        return self.topics - before

    def put(self, entry: BoardEntry) -> bool:
        """A change of the board. False: not wanted, or the page has this or a newer one."""
        if entry.topic not in self.topics or entry.seq <= self._sequence.get(entry.topic, -1):
            return False
        self._told.add(entry.topic)
        self._sequence[entry.topic] = entry.seq
        self._waiting[entry.topic] = entry
        return True

    def put_state(self, entry: BoardEntry) -> bool:
        """What stands on the board at the start: it counts also when the page claims a newer one, of a board that was lost since."""
        claimed = self._sequence.get(entry.topic, 0)
        if entry.topic not in self._told and entry.seq != claimed:
            self._sequence.pop(entry.topic, None)
        return self.put(entry)

    def take(self) -> tuple[int, list[BoardEntry]] | None:
        """The next batch and its number, oldest change first; None: nothing waits, or the page has not read the last ones."""
        if not self._waiting or len(self._unseen) >= WINDOW:
            return None
        self._batch += 1
        self._unseen.append(self._batch)
        entries, self._waiting = sorted(self._waiting.values(), key=lambda entry: entry.seq), {}
        return self._batch, entries

    def seen(self, batch: int) -> None:
        """The page has read all batches up to this one."""
        while self._unseen and self._unseen[0] <= batch:
            self._unseen.popleft()

    def __len__(self) -> int:
        return len(self._waiting)
