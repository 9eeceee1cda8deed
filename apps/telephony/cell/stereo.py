"""The stereo file of a recording, made of two mono parts that grow beside it while the call lasts. PURE (files only).

pjmedia's recorder writes one mono WAV per side, `<path>.left.wav` and `<path>.right.wav`. When the recording stops, `merge`
interleaves them into `<path>.part`, syncs it, renames it to `<path>` and removes the parts; so `<path>` is complete or absent, and
whatever is killed when, parts or file are on disk. `recover` does for a killed cell what it had no time to do.
"""

import os
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

HEADER = 44  # bytes of the RIFF header that pjmedia writes: RIFF, fmt (16 bytes of PCM), data
RATE = 8000  # Hz
CHUNK = 65_536  # bytes of one side at a time


def parts(path: Path) -> tuple[Path, Path]:
    """(left, right): the mono files of the recording at `path` (pjsua takes the format from the suffix .wav)."""
    return path.with_name(path.name + ".left.wav"), path.with_name(path.name + ".right.wav")


def closed(part: Path) -> bool:
    """Whether the writer has closed `part`: only then its header tells its length (bytes 40 to 44)."""
    with part.open("rb") as source:
        header = source.read(HEADER)
    return len(header) == HEADER and int.from_bytes(header[40:44], "little") == part.stat().st_size - HEADER


def merge(path: Path) -> float:
    """Make the stereo file of its parts and remove them; returns its length in seconds. Errors: OSError (no room, say); the parts are kept.

    Lengths are taken from the files, as the header of a killed recording says 0; the shorter side is filled with silence.
    """
    left, right = parts(path)
    unfinished = path.with_name(path.name + ".part")
    try:
        frames = _interleave(left, right, unfinished)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)
    left.unlink()
    right.unlink()
    return frames / RATE


def recover(path: Path) -> float | None:
    """Complete the recording at `path` after its cell was killed; its length in seconds, None if there is none.

    Harmless on a recording that is complete; not to be used while its cell lives. A part that is missing counts as silence.
    """
    left, right = parts(path)
    path.with_name(path.name + ".part").unlink(missing_ok=True)
    if path.exists():
        left.unlink(missing_ok=True)
        right.unlink(missing_ok=True)
        with wave.open(str(path)) as whole:
            return float(whole.getnframes() / whole.getframerate())
    if not left.exists() and not right.exists():
        return None
    left.touch()
    right.touch()
    return merge(path)


def _interleave(left: Path, right: Path, unfinished: Path) -> int:
    with left.open("rb") as one, right.open("rb") as other, unfinished.open("wb") as target:
        one.seek(HEADER)
        other.seek(HEADER)
        frames = _write(target, one, other)
        target.flush()
        os.fsync(target.fileno())
    return frames


def _write(target: BinaryIO, one: BinaryIO, other: BinaryIO) -> int:
    with wave.open(target, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        frames = 0
        for chunk in _interleaved(one, other):
            out.writeframes(chunk)
            frames += len(chunk) // 4
    return frames


def _interleaved(one: BinaryIO, other: BinaryIO) -> Iterator[bytes]:
    while True:
        left, right = one.read(CHUNK), other.read(CHUNK)
        size = max(len(left), len(right)) & ~1
        if not size:
            return
        both = array("h", bytes(2 * size))
        both[0::2] = array("h", left[:size].ljust(size, b"\0"))
        both[1::2] = array("h", right[:size].ljust(size, b"\0"))
        yield both.tobytes()
