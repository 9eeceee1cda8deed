"""Tones: the way tests tell who hears whom. A tone is made as PCM16, and heard again as a dominant frequency."""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

RATE = 8000  # Hz, what the telephone carries
Pcm = np.ndarray  # int16 samples, one channel


def tone(hertz: float, seconds: float, *, rate: int = RATE, level: float = 0.3) -> Pcm:
    """A sine of `level` (0 to 1 of full scale)."""
    return (np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate) * level * 32767).astype(np.int16)


def silence(seconds: float, *, rate: int = RATE) -> Pcm:
    return np.zeros(int(seconds * rate), np.int16)


def write_wav(path: Path, *channels: Pcm, rate: int = RATE) -> Path:
    """Write PCM16; with two channels of equal length: stereo."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.column_stack(channels).astype("<i2").tobytes())
    return path


def tone_wav(path: Path, hertz: float, seconds: float, *, rate: int = RATE, level: float = 0.3) -> Path:
    return write_wav(path, tone(hertz, seconds, rate=rate, level=level), rate=rate)


def read_wav(path: Path) -> tuple[list[Pcm], int]:
    """(one array per channel, sampling rate)."""
    with wave.open(str(path), "rb") as source:
        frames = np.frombuffer(source.readframes(source.getnframes()), "<i2")
        return list(frames.reshape(-1, source.getnchannels()).T), source.getframerate()


def sounding(pcm: Pcm) -> Pcm:
    """From the first sound on."""
    return pcm[int(np.argmax(np.abs(pcm) > 1000)) :]


def rms(pcm: Pcm) -> float:
    """Root mean square of the samples: 0 for silence, about 6950 for a tone of level 0.3."""
    return float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2))) if len(pcm) else 0.0


def dominant(pcm: Pcm, *, rate: int = RATE, silence_below: float = 100.0) -> float:
    """The strongest frequency in Hz, 0 if the RMS is under `silence_below`."""
    if rms(pcm) < silence_below:
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(np.argmax(spectrum) * rate / len(pcm))


def strength(pcm: Pcm, hertz: float, *, rate: int = RATE) -> float:
    """How much of `pcm` is a tone of `hertz`: its amplitude as a share of full scale (0.3 for ``tone(hertz, …)``).

    Looked at in parts as in `mean_strengths`, and what is left over after the last one in a part of its own.
    """
    whole = len(pcm) // (rate // 5) * (rate // 5)
    parts = [part for part in (pcm[:whole], pcm[whole:]) if len(part)]
    weights = [len(part) for part in parts]
    return float(np.average([mean_strengths(part, [hertz], rate=rate)[0] for part in parts], weights=weights)) if parts else 0.0


def mean_strengths(pcm: Pcm, hertz: Sequence[float], *, rate: int = RATE) -> np.ndarray:
    """The strength of each tone on average over parts of 200 ms, in which tones that are a multiple of 5 Hz apart are told apart.

    Over a long time a jitter buffer that gives way turns the phase, and a tone would cancel itself.
    """
    part = min(rate // 5, len(pcm))
    if not part:
        return np.zeros(len(hertz))
    count = len(pcm) // part
    turns = np.exp(-2j * np.pi * np.outer(np.arange(part), hertz) / rate)
    return (2 * np.abs(pcm[: count * part].reshape(count, part) @ turns) / part / 32767).mean(axis=0)


def hears(pcm: Pcm, hertz: float, *, rate: int = RATE, at_least: float = 0.05) -> bool:
    """Whether a tone of `hertz` is among what is heard (others may be there too)."""
    return strength(pcm, hertz, rate=rate) >= at_least
