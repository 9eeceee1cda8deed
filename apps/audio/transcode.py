"""Any sound file into what the cells play (AU-01): WAV, MP3, OGG, M4A, WebM, FLAC in; 8 kHz mono, levelled, out.

    sound = convert(data, longest=600)

Files come from people, and files can be made to do harm: the kind is told by its first bytes (playlists that name other
files are no kind), decoding happens in a confined process (isolation.py), and what goes on too long is refused.
"""

import io
import sys
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.audio import isolation
from apps.audio.sound import Sound, levelled, read

if TYPE_CHECKING:
    import av

LARGEST = 50 * 1024 * 1024  # bytes
LONGEST = 600.0  # seconds of a prompt
LONGEST_MUSIC = 3_600.0
SECONDS = 120.0  # of work; an hour of MP3 takes about ten
MOST_DAMAGED = 0.05  # share of a file's packets that may be left out
REASONS: dict[str, Promise] = {
    "empty": _("The file is empty."),
    "large": _("The file is larger than 50 MB."),
    "kind": _("This is no sound file that can be read here. Choose a WAV, MP3, OGG, M4A, WebM or FLAC file."),
    "silent": _("There is no sound in the file."),
    "broken": _("The file is damaged and cannot be read."),
    "late": _("The file takes too long to read, so it was refused."),
}


class UnusableSound(ValueError):  # noqa: N818 - it says what the file is
    """`code` is stable (a key of REASONS, or long); the text says in the reader's language what is wrong."""

    def __init__(self, code: str, text: "str | Promise") -> None:
        super().__init__(text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return str(self.text)


def convert(data: bytes, *, longest: float = LONGEST) -> Sound:
    """Errors: `UnusableSound`."""
    kind = _kind(data)
    try:
        answer = isolation.run("apps.audio.transcode", data, kind, str(longest), seconds=SECONDS)
    except isolation.WorkerFailed as failed:
        code = "late" if failed.code == "late" else "broken"
        raise UnusableSound(code, REASONS[code]) from failed
    verdict, _separator, wav = answer.partition(b"\n")
    if verdict == b"long":
        minutes = int(longest // 60)
        text = ngettext_lazy("The sound is longer than %(count)s minute.", "The sound is longer than %(count)s minutes.", minutes)
        raise UnusableSound("long", text % {"count": minutes})
    if verdict != b"ok":
        raise UnusableSound(verdict.decode(), REASONS[verdict.decode()])
    return read(wav)


def _kind(data: bytes) -> str:
    """FFmpeg's demuxer for these bytes. Errors: `UnusableSound`."""
    if not data:
        raise UnusableSound("empty", REASONS["empty"])
    if len(data) > LARGEST:
        raise UnusableSound("large", REASONS["large"])
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "mov"
    by_magic = {b"OggS": "ogg", b"fLaC": "flac", b"\x1a\x45\xdf\xa3": "matroska"}
    if data[:4] in by_magic:
        return by_magic[data[:4]]
    if data[:3] == b"ID3" or (data[0] == 0xFF and len(data) > 1 and data[1] & 0xE6 in (0xE2, 0xE6, 0xE4) and data[1] & 0x18 != 0x08):
        return "mp3"
    raise UnusableSound("kind", REASONS["kind"])


def _decoded(data: bytes, kind: str, longest: float) -> bytes:
    """In the confined process: a verdict, a line feed, and the sound as WAV."""
    import av
    import numpy as np

    from apps.audio.sound import RATE

    pieces, length = [], 0
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    try:
        with av.open(io.BytesIO(data), "r", format=kind, options={"protocol_whitelist": "none"}) as container:
            if not container.streams.audio:
                return b"silent\n"
            for frame in chain(_frames(container), (None,)):
                for piece in resampler.resample(frame):
                    pieces.append(piece.to_ndarray()[0])
                    length += piece.samples
                if length > longest * RATE:
                    return b"long\n"
    except (av.FFmpegError, ValueError):
        return b"broken\n"
    return b"ok\n" + levelled(np.concatenate(pieces)).wav() if length else b"silent\n"


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
    sys.stdout.buffer.write(_decoded(sys.stdin.buffer.read(), sys.argv[1], float(sys.argv[2])))
