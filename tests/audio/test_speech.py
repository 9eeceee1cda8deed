"""Text becomes speech, in Norwegian and English."""

import numpy as np
import pytest

from apps.audio import sound
from apps.audio.speech import VOICES, SpeechFailed, Utterance, speak
from tests.audio import bs1770


def test_both_languages_speak_and_sound_different():
    norwegian, english = speak(
        [Utterance("Velkommen til oss, hvordan går det?", "nb"), Utterance("Velkommen til oss, hvordan går det?", "en")]
    )
    for made in (norwegian, english):
        assert 1 < made.seconds < 6
        assert bs1770.integrated(made.narrow.samples / 32_767, sound.RATE) == pytest.approx(sound.TARGET, abs=1)
    assert norwegian.seconds != english.seconds


def test_longer_texts_take_longer():
    short, long = speak([Utterance("En", "nb"), Utterance("En, to, tre, fire, fem, seks, sju, åtte", "nb")])
    assert short.seconds < 1 < long.seconds


def test_no_silence_is_left_around_a_word():
    made = speak([Utterance("fire", "nb")])[0].narrow
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


def pitch(samples: np.ndarray, rate: int) -> float:
    """Hz, the median of what is voiced: by autocorrelation."""
    size, shortest, longest = rate // 10, rate // 400, rate // 70
    found = []
    for begin in range(0, len(samples) - size, size):
        piece = samples[begin : begin + size].astype(float)
        likeness = np.correlate(piece, piece, "full")[size - 1 :]
        lag = shortest + int(likeness[shortest:longest].argmax())
        if likeness[lag] > 0.5 * likeness[0]:
            found.append(rate / lag)
    return float(np.median(found))


@pytest.mark.parametrize("language", VOICES)
def test_every_voice_speaks_and_women_sound_higher_than_men(language):
    voices = VOICES[language]
    spoken = speak([Utterance("Velkommen til oss, mamma og lille Anna.", language, voice) for voice in voices])
    pitches = {str(name): pitch(made.wide.samples, made.wide.rate) for name, made in zip(voices.values(), spoken, strict=True)}
    men = [hertz for name, hertz in pitches.items() if name.startswith("Man")]
    women = [hertz for name, hertz in pitches.items() if name.startswith("Woman")]
    assert len(men) == len(women) == 2 and max(men) * 1.3 < min(women), pitches


def test_a_higher_speed_speaks_faster():
    text = "Velkommen til oss, vi svarer deg så snart vi kan."
    slow, fast = speak([Utterance(text, "nb", speed=100), Utterance(text, "nb", speed=200)])
    assert slow.seconds > 1.6 * fast.seconds


@pytest.mark.parametrize(
    ("utterance", "code"),
    [
        (Utterance("Hei", "nb", "en-us"), "voice"),
        (Utterance("Hei", "nb", "../../etc"), "voice"),
        (Utterance("Hei", "nb", speed=20), "speed"),
    ],
)
def test_a_voice_or_speed_that_does_not_exist_is_refused(utterance, code):
    with pytest.raises(SpeechFailed) as refusal:
        speak([utterance])
    assert refusal.value.code == code
