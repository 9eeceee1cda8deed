"""Text becomes speech, in Norwegian and English."""

import numpy as np
import pytest

from apps.audio import sound
from apps.audio.speech import SpeechFailed, Utterance, speak


def test_both_languages_speak_and_sound_different():
    norwegian, english = speak(
        [Utterance("Velkommen til oss, hvordan går det?", "nb"), Utterance("Velkommen til oss, hvordan går det?", "en")]
    )
    for made in (norwegian, english):
        assert 1 < made.seconds < 6
        assert sound.loudness(made.samples / 32_767) == pytest.approx(sound.TARGET, abs=1)
    assert norwegian.seconds != english.seconds


def test_longer_texts_take_longer():
    short, long = speak([Utterance("En", "nb"), Utterance("En, to, tre, fire, fem, seks, sju, åtte", "nb")])
    assert short.seconds < 1 < long.seconds


def test_no_silence_is_left_around_a_word():
    (made,) = speak([Utterance("fire", "nb")])
    loud = np.flatnonzero(np.abs(made.samples.astype(int)) > 1_000)
    assert loud[0] < 0.1 * sound.RATE and len(made.samples) - loud[-1] < 0.15 * sound.RATE


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [("", "nb", "empty"), ("  \n", "nb", "empty"), ("a" * 3_000, "nb", "long"), ("hola", "es", "language"), ("\udcff", "nb", "failed")],
)
def test_what_cannot_be_spoken_is_refused_with_the_reason(text, language, code):
    with pytest.raises(SpeechFailed) as refusal:
        speak([Utterance(text, language)])
    assert refusal.value.code == code and str(refusal.value)


@pytest.mark.parametrize("text", ["<speak>hei</speak>", "Hei\0hallo", "%s %n 100 % & <>", "😀 hei", "[[h'aI]]"])
def test_odd_texts_are_spoken(text):
    assert speak([Utterance(text, "nb")])[0].seconds > 0.1
