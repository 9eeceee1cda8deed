"""What must be right before anything is started, and the words that tell what is wrong."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class NotPossible(Exception):
    """Starting makes no sense; the text tells a person what to change."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that must be free. `setting`: the environment variable that moves it."""

    address: str
    number: int
    what: str
    setting: str
    kinds: tuple[socket.SocketKind, ...] = (socket.SOCK_STREAM,)


def _in_use(address: str, number: int, kind: socket.SocketKind) -> str:
    """Empty: free. Else why it cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections that linger do not count
        try:
            probe.bind((address, number))
        except OSError as fault:
            return "is in use by another program" if fault.errno == errno.EADDRINUSE else f"cannot be used ({fault.strerror})"
    return ""


def check_ports(ports: Iterable[Port]) -> None:
    """Errors: `NotPossible` that names every port that cannot be had, and the setting that changes it."""
    problems, others = [], []
    for port in ports:
        reasons = [reason for kind in port.kinds if (reason := _in_use(port.address, port.number, kind))]
        if reasons:
            problems.append(f"Port {port.number} on {port.address} ({port.what}) {reasons[0]}.")
            others.append(f"{port.setting}={port.number + 1000 if port.number < 64000 else port.number - 1000}")
    if problems:
        problems.append(f"  Choose another one: {' '.join(others)} make run")
        raise NotPossible("\n".join(problems))


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder; the kernel lets go of it when this process ends, however it ends.

    Errors: `NotPossible` when another `make run` holds it.
    """
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "unknown"
            raise NotPossible(
                f"The product runs already on the data folder {folder} (process {who}).\n"
                "  Stop it with Ctrl-C where it was started, or give this one a folder of its own: CC_VAR=/some/folder make run"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
