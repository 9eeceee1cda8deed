"""Text to speech with espeak-ng, Norwegian and English; the library is C and runs in a confined process of its own.

welcome, goodbye = speak([Utterance("Velkommen", "nb"), Utterance("Goodbye", "en")])
"""

import ctypes
import sys
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from apps.audio import isolation
from apps.audio.sound import RATE, Sound, levelled, trimmed

VOICES = {"nb": b"nb", "en": b"en"}
SPEED = 150  # words a minute; espeak-ng's own 175 is hurried on a telephone
LONGEST_TEXT = 2_000  # characters
SECONDS = 60.0  # of work for one batch
RETRIEVAL, CHARACTERS, UTF8, RATE_PARAMETER = 1, 1, 1, 1  # espeak-ng/speak_lib.h
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Utterance(Struct, frozen=True):
    """`language`: nb or en."""

    text: str
    language: str


class SpeechFailed(ValueError):  # noqa: N818 - it says what happened
    """`code`: empty, long, language, failed; the text says in the reader's language what is wrong."""

    def __init__(self, code: str, text: "str | Promise") -> None:
        super().__init__(text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return str(self.text)


def speak(utterances: Sequence[Utterance]) -> list[Sound]:
    """One sound each, without silence around it, levelled. Errors: `SpeechFailed`."""
    for utterance in utterances:
        _check(utterance)
    try:
        answer = isolation.run("apps.audio.speech", msgspec.msgpack.encode(utterances), seconds=SECONDS)
    except (isolation.WorkerFailed, UnicodeEncodeError) as failed:
        raise SpeechFailed("failed", _("The text could not be spoken. Try a shorter or simpler one.")) from failed
    sounds = [Sound(np.frombuffer(samples, "<i2")) for samples in msgspec.msgpack.decode(answer, type=list[bytes])]
    if len(sounds) != len(utterances) or not all(len(sound.samples) for sound in sounds):
        raise SpeechFailed("empty", _("There is nothing in the text that can be spoken."))
    return sounds


def _check(utterance: Utterance) -> None:
    if utterance.language not in VOICES:
        raise SpeechFailed("language", _("There is no voice for this language."))
    if not utterance.text.strip():
        raise SpeechFailed("empty", _("There is nothing in the text that can be spoken."))
    if len(utterance.text) > LONGEST_TEXT:
        raise SpeechFailed("long", _("The text is longer than 2000 characters."))


def _library() -> tuple[ctypes.CDLL, int]:
    """espeak-ng, and the rate of its samples in Hz. Errors: RuntimeError."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(RETRIEVAL, 200, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise RuntimeError("espeak-ng does not start")
    return library, rate


def _speaker(library: ctypes.CDLL) -> Callable[[Utterance], bytes]:
    """A function that speaks PCM16 at the library's rate."""
    heard = bytearray()

    def take(samples, count: int, events) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    callback = CALLBACK(take)
    library.espeak_SetSynthCallback(callback)

    def say(utterance: Utterance, _kept=callback) -> bytes:  # the library holds the callback, and does not own it
        heard.clear()
        text = utterance.text.replace("\0", " ").encode() + b"\0"
        failed = library.espeak_SetVoiceByName(VOICES[utterance.language]) or library.espeak_SetParameter(RATE_PARAMETER, SPEED, 0)
        if failed or library.espeak_Synth(text, len(text), 0, CHARACTERS, 0, UTF8, None, None):
            raise RuntimeError("espeak-ng does not speak")
        library.espeak_Synchronize()
        return bytes(heard)

    return say


def _spoken(utterances: list[Utterance]) -> Iterator[bytes]:
    """In the confined process: samples as the cells play them."""
    import av

    library, rate = _library()
    say = _speaker(library)
    for utterance in utterances:
        samples = np.frombuffer(say(utterance), "<i2")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = rate
        pieces = [piece.to_ndarray()[0] for part in (frame, None) for piece in resampler.resample(part)]
        yield levelled(trimmed(np.concatenate(pieces))).samples.tobytes() if len(samples) else b""


if __name__ == "__main__":
    isolation.confine(SECONDS)
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Utterance])
    sys.stdout.buffer.write(msgspec.msgpack.encode(list(_spoken(asked))))
