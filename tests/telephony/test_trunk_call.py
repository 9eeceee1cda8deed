"""Telephones that are not ours: SIPp through the front door to cells of `manage.py media`, and cells that call SIPp."""

import os
import signal
from pathlib import Path

import pytest

from apps.telephony.protocol import (
    Answer,
    Dial,
    DigitPressed,
    HangUp,
    LegAnswered,
    LegArrived,
    LegEnded,
    LegRinging,
    Mix,
    Record,
    RecordingStopped,
    Ring,
    StopRecord,
)
from tests import tones
from tests.sip.door import TRUNK
from tests.sip.sipp import Caller, Phone
from tests.telephony.media import NUMBER, Media
from tests.telephony.pools import eventually

pytestmark = pytest.mark.media


def test_a_caller_from_the_trunk_and_an_external_phone_hear_each_other_and_are_recorded(media: Media, tmp_path: Path) -> None:
    """TR-01, RC-02, IV-03: tones in both directions, digits, stereo recording, BYE."""
    with Caller(f"127.0.0.1:{media.port}", NUMBER, folder=tmp_path, hertz=440, source=TRUNK) as caller:
        arrived = media.hear(LegArrived)
        assert (arrived.dialled, arrived.trunk) == (NUMBER, "1")
        order = lambda kind, **fields: media.order(arrived.cell, kind, arrived.call, **fields)  # noqa: E731 (many short lines)
        order(Answer, leg=arrived.leg)
        caller.wait_answered()
        caller.audio.press("7")
        media.hear(DigitPressed, digit="7")
        with Phone(folder=tmp_path, hertz=1000, ring=0.2) as phone:
            order(Dial, leg="phone", uri=f"sip:ola@{phone.address}", caller="+4790000000")
            media.hear(LegRinging, leg="phone")
            media.hear(LegAnswered, leg="phone")
            order(Mix, edges=((arrived.leg, "phone"), ("phone", arrived.leg)))
            order(Record, recording="r", path=str(tmp_path / "r.wav"), left=(arrived.leg,), right=("phone",))
            caller.audio.wait_for_tone(1000)
            phone.audio.wait_for_tone(440)
            eventually(lambda: _written(tmp_path / "r.wav.left.wav") > 16_000, "a second is recorded")
            order(StopRecord, recording="r")
            media.hear(RecordingStopped, recording="r", error="")
            left, right = tones.read_wav(tmp_path / "r.wav")[0]
            assert tones.hears(left[4000:], 440) and not tones.hears(left, 1000, at_least=0.01)
            assert tones.hears(right[4000:], 1000) and not tones.hears(right, 440, at_least=0.01)
            order(HangUp, leg="phone")
            phone.wait()
        order(HangUp, leg=arrived.leg)
        assert caller.wait() == 200
    ended = media.hear(LegEnded, leg=arrived.leg)
    assert ended.quality is not None
    assert ended.quality.received > 50


def _written(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_a_caller_who_gives_up_is_told_as_cancelled(media: Media, tmp_path: Path) -> None:
    with Caller(f"127.0.0.1:{media.port}", NUMBER, folder=tmp_path, hertz=440, source=TRUNK) as caller:
        arrived = media.hear(LegArrived)
        media.order(arrived.cell, Ring, arrived.call, leg=arrived.leg)
        caller.wait_code(180)
        caller.cancel()
        ended = media.hear(LegEnded, leg=arrived.leg)
    assert (ended.code, ended.by_us, ended.quality) == (487, False, None)


def test_a_call_out_goes_by_its_route(media: Media, tmp_path: Path) -> None:
    """RFC 3261 16.12: the proxy gets the INVITE, the request line keeps the number; our ids stay at home."""
    cell = media.lease()
    with Phone(folder=tmp_path, hertz=1000, code=486) as proxy:
        media.order(
            cell.cell, Dial, "call", leg="out", uri="sip:+4790000000@operator.example", caller="+4722334455", route=f"sip:{proxy.address}"
        )
        assert media.hear(LegEnded, leg="out").code == 486
        (invitation,) = set(proxy.invitations())
    assert invitation.startswith("INVITE sip:+4790000000@operator.example SIP/2.0")
    assert f"Route: <sip:{proxy.address};lr>" in invitation
    assert "From: <sip:+4722334455@127.0.0.1" in invitation
    assert "X-CC-" not in invitation


def test_ctrl_c_leaves_no_process_behind(media: Media, tmp_path: Path) -> None:
    with Caller(f"127.0.0.1:{media.port}", NUMBER, folder=tmp_path, hertz=440, source=TRUNK) as caller:
        arrived = media.hear(LegArrived)
        media.order(arrived.cell, Answer, arrived.call, leg=arrived.leg)
        caller.wait_answered()
        os.killpg(media.supervisor.pid, signal.SIGTERM)
        eventually(
            lambda: any(text.startswith("BYE ") for text in caller.messages()), "the caller's BYE"
        )  # once, or again when we are slow
    assert media.supervisor.wait(10) == 0
    assert media.cells() == {}
