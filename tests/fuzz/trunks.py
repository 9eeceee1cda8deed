"""What operators write to us as a client: challenges and answers to REGISTER; and offers, from which codecs are cut."""

import itertools
import re

from sipmessage import Response

from apps.telephony.frontdoor import codecs, digest, sip
from apps.telephony.frontdoor.decisions import Own, Target
from apps.telephony.frontdoor.registration import LONGEST, Account, Begin, Heard, Passed, Registration
from tests.fuzz.target import Target as Fuzzed
from tests.fuzz.target import quickly
from tests.sip.messages import reply

CREDENTIALS = digest.Credentials("anna", "s3cret")
ACCOUNT = Account(Target("192.0.2.1", 5060), "operator.example", "4722334455", CREDENTIALS)
OWN = Own("127.0.0.1", 5060)
CHALLENGE = 'WWW-Authenticate: Digest realm="operator.example", nonce="n,1", opaque="o", qop="auth,auth-int", algorithm=SHA-256, stale=true'
WORDS = (
    b"\r\nWWW-Authenticate: Digest ", b"\r\nProxy-Authenticate: Digest ",
    b'realm="', b'nonce="', b"qop=auth", b"stale=true", b"algorithm=MD5",
    b"\\", b'"', b",", b"\r\nMin-Expires: 1800", b"\r\nRetry-After: 5 (soon)", b"\r\nExpires: 0", b"\r\nExpires: 99999999999",
    b"\r\nContact: <sip:4722334455@127.0.0.1:5060>;expires=60", b"SIP/2.0 423 ", b"SIP/2.0 401 ", b"SIP/2.0 200 ", b"SIP/2.0 100 ",
)  # fmt: skip


def _begun() -> tuple[Registration, bytes]:
    """A registration and its first REGISTER; the same each time."""
    words = (f"word{number}" for number in itertools.count())
    registration = Registration(ACCOUNT, OWN, lambda: next(words), lambda: 0.5)
    return registration, sip.encode(registration.handle(Begin(), 0.0)[0].request)


def seeds() -> list[bytes]:
    asked = _begun()[1]
    extras = (
        "",
        f"{CHALLENGE}\r\n",
        "Min-Expires: 1800\r\n",
        "Contact: <sip:4722334455@127.0.0.1:5060>;expires=60\r\n",
        "Retry-After: 90\r\n",
    )
    return [
        reply(asked, code).replace(b"Content-Length", extra.encode() + b"Content-Length")
        for code in (200, 401, 407, 423, 503, 100)
        for extra in extras
    ]


def check(data: bytes) -> None:
    """Whatever a registrar answers: at most one request more, no line of its own in it, and a time at which it is asked again."""
    try:
        response = sip.parse(data)
    except sip.Malformed:
        return
    if not isinstance(response, Response):
        return
    registration, _ = _begun()
    with quickly():
        sends = registration.handle(Heard(response), 1.0)
    assert len(sends) <= 1
    for send in sends:
        again = sip.parse(sip.encode(send.request))
        assert len(again.headers.getlist("Contact")) == 1 and b"s3cret" not in sip.encode(again)
    due = registration.next_timer()
    assert due is not None and due <= 1.0 + 2 * LONGEST or registration.until > 0
    if due is not None:
        registration.handle(Passed(), due)


def challenge_seeds() -> list[bytes]:
    return [CHALLENGE.partition(": ")[2].encode(), b'Digest realm="a", nonce="b"', b'digest realm = a , nonce="\\"",qop="auth"']


def check_challenge(data: bytes) -> None:
    """An answer never holds more lines or parameters than it should, whatever the realm is called."""
    with quickly():
        found = digest.read([data.decode(errors="replace")])
    if found is None:
        return
    answer = digest.answer(found, CREDENTIALS, method="REGISTER", uri="sip:operator.example", cnonce="c", count=1)
    assert not re.search(r"[\x00-\x1f]", answer)
    assert re.sub(r'"(?:[^"\\]|\\.)*"', '""', answer).count(",") == answer_commas(found)


def answer_commas(found: digest.Challenge) -> int:
    return 5 + bool(found.opaque) + 3 * found.qop


def offer_seeds() -> list[bytes]:
    offer = b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 9 0 8 101\r\na=rtpmap:9 G722/8000\r\n"
    offer += b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
    return [offer, offer + b"m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", offer.replace(b"\r\n", b"\n")]


def check_offer(data: bytes) -> None:
    """What is left is some of what was there, and cutting it again changes nothing."""
    with quickly():
        cut = codecs.only(data, ("PCMA", "PCMU"))
    if cut is None:
        return
    assert len(cut) <= len(data)
    assert codecs.only(cut, ("PCMA", "PCMU")) == cut


TARGETS = {
    "registrar": Fuzzed(check, seeds, WORDS),
    "challenge": Fuzzed(check_challenge, challenge_seeds, WORDS),
    "offer": Fuzzed(check_offer, offer_seeds, (b"m=audio ", b"m=", b"a=rtpmap:", b"RTP/AVP", b" 0", b" 8", b"\r\n", b"\n", b"\xff")),
}
