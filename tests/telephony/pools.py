"""A pool of real cells for tests, stepped in a thread, and what the switch would hear of it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import redis as redis_library

from apps.telephony import leases, protocol
from apps.telephony.leases import FreeCell
from apps.telephony.protocol import AnyLegEvent, Command, Dial, LegAnswered, LegArrived
from contactcenter.lib import bus
from tests.conftest import START_SECONDS
from tests.ports import OURS

E = TypeVar("E")
ROOT = Path(__file__).resolve().parents[2]
PORTS = 240  # for 15 cells: six that live, and ports that rest before they are used again
WAIT = 10.0  # seconds: others use the machine too


def eventually(found: Callable[[], E], what: str, within: float = WAIT) -> E:
    """The first true answer of `found`."""
    deadline = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.01)
    return answer


@dataclass(frozen=True)
class Connected:
    """`out` dialled (call "out", leg "leg"); `into` was called (call and leg as in `arrived`)."""

    out: FreeCell
    into: FreeCell
    arrived: LegArrived


class Office:
    """A supervisor in a process of its own, and the switch's side of the bus."""

    def __init__(self, redis_url: str, *, warm: int = 2, most: int = 6) -> None:
        self.redis = redis_library.Redis.from_url(redis_url)
        ports = OURS.take(PORTS)
        self.redis_url, self._options = redis_url, (str(warm), str(most), str(ports[0]), str(ports[-1]))
        self._sessions: set[int] = set()
        self.supervisor = self.start()
        eventually(lambda: self.redis.zcard(leases.OFFERS), "a first free cell", START_SECONDS)

    def start(self) -> subprocess.Popen[bytes]:
        """A supervisor in a process group of its own, as under the Procfile."""
        command = [sys.executable, "-m", "tests.telephony.supervisor_process", self.redis_url, *self._options]
        self.supervisor = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        self._sessions.add(self.supervisor.pid)
        return self.supervisor

    def lease(self) -> FreeCell:
        def free() -> FreeCell | None:
            found = leases.take(self.redis)
            return found if isinstance(found, FreeCell) else None

        return eventually(free, "a free cell")

    def order(self, cell: str, kind: type[Command], call: str, **fields: Any) -> None:
        bus.post(self.redis, bus.cell_stream(cell), kind(call=call, **fields))

    def heard(self, kind: type[E], **fields: Any) -> list[E]:
        events: list[AnyLegEvent] = [protocol.decode_leg_event(m) for _, m in bus.read(self.redis, bus.INBOX, "0", block_ms=None)]
        return [event for event in events if isinstance(event, kind) and all(getattr(event, k) == v for k, v in fields.items())]

    def hear(self, kind: type[E], within: float = WAIT, **fields: Any) -> E:
        return eventually(lambda: self.heard(kind, **fields), f"{kind.__name__} {fields}", within)[-1]

    def connect(self) -> "Connected":
        """A call from one cell to another one, both of this office."""
        caller, callee = self.lease(), self.lease()
        self.order(caller.cell, Dial, "out", leg="leg", uri=f"sip:1@{callee.address}", caller="+4722334455")
        arrived = self.hear(LegArrived, cell=callee.cell)
        self.order(callee.cell, protocol.Answer, arrived.call, leg=arrived.leg)
        self.hear(LegAnswered, cell=caller.cell)
        self.hear(LegAnswered, cell=callee.cell)
        return Connected(caller, callee, arrived)

    def pid(self, cell: FreeCell) -> int:
        """The process that has the cell's SIP port."""
        return owner_of_port(int(cell.address.rpartition(":")[2]), self.cells())

    def cells(self) -> dict[int, int]:
        """Processes of this office's cells and warm parents: pid -> parent's pid. They are all of the supervisors' sessions."""
        return {pid: parent for pid, parent, session in _processes() if session in self._sessions and pid not in self._sessions}

    def close(self) -> None:
        for session in self._sessions:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)
        self.supervisor.wait()


def _processes() -> Iterator[tuple[int, int, int]]:
    """(pid, parent, session) of every process that runs (zombies do not)."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if state != "Z":
                    yield int(entry.name), int(parent), int(session)


def owner_of_port(port: int, pids: Iterable[int]) -> int:
    """Which of `pids` has the UDP port. Errors: StopIteration, none of them."""
    lines = Path("/proc/net/udp").read_text().splitlines()
    sockets = {f"socket:[{columns[9]}]" for line in lines if (columns := line.split())[1].endswith(f":{port:04X}")}
    return next(pid for pid in pids if sockets & _descriptors(pid))


def _descriptors(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # the process has ended, or the file is closed, meanwhile
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(link.readlink()))
    return found
