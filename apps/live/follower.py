"""Follows the board for all pages of one web process: one reader of `bus.BOARD_FEED`, however many pages there are.

Pages are told through a registry of mailboxes, not through Channels' groups: a group drops the newest message when a
channel is full, a mailbox replaces the oldest (see mailbox.py). It starts with the first page and stops with the last one:
Daphne has no lifespan events, and a process without pages has nothing to follow.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import msgspec
import redis
import redis.asyncio

from apps.live.ending import end
from apps.live.mailbox import Mailbox
from apps.live.replies import Replies
from apps.switch.board import BoardEntry, decode_entry
from contactcenter.lib import bus

log = logging.getLogger(__name__)

BLOCK_MS = 2_000  # below the time-out of the socket
BATCH = 500
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 3.0  # seconds between tries to reach Redis
FIRST_STATE_SECONDS = 5.0
GONE = msgspec.Raw(b"null")

Wake = Callable[[], object]


class Follower:
    """Get it with `hold`."""

    def __init__(self, url: str) -> None:
        self.redis = bus.connect_async(url)
        self.patient = bus.connect_async(url)  # for reads that wait: they must take nobody's turn
        self.replies = Replies(self.patient)
        self.holders = 0
        self._pages: dict[Mailbox, Wake] = {}
        self._wanting: dict[str, set[Mailbox]] = {}  # topic -> pages: a change must not be shown to 500 that do not want it
        self._in_step = asyncio.Event()  # the position in the feed is taken: what comes later will be read
        self._task: asyncio.Task[None] | None = None

    async def join(self, mailbox: Mailbox, wake: Wake, topics: Iterable[str]) -> None:
        """Tell `mailbox` of `topics` from now on, beginning with what stands on the board; `wake` is called when something waits.

        First the registration, then the read: a change in between arrives twice, and the mailbox drops the second.
        Errors: `TimeoutError`, `redis.RedisError` when there is no first state to be had.
        """
        self._pages[mailbox] = wake
        self._task = self._task or asyncio.create_task(self._run(), name="follower of the board")
        self._want(mailbox, topics)
        async with asyncio.timeout(FIRST_STATE_SECONDS):
            await self._in_step.wait()
            self._hand_over(mailbox, await self.read(mailbox.topics))

    async def change(self, mailbox: Mailbox, topics: Iterable[str]) -> None:
        """Other topics for a page that has joined."""
        if new := self._want(mailbox, topics):
            self._hand_over(mailbox, await self.read(new))

    def part(self, mailbox: Mailbox) -> None:
        """The page wants to hear no more."""
        self._want(mailbox, ())
        self._pages.pop(mailbox, None)

    def _want(self, mailbox: Mailbox, topics: Iterable[str]) -> frozenset[str]:
        """Those that are new."""
        before = mailbox.topics
        new = mailbox.want(topics)
        for topic in before - mailbox.topics:
            self._wanting[topic].discard(mailbox)
            if not self._wanting[topic]:
                del self._wanting[topic]
        for topic in new:
            self._wanting.setdefault(topic, set()).add(mailbox)
        return new

    async def stop(self) -> None:
        await end([task for task in (self._task, self.replies.reader) if task])
        await self.redis.aclose()
        await self.patient.aclose()

    async def read(self, topics: Iterable[str]) -> list[BoardEntry]:
        """What the board shows of `topics` now; a topic that it does not have is told as gone."""
        wanted = sorted(topics)
        found = await self.redis.hmget(bus.BOARD, wanted) if wanted else []
        return [decode_entry(entry) if entry else BoardEntry(0, topic, GONE) for topic, entry in zip(wanted, found, strict=True)]

    async def _run(self) -> None:
        wait = SHORTEST_WAIT
        while True:
            try:
                cursor = await self._get_in_step()
                wait = SHORTEST_WAIT
                while True:
                    cursor = await self._read_on(cursor)
            except (redis.RedisError, OSError) as error:
                self._in_step.clear()
                log.warning("the board cannot be followed (%s); next try in %.1f s", type(error).__name__, wait)
                await asyncio.sleep(wait)
                wait = min(LONGEST_WAIT, 2 * wait)

    async def _get_in_step(self) -> str:
        """Take the position, then read everything: what was missed while Redis was away is told now."""
        newest = await self.redis.xrevrange(bus.BOARD_FEED, count=1)
        cursor = newest[0][0].decode() if newest else "0-0"
        entries = await self.read(self._wanting)
        for mailbox in self._pages:
            self._hand_over(mailbox, entries)
        self._in_step.set()
        return cursor

    async def _read_on(self, cursor: str) -> str:
        for _, entries in await self.patient.xread({bus.BOARD_FEED: cursor}, count=BATCH, block=BLOCK_MS) or ():
            for entry_id, fields in entries:
                cursor = entry_id.decode()
                self._tell(decode_entry(fields[b"m"]))
        return cursor

    def _tell(self, entry: BoardEntry) -> None:
        for mailbox in self._wanting.get(entry.topic, ()):
            if mailbox.put(entry):
                self._pages[mailbox]()

    def _hand_over(self, mailbox: Mailbox, entries: Iterable[BoardEntry]) -> None:
        told = [mailbox.put_state(entry) for entry in entries]
        if any(told) and (wake := self._pages.get(mailbox)):
            wake()


_followers: WeakKeyDictionary[asyncio.AbstractEventLoop, Follower] = WeakKeyDictionary()


def hold() -> Follower:
    """The follower of the running event loop, for one page, until `release`."""
    from django.conf import settings

    loop = asyncio.get_running_loop()
    if loop not in _followers:
        _followers[loop] = Follower(settings.REDIS_URL)
    _followers[loop].holders += 1
    return _followers[loop]


async def release(follower: Follower) -> None:
    """The last page that releases it stops it."""
    follower.holders -= 1
    if not follower.holders:
        del _followers[asyncio.get_running_loop()]
        await follower.stop()
