"""Two worlds for the same scenarios: pjsua2 endpoints that call each other over SIP and RTP, and fake ones in virtual time."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Protocol, TypeVar

from apps.telephony import ports, protocol
from apps.telephony.cell.blocks import SIZE
from apps.telephony.cell.fake import FakeNetwork
from apps.telephony.protocol import CellReport, Command, LegEvent, Report
from tests.ports import OURS

E = TypeVar("E", bound=LegEvent)
ROOT = Path(__file__).resolve().parents[2]


class Party(Protocol):
    """One endpoint and what it has said so far."""

    address: str
    events: list[LegEvent]

    def do(self, kind: type[Command], **fields: Any) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...


class World(Protocol):
    @property
    def now(self) -> float: ...  # seconds
    def party(self) -> Party: ...
    def spend(self, seconds: float) -> None: ...
    def close(self) -> None: ...


def said(party: Party, kind: type[E], **fields: Any) -> list[E]:
    return [event for event in party.events if isinstance(event, kind) and all(getattr(event, k) == v for k, v in fields.items())]


def until(world: World, party: Party, kind: type[E], *, within: float = 5.0, times: int = 1, **fields: Any) -> E:
    """Let time pass until `party` has said this, so many times."""
    for _ in range(int(within / 0.02)):
        if len(found := said(party, kind, **fields)) >= times:
            return found[-1]
        world.spend(0.02)
    raise AssertionError(f"no {kind.__name__} {fields} ({times} times) within {within} s; said: {party.events}")


def done(world: World, *parties: Party) -> float:
    """Let time pass until they have done what they were told, which they take in order; that moment."""
    for party in parties:
        before = len(said(party, CellReport))
        party.do(Report)
        for _ in range(500):
            if len(said(party, CellReport)) > before:
                break
            world.spend(0.01)
        else:
            raise AssertionError(f"not done within 5 s; said: {party.events}")
    return world.now


class RealParty:
    def __init__(self, before: tuple[str, ...] = ()) -> None:
        """`before`: what its command begins with, setpriv(1) say."""
        ports = OURS.take(SIZE)
        self.address = f"127.0.0.1:{ports[0]}"
        self.events: list[LegEvent] = []
        command = [*before, sys.executable, "-m", "tests.telephony.party_process", str(ports[0]), str(ports[2])]
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

    def freeze(self) -> None:
        """Nothing comes from it any more."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.thaw()
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        finally:
            self.process.kill()


class RealWorld:
    def __init__(self) -> None:
        self._parties: list[RealParty] = []

    def party(self, before: tuple[str, ...] = ()) -> RealParty:
        self._parties.append(RealParty(before))
        return self._parties[-1]

    @property
    def now(self) -> float:
        return time.monotonic()

    def spend(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        for party in self._parties:
            party.close()


class FakeParty:
    def __init__(self, network: FakeNetwork, address: str) -> None:
        self.address = address
        self.events: list[LegEvent] = []
        self._network = network
        self._endpoint = network.endpoint(address, self._emit)
        self.freeze, self.thaw = self._endpoint.freeze, self._endpoint.thaw

    def do(self, kind: type[Command], **fields: Any) -> None:
        command = kind(call="call", **fields)
        if isinstance(command, Report):
            legs, recordings = self._endpoint.report()
            self._emit(CellReport, legs=legs, recordings=recordings)
        else:
            ports.obey(self._endpoint, command)

    def _emit(self, kind: type[LegEvent], /, **fields: Any) -> None:
        self.events.append(kind(cell="cell", call="call", at=self._network.now, **fields))


class FakeWorld:
    def __init__(self) -> None:
        self._network = FakeNetwork()

    def party(self) -> FakeParty:
        return FakeParty(self._network, f"10.0.0.{len(self._network.endpoints) + 1}:5060")

    @property
    def now(self) -> float:
        return self._network.now

    def spend(self, seconds: float) -> None:
        self._network.advance(seconds)

    def close(self) -> None:
        """Nothing runs."""
