"""The one writer: copies the journal to the database and lets the readers go through what is new.

A loop of steps. Exactly one process holds the lease (a Redis lock with expiry and token); the others stand by. Redis or the
database away: it waits and goes on, and nothing is lost, for the journal is trimmed only behind what is written.
"""

import logging
import threading
import time
from collections.abc import Callable

import redis
from django.db import DatabaseError, InterfaceError
from redis.exceptions import LockNotOwnedError
from redis.lock import Lock

from apps.events import copying, journal, readers
from apps.events.progress import BATCH, Progress, Round, drop_broken_connection

LEASE = "cc:journal:writer"
LEASE_SECONDS = 5.0
RENEW_SECONDS = 1.0
BLOCK_MS = 1_000  # how long one step waits for a fact
KEPT_SECONDS = 600  # facts stay this long in the journal after they are written, for whoever reads there
TRIM_SECONDS = 10.0
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0  # seconds between tries while Redis or the database is away
DRAIN_SECONDS = 8.0

log = logging.getLogger(__name__)


class Writer:
    """`stopping` is set by whoever wants the writer to end (SIGTERM); it then takes in what is there and gives the lease back."""

    def __init__(self, source: redis.Redis, stopping: threading.Event, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.source, self.stopping, self.monotonic = source, stopping, monotonic
        self.lease = Lock(source, LEASE, timeout=LEASE_SECONDS, thread_local=False)
        self.renewed = self.trimmed = float("-inf")
        self.written: int | None = None  # seq of the newest fact in the database; None: ask it
        self.told: int | None = None  # what stands at journal.WRITTEN
        self.progress = [Progress(reader) for reader in readers.registered()]
        self.rounds = [Round(chore) for chore in readers.registered_chores()]
        self.wait = 0.0

    def run(self) -> None:
        """Until `stopping` is set."""
        while not self.stopping.is_set():
            self.guarded(self.step)
        self.guarded(self.drain)
        self.guarded(self.give_back)

    def guarded(self, step: Callable[[], object]) -> None:
        """The one place where a failure of Redis or the database is met: log it once, wait, and begin anew."""
        try:
            step()
        except LockNotOwnedError:
            log.warning("the lease is gone (Redis was away, or this process too slow)")
            self._forget_lease()
        except (redis.RedisError, DatabaseError, InterfaceError) as fault:
            self._away(fault)
        else:
            self._back()

    def step(self) -> None:
        """Hold the lease, copy, let readers read, do chores, trim."""
        if not self.hold_lease():
            self.stopping.wait(BLOCK_MS / 1000)
            return
        busy = self._read(self.monotonic())
        self._copy(block_ms=None if busy else BLOCK_MS)
        for chore in self.rounds:
            chore.step(self.monotonic())
        self._trim()

    def drain(self) -> None:
        """Take in all that is there now, for `DRAIN_SECONDS` at the most; the rest is for the next writer."""
        deadline = self.monotonic() + DRAIN_SECONDS
        while self.lease.owned() and self.monotonic() < deadline:
            before = self.written
            self._copy(block_ms=None)
            if not self._read(self.monotonic()) and self.written == before:
                return

    def hold_lease(self) -> bool:
        """True while this process is the writer. Errors: LockNotOwnedError when somebody else may have become it."""
        now = self.monotonic()
        if self.lease.local.token is None:
            if not self.lease.acquire(blocking=False):
                return False
            log.info("this process writes the journal")
            self._begin()
        elif now - self.renewed >= RENEW_SECONDS:
            self.lease.reacquire()
        else:
            return True
        self.renewed = now
        return True

    def give_back(self) -> None:
        if self.lease.local.token is not None:
            self.lease.release()

    def _begin(self) -> None:
        """Somebody else may have written in the meantime: what this process remembers is void."""
        self.written = self.told = None
        for progress in self.progress:
            progress.seq = None

    def _copy(self, *, block_ms: int | None) -> None:
        if self.written is None:
            self.written = copying.written()
            journal.raise_floor(self.source, self.written)
        self.written = copying.copy(self.source, self.written, count=BATCH, block_ms=block_ms)
        if self.written != self.told:
            self.source.set(journal.WRITTEN, self.written)
            self.told = self.written

    def _read(self, now: float) -> bool:
        """One batch for each reader that is behind; True if any of them moved."""
        written = self.written or 0
        moved = [progress.step(now) for progress in self.progress if progress.behind(written)]
        return any(moved)

    def _trim(self) -> None:
        if self.written and self.monotonic() - self.trimmed >= TRIM_SECONDS:
            journal.trim(self.source, self.written - KEPT_SECONDS * 1_000_000)
            self.trimmed = self.monotonic()

    def _forget_lease(self) -> None:
        self.lease.local.token = None

    def _away(self, fault: Exception) -> None:
        if not self.wait:
            log.warning("%s: waiting until it is back", type(fault).__name__)
        drop_broken_connection()
        self.written = self.told = None
        self.wait = min(max(FIRST_WAIT, self.wait * 2), LONGEST_WAIT)
        self.stopping.wait(self.wait)

    def _back(self) -> None:
        if self.wait:
            log.info("back again")
        self.wait = 0.0
