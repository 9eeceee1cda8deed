"""Files made to do harm: enormous claims, sounds that unpack to hours: each is read or refused, soon, in little memory (AU-01, PF-10)."""

import io
import resource
import struct
import time

import av
import numpy as np
import pytest

from apps.audio.transcode import UnusableSound, convert
from tests.audio.files import tone_file

MEMORY = 600 * 1024  # kB; Python with the decoders takes 150 MB
SECONDS = 30.0  # of this machine's clock, however busy


def wav(*, rate: int = 8_000, channels: int = 1, bits: int = 16, claimed: int = 3_200, data: bytes = b"\1\0" * 1_600) -> bytes:
    block = channels * bits // 8 & 0xFFFF
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    return struct.pack("<4sI4s", b"RIFF", 0xFFFFFFFF, b"WAVE") + head + struct.pack("<4sI", b"data", claimed) + data


def compressed_silence(hours: float) -> bytes:
    """FLAC of nothing: a few hundred kB for an hour."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as out:
        stream = out.add_stream("flac", rate=8_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4_096), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8_000
        for _ in range(int(hours * 3_600 * 8_000 / 4_096)):
            frame.pts = None
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def with_picture() -> bytes:
    """A video with sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        picture, sound = out.add_stream("mpeg4", rate=5), out.add_stream("libopus", rate=48_000, layout="mono")
        picture.width = picture.height = 32
        picture.pix_fmt = "yuv420p"
        for number in range(10):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
            wave = (np.sin(np.arange(960 * 10) / 10) * 9_000).astype(np.int16)[None, :]
            frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, number * 9_600
            out.mux(sound.encode(frame))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))
    return file.getvalue()


def atom(kind: bytes, content: bytes, size: int | None = None) -> bytes:
    return struct.pack(">I4s", size or 8 + len(content), kind) + content


TABLE = b"stsz" + bytes(8)  # before the number of samples
HOSTILE = {
    "a header that claims 4 GB": wav(claimed=0xFFFFFFFF),
    "65,535 channels": wav(channels=0xFFFF),
    "an atom of 4 GB": atom(b"ftyp", b"M4A \0\0\2\0isom") + atom(b"moov", b"\0" * 100, 0xFFFFFFFF),
    "a table of 500 million samples": tone_file("m4a", seconds=0.3).replace(TABLE, TABLE + b"\x1d\xff\xff\xff"),
    "a WebM element of 2^56 bytes": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe" + b"\0" * 500,
    "a FLAC of 2^36 samples": tone_file("flac", seconds=0.3)[:18] + b"\xff" * 16 + tone_file("flac", seconds=0.3)[34:],
}


def read(data: bytes) -> str:
    """What becomes of it: "sound", or the code of its refusal."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.monotonic()
    try:
        convert(data)
        return "sound"
    except UnusableSound as refusal:
        return refusal.code
    finally:
        assert time.monotonic() - begun < SECONDS
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, MEMORY)


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_enormous_claims_cost_nothing(data: bytes) -> None:
    assert read(data) in ("sound", "broken", "silent")


def test_hours_that_were_compressed_to_little_are_refused_when_it_is_too_long() -> None:
    """As a bomb in a zip file: what counts is what comes out."""
    data = compressed_silence(hours=0.5)
    assert len(data) < 500_000
    assert read(data) == "long"


def test_of_a_video_the_sound_is_taken() -> None:
    made = convert(with_picture())
    assert made.seconds == pytest.approx(2.0, abs=0.1) and np.abs(made.narrow.samples).max() > 1_000
