"""Calls between telephones and a cell, and what is heard in them.

Who hears whom is told by tones: Kari speaks 440 Hz, Ola 1000 Hz, Per 1300 Hz, who listens 1700 Hz, music is 600 Hz, announcements 800 Hz.
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from apps.telephony.protocol import Answer, Command, Dial, LegAnswered, LegArrived, Play, Record, RecordingStopped, StopRecord
from contactcenter.lib.bus import new_id
from tests import tones
from tests.lasting import Lasting
from tests.telephony.worlds import Party, World, done, until

KARI, OLA, PER, LISTENER, MUSIC, ANNOUNCEMENT = 440.0, 1000.0, 1300.0, 1700.0, 600.0, 800.0
SETTLE = 0.3  # seconds until a change has come through the jitter buffers
FRAME = 0.02  # seconds: pjmedia connects and cuts with its next tick
CLOCK = 0.06  # seconds that this tick may be late (decision 62)


@dataclass
class Conversation:
    """Kari called the cell, the cell called Ola. `hers`, `his`: the cell's legs. Their own sides carry the same ids."""

    world: World
    cell: Party
    kari: Party
    ola: Party
    folder: Path
    hers: str = "kari"
    his: str = "ola"

    def speak(self) -> None:
        for who, leg, hertz in ((self.kari, self.hers, KARI), (self.ola, self.his, OLA)):
            who.do(Play, leg=leg, playback="voice", files=(str(tones.tone_wav(self.folder / f"{leg}.wav", hertz, 1)),), loop=True)
        done(self.world, self.kari, self.ola)

    def heard_by(self, who: Party, leg: str, seconds: float = 0.6) -> np.ndarray:
        """What comes out of the telephone from now on, when the cell has done what it was told."""
        done(self.world, self.cell)
        self.world.spend(SETTLE)
        return record(self.world, who, self.folder / f"heard-by-{leg}.wav", seconds, left=(leg,))[0]


def call(world: World, caller: Party, callee: Party, leg: str) -> None:
    caller.do(Dial, leg=leg, uri=f"sip:+4722334455@{callee.address}", caller="+4791234567")
    until(world, callee, LegArrived, leg=leg)
    callee.do(Answer, leg=leg)
    until(world, caller, LegAnswered, leg=leg)
    until(world, callee, LegAnswered, leg=leg)


class Moment(NamedTuple):
    """A command was obeyed in between (World.now)."""

    told: float
    done: float


def tell(world: World, party: Party, kind: type[Command], **fields: Any) -> Moment:
    """And let time pass until it is done."""
    told = world.now
    party.do(kind, **fields)
    return Moment(told, done(world, party))


def lasting(*runs: tuple[Moment, Moment]) -> Lasting:
    """All runs together, each by its begin and its end: however long it took until a command was obeyed, and seen to be."""
    least = sum(end.told - begin.done for begin, end in runs)
    most = sum(end.done - begin.told for begin, end in runs)
    slack = CLOCK + FRAME * len(runs)
    return Lasting(least - slack, most + slack)


def record(
    world: World, who: Party, path: Path, seconds: float, *, left: tuple[str, ...] = (), right: tuple[str, ...] = ()
) -> list[np.ndarray]:
    name = new_id()
    who.do(Record, recording=name, path=str(path), left=left, right=right)
    world.spend(seconds)
    who.do(StopRecord, recording=name)
    until(world, who, RecordingStopped, recording=name, error="")
    channels, rate = tones.read_wav(path)
    assert rate == tones.RATE
    return channels


def pieces(pcm: np.ndarray, window: float = 0.05) -> list[tuple[float, float]]:
    """(tone, seconds) one after the other, told by windows of `window` seconds; bits that are cut by a window are left out.

    A tone that goes on after a gap of up to 0.1 s is one piece: what was played is told here, `dips` tells how smoothly.
    """
    size = int(window * tones.RATE)
    found = [round(tones.dominant(pcm[at : at + size]) / 40) * 40.0 for at in range(0, len(pcm) - size, size)]
    runs = [(tone, len(list(run)) * window) for tone, run in groupby(found)]
    heard: list[tuple[float, float]] = []
    gap = 0.0
    for tone, seconds in runs:
        if not tone or seconds <= 2 * window:
            gap += seconds
            continue
        if heard and heard[-1][0] == tone and gap < 0.1 + window / 2:
            heard[-1] = (tone, heard[-1][1] + gap + seconds)
        else:
            heard.append((tone, seconds))
        gap = 0.0
    return heard


def dips(pcm: np.ndarray) -> int:
    """How often a steady tone falls under half of its strength, looked at in windows of 10 ms."""
    loudness = [tones.rms(pcm[at : at + 80]) for at in range(0, len(pcm) - 80, 80)]
    return sum(1 for quiet, _ in groupby(loud < 0.5 * max(loudness) for loud in loudness) if quiet)
