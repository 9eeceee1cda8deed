"""Which WAV files may be played, and in which runs without a gap. PURE (files only)."""

import wave
from itertools import groupby
from pathlib import Path

from apps.telephony.ports import MediaError

RATES = (8000, 16000)  # Hz


def shape(file: str) -> tuple[int, int]:
    """(sampling rate in Hz, channels) of a PCM16 file with sound in it. Errors: MediaError, saying what is wrong with it."""
    name = Path(file).name
    try:
        with wave.open(file, "rb") as source:
            rate, channels = source.getframerate(), source.getnchannels()
            usable = rate in RATES and channels in (1, 2) and source.getsampwidth() == 2 and source.getnframes() > 0
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(f"{name} cannot be read: {type(error).__name__}") from error
    if not usable:
        raise MediaError(f"{name} is not PCM16 with 8 or 16 kHz")
    return rate, channels


def runs(files: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Neighbours with the same rate and channels, which a player can play in one piece. Errors: MediaError."""
    if not files:
        raise MediaError("nothing to play")
    return [tuple(run) for _, run in groupby(files, key=shape)]
