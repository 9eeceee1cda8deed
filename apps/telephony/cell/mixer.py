"""What every media endpoint does with audio: stacks of playbacks, the mix of legs, recordings with two sides. PURE.

The bridge below (pjmedia's conference bridge, or the fake one) knows ports and connections and nothing else.
"""

from typing import Protocol

from apps.telephony.cell.patchbay import SILENCE, TONE, Patchbay, Port
from apps.telephony.ports import Emit, MediaError
from apps.telephony.protocol import Mix, Play, PlaybackEnded, Record, RecordingStopped, StopPlay, StopRecord

MIX = Port("mix")


class Bridge(Protocol):
    """Audio ports. A player or recorder that nothing is connected to stands still."""

    def open_player(self, playback: str, files: tuple[str, ...], loop: bool) -> None: ...  # errors: MediaError
    def close_player(self, playback: str) -> None: ...
    def open_recorder(self, recording: str, path: str) -> None: ...  # errors: MediaError
    def close_recorder(self, recording: str, path: str) -> None: ...  # it emits RecordingStopped when the file is complete
    def connect(self, source: Port, sink: Port) -> None: ...
    def disconnect(self, source: Port, sink: Port) -> None: ...


class Mixer:
    def __init__(self, bridge: Bridge, emit: Emit) -> None:
        self._bridge = bridge
        self._emit = emit
        self._patchbay = Patchbay(bridge.connect, bridge.disconnect)
        self._stacks: dict[str, list[Play]] = {}  # leg -> playbacks, the one heard last
        self._recordings: dict[str, Record] = {}

    @property
    def recordings(self) -> tuple[str, ...]:
        return tuple(self._recordings)

    def add_leg(self, leg: str) -> None:
        """The leg exists; playbacks for it may be stacked, they are heard when it has audio."""
        self._stacks[leg] = []

    def audio_up(self, leg: str) -> None:
        """The leg has (new) audio on the bridge."""
        self._patchbay.appear(Port("leg", leg))

    def audio_down(self, leg: str) -> None:
        self._patchbay.lose(Port("leg", leg))

    def leave(self, leg: str) -> None:
        """The leg is about to be hung up. pjmedia 2.15 is told of its connections before: connections that are cut while their port
        is being removed cost those who hear somebody else too what they hear."""
        self._patchbay.vanish(Port("leg", leg))

    def drop_leg(self, leg: str) -> None:
        """The leg is over. With the last one all recordings stop."""
        self.audio_down(leg)
        self._patchbay.want(Port("play", leg), ())
        for play in self._stacks.pop(leg, ()):
            self._close(play)
        if not self._stacks:
            for recording in self.recordings:
                self._stop(recording)

    def play(self, command: Play) -> None:
        stack = self._stacks.get(command.leg)
        if stack is None:
            return
        try:
            self._bridge.open_player(command.playback, command.files, command.loop)
        except MediaError as error:
            self._emit(PlaybackEnded, leg=command.leg, playback=command.playback, error=str(error))
            return
        self._patchbay.appear(Port("player", command.playback))
        stack.append(command)
        self._show(command.leg)

    def stop_play(self, command: StopPlay) -> None:
        self._remove(command.leg, command.playback)

    def player_changed(self, playback: str) -> None:
        """The same playback goes on with another player."""
        self._patchbay.appear(Port("player", playback))

    def playback_over(self, playback: str, error: str = "") -> None:
        """The player played its last sample, or cannot go on."""
        for leg, stack in self._stacks.items():
            if any(play.playback == playback for play in stack):
                self._remove(leg, playback)
                self._emit(PlaybackEnded, leg=leg, playback=playback, error=error)
                return

    def digit(self, leg: str) -> None:
        """A digit of `leg` stops what it hears, if that may be interrupted."""
        stack = self._stacks.get(leg)
        if stack and stack[-1].barge_in:
            self.playback_over(stack[-1].playback)

    def mix(self, command: Mix) -> None:
        self._patchbay.want(MIX, ((Port("leg", source), Port("leg", sink)) for source, sink in command.edges))

    def record(self, command: Record) -> None:
        if command.recording not in self._recordings:
            try:
                self._bridge.open_recorder(command.recording, command.path)
            except MediaError as error:
                self._emit(RecordingStopped, recording=command.recording, path=command.path, seconds=0.0, error=str(error))
                return
            self._patchbay.appear(Port("left", command.recording))
            self._patchbay.appear(Port("right", command.recording))
        self._recordings[command.recording] = command
        self._patchbay.want(Port("record", command.recording), self._sides(command) if command.running else ())

    def stop_record(self, command: StopRecord) -> None:
        if command.recording in self._recordings:
            self._stop(command.recording)

    def _sides(self, command: Record) -> list[tuple[Port, Port]]:
        """Silence goes to both sides, so that they stay equally long whoever speaks. What is masked reaches neither (RC-03)."""
        left, right = Port("left", command.recording), Port("right", command.recording)
        edges = [(SILENCE, left), (SILENCE, right)]
        if command.masked:
            return edges + [(TONE, left), (TONE, right)]
        edges += [(Port("leg", leg), left) for leg in command.left]
        return edges + [(Port("leg", leg), right) for leg in command.right]

    def _stop(self, recording: str) -> None:
        command = self._recordings.pop(recording)
        self._patchbay.want(Port("record", recording), ())
        self._patchbay.vanish(Port("left", recording))
        self._patchbay.vanish(Port("right", recording))
        self._bridge.close_recorder(recording, command.path)

    def _show(self, leg: str) -> None:
        stack = self._stacks[leg]
        edges = [(Port("player", stack[-1].playback), Port("leg", leg))] if stack else []
        self._patchbay.want(Port("play", leg), edges)

    def _remove(self, leg: str, playback: str) -> None:
        stack = self._stacks.get(leg, [])
        for play in [play for play in stack if play.playback == playback]:
            stack.remove(play)
            self._show(leg)
            self._close(play)

    def _close(self, play: Play) -> None:
        self._patchbay.vanish(Port("player", play.playback))
        self._bridge.close_player(play.playback)
