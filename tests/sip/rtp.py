"""A small RTP end point in a thread: speaks a tone and RFC 4733 digits, keeps what it hears as PCM.

SIPp does the signalling and names this end point's port in its SDP; see sipp.py.
"""

import dataclasses
import heapq
import random
import socket
import struct
import threading
import time
from collections.abc import Iterable

import numpy as np

from apps.telephony import precedence
from tests import tones
from tests.sip import arrivals, g711

FRAME = 160  # samples: 20 ms at 8 kHz
FRAME_SECONDS = FRAME / tones.RATE
EVENTS = "0123456789*#ABCD"  # RFC 4733 table 4, event code = position
DIGIT_FRAMES = 6  # 120 ms a digit, then its end three times
HEADER = struct.Struct("!BBHII")


@dataclasses.dataclass
class Heard:
    """One packet: when it came (time.monotonic), its sequence number, and the sound in it."""

    at: float
    sequence: int
    pcm: np.ndarray


class RtpEndpoint:
    """Sends from `start_to` (or the first packet it hears) until `close`; a frame of the tone (silence if `hertz` is 0) every 20 ms."""

    def __init__(
        self,
        hertz: float = 440.0,
        *,
        address: str = "127.0.0.1",
        payload_type: int = g711.PCMA,
        level: float = 0.3,
        symmetric: bool = False,
    ) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        arrivals.are_stamped(self.socket)
        self.socket.bind((address, 0))
        self.socket.settimeout(0.1)
        self.address, self.port = self.socket.getsockname()
        self.payload_type, self.event_type = payload_type, 101
        self.hertz, self.level = hertz, level
        self.symmetric = symmetric  # send to where the newest packet came from (RFC 4961), as pjsua2 does
        self.remote: tuple[str, int] | None = None
        self.packets: list[Heard] = []
        self.digits_heard: list[tuple[float, str]] = []
        self.pressed: list[tuple[float, str]] = []  # time.monotonic when the first packet of a digit was sent
        self.started_at = 0.0  # time.monotonic of the first frame sent
        self.sent = 0  # packets
        self._digits: list[tuple[float, str]] = []
        self._last_event = -1
        self._sequence, self._stamp, self._source = random.randrange(1 << 15), random.randrange(1 << 31), random.randrange(1 << 32)
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._speak)]
        with precedence.for_what_starts():  # a telephone is a machine of its own: what else runs on this one does not make it late
            for thread in self._threads:
                thread.start()

    def start_to(self, host: str, port: int, *, event_type: int | None = None) -> None:
        self.event_type = event_type or self.event_type
        self.remote = (host, port)

    def press(self, digits: str, at: float = 0.0, *, gap: float = 0.25) -> None:
        """Press `digits` beginning `at` seconds after the first frame (0 or past: now), one each `gap` seconds."""
        begin = max(at, time.monotonic() - self.started_at if self.started_at else 0.0)
        with self._lock:
            for index, digit in enumerate(digits):
                heapq.heappush(self._digits, (begin + index * gap, digit))

    def change_tone(self, hertz: float) -> None:
        self.hertz = hertz

    def heard(self, since: float = 0.0, until: float = float("inf")) -> np.ndarray:
        """All sound that came between two times (time.monotonic), in the order of its sequence numbers; lost packets leave no gap."""
        chosen = [packet for packet in list(self.packets) if since <= packet.at < until]
        return np.concatenate([packet.pcm for packet in sorted(chosen, key=_unwrapped(chosen))]) if chosen else np.zeros(0, np.int16)

    def lost(self) -> int:
        """Packets that never came, by sequence number."""
        packets = list(self.packets)
        numbers = {_unwrapped(packets)(packet) for packet in packets}
        return max(numbers) - min(numbers) + 1 - len(numbers) if numbers else 0

    def wait_for_tone(self, hertz: float, timeout: float = 10.0, *, window: float = 0.4, at_least: float = 0.05) -> float:
        """Seconds until the newest `window` seconds hold a tone of `hertz`. Errors: AssertionError, with what was heard."""
        begun = time.monotonic()
        while time.monotonic() - begun < timeout:
            newest = self.heard(since=max(begun, time.monotonic() - window))
            if len(newest) >= window * tones.RATE / 2 and tones.hears(newest, hertz, at_least=at_least):
                return time.monotonic() - begun
            time.sleep(0.02)
        newest = self.heard(since=time.monotonic() - window)
        raise AssertionError(
            f"no {hertz} Hz within {timeout} s; the newest sound is {tones.dominant(newest):.0f} Hz, rms {tones.rms(newest):.0f}"
        )

    def close(self) -> None:
        self._closed.set()
        for thread in self._threads:
            thread.join()
        self.socket.close()

    def __enter__(self) -> "RtpEndpoint":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                packet, sender, at = arrivals.receive(self.socket)
            except TimeoutError:
                continue
            if len(packet) < HEADER.size or packet[0] >> 6 != 2:
                continue
            self.remote = sender if self.symmetric else self.remote or sender
            self._take(packet, arrivals.monotonic(at))

    def _take(self, packet: bytes, at: float) -> None:
        flags, marker_and_type, sequence, stamp, _ = HEADER.unpack_from(packet)
        payload, kind = packet[HEADER.size + 4 * (flags & 15) :], marker_and_type & 127
        if kind in g711.DECODED:
            self.packets.append(Heard(at, sequence, g711.decode(payload, kind)))
        elif len(payload) == 4 and payload[0] < len(EVENTS) and stamp != self._last_event:
            self._last_event = stamp
            self.digits_heard.append((at, EVENTS[payload[0]]))

    def _speak(self) -> None:
        while self.remote is None:
            if self._closed.wait(0.005):
                return
        self.started_at = due = time.monotonic()
        sample = 0
        while not self._closed.is_set():
            digit = self._due_digit(due - self.started_at)
            if digit:
                self.pressed.append((time.monotonic(), digit))
            frames = self._press(digit) if digit else self._tone(sample)
            for marker_and_type, stamp, payload in frames:
                self._send(marker_and_type, stamp, payload)
                due += FRAME_SECONDS
                sample += FRAME
                if self._closed.wait(max(0.0, due - time.monotonic())):
                    return

    def _due_digit(self, now: float) -> str:
        with self._lock:
            return heapq.heappop(self._digits)[1] if self._digits and self._digits[0][0] <= now else ""

    def _tone(self, sample: int) -> Iterable[tuple[int, int, bytes]]:
        turn = 2 * np.pi * self.hertz * (np.arange(FRAME) + sample) / tones.RATE
        self._stamp += FRAME
        yield self.payload_type, self._stamp, g711.encode(np.sin(turn) * self.level * 32767, self.payload_type)

    def _press(self, digit: str) -> Iterable[tuple[int, int, bytes]]:
        """RFC 4733 2.5.1: all packets of an event bear the stamp of its begin; the last one is sent three times."""
        begin = self._stamp + FRAME
        for index in range(DIGIT_FRAMES + 3):
            over = index >= DIGIT_FRAMES
            duration = FRAME * min(index + 1, DIGIT_FRAMES)
            marker = 0x80 if index == 0 else 0
            self._stamp += FRAME
            yield marker | self.event_type, begin, struct.pack("!BBH", EVENTS.index(digit), (0x80 if over else 0) | 10, duration)

    def _send(self, marker_and_type: int, stamp: int, payload: bytes) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = HEADER.pack(0x80, marker_and_type, self._sequence, stamp & 0xFFFFFFFF, self._source)
        try:
            self.socket.sendto(header + payload, self.remote)
            self.sent += 1
        except ConnectionError:
            return  # the other side has closed its port: nobody listens any more


def _unwrapped(packets: list[Heard]):
    """A key that counts on where 16-bit sequence numbers wrap."""
    first = packets[0].sequence if packets else 0
    return lambda packet: (packet.sequence - first + 0x8000) & 0xFFFF
