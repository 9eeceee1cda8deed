"""What a telephone heard, judged as its owner would: how long was the tone away, how late did it come, what was lost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests import tones
from tests.sip import g711

SLICE = 80  # samples: 10 ms, in which a tone is there or not
SLICE_SECONDS = SLICE / tones.RATE
PLAYOUT_SECONDS = 0.06  # jitter buffer of a usual telephone: what comes later than that is not heard
PRESENT = 0.07  # share of full scale, of a tone that is sent with 0.14 (levelled music) or 0.3

PACKET = np.dtype([("at", "<f8"), ("source", "<u4"), ("stamp", "<u4"), ("sequence", "<u2"), ("kind", "u1"), ("payload", "u1", (160,))])


@dataclass(frozen=True)
class Stretch:
    """A time without the tone. `begin`: Unix seconds, on the listener's clock."""

    begin: float
    seconds: float


@dataclass(frozen=True)
class Heard:
    """`packets`: an array of `PACKET`, in the order of arrival; `at` in Unix seconds."""

    packets: np.ndarray

    def between(self, since: float, until: float = float("inf")) -> "Heard":
        return Heard(self.packets[(self.packets["at"] >= since) & (self.packets["at"] < until)])

    def streams(self) -> list["Heard"]:
        """One for each RTP source, oldest first: a telephone takes one call after the other."""
        sources = list(dict.fromkeys(self.packets["source"].tolist()))
        return [Heard(self.packets[self.packets["source"] == source]) for source in sources]

    def seconds(self) -> float:
        return len(self.packets) * 0.02

    def pcm(self) -> np.ndarray:
        """All sound, in the order of the RTP time stamps."""
        order = np.argsort(_unwrapped(self.packets["stamp"]), kind="stable")
        return _decoded(self.packets[order]).ravel()

    def lost(self) -> int:
        """Packets that never came, by the sequence numbers of each stream."""
        return sum(_missing(stream.packets["sequence"]) for stream in self.streams())

    def late(self) -> float:
        """Seconds by which the latest packet was later than the quickest one: the jitter at its worst."""
        delays = [_delays(stream.packets) for stream in self.streams() if len(stream.packets)]
        return max((float(delay.max() - delay.min()) for delay in delays), default=0.0)

    def hears(self, hertz: float, *, at_least: float = 0.05) -> bool:
        return bool(self.strengths([hertz])[0] >= at_least)

    def strengths(self, hertz: Sequence[float]) -> np.ndarray:
        """As tones.mean_strengths."""
        return tones.mean_strengths(self.pcm(), hertz)

    def without(self, hertz: float) -> list[Stretch]:
        """When the tone was away, between its first and its last moment: silence, another sound, lost or late packets."""
        there = sorted(begin for stream in self.streams() for begin in _present(stream.packets, hertz))
        gaps = np.diff(there) - SLICE_SECONDS
        return [Stretch(there[index] + SLICE_SECONDS, float(gaps[index])) for index in np.flatnonzero(gaps > SLICE_SECONDS / 2)]

    def longest_gap(self, hertz: float) -> float:
        """Seconds, the longest of `without`. Errors: AssertionError, the tone was never there."""
        assert self.hears(hertz, at_least=0.01), f"no {hertz} Hz in {self.seconds():.1f} s; {tones.dominant(self.pcm()):.0f} Hz is"
        return max((stretch.seconds for stretch in self.without(hertz)), default=0.0)


def _decoded(packets: np.ndarray) -> np.ndarray:
    """PCM16, one row per packet."""
    both = [g711.DECODED[kind][packets["payload"]] for kind in (g711.PCMU, g711.PCMA)]
    return np.where(packets["kind"][:, None] == g711.PCMU, *both)


def _unwrapped(counter: np.ndarray) -> np.ndarray:
    """A counter that wraps, as one that goes on; neighbours may have changed places."""
    bits = counter.dtype.itemsize * 8
    steps = np.diff(counter.astype(np.int64), prepend=counter[:1].astype(np.int64))
    half = 1 << (bits - 1)
    return np.cumsum((steps + half) % (1 << bits) - half)


def _missing(sequence: np.ndarray) -> int:
    numbers = np.unique(_unwrapped(sequence))
    return int(numbers[-1] - numbers[0] + 1 - len(numbers)) if len(numbers) else 0


def _delays(packets: np.ndarray) -> np.ndarray:
    """How much later than its place in the stream each packet came, in seconds (from an arbitrary zero)."""
    return packets["at"] - _unwrapped(packets["stamp"]) / tones.RATE


def _present(packets: np.ndarray, hertz: float) -> np.ndarray:
    """The moments (Unix seconds, begin of a slice) at which a telephone with a usual jitter buffer plays the tone."""
    if not len(packets):
        return np.zeros(0)
    delays = _delays(packets)
    zero = _slow_drift(packets["at"], delays)
    in_time = delays - zero <= PLAYOUT_SECONDS
    begins = _unwrapped(packets["stamp"])[in_time] / tones.RATE + zero[in_time] + PLAYOUT_SECONDS
    slices = _decoded(packets[in_time]).reshape(len(begins), -1, SLICE)
    turn = np.exp(-2j * np.pi * hertz * np.arange(SLICE) / tones.RATE)
    row, part = np.nonzero(2 * np.abs(slices @ turn) / SLICE / 32767 >= PRESENT)
    return begins[row] + part * SLICE_SECONDS


def _slow_drift(arrivals: np.ndarray, delays: np.ndarray, window: float = 5.0) -> np.ndarray:
    """The delay of the quickest packet of each window: two clocks never run equally fast, and a jitter buffer follows."""
    windows = ((arrivals - arrivals[0]) // window).astype(int)
    quickest = np.full(windows.max() + 1, np.inf)
    np.minimum.at(quickest, windows, delays)
    return quickest[windows]
