"""Two worlds for the same scenarios: pjsua2 endpoints that call each other over SIP and RTP, and fake ones in virtual time."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Protocol, TypeVar

from apps.telephony import protocol
from apps.telephony.protocol import Command, LegEvent
from tests.conftest import free_port

E = TypeVar("E", bound=LegEvent)
ROOT = Path(__file__).resolve().parents[2]


class Party(Protocol):
    """One endpoint and what it has said so far."""

    address: str
    events: list[LegEvent]

    def do(self, kind: type[Command], **fields: Any) -> None: ...


class World(Protocol):
    def party(self) -> Party: ...
    def spend(self, seconds: float) -> None: ...
    def close(self) -> None: ...


def said(party: Party, kind: type[E], **fields: Any) -> list[E]:
    return [event for event in party.events if isinstance(event, kind) and all(getattr(event, k) == v for k, v in fields.items())]


def until(world: World, party: Party, kind: type[E], *, within: float = 5.0, **fields: Any) -> E:
    """Let time pass until `party` says this."""
    for _ in range(int(within / 0.02)):
        if found := said(party, kind, **fields):
            return found[-1]
        world.spend(0.02)
    raise AssertionError(f"no {kind.__name__} {fields} within {within} s; said: {party.events}")


class RealParty:
    def __init__(self) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.events: list[LegEvent] = []
        rtp_port = free_port() & ~1
        port = self.address.rpartition(":")[2]
        command = [sys.executable, "-m", "tests.telephony.party_process", port, str(rtp_port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        threading.Thread(target=self._listen, daemon=True).start()

    def do(self, kind: type[Command], **fields: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(protocol.encode(kind(call="call", **fields)) + b"\n")
        self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(protocol.decode_leg_event(line))

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        finally:
            self.process.kill()


class RealWorld:
    def __init__(self) -> None:
        self._parties: list[RealParty] = []

    def party(self) -> RealParty:
        self._parties.append(RealParty())
        return self._parties[-1]

    def spend(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        for party in self._parties:
            party.close()
