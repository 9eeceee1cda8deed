"""Two short pieces for waiting callers, composed here and synthesised with numpy, so that they are free of anybody's rights. PURE.

A telephone carries 300 to 3400 Hz: the bass is heard by its overtones, and nothing is louder than speech. Each piece ends
as it begins, so that it loops without a gap.
"""

import io
import wave
from dataclasses import dataclass

import numpy as np

RATE = 16_000  # samples per second
LOUDNESS = 0.18  # of full scale, RMS: calm enough to wait in
Samples = np.ndarray

# semitones above the key note
MINOR_SEVENTH, MAJOR_SEVENTH, MAJOR_NINTH, SUSPENDED = (0, 3, 7, 10), (0, 4, 7, 11), (0, 4, 7, 14), (0, 5, 7, 10)


@dataclass(frozen=True, slots=True)
class Piece:
    """`chords`: (semitones from the key note, kind) per bar of four beats. `melody`: semitones per beat, None is a rest."""

    key: float  # Hz of the key note
    beats_per_minute: float
    chords: tuple[tuple[int, tuple[int, ...]], ...]
    melody: tuple[int | None, ...]


PIECES = {
    "Morning fog": Piece(
        key=220.0,
        beats_per_minute=84,
        chords=((0, MINOR_SEVENTH), (-4, MAJOR_SEVENTH), (3, MAJOR_NINTH), (-2, SUSPENDED)) * 2,
        melody=(12, None, 15, 19, 17, None, 15, None, 19, 22, None, 19, 17, 15, None, None)
        + (12, 15, None, 10, 12, None, None, 8, 7, None, 10, 15, 14, None, 10, None),
    ),
    "Long shadows": Piece(
        key=196.0,
        beats_per_minute=72,
        chords=((0, MAJOR_NINTH), (9, MINOR_SEVENTH), (5, MAJOR_SEVENTH), (7, SUSPENDED)) * 2,
        melody=(16, None, None, 14, 12, None, 9, None, 12, 14, 16, None, 14, None, None, None)
        + (19, None, 16, None, 12, 14, None, 9, 12, None, 9, 7, 12, None, None, None),
    ),
}


def _tone(frequency: float, seconds: float, overtones: tuple[float, ...], fade: float) -> Samples:
    """A struck tone; `fade` seconds until a third is left."""
    time = np.arange(int(seconds * RATE)) / RATE
    sound = sum(
        part * np.sin(2 * np.pi * frequency * number * time) for number, part in enumerate(overtones, 1) if frequency * number < RATE / 2
    )
    attack = np.minimum(1.0, time / 0.012)
    return sound * attack * np.exp(-time / fade)


def _hertz(piece: Piece, semitones: int) -> float:
    return piece.key * 2 ** (semitones / 12)


def _add(to: Samples, sound: Samples, at: float) -> None:
    """Mix in at `at` seconds; what rings on after the end is heard at the beginning."""
    start = int(at * RATE)
    positions = (start + np.arange(len(sound))) % len(to)
    np.add.at(to, positions, sound)


def compose(piece: Piece) -> Samples:
    """Floating-point samples at RATE, LOUDNESS loud."""
    beat = 60.0 / piece.beats_per_minute
    sound = np.zeros(int(len(piece.chords) * 4 * beat * RATE))
    for bar, (root, kind) in enumerate(piece.chords):
        _add(sound, 0.5 * _tone(_hertz(piece, root - 12), 4 * beat, (1.0, 0.6, 0.35, 0.2), 1.4), bar * 4 * beat)
        for place, step in enumerate(kind):
            _add(sound, 0.35 * _tone(_hertz(piece, root + step), 5 * beat, (1.0, 0.25, 0.1), 1.6), (bar * 4 + place * 0.5) * beat)
            _add(sound, 0.2 * _tone(_hertz(piece, root + step), 3 * beat, (1.0, 0.2), 1.0), (bar * 4 + 2 + place * 0.5) * beat)
    for place, note in enumerate(piece.melody):
        if note is not None:
            _add(sound, 0.5 * _tone(_hertz(piece, note), 3 * beat, (1.0, 0.4, 0.15, 0.05), 0.9), place * beat)
    levelled: Samples = sound * (LOUDNESS / np.sqrt(np.mean(sound**2)))
    return levelled


def as_wav(piece: Piece) -> bytes:
    """Mono PCM16 at RATE; peaks are rounded off, not cut."""
    samples = (np.tanh(compose(piece)) * 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()
