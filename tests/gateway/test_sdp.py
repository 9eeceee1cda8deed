"""What the gateway reads in a browser's offer, what it refuses, and what it answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.telephony.gateway import sdp
from tests.gateway.offers import CELL, CHROMIUM, FINGERPRINT, FIREFOX

SIDE = sdp.GatewaySide("10.0.0.1", 28_000, "abcd", "p" * 24, FINGERPRINT, "passive", ("1 1 UDP 2113929471 10.0.0.1 28000 typ host",))


def test_offer_of_chromium_is_understood() -> None:
    """SP-01."""
    offer = sdp.parse_browser_offer(CHROMIUM)
    assert (offer.ufrag, offer.pwd, offer.fingerprint) == ("Yv9h", "UwQm0bYw5j9Yz1pZk0pXr8t1", FINGERPRINT)
    assert offer.audio == sdp.Audio((8, 0), 126)
    assert offer.role == "active"


def test_only_ipv4_udp_candidates_are_passed_on() -> None:
    assert sdp.parse_browser_offer(CHROMIUM).candidates == ("1467250027 1 udp 2122260223 192.168.1.5 54321 typ host",)


def test_offer_of_firefox_is_understood_with_its_fingerprint_at_session_level() -> None:
    """SP-01."""
    offer = sdp.parse_browser_offer(FIREFOX)
    assert offer.fingerprint == FINGERPRINT
    assert offer.audio == sdp.Audio((0, 8), 101)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("sha-256", "sha-1", "fingerprint"),
        (FINGERPRINT, FINGERPRINT[:-3], "fingerprint"),
        ("a=ice-ufrag:Yv9h", "a=ice-ufrag:Yv9h && D *", "ice"),
        ("a=ice-pwd:UwQm0bYw5j9Yz1pZk0pXr8t1", "a=ice-pwd:short", "ice"),
        ("a=setup:actpass", "a=setup:holdconn", "setup"),
        ("a=rtcp-mux\r\n", "", "rtcp_mux"),
        ("UDP/TLS/RTP/SAVPF", "RTP/SAVP", "profile"),
        ("SAVPF 8 0 126", "SAVPF 111 126", "codec"),
        ("m=audio", "m=video", "audio"),
        ("m=audio 54321", "m=audio 54321 UDP/TLS/RTP/SAVPF 8\r\nm=audio 54321", "audio"),
        ("a=mid:0", "a=mid:0 && D *", "syntax"),
        ("v=0", "", "syntax"),
    ],
)
def test_bad_offer_is_refused_with_its_reason(before: str, after: str, code: str) -> None:
    with pytest.raises(sdp.OfferRefused) as refusal:
        sdp.parse_browser_offer(CHROMIUM.replace(before, after, 1))
    assert refusal.value.code == code


def test_payload_type_that_was_given_to_another_codec_is_not_taken_for_g711() -> None:
    offer = sdp.parse_browser_offer(CHROMIUM.replace("rtpmap:8 PCMA", "rtpmap:8 opus"))
    assert offer.audio.payloads == (0,)


def test_answer_is_ice_lite_at_session_level_with_one_codec_and_the_cells_events() -> None:
    """SP-05: digits reach the cell under the payload type that it asked for."""
    offer = sdp.parse_browser_offer(CHROMIUM)
    audio = sdp.common_audio(sdp.parse_plain(CELL).audio, offer.audio)
    answer = sdp.browser_answer(offer, SIDE, audio)
    session, _, media = answer.partition("m=audio")
    assert "a=ice-lite\r\n" in session and "a=group:BUNDLE 0\r\n" in session
    assert media.startswith(" 28000 UDP/TLS/RTP/SAVPF 8 120\r\n")
    assert "a=rtcp-mux\r\n" in media and "a=setup:passive\r\n" in media and "a=candidate:1 1 UDP" in media


def test_cell_without_a_common_codec_is_refused() -> None:
    with pytest.raises(sdp.OfferRefused, match="codec"):
        sdp.common_audio(sdp.Audio((0,), 101), sdp.Audio((8,), 126))


def test_cell_is_told_of_events_only_if_the_browser_can_send_them() -> None:
    assert sdp.common_audio(sdp.Audio((8,), 120), sdp.Audio((8, 0), None)) == sdp.Audio((8,), None)


def test_plain_description_reads_back_as_it_was_written() -> None:
    side = sdp.PlainSide("127.0.0.1", 20_010, sdp.Audio((8,), 120))
    assert sdp.parse_plain(sdp.plain(side)) == side


@pytest.mark.parametrize(
    ("before", "after"), [("m=audio 20010", "m=audio 0"), ("IN IP4 127.0.0.1", "IN IP4 999.0.0.1"), ("c=IN IP4", "c=IN IP6")]
)
def test_cell_without_an_address_for_audio_is_refused(before: str, after: str) -> None:
    with pytest.raises(sdp.OfferRefused, match="address"):
        sdp.parse_plain(CELL.replace(before, after))


LINES = st.sampled_from([*CHROMIUM.split("\r\n"), *FIREFOX.split("\r\n"), *CELL.split("\r\n")])


@given(
    st.one_of(
        st.text(),
        st.lists(st.one_of(LINES, st.text(max_size=40))).map("\r\n".join),
        st.lists(LINES).map(lambda x: "v=0\r\n" + "\r\n".join(x)),
    )
)
def test_nothing_that_a_browser_sends_raises_anything_but_a_refusal(text: str) -> None:
    for parse in (sdp.parse_browser_offer, sdp.parse_plain):
        try:
            parse(text)
        except sdp.OfferRefused as refusal:
            assert refusal.code


@given(st.data())
def test_nothing_that_leaves_the_parser_can_smuggle_a_command(data: st.DataObject) -> None:
    """Values end in a command line of the media engine: none may hold a line break or its separator."""
    lines = CHROMIUM.split("\r\n")
    index = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[index])))
    lines[index] = lines[index][:place] + data.draw(st.sampled_from([" && D x", "\n", "\t", "\x00", "é", " "])) + lines[index][place:]
    try:
        offer = sdp.parse_browser_offer("\r\n".join(lines))
    except sdp.OfferRefused:
        return
    for value in (offer.ufrag, offer.pwd, offer.fingerprint, offer.mid, *offer.candidates):
        assert value.isascii() and value.isprintable()
        assert "&&" not in value
    assert not set(" ") & set(offer.ufrag + offer.pwd + offer.fingerprint)
