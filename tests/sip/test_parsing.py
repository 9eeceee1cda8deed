# ruff: noqa: E501 - messages are kept as they travel
"""Messages as real networks send them, and messages that only want to do harm (PF-10)."""

import contextlib
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.telephony.frontdoor import framing, sip
from tests.sip.messages import invite, request

ODD = {
    "compact forms": b"v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nf: <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\ni: 1@b\r\nCSeq: 1 OPTIONS\r\nl: 0",
    "folded": b"Via: SIP/2.0/UDP\r\n 192.0.2.1;branch=z9hG4bKa\r\nFrom: <sip:a@b>\r\n\t;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1@b\r\nCSeq: 1\r\n  OPTIONS",
    "space before the colon": b"Via : SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nFrom\t: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1@b\r\nCSeq: 1 OPTIONS",
    "other case": b"VIA: sip/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nfrom: sip:a@b;tag=1\r\nTO: sip:c@d\r\ncall-id: 1@b\r\ncSEQ: 1 OPTIONS",
    "spaces": b"Via: SIP/2.0/UDP  192.0.2.1 ; branch = z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1@b\r\nCSeq: 1    OPTIONS",
    "latin-1 name": b'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nFrom: "\xd8yvind" <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1@b\r\nCSeq: 1 OPTIONS',
    "commas in a name": b'Via: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: "No, \\"x\\" <y>" <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1@b\r\nCSeq: 1 OPTIONS',
    "two Vias in a line": b"Via: SIP/2.0/UDP h;branch=z9hG4bKa , SIP/2.0/TCP i\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1@b\r\nCSeq: 1 OPTIONS",
    "unknown header": b"Via: SIP/2.0/UDP h;branch=z9hG4bKa\r\nX-\x7fOdd: ;;,,\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: (%!)\r\nCSeq: 1 OPTIONS",
}
BROKEN = [
    b"",
    b"\r\n\r\n",
    b"\x00" * 200,
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"INVITE\r\n\r\n",
    b"SIP/2.0 99999 What\r\n\r\n",
    invite().replace(b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
    invite().replace(b"CSeq: 1 INVITE", b"CSeq: 99999999999 INVITE"),
    invite().replace(b"CSeq: 1 INVITE", b"CSeq: " + b"9" * 8000 + b" INVITE"),
    invite().replace(b"Via", b"Viv"),
    invite().replace(b"Call-ID", b"Call-Id-Not"),
    invite().replace(b"Content-Length: 4", b"Content-Length: -1"),
    invite().replace(b"Content-Length: 4", b"Content-Length: 5"),
    invite().replace(b"Content-Length: 4", b"Content-Length: many"),
    invite().replace(b"192.0.2.1:5070;branch", b"192.0.2.1:99999;branch"),
    invite().replace(b"Max-Forwards: 70", b"no colon here"),
    invite(extra="X: a\nX-CC-Trunk: 9\r\n"),
    invite(extra="X: a\rX-CC-Trunk: 9\r\n"),
    invite(extra="X: " + "a" * 20_000 + "\r\n"),
    invite(extra="X: a\r\n" * 500),
    invite("1" * 60_000),
]


@pytest.mark.parametrize("head", ODD.values(), ids=ODD.keys())
def test_odd_headers_of_real_networks_are_read(head):
    message = sip.parse(b"OPTIONS SIP:c@d SIP/2.0\r\n" + head + b"\r\n\r\n")
    assert (message.method, message.cseq.sequence) == ("OPTIONS", 1)
    assert sip.tag(message, "From") == "1"
    assert sip.via_of(sip.values(message, "Via")[0]).parameters["branch"] == "z9hG4bKa"
    again = sip.parse(sip.encode(message))
    assert sip.values(again, "Via") == sip.values(message, "Via")


@pytest.mark.parametrize("data", BROKEN)
def test_broken_messages_are_refused_and_nothing_else(data):
    with pytest.raises(sip.Malformed):
        sip.parse(data)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused(data):
    """PF-10."""
    for bytes_ in (data, b"INVITE sip:a@b SIP/2.0\r\n" + data + b"\r\n\r\n", invite().replace(b"70", data)):
        try:
            sip.parse(bytes_)
        except sip.Malformed:
            continue


def test_a_thousand_mutilated_invites_are_read_or_refused():
    """PF-10."""
    dice = random.Random(3)
    for _ in range(1_000):
        data = bytearray(invite())
        for _ in range(dice.randrange(1, 12)):
            place = dice.randrange(len(data))
            data[place : place + dice.randrange(4)] = bytes(dice.randrange(256) for _ in range(dice.randrange(4)))
        try:
            sip.encode(sip.parse(bytes(data)))
        except sip.Malformed:
            continue


@pytest.mark.parametrize(
    "extra",
    [
        "Via: " + "SIP/2.0/UDP a," * 500 + "\r\n",
        "Via: SIP/2.0/UDP " + "a-" * 4_000 + "\r\n",
        "Route: " + '"' * 8_000 + "\r\n",
        "Via: SIP/2.0/UDP a" + ";a" * 4000,
    ],
)
def test_no_message_takes_long_to_read(extra):
    begun = time.perf_counter()
    data = invite(extra=extra).replace(b"Via: SIP/2.0/UDP 192", b"X: ", 1)
    with contextlib.suppress(sip.Malformed):
        sip.values(sip.parse(data), "Route")
    with contextlib.suppress(sip.Malformed):
        sip.parse(invite("+" + "1-" * 450 + "!").replace(b"sip:", b"tel:", 1))
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize("spaces", [" ", "\t", "\r\n "])
def test_no_length_in_a_stream_takes_long_to_find(spaces):
    """PF-10: found by the fuzzer; a pattern that allowed the spaces at two places took a second for 12 kB of them."""
    begun = time.process_time()
    with pytest.raises(sip.Malformed):
        framing.Framer().feed(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: " + spaces.encode() * 5_000 + b"\rx\r\n\r\n")
    assert time.process_time() - begun < 0.2


def test_what_is_forwarded_is_what_was_sent_letter_by_letter():
    uri = "sip:*31%2322334455;phone-context=+47@127.0.0.1;user=phone;x=[1]:2"
    data = request("OPTIONS", uri, branch="a+b%~`'!*")
    assert sip.parse(data).uri.user.startswith("*31#")
    sent = sip.encode(sip.parse(data))
    assert sent.startswith(f"OPTIONS {uri} SIP/2.0\r\n".encode())
    assert b"branch=z9hG4bK-a+b%~`'!*;rport" in sent


def test_bytes_after_the_content_are_cut_off():
    assert sip.parse(invite() + b"garbage").body == b"v=0\n"


@given(st.integers(min_value=1, max_value=700))
def test_a_stream_gives_whole_messages_however_it_is_cut(size):
    data = b"\r\n\r\n" + invite() + b"\r\n" + request("BYE", to_tag="x") + b"\r\n\r\n"
    framer, found = framing.Framer(), []
    for begin in range(0, len(data), size):
        found += framer.feed(data[begin : begin + size])
    assert [message for message in found if message != framing.PING] == [invite(), request("BYE", to_tag="x")]


@pytest.mark.parametrize("data", [b"a" * 70_000, b"INVITE x\r\n\r\n", b"A b\r\nContent-Length: 900000\r\n\r\n"])
def test_a_stream_that_makes_no_sense_is_given_up(data):
    with pytest.raises(sip.Malformed):
        framing.Framer().feed(data)
