"""A media engine in memory. Its contract test (tests/gateway/test_engine.py) runs on rtp.io too."""

import asyncio

from apps.telephony.gateway.engine import Endpoint, EngineFailed, Packets
from apps.telephony.gateway.sdp import BrowserOffer, GatewaySide


class FakeEngine:
    """`sessions`: where the cell of each receives, None until it is known. `broken`: every command fails."""

    def __init__(self) -> None:
        self.sessions: dict[str, Endpoint | None] = {}
        self.opened = 0
        self.broken = False
        self.packets: dict[str, int] = {}  # from the cell
        self.browsers: dict[str, int] = {}  # packets from each
        self.restarts = 0
        self.before_connect = lambda: None
        self.at_open = asyncio.Event()  # not set: the engine takes its time
        self.at_open.set()

    async def open(self, session: str, offer: BrowserOffer) -> Endpoint:
        await self.at_open.wait()
        self._check()
        self.sessions[session] = None
        self.opened += 1
        return "127.0.0.1", 40_000 + 2 * self.opened

    async def connect(self, session: str, cell: Endpoint) -> GatewaySide:
        self.before_connect()
        self._check()
        if session not in self.sessions:
            raise EngineFailed("no such session")
        self.sessions[session] = cell
        candidate = "1 1 UDP 2113929471 127.0.0.1 50000 typ host"
        return GatewaySide("127.0.0.1", 50_000, "abcd", "p" * 24, ":".join(["CD"] * 32), "passive", (candidate,))

    async def close(self, session: str) -> None:
        self.sessions.pop(session, None)

    async def statistics(self, session: str) -> Packets:
        self._check()
        if session not in self.sessions:
            raise EngineFailed("no such session")
        return Packets(self.packets.get(session, 0), self.browsers.get(session, 0), 0)

    def restart(self) -> None:
        self.restarts += 1
        self.sessions.clear()

    def _check(self) -> None:
        if self.broken:
            raise EngineFailed("broken")
