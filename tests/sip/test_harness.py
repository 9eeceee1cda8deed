"""The test harness itself: SIPp calls SIPp, and both hear each other."""

import numpy as np
import pytest

from tests import tones
from tests.sip import g711
from tests.sip.sipp import Caller, Phone, crowd

pytestmark = pytest.mark.media


@pytest.mark.parametrize("payload_type", [g711.PCMA, g711.PCMU])
def test_a_tone_survives_g711(payload_type):
    pcm = tones.tone(440, 0.2)
    decoded = g711.decode(g711.encode(pcm, payload_type), payload_type)
    assert tones.dominant(decoded) == 440
    assert np.abs(decoded.astype(int) - pcm).max() < 600


def test_caller_and_phone_hear_each_other_and_the_digits(tmp_path):
    with Phone(folder=tmp_path, hertz=1000) as phone, Caller(phone.address, "+4722334455", folder=tmp_path) as caller:
        caller.wait_answered()
        phone.wait_answered()
        caller.audio.wait_for_tone(1000)
        phone.audio.wait_for_tone(440)
        caller.audio.press("12#")
        phone.until(lambda: len(phone.audio.digits_heard) == 3, "three digits", 5)
        assert [digit for _, digit in phone.audio.digits_heard] == ["1", "2", "#"]
        caller.hang_up()
        assert caller.wait() == 200
        phone.wait()


def test_the_phone_may_hang_up(tmp_path):
    with Phone(folder=tmp_path) as phone, Caller(phone.address, "1", folder=tmp_path) as caller:
        phone.wait_answered()
        phone.hang_up()
        assert caller.wait() == 200
        phone.wait()


@pytest.mark.parametrize("tcp", [False, True])
def test_a_caller_may_hang_up_by_himself(tmp_path, tcp):
    with Phone(folder=tmp_path, tcp=tcp) as phone, Caller(phone.address, "1", folder=tmp_path, tcp=tcp, seconds=0.3) as caller:
        assert caller.wait() == 200
        phone.wait()


def test_a_busy_phone_refuses(tmp_path):
    with Phone(folder=tmp_path, code=486) as phone, Caller(phone.address, "1", folder=tmp_path) as caller:
        assert caller.wait() == 486
        phone.wait()


def test_a_caller_gives_up_before_the_answer(tmp_path):
    with Phone(folder=tmp_path, ring=60) as phone, Caller(phone.address, "1", folder=tmp_path) as caller:
        caller.wait_code(180)
        caller.cancel()
        assert caller.wait() == 487
        phone.wait()


def test_a_crowd_calls(tmp_path):
    with Phone(folder=tmp_path, calls=20, ring=0.01) as phone:
        assert crowd(phone.address, "1", folder=tmp_path, calls=20, rate=50, seconds=0.2) == [200] * 20
        phone.wait()
