"""Telephones that tell when: SIP over UDP and G.711 in one thread each, with the kernel's clock.

What comes is stamped by the kernel when it arrives (SO_TIMESTAMPNS), what goes is stamped just before it goes, both in Unix seconds:
so the schedule of this Python does not count. They speak from the answer on, a packet every 20 ms, as telephones do.
"""

import contextlib
import math
import queue
import re
import selectors
import socket
import struct
import threading
import time
import uuid

import numpy as np

from tests.sip import g711

ADDRESS = "127.0.0.1"
SO_TIMESTAMPNS = 35  # socket(7); Python has no name for it
FRAME, FRAME_SECONDS, RATE = 160, 0.02, 8000
EVENT, EVENT_FRAMES = 101, 8  # RFC 4733: payload type, packets of one digit, of which the last three end it
HEADER = struct.Struct("!BBHII")
SOUND = 328  # a sample louder than 1 % of full scale is no silence
MIRRORED = ("via:", "record-route:", "from:", "call-id:", "cseq:")
SECONDS = 5.0  # nothing takes longer, unless it is broken


class Wire:
    """A UDP socket of this machine."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind((ADDRESS, 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]

    def send(self, data: bytes, to: tuple[str, int]) -> float:
        at = time.time()
        with contextlib.suppress(ConnectionError):  # the other side has closed its port: it hears the next call
            self.socket.sendto(data, to)
        return at

    def receive(self) -> tuple[bytes, tuple[str, int], float]:
        """(datagram, sender, when it came)."""
        data, extra, _, sender = self.socket.recvmsg(65_536, 64)
        seconds, nanoseconds = struct.unpack("qq", extra[0][2])
        return data, sender, seconds + nanoseconds / 1e9


def header(message: str, name: str) -> str:
    """The first value; empty: there is none."""
    found = re.search(rf"^{name}: *(.*)$", message, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""


def headers(message: str, names: tuple[str, ...]) -> list[str]:
    return [line for line in message.split("\r\n\r\n")[0].split("\r\n")[1:] if line.lower().startswith(names)]


def address_of(uri: str) -> tuple[str, int]:
    host, _, port = re.sub(r"[;>].*", "", uri.partition("sip:")[2].rpartition("@")[2]).partition(":")
    return host, int(port or 5060)


class Telephone:
    """What callers and agents' telephones have in common: a thread that hears both sockets and speaks."""

    def __init__(self, hertz: float = 440.0) -> None:
        self.sip, self.rtp = Wire(), Wire()
        turn = 2 * math.pi * hertz * np.arange(RATE) / RATE
        sound = g711.encode(np.sin(turn) * 0.3 * 32767, g711.PCMA)
        self._frames = [sound[begin : begin + FRAME] for begin in range(0, RATE, FRAME)]
        self._remote: tuple[str, int] | None = None
        self._sent = 0
        self._digits: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._event: tuple[str, int, int] | None = None  # digit, packets sent, stamp of its begin
        self.pressed: queue.SimpleQueue[float] = queue.SimpleQueue()  # when each digit's first packet went
        self._over = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.sip.socket, selectors.EVENT_READ, self._read_sip)
        self._selector.register(self.rtp.socket, selectors.EVENT_READ, self._read_rtp)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for wire in (self.sip, self.rtp):
            wire.socket.close()

    def sdp(self) -> str:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {ADDRESS}\r\ns=-\r\nc=IN IP4 {ADDRESS}\r\nt=0 0\r\nm=audio {self.rtp.port} RTP/AVP 8 {EVENT}\r\n"
            f"a=rtpmap:8 PCMA/8000\r\na=rtpmap:{EVENT} telephone-event/8000\r\na=ptime:20\r\n"
        )

    def speak_to(self, sdp: str) -> None:
        host, port = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE), re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
        assert host and port, "no audio in an SDP"
        self._remote = (host[1], int(port[1]))

    def _run(self) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            for key, _ in self._selector.select(max(0.0, due - time.monotonic())):
                key.data()
            if time.monotonic() >= due:
                due += FRAME_SECONDS
                if self._remote:
                    self._speak(self._remote)

    def _speak(self, to: tuple[str, int]) -> None:
        if self._event is None and not self._digits.empty():
            self._event = (self._digits.get(), 0, self._sent * FRAME)
        if self._event:
            self._press(*self._event, to)
        else:
            self._send_rtp(8, self._sent * FRAME, self._frames[self._sent % len(self._frames)], to)
        self._sent += 1

    def _press(self, digit: str, packets: int, begin: int, to: tuple[str, int]) -> None:
        ends = 0x80 if packets >= EVENT_FRAMES - 3 else 0
        payload = struct.pack("!BBH", "0123456789*#".index(digit), ends | 10, FRAME * min(packets + 1, EVENT_FRAMES - 3))
        at = self._send_rtp(EVENT | (0 if packets else 0x80), begin, payload, to)
        if not packets:
            self.pressed.put(at)
        self._event = (digit, packets + 1, begin) if packets + 1 < EVENT_FRAMES else None

    def _send_rtp(self, kind: int, stamp: int, payload: bytes, to: tuple[str, int]) -> float:
        return self.rtp.send(HEADER.pack(0x80, kind, self._sent & 0xFFFF, stamp, self.rtp.port) + payload, to)

    def _read_sip(self) -> None:
        data, sender, at = self.sip.receive()
        if data.strip():
            self.heard_sip(data.decode(), sender, at)

    def _read_rtp(self) -> None:
        data, _, at = self.rtp.receive()
        if len(data) >= HEADER.size + FRAME and data[1] & 127 == g711.PCMA:
            self.heard_sound(at, g711.decode(data[HEADER.size :], g711.PCMA))

    def heard_sip(self, message: str, sender: tuple[str, int], at: float) -> None:
        raise NotImplementedError

    def heard_sound(self, at: float, pcm: np.ndarray) -> None:
        """Nothing, unless somebody listens."""

    def reply(self, request: str, code: int, sender: tuple[str, int], body: str = "") -> None:
        to = header(request, "To")
        to = to if "tag=" in to else f"{to};tag={self.sip.port}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        lines = "\r\n".join([f"SIP/2.0 {code} Fine", *headers(request, MIRRORED), f"To: {to}"])
        contact = f"Contact: <sip:{ADDRESS}:{self.sip.port}>\r\n"
        self.sip.send(f"{lines}\r\n{contact}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode(), sender)


class Caller(Telephone):
    """Calls `number` at `trunk` (host:port) at once; `close` when the call is over."""

    def __init__(self, trunk: str, number: str, hertz: float = 440.0) -> None:
        self._door, self._number = address_of(f"sip:{trunk}"), number
        self._id, self._answer = uuid.uuid4().hex, ""
        self.answered, self.gone, self.heard = threading.Event(), threading.Event(), threading.Event()
        self.sound_at = 0.0  # first sound since `listen`
        super().__init__(hertz)
        self.invited_at = self.sip.send(self._request("INVITE", f"sip:{number}@{trunk}", self.sdp()).encode(), self._door)

    def listen(self) -> None:
        """Wait for the next sound."""
        self.heard.clear()

    def wait(self, happened: threading.Event, what: str) -> None:
        assert happened.wait(SECONDS), f"{what}: not within {SECONDS} s"

    def press(self, digit: str) -> float:
        """When its first packet went."""
        self._digits.put(digit)
        return self.pressed.get(timeout=SECONDS)

    def hang_up(self) -> float:
        """When the BYE went."""
        return self.sip.send(self._request("BYE", self._target()).encode(), self._door)

    def _target(self) -> str:
        return header(self._answer, "Contact").strip("<>").partition(">")[0]

    def _request(self, method: str, uri: str, body: str = "") -> str:
        """The INVITE, and what follows it in its dialogue (RFC 3261 12.2.1.1: the routes in reverse)."""
        routes = [line.partition(":")[2].strip() for line in headers(self._answer, ("record-route:",))]
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {ADDRESS}:{self.sip.port};branch=z9hG4bK{uuid.uuid4().hex};rport",
            "Max-Forwards: 70",
            *(f"Route: {route}" for route in reversed(routes)),
            f"From: <sip:+4791234567@{ADDRESS}>;tag=caller",
            f"To: {header(self._answer, 'To') or f'<sip:{self._number}@{ADDRESS}>'}",
            f"Call-ID: {self._id}@{ADDRESS}",
            f"CSeq: {2 if method == 'BYE' else 1} {method}",
            f"Contact: <sip:+4791234567@{ADDRESS}:{self.sip.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def heard_sip(self, message: str, sender: tuple[str, int], at: float) -> None:
        code, method = message.split(" ", 2)[1], header(message, "CSeq").rpartition(" ")[2]
        if message.startswith("BYE"):
            self.reply(message, 200, sender)
            self.gone.set()
        elif method == "BYE":
            self.gone.set()
        elif method == "INVITE" and code == "200":
            self._answer = self._answer or message
            self.sip.send(self._request("ACK", self._target()).encode(), self._door)
            self.speak_to(message)
            self.answered.set()
        elif method == "INVITE" and code >= "300":
            raise AssertionError(f"the call was refused: {code}")

    def heard_sound(self, at: float, pcm: np.ndarray) -> None:
        if not self.heard.is_set() and np.abs(pcm).max() > SOUND:
            self.sound_at = at
            self.heard.set()


class AgentsPhone(Telephone):
    """An agent's telephone outside: answers at once, and tells when each call came."""

    def __init__(self) -> None:
        self._invited_at: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._known: set[str] = set()
        super().__init__(1000.0)

    @property
    def address(self) -> str:
        return f"{ADDRESS}:{self.sip.port}"

    def rings(self) -> float:
        """When the next call's INVITE came."""
        return self._invited_at.get(timeout=SECONDS)

    def heard_sip(self, message: str, sender: tuple[str, int], at: float) -> None:
        if message.startswith("INVITE"):
            self._ring(message, sender, at)
        elif not message.startswith(("ACK", "SIP/2.0")):
            self.reply(message, 200, sender)

    def _ring(self, message: str, sender: tuple[str, int], at: float) -> None:
        if header(message, "Call-ID") in self._known:
            return
        self._known.add(header(message, "Call-ID"))
        self._invited_at.put(at)
        self.speak_to(message)
        self.reply(message, 180, sender)
        self.reply(message, 200, sender, self.sdp())
