"""Calls for the benchmarks: real cells that obey, telephones that send and take RTP, and nobody who decides."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apps.telephony.leases import FreeCell
from apps.telephony.protocol import Answer, Dial, LegAnswered, LegArrived, Mix, Play, Record
from benchmarks.telephones import PACKET_SECONDS, Telephones
from tests import tones
from tests.conftest import RedisServer
from tests.telephony.pools import Office

MUSIC_SECONDS = 60.0
AUDIBLE = 0.98  # of the packets that should come: fewer, and it was no conversation that was measured


@dataclass(frozen=True)
class Call:
    """A cell, the id of its call, and the leg of the caller."""

    cell: FreeCell
    id: str
    caller: str


@dataclass(frozen=True)
class Stage:
    office: Office
    telephones: Telephones
    folder: Path

    def pids(self, calls: list[Call]) -> list[int]:
        return [self.office.pid(call.cell) for call in calls]

    def caller(self) -> Call:
        """Somebody has called a warm cell, which has answered."""
        cell = self.office.lease()
        self.telephones.call(f"sip:1@{cell.address}")
        arrived = self.office.hear(LegArrived, cell=cell.cell)
        self.office.order(cell.cell, Answer, arrived.call, leg=arrived.leg)
        self.office.hear(LegAnswered, cell=cell.cell, leg=arrived.leg)
        return Call(cell, arrived.call, arrived.leg)

    def waiting(self) -> Call:
        """A caller who hears music."""
        call, file = self.caller(), str(self._music())
        self.office.order(call.cell.cell, Play, call.id, leg=call.caller, playback="music", files=(file,), loop=True)
        return call

    def conversation(self) -> Call:
        """A caller and an agent's external phone hear each other and are recorded in stereo."""
        call = self.caller()
        cell, caller = call.cell.cell, call.caller
        self.office.order(cell, Dial, call.id, leg="agent", uri=f"sip:2@{self.telephones.address}")
        self.office.hear(LegAnswered, cell=cell, leg="agent")
        self.office.order(cell, Mix, call.id, edges=((caller, "agent"), ("agent", caller)))
        path = str(self.folder / f"{call.id}.wav")
        self.office.order(cell, Record, call.id, recording=call.id, path=path, left=(caller,), right=("agent",))
        return call

    def _music(self) -> Path:
        """Noise: no two seconds of it are alike, as in music."""
        path = self.folder / "music.wav"
        if not path.exists():
            noise = np.random.default_rng(1).normal(0, 3000, int(MUSIC_SECONDS * tones.RATE))
            tones.write_wav(path, noise.clip(-32_000, 32_000).astype(np.int16))
        return path


@contextlib.contextmanager
def stage(cells: int) -> Iterator[Stage]:
    """A Redis, a supervisor of up to `cells` cells, telephones."""
    server, telephones = RedisServer(), Telephones()
    office = Office(server.url, warm=4, most=cells)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Stage(office, telephones, Path(folder))
            office.close()
    finally:
        office.close()
        telephones.close()
        server.stop()


@contextlib.contextmanager
def audible(telephones: Telephones, legs: int) -> Iterator[None]:
    """Errors: AssertionError, on `legs` legs fewer packets were heard meanwhile than must have been."""
    telephones.heard()
    yield
    packets, seconds = telephones.heard()
    expected = legs * seconds / PACKET_SECONDS
    assert packets >= AUDIBLE * expected, f"{packets} packets were heard, {expected:.0f} should have been"
