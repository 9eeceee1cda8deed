"""RTP from a stranger is not let into a call: who knows the port of a leg and floods it is not heard, and hears nothing."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from apps.telephony.protocol import Answer, Dial, HangUp, LegAnswered, LegArrived, LegEnded, Mix, Record, RecordingStopped, StopRecord
from tests import tones
from tests.lasting import stolen
from tests.sip.door import STRANGER, TRUNK
from tests.sip.sipp import Caller, Phone
from tests.sip.stranger import Stranger
from tests.telephony.media import NUMBER, Media
from tests.telephony.pools import eventually

pytestmark = [pytest.mark.media, pytest.mark.quiet]
CALLER_HZ, PHONE_HZ, STRANGER_HZ = 440, 1000, 700
WINDOW = 0.02  # seconds
NOTHING = 0.003  # of full scale: a hundredth of a tone


def audio_of(sdp: str) -> tuple[str, int]:
    """Where the sender of `sdp` receives."""
    host, port = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE), re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
    assert host and port, sdp
    return host[1], int(port[1])


@dataclass
class Conversation:
    """A caller who is up and has not spoken yet, and a phone of the same trunk that was called through the front door."""

    media: Media
    caller: Caller
    phone: Phone
    arrived: LegArrived
    recording: Path

    @property
    def at(self) -> list[tuple[str, int]]:
        """Where the cell receives, of either leg."""
        answer = next(text for text in self.caller.messages() if text.startswith("SIP/2.0 200"))
        return [audio_of(answer), audio_of(self.phone.invitations()[-1])]

    def order(self, kind: type, **fields: object) -> None:
        self.media.order(self.arrived.cell, kind, self.arrived.call, **fields)


@contextmanager
def conversation(media: Media, folder: Path) -> Iterator[Conversation]:
    door = f"127.0.0.1:{media.port}"
    with (
        Caller(door, NUMBER, folder=folder, hertz=CALLER_HZ, source=TRUNK) as caller,
        Phone(folder=folder, hertz=PHONE_HZ, ring=0.1, source=TRUNK) as phone,
    ):
        talk = Conversation(media, caller, phone, media.hear(LegArrived), folder / "r.wav")
        talk.order(Dial, leg="phone", uri=f"sip:+4790000000@{phone.address}", caller=NUMBER, route=f"sip:{door}")
        media.hear(LegAnswered, leg="phone")
        talk.order(Mix, edges=((talk.arrived.leg, "phone"), ("phone", talk.arrived.leg)))
        talk.order(Record, recording="r", path=str(talk.recording), left=(talk.arrived.leg,), right=("phone",))
        talk.order(Answer, leg=talk.arrived.leg)
        media.hear(LegAnswered, leg=talk.arrived.leg)
        yield talk


def gaps(pcm: np.ndarray) -> int:
    """Windows in which a steady tone is not at its strength."""
    size = round(WINDOW * tones.RATE)
    loudness = [tones.rms(pcm[at : at + size]) for at in range(0, len(pcm) - size, size)]
    return sum(loud < 0.7 * np.median(loudness) for loud in loudness)


def test_who_floods_the_ports_of_a_call_is_not_heard_and_hears_nothing(media: Media, tmp_path: Path) -> None:
    """RTP from a stranger is not let into a call: neither from another host nor from the trunk's, before and while he speaks."""
    before = stolen()
    with conversation(media, tmp_path) as talk, ExitStack() as crowd:
        strangers = [crowd.enter_context(Stranger(at, source=source)) for at in talk.at for source in (STRANGER, TRUNK)]
        eventually(lambda: all(one.sent >= 100 for one in strangers), "half a second of noise before anybody speaks")
        talk.caller.wait_answered()
        talk.phone.wait_answered()
        talk.phone.audio.wait_for_tone(CALLER_HZ)
        talk.caller.audio.wait_for_tone(PHONE_HZ)
        begun = max(one.packets[-1].at for one in (talk.caller.audio, talk.phone.audio))
        sides = talk.caller.audio, talk.phone.audio
        eventually(lambda: all(len(side.heard(begun)) >= 2 * tones.RATE for side in sides), "two seconds of talk")
        stood_still = stolen() - before
        for side, hertz in zip(sides, (PHONE_HZ, CALLER_HZ), strict=True):
            assert tones.strength(side.heard(), STRANGER_HZ) < NOTHING
            assert tones.strength(side.heard(begun), hertz) > 0.2 and side.lost() == 0
            assert gaps(side.heard(begun)) <= stood_still / WINDOW
        talk.order(StopRecord, recording="r")
        media.hear(RecordingStopped, recording="r", error="")
        talk.order(HangUp, leg=talk.arrived.leg)
        ended = media.hear(LegEnded, leg=talk.arrived.leg)
        assert all(one.sent > 400 and one.answers == 0 for one in strangers)
    assert ended.quality and ended.quality.received <= talk.caller.audio.sent
    for channel in tones.read_wav(talk.recording)[0]:
        assert tones.strength(channel, STRANGER_HZ) < NOTHING
