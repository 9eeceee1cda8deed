"""Which WAV files may be played, and in which runs without a gap. PURE (files only)."""

import wave
from itertools import groupby
from pathlib import Path

from apps.telephony.ports import MediaError

RATES = (8000, 16000)  # Hz


def length(file: str) -> tuple[int, float]:
    """(sampling rate in Hz, seconds) of a mono PCM16 file. Errors: MediaError, saying what is wrong with it."""
    name = Path(file).name
    try:
        with wave.open(file, "rb") as source:
            rate, frames = source.getframerate(), source.getnframes()
            usable = rate in RATES and source.getnchannels() == 1 and source.getsampwidth() == 2 and frames > 0
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(f"{name} cannot be read: {type(error).__name__}") from error
    if not usable:
        raise MediaError(f"{name} is not mono PCM16 with 8 or 16 kHz")
    return rate, frames / rate


def runs(files: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Neighbours with the same rate, which a player can play in one piece. Errors: MediaError."""
    if not files:
        raise MediaError("nothing to play")
    return [tuple(run) for _, run in groupby(files, key=lambda file: length(file)[0])]
