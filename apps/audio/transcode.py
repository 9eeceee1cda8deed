"""Any sound file into what the cells play (AU-01): WAV, MP3, OGG, M4A, WebM, FLAC in; 8 and 16 kHz mono, levelled, out.

    made = convert(data, longest=600)

Files come from people, and files can be made to do harm: the kind is told by its first bytes (playlists that name other
files are no kind), decoding happens in a confined process (isolation.py), and what goes on too long is refused.
"""

import io
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from msgspec import Struct

from apps.audio import isolation
from apps.audio.sound import RATE, WIDE_RATE, Made, Sound, levelled

if TYPE_CHECKING:
    import av

LARGEST = 50 * 1024 * 1024  # bytes
LONGEST = 600.0  # seconds of a prompt
LONGEST_MUSIC = 3_600.0
SECONDS = 120.0  # of a processor's work; an hour of MP3 takes about 20
PATIENCE = 450.0  # seconds in all: workers give way to calls, and have little of a processor when it is busy
DECODING = 0.7  # share of the work; the rest is levelling
TELL_SECONDS = 5.0  # of sound between two words of progress
MOST_DAMAGED = 0.05  # share of a file's packets that may be left out
REASONS: dict[str, Promise] = {
    "empty": _("The file is empty."),
    "large": _("The file is larger than 50 MB."),
    "kind": _("This is no sound file that can be read here. Choose a WAV, MP3, OGG, M4A, WebM or FLAC file."),
    "silent": _("There is no sound in the file."),
    "broken": _("The file is damaged and cannot be read."),
    "late": _("The file takes too long to read, so it was refused."),
    "cut": _("There is no sound left between the beginning and the end that were chosen."),
}

Pieces = dict[int, list[np.ndarray]]  # rate -> float samples


class TooLong(Exception):  # noqa: N818 - it says what the sound is
    pass


class UnusableSound(ValueError):  # noqa: N818 - it says what the file is
    """`code` is stable (a key of REASONS, or long); the text says in the reader's language what is wrong."""

    def __init__(self, code: str, text: "str | Promise") -> None:
        super().__init__(text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return str(self.text)


class Wanted(Struct, frozen=True):
    """What the confined process is told. Seconds: `longest` of the sound; it is cut to what lies from `begin` to `end` (None: its end)."""

    kind: str
    longest: float
    begin: float = 0.0
    end: float | None = None


class Answer(Struct, frozen=True):
    """`verdict`: ok, or a code of `UnusableSound`; then PCM16 at both rates."""

    verdict: str
    narrow: bytes = b""
    wide: bytes = b""


def convert(
    data: bytes,
    *,
    longest: float = LONGEST,
    begin: float = 0.0,
    end: float | None = None,
    progress: isolation.Progress = lambda share: None,
) -> Made:
    """The sound from `begin` to `end` (seconds). Errors: `UnusableSound`."""
    wanted = msgspec.json.encode(Wanted(kind_of(data, len(data)), longest, begin, end)).decode()
    try:
        said = isolation.run("apps.audio.transcode", data, wanted, seconds=PATIENCE, progress=progress)
    except isolation.WorkerFailed as failed:
        raise unusable("late" if failed.code == "late" else "broken", longest) from failed
    answer = msgspec.msgpack.decode(said, type=Answer)
    if answer.verdict != "ok":
        raise unusable(answer.verdict, longest)
    return Made(Sound(np.frombuffer(answer.narrow, "<i2")), Sound(np.frombuffer(answer.wide, "<i2"), WIDE_RATE))


def unusable(code: str, longest: float = LONGEST) -> UnusableSound:
    """With the words for `code`."""
    if code == "long":
        minutes = int(longest // 60)
        text = ngettext_lazy("The sound is longer than %(count)s minute.", "The sound is longer than %(count)s minutes.", minutes)
        return UnusableSound(code, text % {"count": minutes})
    return UnusableSound(code, REASONS[code])


def kind_of(data: bytes, size: int) -> str:
    """FFmpeg's demuxer for a file of `size` bytes that begins with `data`. Errors: `UnusableSound`."""
    if not size:
        raise unusable("empty")
    if size > LARGEST:
        raise unusable("large")
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "mov"
    by_magic = {b"OggS": "ogg", b"fLaC": "flac", b"\x1a\x45\xdf\xa3": "matroska"}
    if data[:4] in by_magic:
        return by_magic[data[:4]]
    if data[:3] == b"ID3" or (data[0] == 0xFF and len(data) > 1 and data[1] & 0xE6 in (0xE2, 0xE6, 0xE4) and data[1] & 0x18 != 0x08):
        return "mp3"
    raise unusable("kind")


def _decoded(data: bytes, wanted: Wanted) -> Answer:
    """In the confined process."""
    import av

    file = io.BytesIO(data)
    try:
        with av.open(file, "r", format=wanted.kind, options={"protocol_whitelist": "none"}) as container:
            if not container.streams.audio:
                return Answer("silent")
            pieces = _resampled(container, wanted, lambda: isolation.tell(DECODING * file.tell() / len(data)))
    except TooLong:
        return Answer("long")
    except (av.FFmpegError, ValueError):
        return Answer("broken")
    return _levelled(pieces, wanted) if pieces[RATE] else Answer("silent")


def _resampled(container: "av.container.InputContainer", wanted: Wanted, tell: Callable[[], None]) -> Pieces:
    """Errors: `TooLong`, ValueError, av.FFmpegError."""
    import av

    resamplers = {rate: av.AudioResampler(format="flt", layout="mono", rate=rate) for rate in (RATE, WIDE_RATE)}
    pieces: Pieces = {rate: [] for rate in resamplers}
    length = told = 0
    for frame in chain(_frames(container), (None,)):
        for rate, resampler in resamplers.items():
            new = [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
            pieces[rate] += new
            length += sum(map(len, new)) if rate == RATE else 0
        if length > wanted.longest * RATE:
            raise TooLong
        if length - told > TELL_SECONDS * RATE:
            told = length
            tell()
    return pieces


def _levelled(pieces: Pieces, wanted: Wanted) -> Answer:
    said = []
    for number, rate in enumerate((RATE, WIDE_RATE), 1):
        samples = np.concatenate(pieces.pop(rate))[int(wanted.begin * rate) : None if wanted.end is None else int(wanted.end * rate)]
        if not len(samples):
            return Answer("cut")
        said.append(levelled(samples, rate).samples.astype("<i2").tobytes())
        isolation.tell(DECODING + (1 - DECODING) * number / 2)
    return Answer("ok", *said)


def _frames(container: "av.container.InputContainer") -> "Iterator[av.AudioFrame]":
    """Decoded frames. As in a player a few damaged packets are left out. Errors: ValueError if they are many."""
    import av

    read = damaged = 0
    for packet in container.demux(audio=0):
        read += 1
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            damaged += 1
            continue
        for frame in frames:
            frame.pts = None
            yield frame
    if damaged > max(2, read * MOST_DAMAGED):
        raise ValueError("damaged")


if __name__ == "__main__":
    isolation.confine(SECONDS)
    asked = msgspec.json.decode(sys.argv[1], type=Wanted)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_decoded(sys.stdin.buffer.read(), asked)))
