"""Sound files of every kind, made here with PyAV."""

import io

import av
import numpy as np

from tests import tones

CODECS = {
    "wav": "pcm_s16le",
    "mp3": "libmp3lame",
    "ogg": "vorbis",
    "opus.ogg": "libopus",
    "m4a": "aac",
    "webm": "libopus",
    "flac": "flac",
}
OPTIONS = {"ogg": {"strict": "experimental"}}  # FFmpeg's own Vorbis encoder: stereo only
FORMATS = {"opus.ogg": "ogg", "m4a": "mp4"}


def encoded(kind: str, samples: np.ndarray, *, rate: int = 48_000, channels: int = 1) -> bytes:
    """`samples` (int16 at `rate`) as a whole file of `kind`, the same in every channel."""
    channels = 2 if kind == "ogg" else channels
    file = io.BytesIO()
    layout = "stereo" if channels == 2 else "mono"
    with av.open(file, "w", format=FORMATS.get(kind, kind)) as out:
        stream = out.add_stream(CODECS[kind], rate=rate, layout=layout, options=OPTIONS.get(kind, {}))
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=stream.codec_context.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(np.repeat(samples, channels)[None, :], format="s16", layout=layout)
        frame.sample_rate = rate
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


def tone_file(
    kind: str = "wav", hertz: float = 440, seconds: float = 2.0, *, rate: int = 48_000, level: float = 0.3, channels: int = 1
) -> bytes:
    return encoded(kind, tones.tone(hertz, seconds, rate=rate, level=level), rate=rate, channels=channels)
