"""The contract of the media endpoint (ports.MediaEndpoint): the same calls with pjsua2 over SIP and RTP, and with the fake in virtual time.

Who hears whom is told by tones: Kari speaks 440 Hz, Ola 1000 Hz, Per 1300 Hz, music is 600 Hz, announcements 800 Hz.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, permutations
from pathlib import Path

import numpy as np
import pytest

from apps.telephony.cell import stereo
from apps.telephony.protocol import (
    Answer,
    CellReport,
    Dial,
    DigitPressed,
    HangUp,
    LegAnswered,
    LegArrived,
    LegEnded,
    LegRinging,
    LegStatus,
    MediaBack,
    MediaLost,
    Mix,
    Play,
    PlaybackEnded,
    Proof,
    Record,
    RecordingStopped,
    Report,
    Ring,
    SendDigits,
    StopPlay,
    StopRecord,
)
from contactcenter.lib.bus import new_id
from contactcenter.lib.secrets import seal
from tests import tones
from tests.telephony.worlds import FakeWorld, Party, RealWorld, World, said, until

KARI, OLA, PER, MUSIC, ANNOUNCEMENT = 440.0, 1000.0, 1300.0, 600.0, 800.0
SETTLE = 0.3  # seconds until a change has come through the jitter buffers


@pytest.fixture(params=["fake", pytest.param("pjsua", marks=pytest.mark.media)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    found: World = FakeWorld() if request.param == "fake" else RealWorld()
    yield found
    found.close()


@dataclass
class Conversation:
    """Kari called the cell, the cell called Ola. `hers`, `his`: the cell's legs. Their own sides carry the same ids."""

    world: World
    cell: Party
    kari: Party
    ola: Party
    folder: Path
    hers: str = "kari"
    his: str = "ola"

    def speak(self) -> None:
        for who, leg, hertz in ((self.kari, self.hers, KARI), (self.ola, self.his, OLA)):
            who.do(Play, leg=leg, playback="voice", files=(str(tones.tone_wav(self.folder / f"{leg}.wav", hertz, 1)),), loop=True)

    def heard_by(self, who: Party, leg: str, seconds: float = 0.6) -> np.ndarray:
        """What comes out of the telephone from now on."""
        self.world.spend(SETTLE)
        return record(self.world, who, self.folder / f"heard-by-{leg}.wav", seconds, left=(leg,))[0]


def call(world: World, caller: Party, callee: Party, leg: str) -> None:
    caller.do(Dial, leg=leg, uri=f"sip:+4722334455@{callee.address}", caller="+4791234567")
    until(world, callee, LegArrived, leg=leg)
    callee.do(Answer, leg=leg)
    until(world, caller, LegAnswered, leg=leg)
    until(world, callee, LegAnswered, leg=leg)


def record(
    world: World, who: Party, path: Path, seconds: float, *, left: tuple[str, ...] = (), right: tuple[str, ...] = ()
) -> list[np.ndarray]:
    name = new_id()
    who.do(Record, recording=name, path=str(path), left=left, right=right)
    world.spend(seconds)
    who.do(StopRecord, recording=name)
    until(world, who, RecordingStopped, recording=name, error="")
    channels, rate = tones.read_wav(path)
    assert rate == tones.RATE
    return channels


def pieces(pcm: np.ndarray, window: float = 0.05) -> list[tuple[float, float]]:
    """(tone, seconds) one after the other, told by windows of `window` seconds; bits that are cut by a window are left out."""
    size = int(window * tones.RATE)
    found = [round(tones.dominant(pcm[at : at + size]) / 40) * 40.0 for at in range(0, len(pcm) - size, size)]
    runs = [(tone, len(list(run)) * window) for tone, run in groupby(found)]
    return [(tone, seconds) for tone, seconds in runs if tone and seconds > 2 * window]


def dips(pcm: np.ndarray) -> int:
    """How often a steady tone falls under half of its strength, looked at in windows of 10 ms."""
    loudness = [tones.rms(pcm[at : at + 80]) for at in range(0, len(pcm) - 80, 80)]
    return sum(1 for quiet, _ in groupby(loud < 0.5 * max(loudness) for loud in loudness) if quiet)


@pytest.fixture
def conversation(world: World, tmp_path: Path) -> Conversation:
    cell, kari, ola = world.party(), world.party(), world.party()
    call(world, kari, cell, "kari")
    call(world, cell, ola, "ola")
    return Conversation(world, cell, kari, ola, tmp_path)


@pytest.fixture
def pair(world: World) -> tuple[World, Party, Party]:
    """A telephone that called a cell; leg `kari`."""
    telephone, cell = world.party(), world.party()
    call(world, telephone, cell, "kari")
    return world, telephone, cell


def test_a_call_arrives_rings_is_answered_and_ends(world: World) -> None:
    kari, cell = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:+4722334455@{cell.address}", caller="+4791234567", caller_name='Kari "K" Ås')
    arrived = until(world, cell, LegArrived)
    assert (arrived.leg, arrived.caller, arrived.caller_name, arrived.dialled) == ("kari", "+4791234567", 'Kari "K" Ås', "+4722334455")
    cell.do(Ring, leg="kari")
    until(world, kari, LegRinging, leg="kari")
    cell.do(Answer, leg="kari")
    until(world, kari, LegAnswered)
    until(world, cell, LegAnswered)
    kari.do(HangUp, leg="kari")
    ended = until(world, cell, LegEnded)
    assert (ended.code, ended.by_us, ended.quality is not None) == (200, False, True)
    assert until(world, kari, LegEnded).by_us
    assert [type(event) for event in cell.events] == [LegArrived, LegAnswered, LegEnded]


def test_the_cell_hangs_up(pair: tuple[World, Party, Party]) -> None:
    world, telephone, cell = pair
    cell.do(HangUp, leg="kari")
    assert (until(world, cell, LegEnded).code, said(cell, LegEnded)[0].by_us) == (200, True)
    assert (until(world, telephone, LegEnded).code, said(telephone, LegEnded)[0].by_us) == (200, False)


def test_a_withheld_number_arrives_as_nothing(world: World) -> None:
    kari, cell = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:22334455@{cell.address}", caller="", caller_name="Kari")
    arrived = until(world, cell, LegArrived)
    assert (arrived.caller, arrived.caller_name) == ("", "")


def test_headers_of_front_door_arrive(world: World) -> None:
    kari, cell = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:22334455@{cell.address}", headers={"X-CC-Trunk": "7", "X-CC-Test": "token"})
    arrived = until(world, cell, LegArrived)
    assert (arrived.trunk, arrived.test) == ("7", "token")


def test_a_busy_party_refuses(world: World) -> None:
    kari, ola = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:ola@{ola.address}")
    until(world, ola, LegArrived)
    ola.do(HangUp, leg="kari", code=486)
    assert (until(world, kari, LegEnded).code, said(kari, LegEnded)[0].by_us) == (486, False)
    assert (until(world, ola, LegEnded).code, said(ola, LegEnded)[0].by_us) == (486, True)


def test_a_password_that_nobody_asks_for_changes_nothing(world: World) -> None:
    """AN-03: a trunk without challenges may have an account all the same; who does ask is in test_calls_that_prove_who_calls.py."""
    kari, ola = world.party(), world.party()
    kari.do(
        Dial, leg="kari", uri=f"sip:ola@{ola.address}", caller="+4722334455", home="operator.example", proof=Proof("anna", seal("s3cret"))
    )
    assert until(world, ola, LegArrived).caller == "+4722334455"


def test_a_dial_that_nobody_answers_gives_up(world: World) -> None:
    kari, ola = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:ola@{ola.address}", timeout=0.5)
    until(world, ola, LegArrived)
    ola.do(Ring, leg="kari")
    ended = until(world, kari, LegEnded)
    assert (ended.code, ended.by_us, ended.quality) == (408, False, None)
    assert until(world, ola, LegEnded).code == 487


def test_a_dial_is_taken_back(world: World) -> None:
    kari, ola = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:ola@{ola.address}")
    until(world, ola, LegArrived)
    ola.do(Ring, leg="kari")
    until(world, kari, LegRinging)
    kari.do(HangUp, leg="kari")
    assert (until(world, kari, LegEnded).code, said(kari, LegEnded)[0].by_us) == (487, True)
    assert (until(world, ola, LegEnded).code, said(ola, LegEnded)[0].by_us) == (487, False)


def test_a_dial_to_nowhere_ends(world: World) -> None:
    kari = world.party()
    kari.do(Dial, leg="kari", uri="sip:ola@127.0.0.1:9", timeout=0.5)
    ended = until(world, kari, LegEnded)
    assert ended.code in (408, 503)
    assert not ended.by_us


@pytest.mark.parametrize("where", [{"uri": "nonsense"}, {"uri": "sip:1@10.9.9.9", "route": "no route"}])
def test_a_dial_that_makes_no_sense_ends(world: World, where: dict[str, str]) -> None:
    kari = world.party()
    kari.do(Dial, leg="kari", **where)
    assert until(world, kari, LegEnded, leg="kari").code == 503


def test_there_is_room_for_four_legs(world: World) -> None:
    cell, others = world.party(), [world.party(), world.party()]
    for number in range(4):
        call(world, others[number // 2], cell, f"leg{number}")
    kari = world.party()
    kari.do(Dial, leg="fifth", uri=f"sip:1@{cell.address}")
    assert until(world, kari, LegEnded).code == 486
    assert not said(cell, LegArrived, leg="fifth")


def test_a_report_tells_legs_and_recordings(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    nobody = world.party()
    cell.do(Dial, leg="ola", uri=f"sip:ola@{nobody.address}")
    cell.do(Record, recording="r", path=str(tmp_path / "r.wav"), left=("kari",), right=())
    until(world, nobody, LegArrived)
    cell.do(Report)
    report = until(world, cell, CellReport)
    assert sorted(report.legs, key=lambda status: status.leg) == [LegStatus("kari", True), LegStatus("ola", False)]
    assert report.recordings == ("r",)


def test_commands_for_legs_that_are_gone_are_ignored(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    before = list(cell.events)
    tone = str(tones.tone_wav(tmp_path / "tone.wav", MUSIC, 0.2))
    for kind, fields in (
        (Ring, {}),
        (Answer, {}),
        (HangUp, {}),
        (SendDigits, {"digits": "1"}),
        (Play, {"playback": "p", "files": (tone,)}),
        (StopPlay, {"playback": "p"}),
    ):
        cell.do(kind, leg="gone", **fields)
    cell.do(StopRecord, recording="gone")
    cell.do(Mix, edges=(("gone", "kari"), ("kari", "gone")))
    world.spend(0.5)
    assert cell.events == before


def test_mixed_legs_hear_each_other(conversation: Conversation) -> None:
    """TR-01, RC-02: both directions, told by tones."""
    c = conversation
    c.speak()
    c.cell.do(Mix, edges=((c.hers, c.his), (c.his, c.hers)))
    assert tones.dominant(c.heard_by(c.kari, c.hers)) == pytest.approx(OLA, abs=5)
    assert tones.dominant(c.heard_by(c.ola, c.his)) == pytest.approx(KARI, abs=5)


def test_an_edge_goes_one_way(conversation: Conversation) -> None:
    """A supervisor who listens in hears and is not heard."""
    c = conversation
    c.speak()
    c.cell.do(Mix, edges=((c.hers, c.his),))
    assert tones.dominant(c.heard_by(c.ola, c.his)) == pytest.approx(KARI, abs=5)
    assert tones.rms(c.heard_by(c.kari, c.hers)) < 100


def test_hold_plays_music_to_one_and_silence_to_the_other_until_resumed(conversation: Conversation) -> None:
    c = conversation
    c.speak()
    both = ((c.hers, c.his), (c.his, c.hers))
    c.cell.do(Mix, edges=both)
    c.cell.do(Mix, edges=())
    c.cell.do(Play, leg=c.hers, playback="music", files=(str(tones.tone_wav(c.folder / "m.wav", MUSIC, 1)),), loop=True)
    on_hold = c.heard_by(c.kari, c.hers)
    assert tones.hears(on_hold, MUSIC)
    assert not tones.hears(on_hold, OLA)
    assert tones.rms(c.heard_by(c.ola, c.his)) < 100
    c.cell.do(StopPlay, leg=c.hers, playback="music")
    c.cell.do(Mix, edges=both)
    resumed = c.heard_by(c.kari, c.hers)
    assert tones.hears(resumed, OLA)
    assert not tones.hears(resumed, MUSIC)
    assert not said(c.cell, PlaybackEnded)


def test_an_announcement_interrupts_music_which_goes_on_where_it_was(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """QU-03: the music is one second of 600 Hz, then 1200 Hz; the announcement comes in its first second."""
    world, telephone, cell = pair
    music = tones.write_wav(tmp_path / "music.wav", np.concatenate([tones.tone(MUSIC, 1), tones.tone(2 * MUSIC, 3)]))
    announcement = tones.tone_wav(tmp_path / "announcement.wav", ANNOUNCEMENT, 0.5)
    telephone.do(Record, recording="r", path=str(tmp_path / "heard.wav"), left=("kari",), right=())
    cell.do(Play, leg="kari", playback="music", files=(str(music),), loop=True)
    world.spend(0.4)
    cell.do(Play, leg="kari", playback="announcement", files=(str(announcement),))
    until(world, cell, PlaybackEnded, playback="announcement", error="")
    world.spend(1.2)
    telephone.do(StopRecord, recording="r")
    until(world, telephone, RecordingStopped)
    heard = pieces(tones.read_wav(tmp_path / "heard.wav")[0][0])
    assert [tone for tone, _ in heard] == [MUSIC, ANNOUNCEMENT, MUSIC, 2 * MUSIC]
    assert heard[1][1] == pytest.approx(0.5, abs=0.11)
    assert heard[0][1] + heard[2][1] == pytest.approx(1.0, abs=0.21)


@pytest.mark.parametrize(
    ("rates", "loop"), [((8000, 8000, 8000), False), ((16000, 16000, 16000), False), ((8000,), True), ((8000, 8000), True)]
)
def test_files_are_played_without_a_gap(pair: tuple[World, Party, Party], tmp_path: Path, rates: tuple[int, ...], loop: bool) -> None:
    world, telephone, cell = pair
    files = tuple(str(tones.tone_wav(tmp_path / f"{n}.wav", MUSIC, 0.5, rate=rate)) for n, rate in enumerate(rates))
    cell.do(Play, leg="kari", playback="p", files=files, loop=loop)
    world.spend(SETTLE)
    seconds = 2.2 if loop else 1.1
    heard = record(world, telephone, tmp_path / "heard.wav", seconds, left=("kari",))[0][400 : int(seconds * tones.RATE) - 1200]
    assert tones.dominant(heard) == pytest.approx(MUSIC, abs=5)
    assert dips(heard) <= 1, "a gap at every join would be two at least; one dip is a packet that a busy machine sent too late"
    world.spend(1.0)
    assert bool(said(cell, PlaybackEnded)) is not loop


def test_files_of_different_rates_follow_one_another(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, telephone, cell = pair
    files = tuple(
        str(tones.tone_wav(tmp_path / f"{rate}.wav", hertz, 0.5, rate=rate)) for rate, hertz in ((8000, MUSIC), (16000, ANNOUNCEMENT))
    )
    telephone.do(Record, recording="r", path=str(tmp_path / "heard.wav"), left=("kari",), right=())
    cell.do(Play, leg="kari", playback="p", files=files)
    until(world, cell, PlaybackEnded, playback="p", error="")
    telephone.do(StopRecord, recording="r")
    until(world, telephone, RecordingStopped)
    assert [tone for tone, _ in pieces(tones.read_wav(tmp_path / "heard.wav")[0][0])] == [MUSIC, ANNOUNCEMENT]


def test_a_playback_that_cannot_be_played_says_why(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    three_sides = tones.write_wav(tmp_path / "three.wav", *(tones.tone(MUSIC, 0.1),) * 3)
    for number, files in enumerate(((str(tmp_path / "missing.wav"),), (str(three_sides),), ())):
        cell.do(Play, leg="kari", playback=f"p{number}", files=files)
        assert until(world, cell, PlaybackEnded, playback=f"p{number}").error


def test_the_first_digit_stops_a_prompt_that_may_be_interrupted(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """IV-03: barge-in happens in the cell, at once; the digit is told first."""
    world, telephone, cell = pair
    prompt = str(tones.tone_wav(tmp_path / "prompt.wav", MUSIC, 20))
    cell.do(Play, leg="kari", playback="stays", files=(prompt,))
    telephone.do(SendDigits, leg="kari", digits="1")
    until(world, cell, DigitPressed, digit="1")
    cell.do(Play, leg="kari", playback="goes", files=(prompt,), barge_in=True)
    telephone.do(SendDigits, leg="kari", digits="2")
    until(world, cell, PlaybackEnded)
    assert cell.events[-2:] == [*said(cell, DigitPressed, digit="2"), *said(cell, PlaybackEnded, playback="goes", error="")]


def test_digits_go_both_ways(pair: tuple[World, Party, Party]) -> None:
    """RFC 4733."""
    world, telephone, cell = pair
    telephone.do(SendDigits, leg="kari", digits="0123456789*#ABCD")
    until(world, cell, DigitPressed, digit="D", within=8)
    assert "".join(event.digit for event in said(cell, DigitPressed)) == "0123456789*#ABCD"
    cell.do(SendDigits, leg="kari", digits="55")
    until(world, telephone, DigitPressed)
    world.spend(0.5)
    assert [event.digit for event in said(telephone, DigitPressed)] == ["5", "5"]


def test_a_recording_has_the_customer_left_and_the_agent_right(conversation: Conversation) -> None:
    """RC-02: stereo, one party on each side, whoever hears whom."""
    c = conversation
    c.speak()
    c.world.spend(SETTLE)
    left, right = record(c.world, c.cell, c.folder / "calls" / "today" / "call.wav", 1.0, left=(c.hers,), right=(c.his,))
    assert len(left) == len(right)
    assert len(left) / tones.RATE == pytest.approx(1.0, abs=0.1)
    assert tones.hears(left[800:], KARI) and not tones.hears(left, OLA, at_least=0.005)
    assert tones.hears(right[800:], OLA) and not tones.hears(right, KARI, at_least=0.005)


def test_a_recording_can_be_played_as_it_is(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """A caller hears the message that he has left, as loud as he was: the other side of the file is silent."""
    world, telephone, cell = pair
    telephone.do(Play, leg="kari", playback="p", files=(str(tones.tone_wav(tmp_path / "voice.wav", KARI, 1)),), loop=True)
    world.spend(SETTLE)
    spoken = record(world, cell, tmp_path / "message.wav", 0.6, left=("kari",))[0][800:]
    telephone.do(StopPlay, leg="kari", playback="p")
    beep = str(tones.tone_wav(tmp_path / "beep.wav", OLA, 0.4))
    cell.do(Play, leg="kari", playback="q", files=(beep, str(tmp_path / "message.wav"), beep))
    heard = record(world, telephone, tmp_path / "heard.wav", 1.6, left=("kari",))[0]
    assert until(world, cell, PlaybackEnded, playback="q").error == ""
    assert [hertz for hertz, _ in pieces(heard) if hertz][:3] == [OLA, KARI, OLA]
    loudest = max(tones.rms(heard[at : at + 800]) for at in range(4000, 7200, 400))
    assert loudest == pytest.approx(tones.rms(spoken), rel=0.1)


def test_both_sides_of_a_recording_keep_in_step(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """The same leg on both sides, with pauses between: the sides differ by one frame (20 ms) at the most."""
    world, telephone, cell = pair
    bursts = np.concatenate([piece for _ in range(20) for piece in (tones.tone(KARI, 0.05), tones.silence(0.15))])
    telephone.do(Play, leg="kari", playback="p", files=(str(tones.write_wav(tmp_path / "bursts.wav", bursts)),), loop=True)
    recording = {"recording": "r", "path": str(tmp_path / "r.wav"), "left": ("kari",), "right": ("kari",)}
    for running in (True, False) * 5:
        cell.do(Record, **recording, running=running)
        world.spend(0.2)
    cell.do(StopRecord, recording="r")
    seconds = until(world, cell, RecordingStopped).seconds
    left, right = (side.astype(float) for side in tones.read_wav(tmp_path / "r.wav")[0])
    assert len(left) / tones.RATE == pytest.approx(seconds, abs=0.01) == pytest.approx(1.0, abs=0.25)
    shifts = np.correlate(left, right, "full")
    assert abs(int(np.argmax(shifts)) - (len(right) - 1)) <= 160


def test_who_begins_to_listen_hears_what_is_said_now(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """Nobody heard the leg for a while: what it said then must not wait in its jitter buffer and delay all that follows."""
    world, telephone, cell = pair
    telephone.do(Play, leg="kari", playback="p", files=(str(tones.tone_wav(tmp_path / "voice.wav", KARI, 1)),), loop=True)
    record(world, cell, tmp_path / "before.wav", 0.3, left=("kari",))
    world.spend(1.0)
    telephone.do(StopPlay, leg="kari", playback="p")
    world.spend(0.05)
    heard = record(world, cell, tmp_path / "r.wav", 0.5, left=("kari",))[0]
    assert np.count_nonzero(np.abs(heard) > 1000) / tones.RATE < 0.08


def test_a_paused_recording_has_no_gap(conversation: Conversation) -> None:
    """RC-02 pausable: what is said meanwhile is not in the file, and nothing is in its place."""
    c = conversation
    c.speak()
    recording = {"recording": "r", "path": str(c.folder / "r.wav"), "left": (c.hers,), "right": (c.his,)}
    c.cell.do(Record, **recording)
    c.world.spend(0.6)
    c.cell.do(Record, **recording, running=False)
    c.world.spend(1.0)
    c.cell.do(Record, **recording)
    c.world.spend(0.6)
    c.cell.do(StopRecord, recording="r")
    assert until(c.world, c.cell, RecordingStopped, path=recording["path"]).seconds == pytest.approx(1.2, abs=0.2)
    left, right = tones.read_wav(c.folder / "r.wav")[0]
    assert len(left) == len(right)
    assert min(tones.rms(left[at : at + 400]) for at in range(2400, len(left) - 400, 400)) > 1000


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
    world.spend(0.3)
    telephone.do(HangUp, leg="kari")
    assert until(world, cell, RecordingStopped, recording="r").seconds > 0.1
    assert (tmp_path / "r.wav").exists()


def test_a_recording_that_cannot_be_written_says_why(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    (tmp_path / "file").write_text("not a folder")
    cell.do(Record, recording="r", path=str(tmp_path / "file" / "r.wav"), left=("kari",), right=())
    assert until(world, cell, RecordingStopped, recording="r").error


def test_a_leg_that_falls_silent_is_reported_and_so_is_its_return(pair: tuple[World, Party, Party]) -> None:
    world, telephone, cell = pair
    world.spend(1.0)
    assert not said(cell, MediaLost)
    telephone.freeze()
    lost = until(world, cell, MediaLost, leg="kari")
    assert 3.0 <= lost.seconds < 4.0
    telephone.thaw()
    until(world, cell, MediaBack, leg="kari", within=2)
    assert len(said(cell, MediaLost)) == 1


@pytest.mark.parametrize("order", ["mix first", "hang up first", "he hangs up"])
def test_who_leaves_three_takes_nobody_along(conversation: Conversation, order: str) -> None:
    """TR-02: what the other two hear of each other goes on. Per speaks 1300 Hz; the others hear both until he is gone."""
    world, cell = conversation.world, conversation.cell
    per = world.party()
    call(world, cell, per, "per")
    voice = str(tones.tone_wav(conversation.folder / "per.wav", PER, 1))
    per.do(Play, leg="per", playback="voice", files=(voice,), loop=True)
    conversation.speak()
    legs = ("kari", "ola", "per")
    cell.do(Mix, edges=tuple(permutations(legs, 2)))
    heard = conversation.heard_by(conversation.kari, "kari")
    assert tones.hears(heard, OLA) and tones.hears(heard, PER)
    commands = [lambda: cell.do(Mix, edges=tuple(permutations(legs[:2], 2))), lambda: cell.do(HangUp, leg="per")]
    if order == "he hangs up":
        per.do(HangUp, leg="per")
    for command in commands if order == "mix first" else reversed(commands):
        command()
    until(world, cell, LegEnded, leg="per")
    for who, leg, hertz in ((conversation.kari, "kari", OLA), (conversation.ola, "ola", KARI)):
        heard = conversation.heard_by(who, leg)
        assert tones.hears(heard, hertz) and not tones.hears(heard, PER)
