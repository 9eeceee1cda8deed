"""The switch's only clock and I/O: reads the inbox, lets the core decide, commits what follows. One step of the loop is `Shell.step`."""

import logging
import queue
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import redis

from apps.switch import requests as r
from apps.switch.core import Core, DayBegan, Message
from apps.switch.documents import Documents
from apps.switch.restoring import restore
from apps.switch.store import CURSOR, LEASE_MS, Batch, Store
from apps.switch.world import Outcome
from apps.telephony import protocol as t
from contactcenter.lib import bus

log = logging.getLogger(__name__)

LONGEST_SLEEP = 0.25  # seconds: how soon news from other threads and a new day are seen, and the lease is renewed
RENEW = LEASE_MS / 3_000  # seconds between commits at the most
BATCH = 200  # messages in one commit at the most

_decode = msgspec.json.Decoder(t.AnyLegEvent | r.AnyRequest).decode


class Shell:
    """`news`: inputs of the core that other threads bring (configuration, gateways). `clock`: Unix seconds."""

    def __init__(
        self, client: redis.Redis, store: Store, core: Core, news: "queue.SimpleQueue[Message]", clock: Callable[[], float], zone: str
    ) -> None:
        self._redis = client
        self._store = store
        self._core = core
        self._news = news
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._documents = Documents(core.world)
        self._day: date | None = None
        self._cursor = "0"
        self._number = 0
        self._committed_at = 0.0
        self._unsent: Batch | None = None

    def start(self) -> None:
        """Take up what the switch before this one had. The lease must be ours."""
        self._number = self._store.last_commit()
        self._cursor = self._store.cursor()
        self._day = self._today()
        restore(self._core.world, self._clock(), self._store.calls(), self._store.agents(), self._store.graphs())
        self._write(self._core.world.take_outcome())
        log.info("the switch decides: %d calls, %d agents taken up", len(self._core.world.calls), len(self._core.world.agents))

    def step(self) -> None:
        """Wait for news or the next deadline, and handle it. Errors: `redis.RedisError` (call `recover`), Fenced."""
        self._send_again()
        outcome = Outcome()
        for entry, encoded in bus.read(self._redis, bus.INBOX, self._cursor, block_ms=self._sleep_ms(), count=BATCH):
            self._cursor = entry
            self._handle_encoded(encoded, outcome)
        while not self._news.empty():
            outcome.add(self._handle(self._news.get()))
        if self._today() != self._day:
            self._day = self._today()
            outcome.add(self._handle(DayBegan()))
        outcome.add(self._core.pass_time(self._clock()))
        self._write(outcome)

    def behind(self) -> bool:
        """Whether messages in the inbox have not been handled yet."""
        newest = self._redis.xrevrange(bus.INBOX, count=1)
        return bool(newest) and newest[0][0].decode() != self._cursor

    def recover(self) -> None:
        """Redis was away, perhaps with all it knew: calls went on, and our memory is the truth. Errors: as `step`."""
        if not self._store.take_lease():
            return
        if self._store.last_commit() < self._number - 1:  # it came back without its data
            self._unsent = None
            self._cursor = "0"
            self._documents = Documents(self._core.world)
            self._core.world.everything_changed()
            log.warning("Redis came back without its data: writing everything anew")

    def _handle_encoded(self, encoded: bytes, outcome: Outcome) -> None:
        try:
            message = _decode(encoded)
        except msgspec.DecodeError as error:  # what it carries may be personal: only the kind of fault is told
            log.error("a message in the inbox is not understood: %s", type(error).__name__)
            return
        outcome.add(self._handle(message))

    def _handle(self, message: Message) -> Outcome:
        """A fault in one message must not take the calls of all others down: it is logged, and the next message is handled."""
        try:
            return self._core.handle(message, self._clock())
        except Exception:
            log.exception("%s could not be handled", type(message).__name__)
            return self._core.world.take_outcome()

    def _sleep_ms(self) -> int:
        due = self._core.next_timer()
        wait = LONGEST_SLEEP if due is None else min(LONGEST_SLEEP, due - self._clock())
        return max(1, round(wait * 1000))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), tz=self._zone).date()

    # -- writing

    def _write(self, outcome: Outcome) -> None:
        batch = self._batch(outcome)
        idle = not (batch.commands or batch.facts or batch.documents)
        if idle and self._clock() - self._committed_at < RENEW:
            return
        batch.commands.append(["SET", CURSOR, self._cursor])
        self._number += 1
        self._unsent = batch
        self._send_again()

    def _send_again(self) -> None:
        """The memory has moved on already: what follows from it must be written, if need be later."""
        if self._unsent is not None:
            self._store.commit(self._number, self._unsent)
            self._unsent = None
            self._committed_at = self._clock()

    def _batch(self, outcome: Outcome) -> Batch:
        world, batch = self._core.world, Batch()
        for version in sorted(outcome.graphs):
            batch.snapshot_graph(world.graphs[version])
        for call in sorted(outcome.calls):
            batch.snapshot_call(call, world.calls.get(call))
        for agent in sorted(outcome.agents):
            batch.snapshot_agent(agent, world.agent(agent))
        for event in outcome.facts:
            batch.fact(event)
        batch.documents = self._documents.changed(outcome)
        for cell, command in outcome.commands:
            batch.send(bus.cell_stream(cell), command)
            if isinstance(command, t.Retire):
                batch.forget_cell(cell)
        for reply_to, reply in outcome.replies:
            batch.reply(reply_to, reply)
        return batch
