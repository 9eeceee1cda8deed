"""Telephones that cost little: all of them in one process and one thread, `python -m benchmarks.telephones`.

Each says a tone, a packet of 20 ms of A-law every 20 ms, and takes what it hears. They share one SIP port and one RTP port, which a cell
cannot tell from many. Standard input: `call <SIP URI> [leg]` lets one more telephone call there (the leg's id is for a gateway); `heard`
asks for the packets since the last question; its end ends all. Standard output: the SIP address, then the answers. Incoming calls are
answered at once.
"""

import math
import select
import socket
import struct
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field

import numpy as np

from apps.telephony.protocol import HEADER_LEG
from tests.sip import g711

ADDRESS = "127.0.0.1"
PACKET = 160  # samples
PACKET_SECONDS = 0.02
SLOTS = 20  # telephones speak one after the other within 20 ms, as those of strangers do
HERTZ, LEVEL = 450.0, 0.2 * 32767
MIRRORED = ("via:", "record-route:", "from:", "to:", "call-id:", "cseq:")


class Telephones:
    """The benchmark's side of that process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.telephones"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.address = self._answer()

    def call(self, uri: str, leg: str = "") -> None:
        self._ask(f"call {uri} {leg}")
        self._answer()  # a second line that came with the first one would lie unseen until the third

    def ringing(self) -> int:
        """How many of its calls have rung so far."""
        self._ask("ringing")
        return int(self._answer())

    def heard(self) -> tuple[int, float]:
        """Packets that all telephones together have heard since the last question, and the seconds since then."""
        self._ask("heard")
        packets, seconds = self._answer().split()
        return int(packets), float(seconds)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(5)

    def _ask(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@dataclass(slots=True)
class _Telephone:
    rtp: tuple[str, int]
    source: int
    packets: int = 0

    def packet(self, tone: list[bytes]) -> bytes:
        self.packets += 1
        head = struct.pack("!BBHII", 0x80, g711.PCMA, self.packets & 0xFFFF, self.packets * PACKET & 0xFFFFFFFF, self.source)
        return head + tone[self.packets % len(tone)]


@dataclass(slots=True)
class _Exchange:
    """Signalling, in the smallest number of messages that make a call."""

    sip: socket.socket
    rtp: socket.socket
    telephones: dict[str, _Telephone] = field(default_factory=dict)  # by Call-ID
    ringing: set[str] = field(default_factory=set)  # Call-IDs

    @property
    def home(self) -> str:
        return f"{ADDRESS}:{self.sip.getsockname()[1]}"

    def call(self, uri: str, leg: str) -> None:
        host, _, port = uri.rpartition("@")[2].partition(":")
        more = [f"{HEADER_LEG}: {leg}"] if leg else []
        self.sip.sendto(self._request("INVITE", uri, uuid.uuid4().hex, more, body=self._sdp()), (host, int(port)))

    def receive(self) -> None:
        text, source = self.sip.recvfrom(8192)
        head, _, body = text.decode().partition("\r\n\r\n")
        lines = head.split("\r\n")
        named = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if lines[0].startswith("SIP/2.0 200"):
            self._speak(named["call-id"], body)
            uri = named["contact"].strip("<>").partition(";")[0]
            self.sip.sendto(self._request("ACK", uri, named["call-id"], to=named["to"]), source)
        elif lines[0].startswith("SIP/2.0 180"):
            self.ringing.add(named["call-id"])
        elif lines[0].startswith("INVITE"):
            self._speak(named["call-id"], body)
            self.sip.sendto(self._response(lines, self._sdp()), source)
        elif lines[0].startswith("BYE"):
            self.telephones.pop(named["call-id"], None)
            self.sip.sendto(self._response(lines, ""), source)

    def _speak(self, call: str, sdp: str) -> None:
        lines = dict(line.split("=", 1) for line in sdp.split("\r\n") if line.startswith(("c=", "m=")))
        self.telephones.setdefault(call, _Telephone((lines["c"].split()[2], int(lines["m"].split()[1])), len(self.telephones) + 1))

    def _sdp(self) -> str:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {ADDRESS}\r\ns=-\r\nc=IN IP4 {ADDRESS}\r\nt=0 0\r\n"
            f"m=audio {self.rtp.getsockname()[1]} RTP/AVP {g711.PCMA} 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
        )

    def _request(
        self, method: str, uri: str, call: str, more: list[str] | None = None, *, to: str = f"<sip:1@{ADDRESS}>", body: str = ""
    ) -> bytes:
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.home};branch=z9hG4bK{uuid.uuid4().hex}",
            f"From: <sip:telephone@{self.home}>;tag=1",
            f"To: {to}",
            f"Call-ID: {call}",
            f"CSeq: 1 {method}",
            "Max-Forwards: 70",
            *(more or []),
        ]
        return self._message(lines, body)

    def _response(self, request: list[str], body: str) -> bytes:
        mirrored = [line for line in request if line.lower().startswith(MIRRORED)]
        tagged = [line + ";tag=1" if line.startswith("To:") and ";tag=" not in line else line for line in mirrored]
        return self._message(["SIP/2.0 200 OK", *tagged], body)

    def _message(self, lines: list[str], body: str) -> bytes:
        described = [f"Contact: <sip:{self.home}>", *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, *described, "", body]).encode()


def _tone() -> list[bytes]:
    """A second of it."""
    samples = np.sin(np.arange(PACKET * 50) * 2 * math.pi * HERTZ / 8000) * LEVEL
    codes = g711.encode(samples, g711.PCMA)
    return [codes[at : at + PACKET] for at in range(0, len(codes), PACKET)]


def _sockets() -> tuple[socket.socket, ...]:
    """SIP, RTP, RTCP; the last two are neighbours (RFC 3550 11)."""
    while True:
        sip, rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
        sip.bind((ADDRESS, 0))
        rtp.bind((ADDRESS, 0))
        try:
            rtcp.bind((ADDRESS, rtp.getsockname()[1] + 1))
        except OSError:
            continue
        rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        rtp.setblocking(False)
        return sip, rtp, rtcp


def _drain(rtp: socket.socket) -> int:
    """Packets that lay there."""
    count = 0
    while True:
        try:
            rtp.recv(2048)
        except BlockingIOError:
            return count
        count += 1


def main() -> None:
    sip, rtp, rtcp = _sockets()
    exchange, tone, heard = _Exchange(sip, rtp), _tone(), 0
    print(exchange.home, flush=True)
    due = asked = time.monotonic()
    slot = 0
    while True:
        readable, _, _ = select.select([sys.stdin, sip, rtcp], [], [], max(0.0, due - time.monotonic()))
        if sys.stdin in readable:
            match sys.stdin.readline().split():
                case ["call", uri, *leg]:
                    exchange.call(uri, "".join(leg))
                    print("called", flush=True)
                case ["ringing"]:
                    print(len(exchange.ringing), flush=True)
                case ["heard"]:
                    print(heard, time.monotonic() - asked, flush=True)
                    heard, asked = 0, time.monotonic()
                case _:
                    return
        if sip in readable:
            exchange.receive()
        if rtcp in readable:
            rtcp.recv(2048)
        if time.monotonic() >= due:
            for telephone in list(exchange.telephones.values())[slot::SLOTS]:
                rtp.sendto(telephone.packet(tone), telephone.rtp)
            heard += _drain(rtp)
            due, slot = due + PACKET_SECONDS / SLOTS, (slot + 1) % SLOTS


if __name__ == "__main__":
    main()
