"""The media engine as the gateway uses it: open, connect, close, statistics. rtp.io does the work, in a supervised child.

A session is one leg's audio: the browser's side (ICE-lite, DTLS-SRTP) and the cell's side (plain RTP). After a page was
reloaded it needs a new session: rtp.io cannot take another browser into an old one. The commands are those of RTPProxy
(`U`, `L`, `D`, `Q`); its sub-commands M4 and M5 carry DTLS and ICE.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from apps.telephony.gateway import GUARD
from apps.telephony.gateway.sdp import BrowserOffer, GatewaySide, Role

log = logging.getLogger(__name__)

COMMAND_SECONDS = 4.0  # a command takes 0.1 to 1 ms, on a machine that stands still longer; who asks waits 5 s (bus.REPLY_TIMEOUT)
START_SECONDS = 10.0
RESTART_PAUSE = 0.5
_ROOT = Path(__file__).resolve().parents[3]
_LETTERS: dict[Role, str] = {"active": "A", "passive": "P"}

Endpoint = tuple[str, int]
NOWHERE: Endpoint = ("", 0)


class EngineFailed(Exception):  # noqa: N818 - reads as what happened
    """The engine refused a command, or did not answer it in time. The session is gone."""


@dataclass(frozen=True, slots=True)
class Packets:
    """Received in one session: from the cell, from the browser, and lost on the way from either."""

    from_cell: int
    from_browser: int
    lost: int


class Engine(Protocol):
    """What the gateway needs. Sessions are named by the gateway, each name is used once."""

    async def open(self, session: str, offer: BrowserOffer) -> Endpoint:
        """Take a browser's offer; returns where the cell sends its RTP. Errors: EngineFailed."""

    async def connect(self, session: str, cell: Endpoint) -> GatewaySide:
        """Tell where the cell receives; returns what the browser's answer needs. Errors: EngineFailed."""

    async def close(self, session: str) -> None:
        """End a session; unknown ones are ignored."""

    async def statistics(self, session: str) -> Packets:
        """Errors: EngineFailed."""

    def restart(self) -> None:
        """Begin anew: all sessions are lost, as by a crash."""


class RtpEngine:
    """rtp.io. `outside`: address for browsers, `inside`: for cells. `lost` is told the sessions that a crash took away."""

    def __init__(self, outside: str, inside: str, ports: tuple[int, int], lost: Callable[[frozenset[str]], None]) -> None:
        self._arguments = (outside, inside, *map(str, ports))
        self._lost = lost
        self._turn = asyncio.Lock()
        self._sessions: dict[str, Endpoint] = {}  # where the cell of each sends to
        self._child: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Returns when the engine answers. Errors: TimeoutError."""
        self._supervisor = asyncio.create_task(self._supervise(), name="rtp.io")
        async with asyncio.timeout(START_SECONDS):
            await self._ready.wait()

    async def stop(self) -> None:
        if self._supervisor:
            self._supervisor.cancel()
            await asyncio.wait([self._supervisor])

    async def open(self, session: str, offer: BrowserOffer) -> Endpoint:
        candidates = "".join(f" && M5:1 C {candidate}" for candidate in offer.candidates)
        dtls = f"M4:1 {_LETTERS[offer.role]} SHA-256 {offer.fingerprint}"
        self._sessions[session] = NOWHERE
        first, *_ = await self._made(session, f"UIE {session} 127.0.0.1 9 b && {dtls} && M5:1 A {offer.ufrag} {offer.pwd}{candidates}")
        inside = self._sessions[session] = _endpoint(first)
        return inside

    async def connect(self, session: str, cell: Endpoint) -> GatewaySide:
        parts = await self._made(session, f"LIE {session} {cell[0]} {cell[1]} b c && M4:1 S && M5:1 S")
        await self._guard(self._sessions.get(session, NOWHERE), cell)
        try:
            return _gateway_side(*parts)
        except (ValueError, TypeError) as error:
            await self.close(session)
            raise EngineFailed("unexpected reply") from error

    async def _guard(self, inside: Endpoint, cell: Endpoint) -> None:
        """rtp.io takes a cell's packets from any port of its host, so anybody on this machine could speak to the agent."""
        reply = await self._command(f"{GUARD} {inside[0]} {inside[1]} {cell[0]} {cell[1]}")
        if reply != "0":
            log.error("A leg's inner side is not guarded against other processes of this machine")

    async def close(self, session: str) -> None:
        if session in self._sessions:
            del self._sessions[session]
            try:
                await self._command(f"D {session} b c")
            except EngineFailed:
                log.warning("The media engine failed while it closed a session")

    async def statistics(self, session: str) -> Packets:
        reply = await self._command(f"Q {session} b c npkts_ino npkts_ina rtpa_nlost")  # the second party, the cell, comes first
        try:
            return Packets(*map(int, reply.split()))
        except (ValueError, TypeError) as error:
            raise EngineFailed("no such session") from error

    def restart(self) -> None:
        self._ready.clear()
        if self._child:
            _kill(self._child)

    async def _made(self, session: str, command: str) -> list[str]:
        """Parts of the reply. A part that failed leaves the session half open, so it is deleted."""
        try:
            first, *others = (await self._command(command)).split(" && ")
        except EngineFailed:
            self._sessions.pop(session, None)
            raise
        if first == "0" or first.startswith("E") or "-1" in others:
            await self.close(session)
            raise EngineFailed("command refused")
        return [first, *others]

    async def _command(self, command: str) -> str:
        async with self._turn:
            child = self._child
            if not child or not self._ready.is_set() or child.stdin is None or child.stdout is None:
                raise EngineFailed("not running")
            try:
                child.stdin.write(command.encode() + b"\n")
                reply = await asyncio.wait_for(child.stdout.readline(), COMMAND_SECONDS)
            except BaseException as error:
                self._ready.clear()
                _kill(child)  # a late reply would be taken for that of the next command
                if isinstance(error, Exception):
                    raise EngineFailed("no reply") from error
                raise
        if not reply.endswith(b"\n"):
            raise EngineFailed("ended")
        return reply.decode("ascii", "replace").strip()

    async def _supervise(self) -> None:
        """Start the child, and again whenever it ends."""
        while True:
            await self._live()
            self._ready.clear()
            gone, self._sessions = frozenset(self._sessions), {}
            log.error("The media engine ended and takes %d sessions with it; it is started again", len(gone))
            self._lost(gone)
            await asyncio.sleep(RESTART_PAUSE)

    async def _live(self) -> None:
        """One life of the child, from start to end."""
        self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "apps.telephony.gateway.rtpio", *self._arguments),
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the gateway, which drains first
        )
        try:
            await self._greet(self._child)
            await self._child.wait()
        finally:
            _kill(self._child)
            await self._child.wait()

    async def _greet(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdin and child.stdout
        child.stdin.write(b"V\n")
        try:
            if await asyncio.wait_for(child.stdout.readline(), START_SECONDS):
                self._ready.set()
        except TimeoutError:
            _kill(child)


def _kill(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        child.kill()


def _endpoint(reply: str) -> Endpoint:
    port, host = reply.split()
    return host, int(port)


def _gateway_side(ports: str, dtls: str, ice: str) -> GatewaySide:
    """`21070 10.0.0.1`, `passive SHA-256 7A:..`, `ufrag pwd c:<candidate> ..`, candidates quoted as in a URL."""
    host, port = _endpoint(ports)
    role, _, fingerprint = dtls.split()
    ufrag, pwd, *candidates = ice.split()
    if role not in ("active", "passive"):
        raise ValueError(role)
    plain = tuple(unquote(candidate).partition(":")[2] for candidate in candidates)
    return GatewaySide(host, port, ufrag, pwd, fingerprint, role, plain)  # type: ignore[arg-type]  # checked just above
