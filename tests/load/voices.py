"""Many telephones' sound in one process and one thread: each voice speaks a tone of its own and keeps every packet that it hears.

    with Voices(hertz=[440, 460, 480]) as voices:
        ... voices.ports ...                 # for the SDP of whoever does the signalling
        heard = voices.take()                # one `Heard` per voice: what came since the last `take`

A voice speaks to where its newest packet came from (RFC 4961), so it needs no SDP. Arrivals are stamped by the kernel.
A hundred voices cost a third of a core.
"""

import json
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from apps.telephony import precedence
from tests import tones
from tests.load.hearing import PACKET, Heard
from tests.sip import arrivals, g711

ROOT = Path(__file__).resolve().parents[2]
FRAME = 160  # samples: 20 ms at 8 kHz
FRAME_SECONDS = 0.02
SHARES = 4  # a tick serves every fourth voice: telephones do not speak at the same instant
HEADER = struct.Struct("!BBHII")
KEPT = struct.Struct("<dIIHB")  # hearing.PACKET up to its payload
ANSWER_SECONDS = 20.0


class Voices:
    """`hertz`: the tone of each voice, whole numbers (0: silence)."""

    def __init__(self, hertz: list[int], *, address: str = "127.0.0.1") -> None:
        command = [sys.executable, "-m", "tests.load.voices", address, *map(str, hertz)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hertz = hertz
        self.ports: list[int] = json.loads(self._line())

    @property
    def pid(self) -> int:
        return self._process.pid

    def take(self) -> list[Heard]:
        """What each voice has heard since the last time."""
        with tempfile.NamedTemporaryFile(suffix=".npz") as target:
            self._say(target.name)
            self._line()
            with np.load(target.name) as packets:
                return [Heard(packets[str(number)]) for number in range(len(self.hertz))]

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(ANSWER_SECONDS)

    def _say(self, word: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the voices have ended with {self._process.wait(ANSWER_SECONDS)}"
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(slots=True)
class _Voice:
    socket: socket.socket
    frames: list[bytes]  # a second of the tone, in payloads
    source: int
    sequence: int
    stamp: int
    remote: tuple[str, int] | None = None
    spoken: int = 0
    heard: bytearray = field(default_factory=bytearray)

    def speak(self) -> None:
        if self.remote is None:
            return
        self.sequence, self.stamp = (self.sequence + 1) & 0xFFFF, (self.stamp + FRAME) & 0xFFFFFFFF
        payload = self.frames[self.spoken % len(self.frames)]
        self.spoken += 1
        try:
            self.socket.sendto(HEADER.pack(0x80, g711.PCMA, self.sequence, self.stamp, self.source) + payload, self.remote)
        except ConnectionError:
            return  # the other side has closed its port: nobody listens any more

    def listen(self) -> None:
        """All that has come."""
        while True:
            try:
                data, sender, at = arrivals.receive(self.socket)
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            if len(data) == HEADER.size + FRAME and data[0] == 0x80:
                self.remote = sender
                self._keep(data, at)

    def _keep(self, data: bytes, at: float) -> None:
        _, kind, sequence, stamp, source = HEADER.unpack_from(data)
        self.heard += KEPT.pack(at, source, stamp, sequence, kind & 127) + data[HEADER.size :]


def _voice(address: str, hertz: int) -> _Voice:
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind((address, 0))
    own.setblocking(False)
    arrivals.are_stamped(own)
    spoken = g711.encode(tones.tone(hertz, 1.0), g711.PCMA)
    frames = [spoken[at : at + FRAME] for at in range(0, len(spoken), FRAME)]
    return _Voice(own, frames, random.randrange(1 << 32), random.randrange(1 << 15), random.randrange(1 << 31))


def main() -> None:
    """Speaks and listens until standard input ends; each line there names a file for what was heard since the last one."""
    precedence.take()  # telephones are other machines: what this one has to do does not make them late
    voices = [_voice(sys.argv[1], int(hertz)) for hertz in sys.argv[2:]]
    sys.stdout.write(json.dumps([voice.socket.getsockname()[1] for voice in voices]) + "\n")
    sys.stdout.flush()
    os.set_blocking(0, False)
    due, share = time.monotonic(), 0
    while _serve(voices):
        due, share = due + FRAME_SECONDS / SHARES, (share + 1) % SHARES
        time.sleep(max(0.0, due - time.monotonic()))
        for voice in voices[share::SHARES]:
            voice.speak()
            voice.listen()


def _serve(voices: list[_Voice]) -> bool:
    """Do what the other process asks for. False: it has gone."""
    try:
        asked = os.read(0, 4096)
    except BlockingIOError:
        return True
    if not asked:
        return False
    np.savez(asked.decode().strip(), **{str(number): np.frombuffer(bytes(voice.heard), PACKET) for number, voice in enumerate(voices)})
    for voice in voices:
        voice.heard.clear()
    sys.stdout.write("there\n")
    sys.stdout.flush()
    return True


if __name__ == "__main__":
    main()
