"""The stereo file of a recording and its repair after a kill (RC-02)."""

from pathlib import Path

import numpy as np
import pytest

from apps.telephony.cell import stereo
from tests import tones


def write_parts(path: Path, left: float, right: float) -> None:
    for part, hertz, seconds in zip(stereo.parts(path), (440, 1000), (left, right), strict=True):
        tones.tone_wav(part, hertz, seconds)


def break_header(part: Path) -> None:
    """As pjmedia leaves it when it is killed: lengths are 0."""
    content = bytearray(part.read_bytes())
    content[4:8] = content[40:44] = bytes(4)
    part.write_bytes(content)


def test_parts_become_two_channels_and_disappear(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    write_parts(path, 10, 10)
    assert stereo.merge(path) == 10
    (left, right), rate = tones.read_wav(path)
    assert (tones.dominant(left), tones.dominant(right), rate) == (440, 1000, 8000)
    assert np.array_equal(left, tones.tone(440, 10))
    assert [found.name for found in tmp_path.iterdir()] == ["r.wav"]


def test_the_shorter_side_is_filled_with_silence(tmp_path: Path) -> None:
    write_parts(tmp_path / "r.wav", 2, 1.5)
    assert stereo.merge(tmp_path / "r.wav") == 2
    right = tones.read_wav(tmp_path / "r.wav")[0][1]
    assert (tones.rms(right[12_000:]), len(right)) == (0, 16_000)


def test_a_killed_recording_is_recovered_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    write_parts(path, 1, 1)
    for part in stereo.parts(path):
        break_header(part)
        assert not stereo.closed(part)
        part.write_bytes(part.read_bytes()[:-1])  # killed in the middle of a sample
    assert stereo.recover(path) == pytest.approx(1.0, abs=0.001)
    assert tones.dominant(tones.read_wav(path)[0][1]) == pytest.approx(1000, abs=1)


def test_a_kill_while_the_sides_are_merged_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    write_parts(path, 1, 1)
    (tmp_path / "r.wav.part").write_bytes(b"half a file")
    assert stereo.recover(path) == 1.0
    assert [found.name for found in tmp_path.iterdir()] == ["r.wav"]


def test_a_kill_between_merge_and_tidying_up_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    write_parts(path, 1, 1)
    stereo.merge(path)
    write_parts(path, 0.5, 0.5)
    assert stereo.recover(path) == 1.0
    assert [found.name for found in tmp_path.iterdir()] == ["r.wav"]


def test_a_side_that_is_missing_is_silence_and_without_both_there_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    assert stereo.recover(path) is None
    tones.tone_wav(stereo.parts(path)[0], 440, 1)
    assert stereo.recover(path) == 1.0


def test_a_full_disk_costs_no_sound(tmp_path: Path) -> None:
    """RC-06: nothing half-made is left on it, and when there is room again the recording is whole."""
    path = tmp_path / "r.wav"
    write_parts(path, 10, 9)
    (tmp_path / "r.wav.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        stereo.merge(path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["r.wav.left.wav", "r.wav.right.wav"]
    assert stereo.recover(path) == 10
