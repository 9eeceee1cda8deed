"""Calls out through a real proxy that wants a password, Debian's Kamailio: the cell answers its challenge (AN-03)."""

from pathlib import Path

import pytest

from apps.telephony import trunk_health
from apps.telephony.frontdoor import published
from apps.telephony.frontdoor.configuration import TrunkConfig
from apps.telephony.protocol import HEADER_TRUNK, Dial, HangUp, LegAnswered, LegEnded, LegRinging, Proof
from contactcenter.lib.secrets import seal
from tests.sip.door import config
from tests.sip.kamailio import HOST, REALM, USER, Kamailio
from tests.sip.sipp import Phone
from tests.telephony.media import NUMBER, Media
from tests.telephony.pools import eventually

pytestmark = pytest.mark.media


def call_out(media: Media, operator: Kamailio, password: str) -> None:
    """As the switch orders it, over the trunk "1"."""
    trunk = TrunkConfig("1", "Telenor", (HOST,), host=operator.address)
    published.publish(media.redis, config(numbers=(NUMBER,), trunks=(trunk,), version=2))
    media.order(
        media.lease().cell, Dial, "call", leg="out", uri=f"sip:+4790000000@{operator.address}", caller=NUMBER, home=REALM,
        route=f"sip:127.0.0.1:{media.port};lr", proof=Proof(USER, seal(password)), headers={HEADER_TRUNK: "1"},
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_call_out_answers_the_challenge_and_goes_through(media: Media, tmp_path: Path, algorithm: str) -> None:
    """AN-03: both hear each other's dialogue end; the phone sees neither password nor our headers."""
    with Phone(folder=tmp_path, hertz=1000, ring=0.2) as phone, Kamailio(tmp_path, algorithm=algorithm, phone=phone.address) as operator:
        call_out(media, operator, "s3cret")
        media.hear(LegRinging, leg="out")
        media.hear(LegAnswered, leg="out")
        (invitation,) = set(phone.invitations())
        assert "INVITE sip:+4790000000@" in invitation and f"From: <sip:{NUMBER}@{REALM}" in invitation
        assert "Proxy-Authorization" not in invitation and "X-CC-" not in invitation
        cell = media.heard(LegAnswered, leg="out")[0].cell
        media.order(cell, HangUp, "call", leg="out")
        phone.wait()
        assert media.hear(LegEnded, leg="out").code == 200
    eventually(lambda: trunk_health.traffic(media.redis, ["1"])["1"].last_out > 0, "the call is noted")
    assert trunk_health.traffic(media.redis, ["1"])["1"].failures == {}, "a challenge is no failure"


@pytest.mark.parametrize(("password", "code"), [("wrong", 407), ("", 407)])
def test_a_call_with_a_wrong_password_ends_with_the_operators_code(media: Media, tmp_path: Path, password: str, code: int) -> None:
    """AN-03"""
    with Phone(folder=tmp_path) as phone, Kamailio(tmp_path, phone=phone.address) as operator:
        call_out(media, operator, password)
        assert media.hear(LegEnded, leg="out").code == code
        assert phone.invitations() == []


def test_a_call_whose_password_cannot_be_opened_is_not_sent(media: Media, tmp_path: Path) -> None:
    """AN-03: the key was changed without keeping the old one."""
    with Kamailio(tmp_path) as operator:
        media.order(
            media.lease().cell, Dial, "call", leg="out", uri=f"sip:+4790000000@{operator.address}", proof=Proof(USER, "damaged"),
            route=f"sip:127.0.0.1:{media.port};lr",
        )  # fmt: skip
        assert media.hear(LegEnded, leg="out").code == 503


def test_an_operators_refusal_is_counted_for_its_trunk(media: Media, tmp_path: Path) -> None:
    """Trunk health: failures by SIP code."""
    with Phone(folder=tmp_path, code=486) as phone, Kamailio(tmp_path, phone=phone.address) as operator:
        call_out(media, operator, "s3cret")
        assert media.hear(LegEnded, leg="out").code == 486
    eventually(lambda: trunk_health.traffic(media.redis, ["1"])["1"].failures == {("out", 486): 1}, "the refusal is counted once")
