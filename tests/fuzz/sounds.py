"""Uploaded sounds, each decoded in the confined process as in the product. Coverage cannot lead here: the decoders are C."""

from apps.audio.transcode import REASONS, UnusableSound, convert
from tests.audio.files import CODECS, tone_file
from tests.fuzz.target import Target

LONGEST = 5.0  # seconds


def check(data: bytes) -> None:
    """A sound of at most `LONGEST`, or a refusal that people understand."""
    try:
        sound = convert(data, longest=LONGEST)
    except UnusableSound as refusal:
        assert refusal.code in {*REASONS, "long"} and str(refusal)
        return
    assert 0 < sound.seconds <= LONGEST + 1


TARGETS = {
    "sounds": Target(check, lambda: [tone_file(kind, seconds=0.3) for kind in CODECS], (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff"))
}
