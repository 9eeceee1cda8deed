"""How loud a sound is, by EBU R 128: integrated loudness (ITU-R BS.1770), as FFmpeg's filter `ebur128` measures it."""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import av

SILENT = -70.0  # LUFS: the absolute gate; nothing is louder than that
SHORTEST = 3.0  # seconds; shorter sounds are measured as they sound when repeated: a block of BS.1770 is longer than many a digit
PIECE = 65_536  # samples in a frame

Pcm = np.ndarray


def integrated(samples: Pcm, rate: int) -> float:
    """In LUFS, of float samples in -1..1 at `rate` Hz, one channel. `SILENT` for silence."""
    if not len(samples):
        return SILENT
    repeated = np.tile(samples, max(1, -(-int(SHORTEST * rate) // len(samples)))).astype(np.float32)
    last = deque(_reports(repeated, rate), maxlen=1)
    return float(last[0].get("lavfi.r128.I", SILENT)) if last else SILENT


def _reports(samples: Pcm, rate: int) -> Iterator[dict[str, str]]:
    """What the filter says after each tenth of a second, of all that it has heard."""
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=rate, layout="mono", time_base=Fraction(1, rate))
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    for begin in range(0, len(samples), PIECE):
        frame = av.AudioFrame.from_ndarray(samples[None, begin : begin + PIECE], format="flt", layout="mono")
        frame.sample_rate, frame.pts = rate, begin
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: "av.filter.Graph") -> Iterator[dict[str, str]]:
    import av

    while True:
        try:
            yield graph.pull().metadata  # type: ignore[union-attr]  # the sink is of sound
        except (av.error.BlockingIOError, av.error.EOFError):
            return
