"""Loudness by ITU-R BS.1770-5, written here from the recommendation: another hand than the one that levels the sounds."""

import numpy as np

RATE = 48_000  # Hz, for which the recommendation gives its filter
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
BLOCK, HOP = int(0.4 * RATE), int(0.1 * RATE)


def integrated(samples: np.ndarray, rate: int) -> float:
    """LUFS of float samples in -1..1. A sound shorter than 3 s is measured as it is when it is repeated."""
    repeated = np.tile(samples, max(1, -(-3 * rate // len(samples))))
    heard = _weighted(_at_48_khz(repeated, rate))
    power = np.array([np.mean(heard[begin : begin + BLOCK] ** 2) for begin in range(0, len(heard) - BLOCK + 1, HOP)])
    loud = power[_lufs(power) > -70]
    if not len(loud):
        return -70.0
    return float(_lufs(np.mean(loud[_lufs(loud) > _lufs(np.mean(loud)) - 10])))


def _lufs(power):
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _at_48_khz(samples: np.ndarray, rate: int) -> np.ndarray:
    """By its spectrum, padded with nothing."""
    spectrum = np.fft.rfft(samples)
    length = len(samples) * RATE // rate
    return np.fft.irfft(spectrum, length) * (length / len(samples))


def _weighted(samples: np.ndarray) -> np.ndarray:
    """K-weighting: by the frequency response of the two filters, which are short against the sound."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(samples)))
    response = np.ones_like(z)
    for above, below in (SHELF, HIGH_PASS):
        response *= (above[0] + above[1] * z + above[2] * z**2) / (below[0] + below[1] * z + below[2] * z**2)
    return np.fft.irfft(np.fft.rfft(samples) * response, len(samples))
