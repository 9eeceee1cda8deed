"""Sound as the cells play it: 8 kHz mono PCM16, and the same at 16 kHz for wideband, levelled to one loudness; a picture of it. PURE.

Every sound is brought to -20 LUFS (EBU R 128). That is 3 LU above broadcasting, and 6 dB above the level at which people are heard in
the telephone network (-26 dBov of active speech, ITU-T P.56 and G.168): an announcement is heard once, by one ear, in traffic. Louder,
speech would meet the ceiling. True peaks (BS.1770, annex 2) stay 1 dB below full scale, so that G.711 cuts nothing off.
"""

import io
import wave
from dataclasses import dataclass

import numpy as np
from PIL import Image

from apps.audio.loudness import SILENT, integrated

RATE, WIDE_RATE = 8_000, 16_000  # Hz
TARGET = -20.0  # LUFS
CEILING = 10 ** (-1 / 20)  # of full scale
MOST_GAIN = 30.0  # dB; what is quieter than that is noise
NEAR, ROUNDS = 0.2, 3  # LU from the target that is near enough; rounds of making up for what the limiter took
LIMIT_SECONDS = 0.005
PHASES, REACH = 4, 10  # true peaks: points per sample, and samples to either side that they are made from
BATCH = 1_000_000  # samples in work at once: an hour of music must fit into the confined process
PICTURE = (600, 80)  # pixels
PEAKS, BODY = (36, 147, 138, 150), (36, 147, 138, 255)  # 3:1 on light and on dark
SILENCE_LEVEL, KEPT_AROUND = 0.01, 0.03  # of full scale; seconds

Pcm = np.ndarray  # int16, or float in -1..1 where it says so


@dataclass(frozen=True)
class Sound:
    """PCM16 samples at `rate` Hz, one channel."""

    samples: Pcm
    rate: int = RATE

    @property
    def seconds(self) -> float:
        return round(len(self.samples) / self.rate, 3)

    def wav(self) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(self.rate)
            out.writeframes(self.samples.astype("<i2").tobytes())
        return file.getvalue()


@dataclass(frozen=True)
class Made:
    """One sound at both rates."""

    narrow: Sound
    wide: Sound

    @property
    def seconds(self) -> float:
        return self.narrow.seconds


def read(data: bytes) -> Sound:
    """What `Sound.wav` wrote. Errors: `wave.Error`, EOFError."""
    with wave.open(io.BytesIO(data)) as source:
        return Sound(np.frombuffer(source.readframes(source.getnframes()), "<i2"), source.getframerate())


def levelled(samples: Pcm, rate: int = RATE) -> Sound:
    """From float samples: at `TARGET` loudness, no true peak above the ceiling. Silence stays silence."""
    loud = integrated(samples, rate)
    if loud <= SILENT:
        return _whole_numbers(samples, rate)
    gain = min(TARGET - loud, MOST_GAIN)
    limited = _limited(_amplified(samples, gain), rate)
    for _ in range(ROUNDS):
        missing = TARGET - integrated(limited, rate)
        if abs(missing) < NEAR or gain >= MOST_GAIN:
            break
        gain = min(gain + missing, MOST_GAIN)
        limited = _limited(_amplified(samples, gain), rate)
    return _whole_numbers(limited, rate)


def _amplified(samples: Pcm, gain: float) -> Pcm:
    return samples.astype(np.float32) * np.float32(10 ** (gain / 20))


def _whole_numbers(samples: Pcm, rate: int) -> Sound:
    return Sound(np.round(np.clip(samples, -1, 1) * 32_767).astype(np.int16), rate)


def _limited(samples: Pcm, rate: int) -> Pcm:
    """Turn down around peaks, gradually over 5 ms to each side, instead of cutting them off."""
    block = int(LIMIT_SECONDS * rate)
    peaks = _peaks(samples, block)
    if not len(peaks) or peaks.max() <= CEILING:
        return samples
    wanted = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
    around = np.pad(wanted, 1, mode="edge")
    lowest = np.minimum(np.minimum(around[:-2], around[1:-1]), around[2:])
    centres = (np.arange(len(peaks)) + 0.5) * block
    limited = samples.copy()
    for begin in range(0, len(samples), BATCH):
        piece = limited[begin : begin + BATCH]
        piece *= np.interp(np.arange(begin, begin + len(piece)), centres, lowest).astype(np.float32)
    return limited


def _peaks(samples: Pcm, block: int) -> Pcm:
    """True peak of each `block` samples: the highest of the sound between its samples too, by windowed sinc (BS.1770, annex 2)."""
    count = -(-len(samples) // block)
    peaks = np.zeros(count * block, np.float32)
    for begin in range(0, len(samples), BATCH):
        piece = samples[max(0, begin - REACH) : begin + BATCH + REACH]
        found = np.abs(piece)
        for kernel in _kernels():
            found = np.maximum(found, np.abs(np.convolve(piece, kernel, mode="full")[REACH - 1 : REACH - 1 + len(piece)]))
        kept = found[begin - max(0, begin - REACH) :][: min(BATCH, len(samples) - begin)]
        peaks[begin : begin + len(kept)] = kept
    highest: Pcm = peaks.reshape(count, block).max(axis=1)
    return highest


def _kernels() -> list[Pcm]:
    """For the points at one, two, three quarters between two samples."""
    places = np.arange(-REACH + 1, REACH + 1)
    offsets = [places - phase / PHASES for phase in range(1, PHASES)]
    return [(np.sinc(at) * (0.5 + 0.5 * np.cos(np.pi * at / (REACH + 1))))[::-1].astype(np.float32) for at in offsets]


def trimmed(samples: Pcm, rate: int = RATE) -> Pcm:
    """Float samples without the silence before and after, but for a moment: numbers are spoken from several sounds."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE_LEVEL)
    if not len(loud):
        return samples
    margin = int(KEPT_AROUND * rate)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def waveform(sound: Sound) -> bytes:
    """A PNG on nothing: over the time of the sound its peaks, and darker how loud it is on the whole."""
    width, height = PICTURE
    level = np.abs(sound.samples.astype(np.float32)) / 32_768 if len(sound.samples) else np.zeros(1, np.float32)
    begins = np.linspace(0, len(level), width, endpoint=False).astype(int)
    counts = np.maximum(1, np.diff(begins, append=len(level)))
    peak, body = np.maximum.reduceat(level, begins), np.sqrt(np.add.reduceat(level**2, begins) / counts)
    from_middle = np.abs(np.arange(height) - height // 2)[:, np.newaxis]
    pixels = np.zeros((height, width, 4), np.uint8)
    for share, ink in ((peak, PEAKS), (body, BODY)):
        pixels[from_middle <= (share * (height // 2)).astype(int)] = ink
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def tone(hertz: float, seconds: float, pause: float = 0.0) -> Made:
    """A tone, levelled as all else, then silence: a beep, or a ringing tone when it is looped."""
    return Made(*(_tone(hertz, seconds, pause, rate) for rate in (RATE, WIDE_RATE)))


def silence(seconds: float) -> Made:
    return Made(*(Sound(np.zeros(int(seconds * rate), np.int16), rate) for rate in (RATE, WIDE_RATE)))


def _tone(hertz: float, seconds: float, pause: float, rate: int) -> Sound:
    time = np.arange(int(seconds * rate)) / rate
    edge = np.minimum(1.0, np.minimum(time, seconds - time) / 0.005)  # no click
    heard = levelled(np.sin(2 * np.pi * hertz * time) * edge * 0.1, rate).samples
    return Sound(np.concatenate([heard, np.zeros(int(pause * rate), np.int16)]), rate)
