"""What is played to a leg and what it presses: prompts, music, announcements, digits."""

from pathlib import Path

import numpy as np
import pytest

from apps.telephony.protocol import DigitPressed, Play, PlaybackEnded, Record, RecordingStopped, SendDigits, StopRecord
from tests import tones
from tests.telephony.contract.calls import ANNOUNCEMENT, MUSIC, SETTLE, dips, pieces
from tests.telephony.worlds import Party, World, done, said, until


def test_an_announcement_interrupts_music_which_goes_on_where_it_was(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    """QU-03: the music is three seconds of 600 Hz, then three of 1200 Hz; the announcement comes in the first three."""
    world, telephone, cell = pair
    music = tones.write_wav(tmp_path / "music.wav", np.concatenate([tones.tone(MUSIC, 3), tones.tone(2 * MUSIC, 3)]))
    announcement = tones.tone_wav(tmp_path / "announcement.wav", ANNOUNCEMENT, 0.5)
    telephone.do(Record, recording="r", path=str(tmp_path / "heard.wav"), left=("kari",), right=())
    done(world, telephone)
    cell.do(Play, leg="kari", playback="music", files=(str(music),), loop=True)
    done(world, cell)
    world.spend(0.4)
    cell.do(Play, leg="kari", playback="announcement", files=(str(announcement),))
    until(world, cell, PlaybackEnded, playback="announcement", error="")
    world.spend(3.0)
    telephone.do(StopRecord, recording="r")
    until(world, telephone, RecordingStopped)
    heard = pieces(tones.read_wav(tmp_path / "heard.wav")[0][0])
    assert [tone for tone, _ in heard] == [MUSIC, ANNOUNCEMENT, MUSIC, 2 * MUSIC]
    assert heard[1][1] == pytest.approx(0.5, abs=0.11)
    assert heard[0][1] + heard[2][1] == pytest.approx(3.0, abs=0.21)


@pytest.mark.parametrize(
    ("rates", "loop"), [((8000, 8000, 8000), False), ((16000, 16000, 16000), False), ((8000,), True), ((8000, 8000), True)]
)
def test_files_are_played_without_a_gap(pair: tuple[World, Party, Party], tmp_path: Path, rates: tuple[int, ...], loop: bool) -> None:
    world, telephone, cell = pair
    files = tuple(str(tones.tone_wav(tmp_path / f"{n}.wav", MUSIC, 0.5, rate=rate)) for n, rate in enumerate(rates))
    telephone.do(Record, recording="r", path=str(tmp_path / "heard.wav"), left=("kari",), right=())
    done(world, telephone)
    cell.do(Play, leg="kari", playback="p", files=files, loop=loop)
    seconds = SETTLE + (2.2 if loop else 1.1)
    world.spend(seconds)
    telephone.do(StopRecord, recording="r")
    until(world, telephone, RecordingStopped)
    played = tones.sounding(tones.read_wav(tmp_path / "heard.wav")[0][0])
    heard = played[int(SETTLE * tones.RATE) + 400 : int(seconds * tones.RATE) - 1200]
    assert len(heard) > 0.7 * tones.RATE
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
    done(world, telephone)
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
    until(world, telephone, DigitPressed, times=2)
    world.spend(0.3)  # nor another one
    assert [event.digit for event in said(telephone, DigitPressed)] == ["5", "5"]
