"""Somebody who found the port of a call and speaks in it: a tone in well-formed RTP, at any rate, from any address."""

import random
import socket
import threading
import time

import numpy as np

from tests import tones
from tests.sip import g711
from tests.sip.rtp import FRAME, HEADER


class Stranger:
    """Sends until `close`; `answers` counts what is sent back to him."""

    def __init__(self, target: tuple[str, int], *, hertz: float = 700.0, per_second: int = 200, source: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.setblocking(False)
        self.target, self.hertz, self.pause = target, hertz, 1 / per_second
        self.sent = self.answers = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def _speak(self) -> None:
        sequence, source, due = random.randrange(1 << 15), random.randrange(1 << 32), time.monotonic()
        while not self._closed.wait(max(0.0, due - time.monotonic())):
            due += self.pause
            turn = 2 * np.pi * self.hertz * (np.arange(FRAME) + self.sent * FRAME) / tones.RATE
            header = HEADER.pack(0x80, g711.PCMA, (sequence + self.sent) & 0xFFFF, self.sent * FRAME & 0xFFFFFFFF, source)
            self.socket.sendto(header + g711.encode(np.sin(turn) * 0.3 * 32767, g711.PCMA), self.target)
            self.sent += 1
            self._listen()

    def _listen(self) -> None:
        try:
            while self.socket.recv(2048):
                self.answers += 1
        except OSError:
            return  # nothing is there, or the port is closed

    def close(self) -> None:
        self._closed.set()
        self._thread.join()
        self.socket.close()

    def __enter__(self) -> "Stranger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
