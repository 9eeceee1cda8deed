"""The supervisor of cells: keeps some warm, buries the dead, tells the switch whose call died with them, and their far ends.

It holds one end of each cell's life line (see lifeline.py), so it learns of a death at once, whatever the cause. Its own death is learnt by
the cells: they go on, and come to the door of the next supervisor, which adopts them. One thread, one selector.
"""

import contextlib
import hashlib
import logging
import math
import os
import selectors
import signal
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass, field

import msgspec
import redis

from apps.telephony import leases
from apps.telephony.cell.blocks import Blocks, NoPorts
from apps.telephony.cell.lifeline import END, LONGEST, AnyWord, Born, Bye, Debt, Here, Owes, Ready, Taken, decode
from apps.telephony.cell.mail import forget
from apps.telephony.cell.mourning import Mourning
from apps.telephony.cell.place import Place, Plan
from apps.telephony.cell.warm_parent import WarmParent
from apps.telephony.protocol import CellLost, SupervisorBegan
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

BIRTH_SECONDS = 10.0  # until a cell that is not ready is given up
STARTING = 4  # cells started at the same time: more only slow each other down
ORPHAN_SECONDS = 1.5  # after a supervisor that died: its cells come to the door, each within a second, before new ones are started
PAUSE_SECONDS = 1.0  # before the next start when one failed
REPORT_EVERY = 1.0  # seconds between two reports of the room that is left
REDIS_SECONDS = 1.0  # longest wait for Redis: births and deaths go on without it
NEWS_KEPT = 1000  # for the switch, while Redis is away
DOOR_BACKLOG = 256  # orphans that knock at the same moment
CREDENTIALS = struct.Struct("3i")  # pid, user, group (unix(7), SO_PEERCRED)


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """`machine` is unique among all media machines. `ports`: first and last of the cells' range."""

    machine: str
    redis_url: str
    warm: int
    most: int
    sip_address: str
    media_address: str
    ports: tuple[int, int]

    @property
    def door(self) -> str:
        """The abstract socket (unix(7)) to which orphaned cells come: one per machine of an installation."""
        return "\0contactcenter-" + hashlib.sha256(f"{self.redis_url} {self.machine}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class _Held:
    """One cell as the supervisor sees it."""

    name: str
    place: Place
    line: socket.socket
    born: float  # monotonic time
    pid: int = 0
    ready: bool = False
    call: str = ""
    bye: bool = False
    debts: dict[str, Debt] = field(default_factory=dict)


class Pool:
    """`step` it until it is `over`: it was told to `drain` and the last cell is gone."""

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings
        self._redis = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS)
        self._blocks = Blocks(*settings.ports, settings.sip_address, settings.media_address)
        self._cells: dict[str, _Held] = {}
        self._selector = selectors.DefaultSelector()
        self._warm: WarmParent | None = None
        self._door = self._open_door()
        self._news: deque[CellLost | SupervisorBegan] = deque(maxlen=NEWS_KEPT)
        self._news.append(SupervisorBegan(machine=settings.machine, at=clock.now()))
        self._mourned: list[Mourning] = []
        self._report_at = 0.0
        self._not_before = time.monotonic() + (ORPHAN_SECONDS if self._has_orphans() else 0.0)
        self._draining = False
        self._warm_parent()  # it needs a second before it can fork

    def over(self) -> bool:
        return self._draining and not self._cells and not self._mourned

    def step(self, seconds: float) -> None:
        """React to what happens within `seconds`."""
        self._start_missing()
        for key, _ in self._selector.select(min(seconds, self._until_farewell())):
            key.data()
        self._give_up_stillborn()
        self._mourn()
        self._report()

    def drain(self) -> None:
        """No new cells; free ones end, those with a call finish it. Asked a second time: they hang up."""
        again, self._draining = self._draining, True
        self._report_at = 0.0
        for held in list(self._cells.values()):
            if again and held.pid:
                _signal(held.pid, signal.SIGTERM)
            with contextlib.suppress(OSError):  # it is gone already
                held.line.send(END, socket.MSG_DONTWAIT)

    def close(self) -> None:
        if self._warm:
            self._forget_warm_parent()
        self._report_at = 0.0
        self._report()
        with contextlib.suppress(redis.RedisError):
            leases.forget_room(self._redis, self._settings.machine)
        self._door.close()
        self._selector.close()

    def counts(self) -> tuple[int, int, int]:
        """(cells that start, free ones, ones with a call)."""
        cells = self._cells.values()
        starting = sum(not held.ready for held in cells)
        busy = sum(bool(held.call) for held in cells)
        return starting, len(self._cells) - starting - busy, busy

    def _start_missing(self) -> None:
        starting, free, _ = self.counts()
        room = min(self._settings.most - len(self._cells), STARTING - starting)
        missing = min(self._settings.warm - free - starting, room)
        if self._draining or missing <= 0 or time.monotonic() < self._not_before:
            return
        try:
            for _ in range(missing):
                self._start()
        except (NoPorts, OSError) as error:
            self._trouble(f"no cell can be started: {error}")

    def _start(self) -> None:
        warm = self._warm_parent()
        place = self._blocks.take()
        try:
            name = bus.new_id()
            line = warm.fork(Plan(name, self._settings.redis_url, place, self._settings.door))
        except OSError:
            self._blocks.give_back(place)
            raise
        held = self._cells[name] = _Held(name, place, line, time.monotonic())
        self._selector.register(line, selectors.EVENT_READ, lambda: self._hear(held))

    def _warm_parent(self) -> WarmParent:
        if not self._warm:
            self._warm = WarmParent()
            self._selector.register(self._warm.control, selectors.EVENT_READ, self._on_warm_parent_gone)
        return self._warm

    def _on_warm_parent_gone(self) -> None:
        """It never says anything: this is its end. Cells live on, with their life lines; the next start brings a new one."""
        self._forget_warm_parent()
        self._trouble("the warm parent is gone")

    def _forget_warm_parent(self) -> None:
        if self._warm:
            self._selector.unregister(self._warm.control)
            self._warm.end()
            self._warm = None

    def _trouble(self, what: str) -> None:
        log.error("%s; next try in %s s", what, PAUSE_SECONDS)
        self._not_before = time.monotonic() + PAUSE_SECONDS

    def _has_orphans(self) -> bool:
        """Whether the supervisor before this one died. Unknown: it may have."""
        try:
            return leases.has_room_of(self._redis, self._settings.machine)
        except redis.RedisError:
            return True

    # The door

    def _open_door(self) -> socket.socket:
        """Errors: OSError, another supervisor of this machine runs."""
        door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        door.bind(self._settings.door)
        door.listen(DOOR_BACKLOG)
        self._selector.register(door, selectors.EVENT_READ, self._answer_door)
        return door

    def _answer_door(self) -> None:
        """An orphan; nobody else of this machine has a word in it."""
        line, _ = self._door.accept()
        _, user, _ = CREDENTIALS.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
        if user != os.getuid():
            line.close()
            return
        self._selector.register(line, selectors.EVENT_READ, lambda: self._adopt(line))

    def _adopt(self, line: socket.socket) -> None:
        self._selector.unregister(line)
        orphan = _word(line)
        if not isinstance(orphan, Here):
            line.close()
            return
        log.info("cell %s is adopted", orphan.name)
        held = _Held(orphan.name, orphan.place, line, time.monotonic(), orphan.pid, True, orphan.call, debts=orphan.debts)
        self._cells[orphan.name] = held
        self._blocks.keep(orphan.place)
        self._selector.register(line, selectors.EVENT_READ, lambda: self._hear(held))
        if self._draining:
            line.send(END, socket.MSG_DONTWAIT)

    # Lives and deaths

    def _hear(self, held: _Held) -> None:
        match _word(held.line):
            case Born(pid):
                held.pid = pid
            case Ready():
                held.ready = True
            case Taken(call):
                held.call = call
            case Owes(leg, debt):
                held.debts.pop(leg, None)
                if debt:
                    held.debts[leg] = debt
            case Bye():
                held.bye = True
            case _:
                self._bury(held)

    def _bury(self, held: _Held) -> None:
        self._selector.unregister(held.line)
        held.line.close()
        del self._cells[held.name]
        self._report_at = 0.0
        if not self._tell_far_ends(held):
            self._blocks.give_back(held.place)
        if not held.ready:
            self._trouble("a cell died at birth")  # it was never offered: nobody has to be told
        elif not held.bye:
            log.error("cell %s died%s", held.name, " in a call" if held.call else "")
            self._news.append(CellLost(cell=held.name, call=held.call, at=clock.now()))

    def _tell_far_ends(self, held: _Held) -> bool:
        """False: there is nobody to be told."""
        if held.bye or not held.debts:
            return False
        try:
            mourning = Mourning(held.place, held.debts, time.monotonic())
        except OSError as error:
            log.error("the far ends of cell %s cannot be told: %s", held.name, error)
            return False
        self._mourned.append(mourning)
        self._selector.register(mourning.socket, selectors.EVENT_READ, lambda: mourning.step(time.monotonic()))
        mourning.step(time.monotonic())
        return True

    def _until_farewell(self) -> float:
        now = time.monotonic()
        timers = [when for mourning in self._mourned if (when := mourning.next_timer(now)) is not None]
        return max(0.0, min(timers, default=math.inf) - now)

    def _mourn(self) -> None:
        now = time.monotonic()
        for mourning in list(self._mourned):
            mourning.step(now)
            if mourning.over(now):
                self._mourned.remove(mourning)
                self._selector.unregister(mourning.socket)
                mourning.close()
                self._blocks.give_back(mourning.place)

    def _give_up_stillborn(self) -> None:
        for held in self._cells.values():
            if not held.ready and held.pid and time.monotonic() - held.born > BIRTH_SECONDS:
                log.error("cell %s is not ready after %s s", held.name, BIRTH_SECONDS)
                _signal(held.pid, signal.SIGKILL)

    def _report(self) -> None:
        """To the switch, whose cells died; to those who look for a cell, how many more there may be."""
        if not self._news and time.monotonic() < self._report_at:
            return
        self._report_at = time.monotonic() + REPORT_EVERY
        room = 0 if self._draining else self._settings.most - len(self._cells)
        try:
            while self._news:
                bus.post(self._redis, bus.INBOX, self._news[0])
                if isinstance(news := self._news.popleft(), CellLost):
                    forget(self._redis, news.cell)
            leases.set_room(self._redis, self._settings.machine, room)
        except redis.RedisError as error:
            log.warning("Redis is away: %s", type(error).__name__)


def _word(line: socket.socket) -> AnyWord | None:
    """What it says; None: it is dead."""
    try:
        return decode(line.recv(LONGEST))
    except (OSError, msgspec.DecodeError):
        return None


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
