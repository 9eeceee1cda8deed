"""The switch's only clock and I/O: reads the inbox, lets the core decide, commits what follows. One step of the loop is `Shell.step`."""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import redis

from apps.events import journal
from apps.events import vocabulary as v
from apps.flows.web.orders import STREAM, WebResult
from apps.switch import requests as r
from apps.switch import watching
from apps.switch.core import Core, DayBegan, Message
from apps.switch.documents import Documents
from apps.switch.gauge import Gauge
from apps.switch.inbox import Inbox
from apps.switch.restoring import recall_calls_out, restore
from apps.switch.store import CURSOR, DAY, LEASE_MS, Batch, Fenced, Store, Written
from apps.switch.world import Outcome
from apps.telephony import protocol as t
from contactcenter.lib import bus
from contactcenter.lib.logs import place_of
from contactcenter.lib.reading import reader

log = logging.getLogger(__name__)

LONGEST_SLEEP = 0.25  # seconds: how soon news from other threads and a new day are seen, and the lease is renewed
RENEW = LEASE_MS / 3_000  # seconds between commits at the most
BATCH = 200  # messages in one commit at the most
SLICE = 0.25  # seconds that they may take together, or the lease would run out under a switch that is slow
LATE = 1.0  # seconds from a decision to its commit after which whoever is to answer has all his time from the commit on
HELD = 2.0  # seconds for which deadlines wait for what stands before them in the inbox
JOURNAL_LOOK = 60.0  # seconds between two looks at a journal that fills

_decode = reader(t.AnyLegEvent | r.AnyRequest | WebResult)


class Shell:
    """`news`: inputs of the core that other threads bring (configuration, gateways). `clock`: Unix seconds."""

    def __init__(
        self, client: redis.Redis, store: Store, core: Core, news: "queue.SimpleQueue[Message]", clock: Callable[[], float], zone: str
    ) -> None:
        self._redis = client
        self._inbox = Inbox(client)
        self._store = store
        self._core = core
        self._news = news
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._documents = Documents(core.world)
        self._gauge = Gauge()
        self._day: date | None = None
        self._cursor = "0"
        self._number = 0
        self._committed_at = 0.0
        self._redis_ms = 0  # Redis's clock at the last commit: what messages are stamped with
        self._oldest_ms: int | None = None  # stamp of the first message since then
        self._untold = False  # that it is behind, or no more
        self._watch_at = 0.0
        self._look_at_journal_at = 0.0
        self._decided_at = 0.0  # what is not sent yet
        self._cut = False  # more waits in the inbox than was handled
        self._cut_since: float | None = None
        self._full = True  # the last read brought all that one may: more may wait, or have fallen out
        self._unsent: Batch | None = None

    def start(self, archive: Callable[[], dict[int, int]] = dict) -> None:
        """Take up what the switch before this one had. The lease must be ours.

        `archive`: agent -> calls that he has begun today; asked if Redis knows of no switch before this one.
        """
        self._number = self._store.last_commit()
        self._cursor = self._store.cursor()
        self._day = self._store.day() or self._today()  # midnight may have passed while nobody decided
        restore(self._core.world, self._clock(), self._store.calls(), self._store.agents(), self._store.graphs())
        if self._number == 0:
            recall_calls_out(self._core.world, archive())
        outcome = self._core.world.take_outcome()
        self._begin_day(outcome)  # before what waits in the inbox: that may be of this day
        self._write(outcome)
        log.info("the switch decides: %d calls, %d agents taken up", len(self._core.world.calls), len(self._core.world.agents))

    def step(self) -> None:
        """Wait for news or the next deadline, and handle it. Errors: `redis.RedisError` (call `recover`), Fenced."""
        self._send_again()
        outcome = self._look_for_loss() if self._full else Outcome()
        self._handle_inbox(outcome)
        while not self._news.empty():
            outcome.add(self._core.handle(self._news.get(), self._clock()))
        self._begin_day(outcome)
        self._pass_time(outcome)
        if self._clock() >= self._watch_at:
            self._watch_at = self._clock() + watching.SECONDS
            outcome.add(self._core.watch(self._clock()))
        self._write(outcome)

    def _begin_day(self, outcome: Outcome) -> None:
        today = self._today()
        if today != self._day:
            self._day = today
            outcome.add(self._core.handle(DayBegan(), self._clock()))

    def _pass_time(self, outcome: Outcome) -> None:
        """What happened before a deadline comes before it, however late it is read; but an inbox that never empties stops no clock."""
        now = self._clock()
        if self._cut:
            self._cut_since = self._cut_since or now
            self._core.wait_for_cells(now)
            if now - self._cut_since < HELD:
                return
        else:
            self._cut_since = None
        outcome.add(self._core.pass_time(now))

    def behind(self) -> bool:
        """Whether messages in the inbox have not been handled yet."""
        newest = self._redis.xrevrange(bus.INBOX, count=1)
        return bool(newest) and newest[0][0].decode() != self._cursor

    def recover(self) -> None:
        """Redis was away, perhaps with all it knew: calls went on, and our memory is the truth, unless another one has decided since.

        Errors: as `step`.
        """
        taken, last = self._store.take_over(0)
        if not taken:
            return
        if last > self._number:
            raise Fenced("another switch has decided meanwhile")
        if last < (self._number if self._unsent is None else self._number - 1):  # it came back without its data
            log.warning("Redis came back without its data: writing everything anew")
            self._write_anew()

    def _write_anew(self) -> None:
        """What was to be written when it went away is written with it: no cell, page or journal has heard of that yet.

        And all cells are asked what is true: what they were told, and what they have told, may not have been read by anybody.
        """
        seconds, micro = self._redis.time()
        if _stamp(self._cursor) > seconds * 1000 + micro // 1000:  # by this clock, nothing that was read has been said yet
            self._cursor = "0"
        self._inbox.forget()
        self._documents = Documents(self._core.world)
        self._core.world.everything_changed()
        self._write(self._core.report(self._clock()), self._unsent)

    # -- reading

    def _handle_inbox(self, outcome: Outcome) -> None:
        """When a deadline is due, all that came before it: what a wait brings may be the first of it alone."""
        if self._handle_batch(outcome) and not self._cut and not self._patience():
            with suppress(redis.RedisError):  # what was handled must be written all the same, and the commit will meet the error too
                self._handle_batch(outcome)

    def _handle_batch(self, outcome: Outcome) -> bool:
        """Whether there was anything."""
        entries = self._inbox.read(self._cursor, self._patience(), BATCH)
        self._full = self._cut = len(entries) == BATCH
        if entries and self._oldest_ms is None:
            self._oldest_ms = _stamp(entries[0][0])
        began = self._clock()
        for entry, encoded in entries:
            self._handle(entry, encoded, outcome)
            self._cursor = entry
            if self._clock() - began > SLICE:
                self._cut = True
                break
        return bool(entries)

    def _handle(self, entry: str, encoded: bytes, outcome: Outcome) -> None:
        try:
            message = _decode(encoded)
        except msgspec.DecodeError as error:  # what it carries may be personal: only the kind of fault is told
            log.error("a message in the inbox is not understood: %s", type(error).__name__)
            return
        if not self._given_up(entry, message):
            outcome.add(self._core.handle(message, self._clock()))

    def _given_up(self, entry: str, message: Message) -> bool:
        """A wish whose page has told its person already that nobody answered. Pages that come and go are facts, not wishes."""
        if not isinstance(message, r.Request) or not message.reply_to or isinstance(message, r.SoftphoneUp | r.SoftphoneDown):
            return False
        return self._redis_ms - _stamp(entry) > bus.REPLY_TIMEOUT * 1000

    def _look_for_loss(self) -> Outcome:
        """The inbox is bounded: what stood in it for too long falls out, and only the cells know what it was."""
        oldest = self._redis.xrange(bus.INBOX, count=1)
        if self._cursor == "0" or not oldest or _place(oldest[0][0].decode()) <= _place(self._cursor):
            return Outcome()
        if self._redis.xlen(bus.INBOX) < bus.LENGTHS[bus.INBOX]:
            return Outcome()
        log.error("the inbox overflowed: messages are lost; every cell is asked what is true")
        self._cursor = _before(oldest[0][0].decode())
        return self._core.report(self._clock())

    def _patience(self) -> float:
        """Seconds to wait for messages."""
        due = self._core.next_timer()
        return LONGEST_SLEEP if due is None else min(LONGEST_SLEEP, max(0.0, due - self._clock()))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), tz=self._zone).date()

    # -- writing

    def _write(self, outcome: Outcome, before: Batch | None = None) -> None:
        """`before`: what could not be written, and goes first."""
        batch = self._batch(outcome)
        if before is not None:
            batch.commands, batch.facts = before.commands + batch.commands, before.facts + batch.facts
        for fact in outcome.facts:
            if isinstance(fact, v.StateMended):
                log.error("the watchdog mended agent %s, call %s: %s", fact.agent or "-", fact.call or "-", fact.fault)
        for fault in outcome.faults:
            log.error("a fault; what it was about is ended or left as it was: %s", place_of(fault))
        idle = not (batch.commands or batch.facts or batch.documents or self._untold)
        if idle and self._clock() - self._committed_at < RENEW:
            return
        batch.commands.append(["SET", CURSOR, self._cursor])
        if self._day is not None:
            batch.commands.append(["SET", DAY, self._day.isoformat()])
        batch.load(self._gauge.lag, self._gauge.behind)
        self._number += 1
        self._unsent, self._decided_at = batch, self._clock()
        self._send_again()

    def _send_again(self) -> None:
        """The memory has moved on already: what follows from it must be written, if need be later."""
        if self._unsent is not None:
            written = self._store.commit(self._number, self._unsent)
            self._unsent = None
            self._committed_at = self._clock()
            if self._committed_at - self._decided_at > LATE:
                self._core.sent_late(self._committed_at)
                self._cut_since = None
            self._take_measure(written)

    def _take_measure(self, written: Written) -> None:
        """How long messages wait, by Redis's clock alone; and how full the journal is, which nobody may learn too late."""
        self._redis_ms = written.at_ms
        lag = 0.0 if self._oldest_ms is None else max(0, written.at_ms - self._oldest_ms) / 1000
        self._oldest_ms = None
        self._untold = self._gauge.observe(lag, written.at_ms / 1000)
        if self._untold:
            now, new_calls = ("behind", "refused") if self._gauge.behind else ("in time again", "let in")
            log.warning("the switch is %s (%.1f s): new calls are %s", now, lag, new_calls)
        if written.facts >= journal.ALARM and self._clock() >= self._look_at_journal_at:
            self._look_at_journal()

    def _look_at_journal(self) -> None:
        self._look_at_journal_at = self._clock() + JOURNAL_LOOK
        if warning := journal.backlog(self._redis).warning():
            log.error("%s", warning)

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
        for cell, command in sorted(outcome.commands, key=_urgency):
            batch.send(bus.cell_stream(cell), command)
            if isinstance(command, t.Retire):
                batch.forget_cell(cell)
        for order in outcome.web_orders:
            batch.send(STREAM, order)
        for reply_to, reply in outcome.replies:
            batch.reply(reply_to, reply)
        return batch


def _place(entry: str) -> tuple[int, int]:
    stamp, _, number = entry.partition("-")
    return int(stamp), int(number or 0)


def _stamp(entry: str) -> int:
    """Milliseconds since 1970 by Redis's clock."""
    return _place(entry)[0]


def _before(entry: str) -> str:
    """The cursor that reads `entry` next."""
    stamp, number = _place(entry)
    return f"{stamp}-{number - 1}" if number else f"{stamp - 1}-{2**64 - 1}"


def _urgency(told: tuple[str, t.Command]) -> int:
    """An INVITE goes out before the cell opens the files of music and welcome; all else stays in its order."""
    return 0 if isinstance(told[1], t.Dial) else 1
