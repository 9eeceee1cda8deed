"""Floods against a front door, sent by a process of their own, and somebody who asks beside them how long an answer takes.

    with Flood(door.port, "127.0.0.2", per_second=20_000) as flood: delays, lost = asked(door.port, "127.0.0.3", ...)

`python -m tests.sip.floods PORT SOURCE PER_SECOND` sends until its input closes, then says how much it sent.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.sip.messages import invite, request

ROOT = Path(__file__).parents[2]
KINDS = (request("OPTIONS", "sip:127.0.0.1:5060"), invite(), b"nonsense " * 20, b"\0" * 300, invite()[:150])
TICK = 0.001  # seconds between bursts


class Flood:
    """Valid requests and nonsense in turn, `per_second` of them (0: as many as it can), from `source`. `sent` is known at the end."""

    def __init__(self, port: int, source: str, per_second: int) -> None:
        command = [sys.executable, "-m", "tests.sip.floods", str(port), source, str(per_second)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "begun\n"
        self.sent = 0
        self.heard = 0

    def __enter__(self) -> "Flood":
        return self

    def __exit__(self, *_: object) -> None:
        told, _ = self.process.communicate(timeout=20)
        self.sent, self.heard = map(int, told.split())


def asked(port: int, source: str, *, times: int, pause: float, patience: float = 0.5) -> tuple[list[float], int]:
    """OPTIONS from `source`, one after the other: seconds to each answer, and how many had none."""
    delays, lost = [], 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((source, 0))
        wire.settimeout(patience)
        for number in range(times):
            data = request("OPTIONS", "sip:127.0.0.1:5060", call=f"{source}-{number}", branch=f"{number}")
            begun = time.perf_counter()
            wire.sendto(data, ("127.0.0.1", port))
            try:
                while f"{source}-{number}@".encode() not in wire.recv(65_535):
                    continue
                delays.append(time.perf_counter() - begun)
            except TimeoutError:
                lost += 1
            time.sleep(pause)
    return delays, lost


def _send(port: int, source: str, per_second: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((source, 0))
        wire.setblocking(False)
        os.set_blocking(0, False)
        print("begun", flush=True)
        begun, sent, heard = time.monotonic(), 0, 0
        while not _closed():
            until = (time.monotonic() - begun) * per_second if per_second else sent + 100
            while sent < until:
                sent += _sent(wire, KINDS[sent % len(KINDS)], port)
            heard += _read(wire)
            if per_second:
                time.sleep(TICK)
        print(sent, heard)


def _closed() -> bool:
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False


def _sent(wire: socket.socket, data: bytes, port: int) -> int:
    try:
        wire.sendto(data, ("127.0.0.1", port))
    except BlockingIOError:
        return 0
    return 1


def _read(wire: socket.socket) -> int:
    """Answers, counted and thrown away."""
    count = 0
    try:
        while True:
            wire.recv(65_535)
            count += 1
    except BlockingIOError:
        return count


if __name__ == "__main__":
    _send(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
