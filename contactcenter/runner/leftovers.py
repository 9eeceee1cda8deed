"""Finds and ends what descendants of `make run` left behind: processes that carry its mark in their environment (Linux, proc(5))."""

import os
import signal
import time
from pathlib import Path

MARK = "CC_RUN"  # environment variable, inherited by every descendant
GRACE_SECONDS = 2.0


def find(mark: str) -> list[int]:
    """Process ids. Those of other users cannot be looked into and are not ours."""
    entry = f"{MARK}={mark}\0".encode()
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit() and entry in _environment(folder)]


def _environment(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:  # it has ended meanwhile, or is somebody else's
        return b""


def _send(number: signal.Signals, mark: str) -> list[int]:
    """To all that are there; returns them."""
    found = find(mark)
    for pid in found:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    return found


def end(mark: str) -> list[int]:
    """SIGTERM, and SIGKILL after GRACE_SECONDS. Returns those that had to be ended."""
    found = _send(signal.SIGTERM, mark)
    deadline = time.monotonic() + GRACE_SECONDS
    while found and find(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    _send(signal.SIGKILL, mark)
    return found
