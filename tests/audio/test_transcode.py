"""Uploaded files become what the telephone plays, or are refused with the reason (AU-01)."""

import random

import numpy as np
import pytest

from apps.audio import isolation, sound, transcode
from apps.audio.transcode import UnusableSound, convert
from tests import tones
from tests.audio import bs1770
from tests.audio.files import CODECS, encoded, tone_file


@pytest.mark.parametrize("kind", CODECS)
def test_every_kind_of_file_becomes_telephone_sound(kind):
    """AU-01."""
    made = convert(tone_file(kind, 440, 2.0)).narrow
    assert made.samples.dtype == np.int16
    assert made.seconds == pytest.approx(2.0, abs=0.08)
    assert tones.dominant(made.samples) == pytest.approx(440, abs=3)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (96_000, 2)])
def test_every_rate_and_stereo(rate, channels):
    made = convert(tone_file("wav", 1000, 1.0, rate=rate, channels=channels)).narrow
    assert made.seconds == pytest.approx(1.0, abs=0.02)
    assert tones.dominant(made.samples) == pytest.approx(1000, abs=3)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_quiet_and_loud_files_get_one_loudness(level):
    """AU-01: levelled to one loudness."""
    made = convert(tone_file(level=level))
    for played in (made.narrow, made.wide):
        assert bs1770.integrated(played.samples / 32_767, played.rate) == pytest.approx(sound.TARGET, abs=0.5)


def test_a_pause_does_not_make_speech_louder():
    speech = tones.tone(300, 2.0, rate=8_000)
    with_pause = np.concatenate([speech, tones.silence(6.0), speech])
    levels = [tones.rms(convert(encoded("wav", samples, rate=8_000)).narrow.samples[: 2 * 8_000]) for samples in (speech, with_pause)]
    assert levels[1] == pytest.approx(levels[0], rel=0.08)


def test_a_peak_is_turned_down_and_not_cut_off():
    quiet = tones.tone(300, 4.0, rate=8_000, level=0.03)
    quiet[8_000:8_200] = tones.tone(1000, 200 / 8_000, rate=8_000, level=1.0)
    made = convert(encoded("wav", quiet, rate=8_000)).narrow.samples
    assert np.abs(made).max() <= sound.CEILING * 32_768
    peak = made[8_000:8_200]
    assert tones.strength(peak, 1000) > 0.8
    assert tones.strength(peak, 3000) < 0.01  # what is cut off is distorted


def test_silence_stays_silence():
    assert not convert(encoded("wav", tones.silence(1.0, rate=8_000), rate=8_000)).narrow.samples.any()


def refused(data: bytes, **more) -> str:
    with pytest.raises(UnusableSound) as refusal:
        convert(data, **more)
    assert str(refusal.value)
    return refusal.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"hello " * 100, "kind"),
        (b"%PDF-1.7 " + b"x" * 1000, "kind"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "kind"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "kind"),
        (b"RIFF\0\0\0\0WAVE" + b"\0" * 200, "broken"),
        (b"OggS" + b"\xff" * 5_000, "broken"),
        (b"ID3" + b"\0" * 5_000, "broken"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 5_000, "broken"),
        (b"\x1a\x45\xdf\xa3" + b"\xff" * 5_000, "broken"),
        (b"RIFF" + b"\0" * (transcode.LARGEST + 1), "large"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:8]),
)
def test_what_is_no_sound_is_refused_with_the_reason(data, code):
    """AU-01: bad or hostile files."""
    assert refused(data) == code


def test_a_sound_that_is_too_long_is_refused():
    assert refused(tone_file("mp3", seconds=5.0), longest=4.0) == "long"
    assert convert(tone_file("mp3", seconds=5.0), longest=6.0).seconds == pytest.approx(5, abs=0.1)


def test_a_video_without_sound_is_refused():
    import io

    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode())
    assert refused(file.getvalue()) == "silent"


@pytest.mark.parametrize("kind", ["mp3", "ogg", "m4a"])
def test_a_damaged_file_is_read_or_refused_and_never_more(kind):
    """AU-01."""
    dice = random.Random(7)
    whole = tone_file(kind, seconds=1.0)
    for damage in (3, 300):
        data = bytearray(whole)
        for _ in range(damage):
            data[dice.randrange(8, len(data))] = dice.randrange(256)
        for piece in (data, data[: len(data) // 2]):
            try:
                assert convert(bytes(piece)).seconds < 3
            except UnusableSound as refusal:
                assert refusal.code in ("broken", "silent", "kind")


def test_a_decoder_that_crashes_hurts_only_itself(tmp_path, monkeypatch):
    (tmp_path / "crashing.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    (tmp_path / "greedy.py").write_text("from apps.audio import isolation\nisolation.confine(1)\nb'a' * isolation.MEMORY\n")
    (tmp_path / "endless.py").write_text("from apps.audio import isolation\nisolation.confine(0)\nwhile True: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("crashing", "greedy", "endless"):
        with pytest.raises(isolation.WorkerFailed) as failure:
            isolation.run(module, b"", seconds=5)
        assert failure.value.code == "crashed"


def test_a_worker_that_hangs_is_ended(tmp_path, monkeypatch):
    (tmp_path / "hanging.py").write_text("import threading\nthreading.Event().wait()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(isolation, "STARTING", 0.5)
    with pytest.raises(isolation.WorkerFailed) as failure:
        isolation.run("hanging", b"", seconds=0.1)
    assert failure.value.code == "late"


def test_a_waveform_shows_where_the_sound_is():
    import io

    from PIL import Image

    made = sound.Sound(np.concatenate([tones.silence(1.0), tones.tone(440, 1.0, level=0.9)]))
    picture = np.asarray(Image.open(io.BytesIO(sound.waveform(made))))
    assert picture.shape == (80, 600, 4)
    filled = (picture[:, :, 3] > 0).sum(axis=0)
    assert filled[:290].max() <= 2 and filled[310:].min() > 60


def test_a_wav_is_read_as_it_was_written():
    made = sound.tone(425, 1.0, 4.0)
    assert made.seconds == 5.0
    for played in (made.narrow, made.wide):
        read = sound.read(played.wav())
        assert np.array_equal(read.samples, played.samples) and read.rate == played.rate
