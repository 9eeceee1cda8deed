"""Recordings: who is on which side, pauses, and files that are complete."""

from pathlib import Path

import numpy as np
import pytest

from apps.telephony.cell import stereo
from apps.telephony.ports import MASK_HERTZ
from apps.telephony.protocol import (
    DigitPressed,
    HangUp,
    Mix,
    Play,
    PlaybackEnded,
    Record,
    RecordingStopped,
    SendDigits,
    StopPlay,
    StopRecord,
)
from tests import tones
from tests.telephony.contract.calls import KARI, OLA, SETTLE, Conversation, lasting, pieces, record, tell
from tests.telephony.worlds import Party, World, done, until


def test_a_recording_has_the_customer_left_and_the_agent_right(conversation: Conversation) -> None:
    """RC-02: stereo, one party on each side, whoever hears whom."""
    c = conversation
    c.speak()
    c.world.spend(SETTLE)
    path = c.folder / "calls" / "today" / "call.wav"
    began = tell(c.world, c.cell, Record, recording="r", path=str(path), left=(c.hers,), right=(c.his,))
    c.world.spend(1.0)
    stopped = tell(c.world, c.cell, StopRecord, recording="r")
    seconds = until(c.world, c.cell, RecordingStopped, recording="r", error="").seconds
    left, right = tones.read_wav(path)[0]
    assert len(left) == len(right)
    assert len(left) / tones.RATE == pytest.approx(seconds, abs=0.01) and seconds in lasting((began, stopped))
    assert tones.hears(left[800:], KARI) and not tones.hears(left, OLA, at_least=0.005)
    assert tones.hears(right[800:], OLA) and not tones.hears(right, KARI, at_least=0.005)


def test_a_recording_can_be_played_as_it_is(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """A caller hears the message that he has left, as loud as he was: the other side of the file is silent."""
    world, telephone, cell = pair
    telephone.do(Play, leg="kari", playback="p", files=(str(tones.tone_wav(tmp_path / "voice.wav", KARI, 1)),), loop=True)
    done(world, telephone)
    world.spend(SETTLE)
    spoken = record(world, cell, tmp_path / "message.wav", 0.6, left=("kari",))[0][800:]
    telephone.do(StopPlay, leg="kari", playback="p")
    beep = str(tones.tone_wav(tmp_path / "beep.wav", OLA, 0.4))
    telephone.do(Record, recording="r", path=str(tmp_path / "heard.wav"), left=("kari",), right=())
    done(world, telephone)
    cell.do(Play, leg="kari", playback="q", files=(beep, str(tmp_path / "message.wav"), beep))
    assert until(world, cell, PlaybackEnded, playback="q").error == ""
    world.spend(SETTLE)
    telephone.do(StopRecord, recording="r")
    until(world, telephone, RecordingStopped, recording="r", error="")
    heard = tones.sounding(tones.read_wav(tmp_path / "heard.wav")[0][0])
    assert [hertz for hertz, _ in pieces(heard)][:3] == [OLA, KARI, OLA]
    loudest = max(tones.rms(heard[at : at + 800]) for at in range(4000, 7200, 400))
    assert loudest == pytest.approx(tones.rms(spoken), rel=0.1)


def test_both_sides_of_a_recording_keep_in_step(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """The same leg on both sides, with pauses between: the sides differ by one frame (20 ms) at the most."""
    world, telephone, cell = pair
    bursts = np.concatenate([piece for _ in range(20) for piece in (tones.tone(KARI, 0.05), tones.silence(0.15))])
    telephone.do(Play, leg="kari", playback="p", files=(str(tones.write_wav(tmp_path / "bursts.wav", bursts)),), loop=True)
    recording = {"recording": "r", "path": str(tmp_path / "r.wav"), "left": ("kari",), "right": ("kari",)}
    runs = []
    for _ in range(5):
        began = tell(world, cell, Record, **recording)
        world.spend(0.2)
        runs.append((began, tell(world, cell, Record, **recording, running=False)))
        world.spend(0.2)
    cell.do(StopRecord, recording="r")
    seconds = until(world, cell, RecordingStopped).seconds
    left, right = (side.astype(float) for side in tones.read_wav(tmp_path / "r.wav")[0])
    assert len(left) / tones.RATE == pytest.approx(seconds, abs=0.01) and seconds in lasting(*runs)
    shifts = np.correlate(left, right, "full")
    assert abs(int(np.argmax(shifts)) - (len(right) - 1)) <= 160


@pytest.mark.quiet  # a machine that is busy fills jitter buffers by itself: 0.1 s, and 0.13 s is what the fault would bring
def test_who_begins_to_listen_hears_what_is_said_now(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """Nobody heard the leg for a while: what it said then must not wait in its jitter buffer and delay all that follows."""
    world, telephone, cell = pair
    telephone.do(Play, leg="kari", playback="p", files=(str(tones.tone_wav(tmp_path / "voice.wav", KARI, 1)),), loop=True)
    record(world, cell, tmp_path / "before.wav", 0.3, left=("kari",))
    world.spend(1.0)
    telephone.do(StopPlay, leg="kari", playback="p")
    done(world, telephone)
    world.spend(0.05)
    heard = record(world, cell, tmp_path / "r.wav", 0.5, left=("kari",))[0]
    assert np.count_nonzero(np.abs(heard) > 1000) / tones.RATE < 0.08


def test_a_paused_recording_has_no_gap(conversation: Conversation) -> None:
    """RC-02 pausable: what is said meanwhile is not in the file, and nothing is in its place."""
    c = conversation
    c.speak()
    recording = {"recording": "r", "path": str(c.folder / "r.wav"), "left": (c.hers,), "right": (c.his,)}
    began = tell(c.world, c.cell, Record, **recording)
    c.world.spend(0.6)
    paused = tell(c.world, c.cell, Record, **recording, running=False)
    c.world.spend(1.0)
    resumed = tell(c.world, c.cell, Record, **recording)
    c.world.spend(0.6)
    stopped = tell(c.world, c.cell, StopRecord, recording="r")
    recorded = until(c.world, c.cell, RecordingStopped, path=recording["path"]).seconds
    left, right = tones.read_wav(c.folder / "r.wav")[0]
    assert len(left) == len(right)
    assert len(left) / tones.RATE == pytest.approx(recorded, abs=0.01) and recorded in lasting((began, paused), (resumed, stopped))
    assert min(tones.rms(left[at : at + 400]) for at in range(2400, len(left) - 400, 400)) > 1000


def test_a_masked_recording_holds_a_tone_on_both_sides_instead_of_what_is_said(conversation: Conversation) -> None:
    """RC-03: as long as it lasted, and nothing of what is said, whoever comes or goes meanwhile."""
    c = conversation
    c.speak()
    c.world.spend(SETTLE)
    path = c.folder / "r.wav"
    recording = {"recording": "r", "path": str(path), "left": (c.hers,), "right": (c.his,)}
    began = tell(c.world, c.cell, Record, **recording)
    c.world.spend(0.6)
    masked = tell(c.world, c.cell, Record, **recording, masked=True)
    c.world.spend(0.4)
    c.cell.do(Record, **recording | {"right": ()}, masked=True)
    c.world.spend(0.4)
    unmasked = tell(c.world, c.cell, Record, **recording)
    c.world.spend(0.6)
    stopped = tell(c.world, c.cell, StopRecord, recording="r")
    until(c.world, c.cell, RecordingStopped, path=str(path))
    for side, hertz in zip(tones.read_wav(path)[0], (KARI, OLA), strict=True):
        heard = pieces(side)
        assert [tone for tone, _ in heard] == [hertz, MASK_HERTZ, hertz]
        windows = [side[at : at + 400] for at in range(0, len(side) - 400, 400)]
        in_tone = [number for number, window in enumerate(windows) if tones.hears(window, MASK_HERTZ)]
        assert not any(tones.hears(window, hertz, at_least=0.01) for window in windows[in_tone[0] + 1 : in_tone[-1]])
        tone = [at for at in range(0, len(side) - 160, 40) if tones.hears(side[at : at + 160], MASK_HERTZ)]
        assert (tone[-1] - tone[0]) / tones.RATE in lasting((masked, unmasked))
        assert len(side) / tones.RATE in lasting((began, stopped))


def test_telephone_keys_are_no_sound_for_the_agent_or_the_recording(conversation: Conversation) -> None:
    """RC-03, SP-05: what a customer types, his card's number say, is told to the switch and to nobody's ears."""
    c = conversation
    c.cell.do(Mix, edges=((c.hers, c.his), (c.his, c.hers)))
    done(c.world, c.cell)
    c.world.spend(SETTLE)
    c.kari.do(SendDigits, leg=c.hers, digits="1234")
    c.ola.do(Record, recording="ear", path=str(c.folder / "ear.wav"), left=(c.his,), right=())
    left, right = record(c.world, c.cell, c.folder / "r.wav", 1.6, left=(c.hers,), right=(c.his,))
    until(c.world, c.cell, DigitPressed, digit="4")
    c.ola.do(StopRecord, recording="ear")
    until(c.world, c.ola, RecordingStopped, recording="ear")
    for heard in (left, right, tones.read_wav(c.folder / "ear.wav")[0][0]):
        assert len(heard) > tones.RATE and tones.rms(heard) < 50


def test_a_recording_that_stopped_is_complete_on_disk(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    path = tmp_path / "r.wav"
    cell.do(Record, recording="r", path=str(path), left=("kari",), right=())
    world.spend(0.3)
    assert not path.exists()
    cell.do(StopRecord, recording="r")
    stopped = until(world, cell, RecordingStopped, recording="r")
    assert (stopped.path, stopped.error) == (str(path), "")
    assert [found.name for found in tmp_path.iterdir()] == ["r.wav"]
    assert stereo.recover(path) == pytest.approx(stopped.seconds, abs=0.01)


def test_recordings_stop_with_the_last_leg(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, telephone, cell = pair
    cell.do(Record, recording="r", path=str(tmp_path / "r.wav"), left=("kari",), right=())
    done(world, cell)
    world.spend(0.3)
    telephone.do(HangUp, leg="kari")
    assert until(world, cell, RecordingStopped, recording="r").seconds > 0.1
    assert (tmp_path / "r.wav").exists()


def test_a_recording_that_cannot_be_written_says_why(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    (tmp_path / "file").write_text("not a folder")
    cell.do(Record, recording="r", path=str(tmp_path / "file" / "r.wav"), left=("kari",), right=())
    assert until(world, cell, RecordingStopped, recording="r").error
