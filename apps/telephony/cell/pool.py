"""The supervisor of cells: keeps some warm, buries the dead, and tells the switch whose call died with them.

It holds one end of each cell's life line (see process.py), so it learns of a death at once, whatever the cause, and its own death is learnt
by the cells: free ones end, those with a call finish it. One thread, one selector.
"""

import contextlib
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import msgspec
import redis

from apps.telephony import leases
from apps.telephony.cell.blocks import Blocks, NoPorts
from apps.telephony.cell.mail import forget
from apps.telephony.cell.place import Place, Plan
from apps.telephony.protocol import CellLost
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

BIRTH_SECONDS = 10.0  # until a cell that is not ready is given up
STARTING = 4  # cells started at the same time: more only slow each other down
PAUSE_SECONDS = 1.0  # before the next start when one failed
END_SECONDS = 5.0  # for the warm parent to end
REPORT_EVERY = 1.0  # seconds between two reports of the room that is left
REDIS_SECONDS = 1.0  # longest wait for Redis: births and deaths go on without it
LOST_KEPT = 1000  # CellLost kept while Redis is away
LONGEST_WORD = 256  # bytes of what a cell says
ROOT = Path(__file__).resolve().parents[3]


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


class _WarmParent:
    """The process that forks; see warm.py."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-m", "apps.telephony.cell.warm"], stdin=theirs.fileno(), cwd=ROOT)

    def fork(self, plan: Plan) -> socket.socket:
        """Ask for a cell; our end of its life line. Errors: OSError, the warm parent is gone."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self.control, [msgspec.json.encode(plan)], [theirs.fileno()])
        return ours

    def end(self) -> None:
        self.control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Pool:
    """`step` it until it is `over`: it was told to `drain` and the last cell is gone."""

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings
        self._redis = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS)
        self._blocks = Blocks(*settings.ports, settings.sip_address, settings.media_address)
        self._cells: dict[str, _Held] = {}
        self._selector = selectors.DefaultSelector()
        self._warm: _WarmParent | None = None
        self._lost: deque[CellLost] = deque(maxlen=LOST_KEPT)
        self._not_before = self._report_at = 0.0  # monotonic times
        self._draining = False

    def over(self) -> bool:
        return self._draining and not self._cells

    def step(self, seconds: float) -> None:
        """React to what happens within `seconds`."""
        self._start_missing()
        for key, _ in self._selector.select(seconds):
            key.data()
        self._give_up_stillborn()
        self._report()

    def drain(self) -> None:
        """No new cells; free ones end, those with a call finish it. Asked a second time: they hang up."""
        again, self._draining = self._draining, True
        self._report_at = 0.0
        for held in list(self._cells.values()):
            if again and held.pid:
                _signal(held.pid, signal.SIGTERM)
            with contextlib.suppress(OSError):  # it is gone already
                held.line.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        if self._warm:
            self._forget_warm_parent()
        self._report_at = 0.0
        self._report()
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
            line = warm.fork(Plan(name, self._settings.redis_url, place))
        except OSError:
            self._blocks.give_back(place)
            raise
        held = self._cells[name] = _Held(name, place, line, time.monotonic())
        self._selector.register(line, selectors.EVENT_READ, lambda: self._hear(held))

    def _warm_parent(self) -> _WarmParent:
        if not self._warm:
            self._warm = _WarmParent()
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

    def _hear(self, held: _Held) -> None:
        try:
            word, _, value = held.line.recv(LONGEST_WORD).decode().partition(" ")
        except OSError:
            word = ""
        if word == "born":
            held.pid = int(value)
        elif word == "ready":
            held.ready = True
        elif word == "call":
            held.call = value
        elif word == "bye":
            held.bye = True
        else:
            self._bury(held)

    def _bury(self, held: _Held) -> None:
        self._selector.unregister(held.line)
        held.line.close()
        del self._cells[held.name]
        self._blocks.give_back(held.place)
        self._report_at = 0.0
        if not held.ready:
            self._trouble("a cell died at birth")  # it was never offered: nobody has to be told
        elif not held.bye:
            log.error("cell %s died%s", held.name, " in a call" if held.call else "")
            self._lost.append(CellLost(cell=held.name, call=held.call, at=clock.now()))

    def _give_up_stillborn(self) -> None:
        for held in self._cells.values():
            if not held.ready and held.pid and time.monotonic() - held.born > BIRTH_SECONDS:
                log.error("cell %s is not ready after %s s", held.name, BIRTH_SECONDS)
                _signal(held.pid, signal.SIGKILL)

    def _report(self) -> None:
        """To the switch, whose cells died; to those who look for a cell, how many more there may be."""
        if not self._lost and time.monotonic() < self._report_at:
            return
        self._report_at = time.monotonic() + REPORT_EVERY
        room = 0 if self._draining else self._settings.most - len(self._cells)
        try:
            while self._lost:
                bus.post(self._redis, bus.INBOX, self._lost[0])
                forget(self._redis, self._lost.popleft().cell)
            leases.set_room(self._redis, self._settings.machine, room)
        except redis.RedisError as error:
            log.warning("Redis is away: %s", type(error).__name__)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
