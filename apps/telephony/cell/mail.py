"""A cell's line to Redis: commands come in, events and offers go out, and calls go on while Redis is away.

Two threads, so that the loop of the cell never waits for Redis: the reader blocks in XREAD, the writer waits for something to write.
"""

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.telephony import leases, protocol
from apps.telephony.protocol import AnyCommand, LegEvent
from contactcenter.lib import bus

log = logging.getLogger(__name__)

BLOCK_MS = 3000  # one XREAD; shorter than ANSWER_SECONDS
ANSWER_SECONDS = 4.0
AGAIN_SECONDS = 0.2  # until the next try when Redis is away
OFFER_EVERY = 1.0  # seconds, see leases.OFFER_SECONDS
HEART_SECONDS = 3.0  # a cell whose loop stands still this long is not offered
KEPT = 2000  # events kept while Redis is away; the oldest go first, the switch asks for a report anyway
POSTED_SECONDS = 86_400  # how long Redis remembers what a cell has posted

# An event that is sent again because its first answer got lost is dropped: a digit must not be pressed twice.
_POST_ONCE = """
if tonumber(ARGV[1]) <= tonumber(redis.call('GET', KEYS[2]) or 0) then return end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[4])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'm', ARGV[3])
"""


class Mail:
    """`post`, `busy` and `close` are for the loop of the cell; `arrived` is called by the reader for each command in `commands`."""

    def __init__(self, url: str, cell: str, address: str, arrived: Callable[[], None]) -> None:
        self._url, self._cell, self._address, self._arrived = url, cell, address, arrived
        self.commands: SimpleQueue[AnyCommand] = SimpleQueue()
        self.away_since: float | None = None  # monotonic time; None: Redis answers
        self._outgoing: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._free, self._withdrawn, self._closing, self._done = True, False, False, False
        self._heart = 0.0  # monotonic time
        self._writer = threading.Thread(target=self._write, name="mail out", daemon=True)

    def open(self) -> None:
        threading.Thread(target=self._read, name="mail in", daemon=True).start()
        self.beat()
        self._writer.start()

    def post(self, event: LegEvent) -> None:
        with self._changed:
            self._outgoing.append((next(self._numbers), protocol.encode(event)))
            self._changed.notify()

    def beat(self) -> None:
        """The loop of the cell turns."""
        self._heart = time.monotonic()

    def busy(self) -> None:
        """The cell has a call: no more offers."""
        with self._changed:
            self._free = False
            self._changed.notify()

    def close(self, patience: float) -> None:
        """Post what is left, for `patience` seconds at the most, and remove what Redis holds of this cell."""
        with self._changed:
            self._free, self._closing = False, True
            self._changed.notify()
        self._writer.join(patience)

    def _read(self) -> None:
        source, seen = _connect(self._url), "0"
        while not self._closing:
            try:
                for entry, message in bus.read(source, bus.cell_stream(self._cell), seen, block_ms=BLOCK_MS):
                    seen = entry
                    self._take(message)
                self.away_since = None
            except redis.RedisError as error:
                self._away(error)

    def _take(self, message: bytes) -> None:
        try:
            self.commands.put(protocol.decode_command(message))
        except msgspec.ValidationError:
            log.exception("a command that this version does not understand")
            return
        self._arrived()

    def _away(self, error: redis.RedisError) -> None:
        if self.away_since is None:
            self.away_since = time.monotonic()
            log.warning("Redis is away (%s); the call goes on", type(error).__name__)
        time.sleep(AGAIN_SECONDS)

    def _write(self) -> None:
        to = _connect(self._url)
        while not self._done:
            try:
                self._deliver(to)
            except redis.RedisError as error:
                self._away(error)
            with self._changed:
                self._changed.wait_for(self._has_work, OFFER_EVERY)

    def _has_work(self) -> bool:
        return bool(self._outgoing) or self._closing or not (self._free or self._withdrawn)

    def _deliver(self, to: redis.Redis) -> None:
        """Events first: a caller hears the switch's answer that much earlier. Errors: redis.RedisError, nothing is lost."""
        self._send(to, tuple(self._outgoing))
        if not self._free and not self._withdrawn:
            leases.withdraw(to, self._cell, self._address)
            self._withdrawn = True
        elif self._free and time.monotonic() - self._heart < HEART_SECONDS:
            leases.offer(to, self._cell, self._address)
        if self._closing and self._withdrawn and not self._outgoing:  # told to close while it offered, it comes here once more
            forget(to, self._cell)
            self._done = True

    def _send(self, to: redis.Redis, batch: tuple[tuple[int, bytes], ...]) -> None:
        if not batch:
            return
        with to.pipeline(transaction=False) as pipe:
            for number, message in batch:
                pipe.eval(_POST_ONCE, 2, bus.INBOX, posted(self._cell), number, bus.LENGTHS[bus.INBOX], message, POSTED_SECONDS)
            pipe.execute()
        with self._changed:
            while self._outgoing and self._outgoing[0][0] <= batch[-1][0]:
                self._outgoing.popleft()


def posted(cell: str) -> str:
    """Key of the number of the last event that `cell` has posted."""
    return f"{bus.cell_stream(cell)}:posted"


def forget(to: redis.Redis, cell: str) -> None:
    """Remove what Redis holds of a cell that is over."""
    to.delete(bus.cell_stream(cell), posted(cell))


def _connect(url: str) -> redis.Redis:
    """Without tries of its own: this module's loops try again, and see that Redis is away at once."""
    timeouts = {"socket_connect_timeout": bus.CONNECT_TIMEOUT, "socket_timeout": ANSWER_SECONDS}
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **timeouts)
