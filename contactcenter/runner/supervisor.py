"""Starts the processes of the Procfile, shows what they write, starts the dead again, and stops all in order.

Not honcho, because honcho stops everything as soon as one process dies, and stops Redis together with those that still
have something to write there (see docs/decisions).
"""

import asyncio
import contextlib
import ctypes
import os
import secrets
import shlex
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from contactcenter.runner import leftovers

PATIENCE_SECONDS = 3.0  # a process that has not ended this long after SIGTERM gets a second one
STOP_SECONDS = 10.0  # and this long after the first it is killed
STEADY_SECONDS = 20.0  # a process that lived so long is started again at once
LONGEST_PAUSE = 5.0  # seconds between tries to start a process that keeps dying
TRIES_BEFORE_READY = 4
COLOURS = (36, 32, 33, 35, 34, 31, 96)
PR_SET_PDEATHSIG = 1  # prctl(2)
PATIENT = frozenset({"worker", "journal"})  # they write down what has happened, and that can wait: whoever talks goes first
GIVE_WAY = 5  # nice(2): a third of the others' share when there is not enough for all

Show = Callable[[str, str], None]  # (process name, line)


def read_procfile(path: Path) -> dict[str, list[str]]:
    """name -> command. `python` is the interpreter that runs us."""
    commands: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name, colon, command = line.partition(":")
        if colon and not line.startswith("#"):
            words = shlex.split(command)
            commands[name.strip()] = [sys.executable if words[0] == "python" else words[0], *words[1:]]
    return commands


def _end_with_parent() -> None:
    """In the child, before exec: the kernel sends SIGTERM when this supervisor dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_with_parent_and_give_way() -> None:
    """Where the kernel shares the processors out by session (sched(7), autogroup) nice alone would change nothing."""
    _end_with_parent()
    os.nice(GIVE_WAY)
    with contextlib.suppress(OSError):  # this kernel does not
        Path("/proc/self/autogroup").write_text(str(GIVE_WAY))


def printer(names: list[str]) -> Show:
    """Writes lines with the process' name in front, coloured on a terminal."""
    width = max(map(len, names))
    colours = dict(zip(names, COLOURS * len(names), strict=False))

    def show(name: str, line: str) -> None:
        prefix = f"{name:<{width}} |"
        if sys.stdout.isatty():
            prefix = f"\x1b[{colours.get(name, 0)}m{prefix}\x1b[0m"
        print(f"{prefix} {line}", flush=True)

    return show


@dataclass
class Supervised:
    """One line of the Procfile."""

    name: str
    command: list[str]
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    deaths: int = 0  # since it last lived for STEADY_SECONDS
    task: asyncio.Task[None] | None = None

    def pause(self) -> float:
        """Seconds to wait before the next start: none the first time, then growing."""
        return 0.0 if self.deaths <= 1 else min(LONGEST_PAUSE, 0.25 * 2**self.deaths)


@dataclass
class Supervisor:
    """`first` is started before all others and stopped after them."""

    commands: dict[str, list[str]]
    show: Show
    first: str = "redis"
    processes: dict[str, Supervised] = field(default_factory=dict)
    stopping: bool = False
    ready: bool = False
    gave_up: asyncio.Event = field(default_factory=asyncio.Event)
    readers: set[asyncio.Task[None]] = field(default_factory=set)
    mark: str = field(default_factory=lambda: secrets.token_hex(8))

    async def start(self, names: list[str]) -> None:
        for name in names:
            supervised = self.processes[name] = Supervised(name, self.commands[name])
            supervised.task = asyncio.create_task(self._keep(supervised))

    async def _keep(self, it: Supervised) -> None:
        while not self.stopping:
            await self._run_once(it)
            if self.stopping:
                return
            it.deaths = 1 if time.monotonic() - it.started_at > STEADY_SECONDS else it.deaths + 1
            self.show("run", f"{it.name} has ended ({self._how(it)}) and is started again")
            if not self.ready and it.deaths >= TRIES_BEFORE_READY:
                self.show("run", f"{it.name} ended {it.deaths} times at start: giving up")
                self.gave_up.set()
                return
            await asyncio.sleep(it.pause())

    @staticmethod
    def _how(it: Supervised) -> str:
        code = it.process.returncode if it.process else None
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    async def _run_once(self, it: Supervised) -> None:
        """Start it and wait for its end. Its output is a pipe of ours: asyncio's own would wait for its children too."""
        it.started_at = time.monotonic()
        ours, its = os.pipe()
        it.process = await asyncio.create_subprocess_exec(
            *it.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=its,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone: we decide the order
            preexec_fn=_end_with_parent_and_give_way if it.name in PATIENT else _end_with_parent,
            env={**os.environ, "CC_PROCESS": it.name, "PYTHONUNBUFFERED": "1", leftovers.MARK: self.mark},
        )
        os.close(its)
        reader = asyncio.create_task(self._relay(it.name, ours))
        self.readers.add(reader)  # it goes on while children of a dead process still write
        reader.add_done_callback(self.readers.discard)
        await it.process.wait()

    async def _relay(self, name: str, pipe: int) -> None:
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb")
        )
        rest = b""
        while block := await stream.read(65536):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self.show(name, line.decode(errors="replace"))
        if rest:
            self.show(name, rest.decode(errors="replace"))
        transport.close()

    async def stop(self) -> None:
        """SIGTERM to all but `first`, then to `first`, then the end of whatever their descendants left behind."""
        self.stopping = True
        await self._stop([it for name, it in self.processes.items() if name != self.first])
        await self._stop([it for name, it in self.processes.items() if name == self.first])
        await asyncio.to_thread(leftovers.end, self.mark)
        if self.readers:
            await asyncio.wait(self.readers, timeout=1)

    async def _stop(self, those: list[Supervised]) -> None:
        """A second SIGTERM (calls are hung up instead of awaited), and SIGKILL to what has not ended in STOP_SECONDS."""
        late = await self._signal(those, signal.SIGTERM, PATIENCE_SECONDS)
        late = await self._signal(late, signal.SIGTERM, STOP_SECONDS - PATIENCE_SECONDS)
        for it in late:
            self.show("run", f"{it.name} does not end and is killed")
        await self._signal(late, signal.SIGKILL, STOP_SECONDS)

    @staticmethod
    async def _signal(those: list[Supervised], number: signal.Signals, seconds: float) -> list[Supervised]:
        """Send it, wait; returns those that still run."""
        for it in those:
            if it.process and it.process.returncode is None:
                it.process.send_signal(number)
            elif it.task:
                it.task.cancel()  # it waits for its next start
        tasks = {it.task for it in those if it.task}
        late = (await asyncio.wait(tasks, timeout=seconds))[1] if tasks else set()
        return [it for it in those if it.task in late]
