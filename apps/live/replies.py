"""The replies to what the pages of one web process ask: one list in Redis and one reader, however many wait.

A page that waited by itself would hold a connection to Redis for up to 5 seconds. When the switch is late, every desk waits.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import redis
import redis.asyncio

from contactcenter.lib import bus

log = logging.getLogger(__name__)

BLOCK_SECONDS = 2.0  # below the time-out of the socket
PAUSE = 0.2  # seconds before Redis is tried again


@dataclass(frozen=True, slots=True)
class Expected:
    """`to`: the request's `reply_to`."""

    to: str
    _reply: asyncio.Future[bytes]

    async def within(self, seconds: float) -> bytes | None:
        """The reply as it was encoded; None: nobody answered in time."""
        try:
            return await asyncio.wait_for(self._reply, seconds)
        except TimeoutError:
            return None


class Replies:
    """Of one event loop. `reader` is whoever stops the loop's to end; it begins with the first reply that is expected.

    While Redis is away all wait on: what was asked may have been done, and its reply lie there when Redis is back.
    """

    def __init__(self, source: redis.asyncio.Redis) -> None:
        self.reader: asyncio.Task[None] | None = None
        self._source = source
        self._name = bus.new_id()  # what this process leaves behind when it dies lapses by itself
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[bytes]] = {}

    @contextmanager
    def expected(self) -> Iterator[Expected]:
        """What comes later than its end is dropped."""
        if self.reader is None or self.reader.done():
            self.reader = asyncio.create_task(self._read(), name="reader of replies")
        to = bus.shared_reply(self._name, next(self._numbers))
        reply = self._waiting[to] = asyncio.get_running_loop().create_future()
        try:
            yield Expected(to, reply)
        finally:
            del self._waiting[to]

    async def _read(self) -> None:
        key = bus.reply_list(self._name)
        while True:
            try:
                found = await self._source.blpop([key], timeout=BLOCK_SECONDS)
            except (redis.RedisError, OSError) as error:
                log.debug("replies cannot be read: %s", type(error).__name__)  # the follower of the board says so aloud
                await asyncio.sleep(PAUSE)
                continue
            if found:
                try:
                    self._hand_over(*bus.read_shared_reply(found[1]))
                except ValueError:
                    log.exception("a reply cannot be read")

    def _hand_over(self, to: str, encoded: bytes) -> None:
        reply = self._waiting.get(to)
        if reply and not reply.done():
            reply.set_result(encoded)
