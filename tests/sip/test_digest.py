"""Challenges and their answers (AN-03): the examples of the RFCs, and what others may write."""

import re

import pytest

from apps.telephony.frontdoor import digest
from apps.telephony.frontdoor.digest import Challenge, Credentials

MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE, CNONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str):
    """AN-03"""
    challenge = Challenge("http-auth@example.org", NONCE, OPAQUE, algorithm, qop=True)
    answer = digest.answer(challenge, MUFASA, method="GET", uri="/dir/index.html", cnonce=CNONCE, count=1)
    assert f'response="{response}"' in answer
    assert f"algorithm={algorithm}" in answer and "nc=00000001" in answer and "qop=auth" in answer and f'opaque="{OPAQUE}"' in answer


def test_without_qop_the_answer_is_that_of_rfc_2069():
    """AN-03: old registrars; the example of RFC 2617 3.5 without qop."""
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    answer = digest.answer(challenge, Credentials("Mufasa", "Circle Of Life"), method="GET", uri="/dir/index.html", cnonce="x", count=1)
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in answer
    assert "qop" not in answer and "cnonce" not in answer and "nc=" not in answer


def test_the_first_challenge_that_can_be_answered_is_taken():
    """RFC 8760 2.4: the sender has them in the order that it likes."""
    values = [
        'Digest realm="a", nonce="1", algorithm=SHA-512-256, qop="auth"',
        'Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth"',
        'Digest realm="a", nonce="3", algorithm=MD5, qop="auth"',
    ]
    assert digest.read(values) == Challenge("a", "2", "", "SHA-256", qop=True)


@pytest.mark.parametrize(
    ("value", "challenge"),
    [
        ('digest REALM = "a b" ,nonce="n,1",qop="auth-int,auth",stale=TRUE', Challenge("a b", "n,1", qop=True, stale=True)),
        (r'Digest realm="say \"hi\"",nonce="n"', Challenge('say "hi"', "n")),
        ("Digest realm=plain, nonce=n, algorithm=md5", Challenge("plain", "n")),
    ],
)
def test_a_challenge_is_read_however_it_is_spaced(value: str, challenge: Challenge):
    assert digest.read([value]) == challenge


@pytest.mark.parametrize(
    "value",
    [
        "", "Digest", "Basic realm=x", 'Digest realm="a"', 'Digest nonce="n"', 'Digest realm="a", nonce=""', 'Digest realm="a", nonce="n',
        'Digest realm="a", nonce="n", qop="auth-int"', 'Digest realm="a", nonce="n", algorithm=MD5-sess', 'Digest realm="a" nonce="n"',
        'Digest realm="a\r\nX: y", nonce="n"', 'Digest realm="' + "a" * 5_000 + '", nonce="n"',
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_no_challenge(value: str):
    assert digest.read([value]) is None


def test_what_was_read_is_quoted_again():
    """A realm with quotation marks must not begin a parameter of its own."""
    answer = digest.answer(Challenge('a", uri="b', "n"), MUFASA, method="REGISTER", uri="sip:x", cnonce="c", count=1)
    assert re.findall(r'(?:^Digest |, )([a-z]+)="((?:[^"\\]|\\.)*)"', answer)[1] == ("realm", r"a\", uri=\"b")
