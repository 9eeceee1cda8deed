"""The codecs of a trunk, cut out of the offers that cross the front door (AN-03)."""

import pytest

from apps.telephony.frontdoor import codecs, proxy, sip
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.decisions import Decision, Forward, NewCall, NewOutgoing, Own, Peer
from tests.sip.messages import invite, request

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 9 0 8 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 pcma/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
)
OWN = Own("127.0.0.1", 5060)
TRUNK = TrunkConfig("7", "Telenor", ("192.0.2.0/24",), codecs=("PCMA", "PCMU"))
CONFIG = FrontDoorConfig(1, ("+4722334455",), (TRUNK,))


def cut(allowed: tuple[str, ...], offer: str = OFFER) -> list[str]:
    found = codecs.only(offer.encode(), allowed)
    assert found is not None
    return [line for line in found.decode().split("\r\n") if line.startswith(("m=", "a="))]


def test_only_the_trunks_codecs_are_left_in_its_order():
    """AN-03"""
    assert cut(("PCMA", "PCMU")) == [
        "m=audio 4000 RTP/AVP 8 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 pcma/8000", "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16", "a=ptime:20",
    ]  # fmt: skip
    assert cut(("PCMU",))[0] == "m=audio 4000 RTP/AVP 0 101"


def test_payload_types_without_a_map_are_those_of_rfc_3551():
    offer = "v=0\r\nm=audio 4000 RTP/AVP 8 0 13\r\na=sendrecv\r\n"
    assert cut(("PCMU",), offer) == ["m=audio 4000 RTP/AVP 0 13", "a=sendrecv"]


def test_streams_that_are_no_audio_or_are_switched_off_stay_as_they_are():
    others = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 9\r\n"
    assert codecs.only((OFFER + others).encode(), ("PCMA",)).decode().endswith(others)


def test_an_offer_without_any_of_them_is_refused():
    """AN-03"""
    assert codecs.only(OFFER.replace("0 8 101", "101").encode(), ("PCMA",)) is None


@pytest.mark.parametrize("body", [b"", b"v=0\n", b"m=", b"m=audio", b"m=audio \xff\xfe RTP/AVP", b"\xff\r\nm=audio 1 2"])
def test_what_is_no_offer_passes(body: bytes):
    assert codecs.only(body, ("PCMA",)) == body


def decided(data: bytes, peer: Peer) -> Decision:
    return proxy.decide(sip.parse(data), peer, CONFIG, OWN)


def with_offer(message: bytes, offer: str = OFFER) -> bytes:
    head = message.partition(b"\r\n\r\n")[0].split(b"\r\n")
    kept = [line for line in head if not line.lower().startswith((b"content-length", b"content-type"))]
    lines = [*kept, b"Content-Type: application/sdp", b"Content-Length: %d" % len(offer), b"", offer.encode()]
    return b"\r\n".join(lines)


def test_a_callers_offer_is_cut_before_a_cell_sees_it():
    """AN-03"""
    found = decided(with_offer(invite()), Peer("192.0.2.1", 5070, trunk=TRUNK))
    assert isinstance(found, NewCall) and b"RTP/AVP 8 0 101" in found.request.body
    sent = sip.parse(sip.encode(proxy.place(found.request, found.peer, "127.0.0.1:20002", OWN).message))
    assert sent.body == found.request.body, "its length is told anew"


def test_a_caller_without_a_codec_of_ours_gets_488():
    """AN-03; RFC 3261 21.4.26."""
    found = decided(with_offer(invite(), OFFER.replace("0 8 101", "101")), Peer("192.0.2.1", 5070, trunk=TRUNK))
    assert isinstance(found, Forward) and found.message.code == 488


def test_our_own_offer_is_cut_for_the_trunk_that_the_cell_names():
    """AN-03: by its id, for its host may be a name."""
    out = request("INVITE", "sip:+4799@sip.example.net", extra="X-CC-Trunk: 7\r\n")
    found = decided(with_offer(out), Peer("127.0.0.1", 20_002))
    assert isinstance(found, NewOutgoing) and found.trunk == TRUNK
    assert b"RTP/AVP 8 0 101" in found.forward.message.body


def test_a_trunk_that_may_use_all_gets_what_was_offered():
    found = proxy.decide(
        sip.parse(with_offer(invite())), Peer("192.0.2.1", 5070, trunk=TrunkConfig("7", "Telenor", ("192.0.2.0/24",))), CONFIG, OWN
    )
    assert isinstance(found, NewCall) and found.request.body == OFFER.encode()
