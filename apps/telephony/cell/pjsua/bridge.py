"""Players, recorders and the conference bridge of pjmedia."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pjsua2 as pj

from apps.telephony import precedence
from apps.telephony.cell import files, stereo
from apps.telephony.cell.patchbay import SILENCE, TONE, Port
from apps.telephony.cell.pjsua.callbacks import Player, Tell
from apps.telephony.cell.pjsua.library import CLOCK_RATE
from apps.telephony.ports import MASK_HERTZ, MASK_LEVEL, MediaError

log = logging.getLogger(__name__)

LOOPED = 16  # files in a loop's playlist: pjmedia is silent for some frames when it begins a list anew, never between its files
CLOSING_PATIENCE = 3.0  # seconds until the parts are merged even so, with the lengths that they have


@dataclass(slots=True)
class Playback:
    """Runs of files with one sampling rate each; nearly always one run."""

    runs: list[tuple[str, ...]]
    loop: bool
    player: Player | None = None
    current: int = 0


@dataclass(frozen=True, slots=True)
class Closing:
    recording: str
    path: Path
    patience: float  # until this moment


class Bridge:
    """pjmedia's conference bridge (see `mixer.Bridge`). Its clock runs only while somebody needs it."""

    def __init__(self, library: pj.Endpoint, tell: Tell, on_closing: Callable[[str], None]) -> None:
        self._devices = library.audDevManager()
        self._tell = tell
        self._on_closing = on_closing
        self._media: dict[Port, pj.AudioMedia] = {}
        self._playbacks: dict[str, Playback] = {}
        self._discarded: list[pj.AudioMedia] = []  # players whose last callback may still be under way …
        self._fading: list[pj.AudioMedia] = []  # … and those that have had a tick to end it
        self.closing: list[Closing] = []
        self._devices.setNoDev()

    def start_clock(self) -> None:
        if SILENCE not in self._media:
            with precedence.for_what_starts():
                self._devices.setNullDev()
            self._media[SILENCE] = self._devices.getCaptureDevMedia()

    def stop_clock(self) -> None:
        if self._media.pop(SILENCE, None):
            self._devices.setNoDev()

    def add_leg(self, leg: str, audio: pj.AudioMedia) -> None:
        """The null device hears every leg: a leg that nobody hears is not read, its jitter buffer fills up, and the next one who
        hears it is late by all that is in there."""
        self.start_clock()
        self._media[Port("leg", leg)] = audio
        audio.startTransmit(self._devices.getPlaybackDevMedia())

    def drop_leg(self, leg: str) -> None:
        self._media.pop(Port("leg", leg), None)

    def connect(self, source: Port, sink: Port) -> None:
        self._change(pj.AudioMedia.startTransmit, source, sink)

    def disconnect(self, source: Port, sink: Port) -> None:
        self._change(pj.AudioMedia.stopTransmit, source, sink)

    def _change(self, change: Callable[[pj.AudioMedia, pj.AudioMedia], None], source: Port, sink: Port) -> None:
        try:
            change(self._media[source], self._media[sink])
        except pj.Error as error:  # the far end hung up in this moment; its LegEnded is under way
            log.info("the bridge refused a connection %s - %s: %s", source.kind, sink.kind, error.reason)

    def open_player(self, playback: str, paths: tuple[str, ...], loop: bool) -> None:
        found = Playback(files.runs(paths * max(1, LOOPED // len(paths)) if loop and paths else paths), loop)
        self._next_run(playback, found)
        self._playbacks[playback] = found

    def _next_run(self, playback: str, found: Playback) -> None:
        try:
            found.player = Player(playback, found.runs[found.current], self._tell)
        except pj.Error as error:
            raise MediaError(error.reason) from error
        self._media[Port("player", playback)] = found.player

    def run_over(self, playback: str, player: Player) -> bool | None:
        """The player reached its end: True, the next run is ready; False, that was all; None, it is none of ours (any more)."""
        found = self._playbacks.get(playback)
        if not found or found.player is not player:
            return None
        found.current += 1
        if found.current == len(found.runs) and not found.loop:
            return False
        found.current %= len(found.runs)
        self._discarded.append(player)
        self._next_run(playback, found)
        return True

    def close_player(self, playback: str) -> None:
        if self._playbacks.pop(playback, None):
            self._discarded.append(self._media.pop(Port("player", playback)))

    def open_recorder(self, recording: str, path: str) -> None:
        self.start_clock()
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            if TONE not in self._media:
                self._media[TONE] = _tone()
            for side, part in zip(("left", "right"), stereo.parts(Path(path)), strict=True):
                self._media[Port(side, recording)] = recorder = pj.AudioMediaRecorder()
                recorder.createRecorder(str(part))
        except (pj.Error, OSError) as error:
            self._media.pop(Port("left", recording), None)
            self._media.pop(Port("right", recording), None)
            raise MediaError(f"cannot write the recording: {getattr(error, 'reason', None) or error.strerror}") from error

    def close_recorder(self, recording: str, path: str) -> None:
        """pjmedia takes some ticks of its clock to close the files; `tidy` sees when it has."""
        del self._media[Port("left", recording)], self._media[Port("right", recording)]
        self.closing.append(Closing(recording, Path(path), time.monotonic() + CLOSING_PATIENCE))
        self._on_closing(recording)

    def tidy(self, now: float) -> None:
        """Merge what has closed, and let go of players that ended by the last look."""
        self._discarded, self._fading = [], self._discarded
        for closing in list(self.closing):
            if now > closing.patience or all(stereo.closed(part) for part in stereo.parts(closing.path)):
                self.closing.remove(closing)
                threading.Thread(target=self._merge, args=(closing,), daemon=True).start()

    def _merge(self, closing: Closing) -> None:
        try:
            seconds, error = stereo.merge(closing.path), ""
        except OSError as failure:
            log.exception("a recording could not be completed; its parts stay on the disk")
            seconds, error = 0.0, failure.strerror or "failed"
        self._tell("merged", closing.recording, str(closing.path), seconds, error)


def _tone() -> pj.ToneGenerator:
    """What is recorded in place of what is said while a recording is masked."""
    generator, tone = pj.ToneGenerator(), pj.ToneDesc()
    generator.createToneGenerator(CLOCK_RATE, 1)
    tone.freq1, tone.on_msec, tone.off_msec, tone.volume = MASK_HERTZ, 1000, 0, MASK_LEVEL
    tones = pj.ToneDescVector()
    tones.append(tone)
    generator.play(tones, True)
    return generator
