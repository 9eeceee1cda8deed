"""A stand-in for a cell: a plain SIP user agent in a thread, which calls softphones and can be called. Its RTP is tests/sip/rtp.py.

It is written from RFC 3261 with `sipmessage` and shares no code with the gateway, so that both cannot be wrong in the same way.
"""

import queue
import re
import socket
import threading
import time
import uuid

from sipmessage import Message, Request, Response

from tests.sip.rtp import RtpEndpoint

SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 {host}
t=0 0
m=audio {port} RTP/AVP 8 120
a=rtpmap:8 PCMA/8000
a=rtpmap:120 telephone-event/8000
a=fmtp:120 0-16
a=sendrecv
"""


class PlainCell:
    """One dialogue at a time. Responses and requests that come are in `heard`, in order."""

    def __init__(self, hertz: float = 440.0) -> None:
        self.rtp = RtpEndpoint(hertz, symmetric=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.05)
        self.port: int = self.socket.getsockname()[1]
        self.heard: list[tuple[float, Request | Response]] = []
        self.receives = "127.0.0.1", self.rtp.port  # as its SDP says
        self.silent = False  # True: answers no request, as a process that hangs
        self._news: queue.Queue[Request | Response] = queue.Queue()
        self._closed = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def invite(self, gateway: str, user: str, leg: str, more: str = "") -> None:
        """Ring `user` of the gateway at host:port `gateway`."""
        host, _, port = gateway.rpartition(":")
        self.peer = (host, int(port))
        self.call_id, self.seq, self.theirs = uuid.uuid4().hex, 1, f"<sip:{user}@{gateway}>"
        self.ours, self.target, self.branch = f"<sip:cell@{self.address}>;tag={uuid.uuid4().hex[:8]}", f"sip:{user}@{gateway}", _branch()
        self.send("INVITE", branch=self.branch, more=f"X-CC-Leg: {leg}\r\n{more}", sdp=True)

    def cancel(self) -> None:
        self.send("CANCEL", branch=self.branch)

    def invite_again(self) -> None:
        """With `receives` as it is now."""
        self.seq += 1
        self.send("INVITE", sdp=True)

    def bye(self) -> None:
        self.seq += 1
        self.send("BYE")

    def send(self, method: str, *, branch: str = "", more: str = "", sdp: bool = False) -> None:
        body = self._sdp() if sdp else ""
        kind = "Content-Type: application/sdp\r\n" if sdp else ""
        text = (
            f"{method} {self.target} SIP/2.0\r\nVia: SIP/2.0/UDP {self.address};rport;branch={branch or _branch()}\r\n"
            f"Max-Forwards: 70\r\nFrom: {self.ours}\r\nTo: {self.theirs}\r\nCall-ID: {self.call_id}\r\nCSeq: {self.seq} {method}\r\n"
            f"Contact: <sip:cell@{self.address}>\r\n{more}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self.socket.sendto(text.encode(), self.peer)

    def wait(self, what: int | str, within: float = 5.0) -> Request | Response:
        """The next response with this code, or request of this method; what comes before it is skipped."""
        deadline = time.monotonic() + within
        while True:
            try:
                message = self._news.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {what} within {within} s, only {[kind(message) for _, message in self.heard]}") from None
            if kind(message) == what:
                return message

    def close(self) -> None:
        self._closed = True
        self._thread.join()
        self.socket.close()
        self.rtp.close()

    def _listen(self) -> None:
        while not self._closed:
            try:
                data, source = self.socket.recvfrom(65_536)
            except TimeoutError:
                continue
            message = Message.parse(data)
            self.heard.append((time.monotonic(), message))
            if not self.silent:
                self._react(message, source)
            self._news.put(message)

    def _react(self, message: Request | Response, source: tuple[str, int]) -> None:
        if isinstance(message, Response):
            if message.cseq.method == "INVITE" and message.code >= 200:
                self._acknowledge(message)
        elif message.method == "INVITE":
            self._take(message, source)
        elif message.method != "ACK":
            self.respond(message, source, 200)

    def _acknowledge(self, response: Response) -> None:
        self.theirs = response.headers["To"]
        if response.code == 200:
            self._hear(response.body.decode())
        self.send("ACK", branch=self.branch if response.code >= 300 else "")

    def _take(self, invite: Request, source: tuple[str, int]) -> None:
        """A test call: 180, and 200 at once."""
        self.peer, self.call_id, self.seq = source, invite.call_id, 100
        self.target, self.theirs = str(invite.contact[0].uri), invite.headers["From"]
        self.ours = f"{invite.headers['To']};tag=cell"
        self.invited = invite
        self.respond(invite, source, 180)
        self.answer()

    def answer(self) -> None:
        self._hear(self.invited.body.decode())
        self.respond(self.invited, self.peer, 200, sdp=True)

    def respond(self, request: Request, source: tuple[str, int], code: int, *, sdp: bool = False) -> None:
        response = Response(code, "Whatever")
        for name in ("Via", "From", "Call-ID", "CSeq"):
            response.headers.set(name, request.headers[name])
        to = request.headers["To"]
        response.headers.set("To", to if "tag=" in to else f"{to};tag=cell")
        response.headers.set("Contact", f"<sip:cell@{self.address}>")
        if sdp:
            response.headers.set("Content-Type", "application/sdp")
            response.body = self._sdp().encode()
        response.headers.set("Content-Length", str(len(response.body)))
        self.socket.sendto(bytes(response), source)

    def _sdp(self) -> str:
        host, port = self.receives
        return SDP.format(host=host, port=port).replace("\n", "\r\n")

    def _hear(self, sdp: str) -> None:
        port = re.search(r"m=audio (\d+)", sdp)
        events = re.search(r"rtpmap:(\d+) telephone-event", sdp)
        assert port
        self.rtp.start_to("127.0.0.1", int(port[1]), event_type=int(events[1]) if events else None)


def kind(message: Request | Response) -> int | str:
    return message.code if isinstance(message, Response) else message.method


def _branch() -> str:
    return f"z9hG4bK{uuid.uuid4().hex}"
