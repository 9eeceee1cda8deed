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
from apps.audio.sound import RATE, WIDE_RATE, Made, Sound, levelled, trimmed

VOICES = {  # language -> espeak-ng's names, of which the first is the usual one
    "nb": {"nb": _("Man"), "nb+m3": _("Man, deep"), "nb+f2": _("Woman"), "nb+f3": _("Woman, bright")},
    "en": {
        "en": _("Man, British"),
        "en+f2": _("Woman, British"),
        "en-us": _("Man, American"),
        "en-us+f2": _("Woman, American"),
    },
}
SPEED, SLOWEST, FASTEST = 150, 80, 300  # words a minute; espeak-ng's own 175 is hurried on a telephone
LONGEST_TEXT = 2_000  # characters
SECONDS = 60.0  # of work for one batch
SYNCHRONOUS, CHARACTERS, UTF8, RATE_PARAMETER = 2, 1, 1, 1  # espeak-ng/speak_lib.h
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

REASONS: dict[str, Promise] = {
    "language": _("There is no voice for this language."),
    "voice": _("There is no such voice for this language."),
    "speed": _("The speed must be between 80 and 300 words a minute."),
    "empty": _("There is nothing in the text that can be spoken."),
    "long": _("The text is longer than 2000 characters."),
    "failed": _("The text could not be spoken. Try a shorter or simpler one."),
}


class Utterance(Struct, frozen=True):
    """`language`: nb or en. `voice`: one of `VOICES[language]`, empty for the usual one. `speed`: words a minute."""

    text: str
    language: str
    voice: str = ""
    speed: int = SPEED


class SpeechFailed(ValueError):  # noqa: N818 - it says what happened
    """`code`: a key of REASONS; the text says in the reader's language what is wrong."""

    def __init__(self, code: str, text: "str | Promise") -> None:
        super().__init__(text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return str(self.text)


def speak(utterances: Sequence[Utterance]) -> list[Made]:
    """One sound each, without silence around it, levelled. Errors: `SpeechFailed`."""
    for utterance in utterances:
        check(utterance)
    try:
        answer = isolation.run("apps.audio.speech", msgspec.msgpack.encode(utterances), seconds=SECONDS)
    except (isolation.WorkerFailed, UnicodeEncodeError) as failed:
        raise SpeechFailed("failed", REASONS["failed"]) from failed
    spoken = msgspec.msgpack.decode(answer, type=list[tuple[bytes, bytes]])
    if len(spoken) != len(utterances) or not all(narrow for narrow, _wide in spoken):
        raise SpeechFailed("empty", REASONS["empty"])
    return [Made(Sound(np.frombuffer(narrow, "<i2")), Sound(np.frombuffer(wide, "<i2"), WIDE_RATE)) for narrow, wide in spoken]


def check(utterance: Utterance) -> None:
    """What can be seen without speaking. Errors: `SpeechFailed`."""
    voices = VOICES.get(utterance.language, {})
    wrong = {
        "language": not voices,
        "voice": utterance.voice not in ("", *voices),
        "speed": not SLOWEST <= utterance.speed <= FASTEST,
        "empty": not utterance.text.strip(),
        "long": len(utterance.text) > LONGEST_TEXT,
    }
    for code, found in wrong.items():
        if found:
            raise SpeechFailed(code, REASONS[code])


def _library() -> tuple[ctypes.CDLL, int]:
    """espeak-ng, and the rate of its samples in Hz. Errors: RuntimeError."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 200, espeakng_loader.get_data_path().encode(), 0)
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
        voice = utterance.voice or next(iter(VOICES[utterance.language]))
        failed = library.espeak_SetVoiceByName(voice.encode()) or library.espeak_SetParameter(RATE_PARAMETER, utterance.speed, 0)
        if failed or library.espeak_Synth(text, len(text), 0, CHARACTERS, 0, UTF8, None, None):
            raise RuntimeError("espeak-ng does not speak")
        library.espeak_Synchronize()
        return bytes(heard)

    return say


def _spoken(utterances: list[Utterance]) -> Iterator[tuple[bytes, bytes]]:
    """In the confined process: samples at both rates."""
    library, own_rate = _library()
    say = _speaker(library)
    for utterance in utterances:
        samples = np.frombuffer(say(utterance), "<i2")
        yield _at_rate(samples, own_rate, RATE), _at_rate(samples, own_rate, WIDE_RATE)


def _at_rate(samples: np.ndarray, own_rate: int, rate: int) -> bytes:
    """Without silence around it, levelled."""
    import av

    if not len(samples):
        return b""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = own_rate
    pieces = [piece.to_ndarray()[0] for part in (frame, None) for piece in resampler.resample(part)]
    return levelled(trimmed(np.concatenate(pieces), rate), rate).samples.astype("<i2").tobytes()


if __name__ == "__main__":
    isolation.confine(SECONDS)
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Utterance])
    sys.stdout.buffer.write(msgspec.msgpack.encode(list(_spoken(asked))))
