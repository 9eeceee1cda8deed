"""Real SIP for tests: Debian's SIPp does the signalling, an `RtpEndpoint` the sound.

A caller (440 Hz, digits, and what he hears is kept)::

    with Caller("127.0.0.1:5060", "+4722334455", folder=tmp_path, hertz=440) as caller:
        caller.wait_answered()
        caller.audio.press("1")                    # RFC 4733
        caller.audio.wait_for_tone(1000)           # the agent's tone
        caller.hang_up()                           # or: caller.cancel() before the answer
        assert caller.wait() == 200                # 200 after BYE of either side, else the code that refused the call
    pcm = caller.audio.heard()                     # int16, 8 kHz

Without a command he hangs up `seconds` after the answer. `source` is the address he calls from (127.0.0.2 looks like another machine).

Somebody who is called (an agent's external phone, a trunk's far end, a stand-in for a cell)::

    with Phone(folder=tmp_path, hertz=1000, ring=0.5) as phone:   # answers; Phone(code=486): is busy; Phone(ring=300): never answers
        ... phone.address == "127.0.0.1:40123" ...
        phone.wait_answered(); phone.hang_up(); phone.wait()

`crowd` lets many callers call at a rate and returns the final codes. Every process is ended by its own id.
"""

import contextlib
import re
import socket
import subprocess
import time
import uuid
from pathlib import Path
from string import Template

from tests.conftest import START_SECONDS, free_port
from tests.sip.rtp import RtpEndpoint

SCENARIOS = Path(__file__).parent / "scenarios"
LINE = '[field0 file="lines.csv" line="[$line]"]'
FIND_LINE = """  <ereg regexp="sip:([^@]*)@" search_in="hdr" header="To:" assign_to="whole,number"/>
      <lookup assign_to="line" file="lines.csv" key="[$number]"/>
      <log message="[$whole]"/>
    </action>"""
MESSAGE = re.compile(r"^-+ (\S+ \S+)\n(?:UDP|TCP) message (sent|received)[^\n]*:\n\n(.*?)(?=^-----|\Z)", re.MULTILINE | re.DOTALL)


class SippError(AssertionError):
    """SIPp did not do what the test expected; the text holds the messages it saw."""


class Party:
    """One SIPp process with one dialogue at a time, and its sound."""

    def __init__(
        self,
        scenario: str,
        target: str,
        *,
        folder: Path,
        hertz: float,
        source: str,
        tcp: bool,
        calls: int,
        values: dict,
        keys: dict,
        rate: float = 10,
        lines: str = "",
        at_once: int = 0,
        by_number: bool = False,
    ) -> None:
        """`lines`: SIPp's injection file, with the port of the sound and the caller's number of each call.

        `at_once`: calls at the most (0: all). `by_number`: a call takes the line of the number that it is for, not the next one.
        """
        self.folder = folder / f"sipp-{uuid.uuid4().hex[:8]}"
        self.folder.mkdir(parents=True)
        self.audio = RtpEndpoint(hertz, address=source)
        self.source, self.port, self.tcp = source, free_port(), tcp
        self.call_id = f"{uuid.uuid4().hex[:12]}@{source}"
        call_ids = f"%u-{self.call_id}" if lines or calls > 1 else self.call_id
        self._told = 0
        script = self.folder / f"{scenario}.xml"
        text = Template((SCENARIOS / f"{scenario}.xml").read_text()).safe_substitute(values)
        if lines:
            (self.folder / "lines.csv").write_text(lines)
            text = text.replace("[audio_port]", "[field0]").replace("[caller]", "[field1]")
            text = text.replace("[field0]", LINE).replace("</action>", FIND_LINE, 1) if by_number else text
        script.write_text(text)
        keys = {"audio_ip": source, "audio_port": self.audio.port, **keys}
        self.command = [
            *(("sipp", target) if target else ("sipp",)),
            *("-sf", script.name, "-i", source, "-bind_local", "-p", str(self.port), "-m", str(calls), "-nostdin"),
            *(
                "-t",
                "t1" if tcp else "u1",
                "-reconnect_close",
                "false",
                "-cid_str",
                call_ids,
                "-r",
                str(rate),
                "-l",
                str(at_once or calls),
                "-default_behaviors",
                "all,-bye",
            ),
            *("-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log", "-timer_resol", "1"),
            *(part for key, value in keys.items() for part in ("-key", key, str(value))),
            *(("-inf", "lines.csv") if lines else ()),
            *(("-infindex", "lines.csv", "1") if by_number else ()),
        ]
        self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def address(self) -> str:
        return f"{self.source}:{self.port}"

    def messages(self, direction: str = "received") -> list[str]:
        """Complete messages so far, oldest first."""
        return [message for _, way, message in self._log() if way == direction]

    def moments(self, direction: str, begins: str) -> list[float]:
        """When it sent or received the messages that begin so, by SIPp's word, in Unix seconds."""
        return [_unix(stamp) for stamp, way, message in self._log() if way == direction and message.startswith(begins)]

    def _log(self) -> list[tuple[str, str, str]]:
        """(date and time, "sent" or "received", message)."""
        log = self.folder / "messages.log"
        return MESSAGE.findall(log.read_text(errors="replace").replace("\r", "")) if log.exists() else []

    def codes(self) -> list[int]:
        """Status codes of the responses received."""
        return [int(found[1]) for found in (re.match(r"SIP/2.0 (\d{3})", text) for text in self.messages()) if found]

    def tell(self, command: str, call_id: str = "", *, method: str = "MESSAGE", about: str = "") -> None:
        """SIPp cannot be steered, but it can be sent a MESSAGE of its own call, which the scenario takes for a command (UDP only).

        `call_id`: which of its calls; empty: that of the first message that it received. `about`: a request of the call that it has still
        to answer; the command bears its headers, because SIPp answers what it has received last.
        """
        self._told += 1
        text = (
            f"{method} sip:test@{self.address} SIP/2.0\r\n{_headers_of(about) or self._headers(call_id or self._first_call_id())}"
            f"Subject: {command}\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), (self.source, self.port))

    def _headers(self, call_id: str) -> str:
        return (
            f"Via: SIP/2.0/UDP {self.source}:9;branch=z9hG4bK{uuid.uuid4().hex}\r\n"
            f"From: <sip:test@test>;tag=test\r\nTo: <sip:test@test>\r\nCall-ID: {call_id}\r\nCSeq: {self._told} MESSAGE\r\n"
        )

    def _first_call_id(self) -> str:
        own = next((text for text in self.messages("received") if not text.startswith("MESSAGE") and "SIP/2.0" in text), "")
        found = re.search(r"^Call-ID: *(\S+)", own, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else self.call_id

    def hang_up(self) -> None:
        self.tell("hang up")

    def until(self, happened, what: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not happened():
            if time.monotonic() > deadline or (self.process.poll() is not None and not happened()):
                raise SippError(f"{what} did not happen; {self.story()}")
            time.sleep(0.01)

    def story(self) -> str:
        """First lines of all messages, and what SIPp complained of."""
        errors = self.folder / "errors.log"
        lines = [f"{way} {text.splitlines()[0] if text else ''}" for way in ("sent", "received") for text in self.messages(way)]
        return "\n".join(
            [f"exit status {self.process.poll()}", *lines, errors.read_text(errors="replace")[-2000:] if errors.exists() else ""]
        )

    def take_audio(self, sdp: str) -> None:
        """Speak to where the other side's SDP says."""
        host, port = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE), re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
        event = re.search(r"^a=rtpmap:(\d+) telephone-event", sdp, re.MULTILINE)
        if host and port:
            self.audio.start_to(host[1], int(port[1]), event_type=int(event[1]) if event else None)

    def close(self) -> None:
        """End SIPp, by its own id, and the sound."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.audio.close()

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unix(stamp: str) -> float:
    moment, _, fraction = stamp.partition(".")
    return time.mktime(time.strptime(moment, "%Y-%m-%d %H:%M:%S")) + float(f"0.{fraction}")


def _headers_of(request: str) -> str:
    """Those that a response takes over from its request (RFC 3261 8.2.6.2, 12.1.1)."""
    return "".join(
        f"{line}\r\n" for line in request.splitlines() if re.match(r"(Via|Record-Route|From|To|Call-ID|CSeq):", line, re.IGNORECASE)
    )


class Caller(Party):
    """Calls `number` at `target` (host:port) at once."""

    def __init__(
        self,
        target: str,
        number: str,
        *,
        folder: Path,
        caller: str = "+4791234567",
        caller_name: str = "Kari Nordmann",
        hertz: float = 440.0,
        seconds: float = 30.0,
        source: str = "127.0.0.1",
        tcp: bool = False,
        headers: str = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE",
        calls: int = 1,
        rate: float = 10,
    ) -> None:
        values = {"milliseconds": int(seconds * 1000), "headers": headers}
        keys = {"number": number, "caller": caller, "caller_name": caller_name}
        super().__init__(
            "caller", target, folder=folder, hertz=hertz, source=source, tcp=tcp, calls=calls, values=values, keys=keys, rate=rate
        )

    def wait_code(self, code: int, timeout: float = 10.0) -> None:
        self._wait_begun()
        self.until(lambda: code in self.codes(), f"a response {code}", timeout)

    def _wait_begun(self) -> None:
        self.until(lambda: self.messages("sent"), "the INVITE", START_SECONDS)

    def wait_answered(self, timeout: float = 10.0) -> None:
        """Errors: SippError if the call is refused or nothing comes in time."""
        self._wait_begun()
        self.until(lambda: 200 in self.codes(), "the answer", timeout)
        self.take_audio(next(text for text in self.messages() if text.startswith("SIP/2.0 200")))

    def cancel(self) -> None:
        """Give up before the answer."""
        self.tell("cancel")

    def wait(self, timeout: float = 30.0) -> int:
        """Wait until the call is over. Returns the final code of the INVITE. Errors: SippError if the dialogue broke a rule of SIP."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise SippError(f"the call goes on; {self.story()}") from late
        if status:
            raise SippError(self.story())
        return self.finals()[-1]

    def finals(self) -> list[int]:
        """Final codes of all its INVITEs so far."""
        found = {}
        for text in self.messages():
            status, call_id = re.match(r"SIP/2.0 ([2-6]\d\d)", text), re.search(r"^Call-ID: *(\S+)", text, re.MULTILINE)
            if status and call_id and "1 INVITE" in text:
                found[call_id[1]] = int(status[1])
        return list(found.values())


class Phone(Party):
    """Somebody who is called, `calls` times one after the other or at once: rings `ring` seconds, then answers; or refuses with `code`."""

    def __init__(
        self,
        *,
        folder: Path,
        hertz: float = 1000.0,
        ring: float = 0.2,
        seconds: float = 30.0,
        code: int = 0,
        source: str = "127.0.0.1",
        tcp: bool = False,
        calls: int = 1,
    ) -> None:
        values = {"code": code} if code else {"ring": int(ring * 1000), "milliseconds": int(seconds * 1000)}
        scenario = "refuses" if code else "answers"
        super().__init__(scenario, "", folder=folder, hertz=hertz, source=source, tcp=tcp, calls=calls, values=values, keys={})
        self.until(self._listens, "listening", START_SECONDS)

    def _listens(self) -> bool:
        """SIPp has its port when nobody else can have it."""
        kind = socket.SOCK_STREAM if self.tcp else socket.SOCK_DGRAM
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((self.source, self.port))
            except OSError:
                return True
        return False

    def invitations(self) -> list[str]:
        return [text for text in self.messages() if text.startswith("INVITE")]

    def wait_ringing(self, timeout: float = 10.0) -> None:
        self.until(self.invitations, "an INVITE", timeout)

    def wait_answered(self, timeout: float = 10.0) -> None:
        self.until(lambda: any(text.startswith("ACK") for text in self.messages()), "the ACK", timeout)
        self.take_audio(self.invitations()[-1])

    def wait(self, timeout: float = 30.0) -> None:
        """Wait until all its calls are over. Errors: SippError if one of them broke a rule of SIP."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise SippError(f"the call goes on; {self.story()}") from late
        if status:
            raise SippError(self.story())


def crowd(
    target: str,
    number: str,
    *,
    folder: Path,
    calls: int,
    rate: float,
    seconds: float = 1.0,
    timeout: float = 60.0,
    source: str = "127.0.0.1",
) -> list[int]:
    """`calls` callers at `rate` a second, each staying `seconds` after the answer. Returns the final code of every call."""
    with Caller(target, number, folder=folder, calls=calls, rate=rate, seconds=seconds, source=source) as callers:
        callers.process.wait(timeout)
        return callers.finals()
