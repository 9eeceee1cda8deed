"""The conference bridge of the fake endpoint: players, recorders and edges over arrays of samples. PURE (files only)."""

import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apps.telephony.cell import files, stereo
from apps.telephony.cell.patchbay import TONE, Port
from apps.telephony.ports import MASK_HERTZ, MASK_LEVEL, MediaError

RATE = 8000  # samples a second
FOREVER = 10**15  # samples: some thousand years
Samples = np.ndarray  # int32, so that sums do not overflow


@dataclass(slots=True)
class Player:
    samples: Samples
    loop: bool
    at: int = 0

    def take(self, count: int) -> Samples:
        if self.loop:
            return self.samples[(self.at + np.arange(count)) % len(self.samples)]
        block = self.samples[self.at : self.at + count]
        return np.pad(block, (0, count - len(block)))


class FakeBridge:
    """See `mixer.Bridge`."""

    def __init__(self, heard: Callable[[str, int], Samples | None], stopped: Callable[[str, str, float], None]) -> None:
        self._heard = heard  # what a leg's far end says
        self._stopped = stopped
        self._edges: set[tuple[Port, Port]] = set()
        self._players: dict[str, Player] = {}
        self._written: dict[Port, list[Samples]] = {}  # left and right sides
        self._tone_at = 0

    def connect(self, source: Port, sink: Port) -> None:
        self._edges.add((source, sink))

    def disconnect(self, source: Port, sink: Port) -> None:
        self._edges.discard((source, sink))

    def forget(self, leg: str) -> None:
        """As in pjmedia, the connections of a leg go with it."""
        self._edges = {edge for edge in self._edges if Port("leg", leg) not in edge}

    def open_player(self, playback: str, paths: tuple[str, ...], loop: bool) -> None:
        files.runs(paths)
        self._players[playback] = Player(np.concatenate([_read(path) for path in paths]), loop)

    def close_player(self, playback: str) -> None:
        del self._players[playback]

    def open_recorder(self, recording: str, path: str) -> None:
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MediaError(f"cannot write the recording: {error.strerror}") from error
        self._written[Port("left", recording)], self._written[Port("right", recording)] = [], []

    def close_recorder(self, recording: str, path: str) -> None:
        for side, part in zip(("left", "right"), stereo.parts(Path(path)), strict=True):
            _write(part, self._written.pop(Port(side, recording)))
        self._stopped(recording, path, stereo.merge(Path(path)))

    def into(self, sink: Port, count: int) -> Samples:
        """What `sink` is given in the next `count` samples."""
        total = np.zeros(count, np.int32)
        for source, target in self._edges:
            if target == sink:
                total += self._out_of(source, count)
        return np.clip(total, -32768, 32767)

    def _out_of(self, source: Port, count: int) -> Samples:
        if source.kind == "player":
            return self._players[source.id].take(count)
        if source == TONE:
            turns = MASK_HERTZ * (self._tone_at + np.arange(count)) / RATE
            return np.asarray(np.sin(2 * np.pi * turns) * MASK_LEVEL).astype(np.int32)
        heard = self._heard(source.id, count) if source.kind == "leg" else None
        return np.zeros(count, np.int32) if heard is None else heard

    def write(self, count: int) -> None:
        for port, blocks in self._written.items():
            if any(sink == port for _, sink in self._edges):
                blocks.append(self.into(port, count))

    def go_on(self, count: int) -> None:
        self._tone_at += count
        for _, player in self._playing():
            player.at += count

    def ends_in(self) -> int:
        """Samples until the first player is at its end."""
        return min((len(player.samples) - player.at for _, player in self._playing() if not player.loop), default=FOREVER)

    def over(self) -> list[str]:
        return [name for name, player in self._players.items() if not player.loop and player.at >= len(player.samples)]

    def _playing(self) -> list[tuple[str, Player]]:
        connected = {source.id for source, _ in self._edges if source.kind == "player"}
        return [(name, player) for name, player in self._players.items() if name in connected]


def _read(path: str) -> Samples:
    with wave.open(path) as source:
        samples = np.frombuffer(source.readframes(source.getnframes()), "<i2").astype(np.int32)
        samples = samples.reshape(-1, source.getnchannels()).sum(axis=1)
        return np.asarray(samples[:: source.getframerate() // RATE])


def _write(path: Path, blocks: list[Samples]) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"".join(block.astype("<i2").tobytes() for block in blocks))
