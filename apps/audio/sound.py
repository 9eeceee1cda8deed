"""Sound as the cells play it: 8 kHz mono PCM16, levelled to one loudness, with a picture of it. PURE.

Loudness after the manner of EBU R 128: the mean power of 400 ms blocks, without the silent ones and those far below the
mean, so that pauses do not make speech louder. Unweighted: a telephone carries 300 to 3400 Hz only.
"""

import io
import wave
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

RATE = 8_000  # Hz
TARGET = -20.0  # dB of full scale: gated RMS of every sound
CEILING = 10 ** (-1 / 20)  # peaks stay 1 dB below full scale
MOST_GAIN = 30.0  # dB; what is quieter than that is noise
BLOCK, HOP = int(0.4 * RATE), int(0.1 * RATE)
SILENT = -70.0  # dB
GATE = 10.0  # dB below the mean
LIMIT_BLOCK = RATE // 200  # 5 ms
PICTURE = (600, 80)  # pixels
INK = (124, 92, 240, 255)  # is seen on light and on dark

Pcm = np.ndarray  # int16, or float in -1..1 where it says so


@dataclass(frozen=True)
class Sound:
    """PCM16 samples at `RATE`, one channel."""

    samples: Pcm

    @property
    def seconds(self) -> float:
        return round(len(self.samples) / RATE, 3)

    def wav(self) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(self.samples.astype("<i2").tobytes())
        return file.getvalue()


def read(data: bytes) -> Sound:
    """What `Sound.wav` wrote. Errors: `wave.Error`, EOFError."""
    with wave.open(io.BytesIO(data)) as source:
        return Sound(np.frombuffer(source.readframes(source.getnframes()), "<i2"))


def levelled(samples: Pcm) -> Sound:
    """From float samples at `RATE`: at `TARGET` loudness, no peak above the ceiling. Silence stays silence."""
    loud = loudness(samples)
    gain = min(TARGET - loud, MOST_GAIN) if loud > SILENT else 0.0
    return Sound(np.round(_limited(samples * 10 ** (gain / 20)) * 32_767).astype(np.int16))


def loudness(samples: Pcm) -> float:
    """dB of full scale; minus infinity for silence."""
    power = _block_power(samples)
    heard = power[power > 10 ** (SILENT / 10)]
    if not len(heard):
        return float("-inf")
    kept = heard[heard > heard.mean() * 10 ** (-GATE / 10)]
    return float(10 * np.log10(kept.mean()))


def _block_power(samples: Pcm) -> Pcm:
    """Mean power of overlapping blocks; a sound shorter than one is one block."""
    if len(samples) <= BLOCK:
        return np.array([np.mean(np.square(samples, dtype=np.float64))]) if len(samples) else np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    begins = np.arange(0, len(samples) - BLOCK + 1, HOP)
    power: Pcm = np.maximum(total[begins + BLOCK] - total[begins], 0.0) / BLOCK
    return power


def _limited(samples: Pcm) -> Pcm:
    """Turn down around peaks, gradually over 5 ms to each side, instead of cutting them off."""
    if not len(samples) or np.abs(samples).max() <= CEILING:
        return samples
    blocks = -(-len(samples) // LIMIT_BLOCK)
    peaks = np.abs(np.pad(samples, (0, blocks * LIMIT_BLOCK - len(samples)))).reshape(blocks, LIMIT_BLOCK).max(axis=1)
    wanted = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
    around = np.pad(wanted, 1, mode="edge")
    lowest = np.minimum(np.minimum(around[:-2], around[1:-1]), around[2:])
    centres = (np.arange(blocks) + 0.5) * LIMIT_BLOCK
    limited: Pcm = samples * np.interp(np.arange(len(samples)), centres, lowest)
    return limited


def trimmed(samples: Pcm, keep: float = 0.03) -> Pcm:
    """Float samples without the silence before and after, but for `keep` seconds: numbers are spoken from several sounds."""
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    if not len(loud):
        return samples
    margin = int(keep * RATE)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def waveform(sound: Sound) -> bytes:
    """A PNG: the peaks of the sound over its time, on nothing."""
    width, height = PICTURE
    image = Image.new("RGBA", PICTURE, (0, 0, 0, 0))
    pen, middle = ImageDraw.Draw(image), height // 2
    edges = np.linspace(0, len(sound.samples), width + 1).astype(int)
    for x, (begin, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        piece = sound.samples[begin : max(end, begin + 1)]
        reach = int(np.abs(piece.astype(np.int32)).max() / 32_768 * middle) if len(piece) else 0
        pen.line([(x, middle - reach), (x, middle + reach)], fill=INK)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def tone(hertz: float, seconds: float, pause: float = 0.0) -> Sound:
    """A tone as loud as all else, then silence: a beep, or a ringing tone when it is looped."""
    time = np.arange(int(seconds * RATE)) / RATE
    level = 10 ** (TARGET / 20) * np.sqrt(2)
    edge = np.minimum(1.0, np.minimum(time, seconds - time) / 0.005)  # no click
    samples = np.concatenate([np.sin(2 * np.pi * hertz * time) * level * edge, np.zeros(int(pause * RATE))])
    return Sound(np.round(samples * 32_767).astype(np.int16))
