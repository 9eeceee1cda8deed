"""Registering with an operator, in virtual time: a registrar that answers as it likes (AN-03)."""

import itertools
from collections.abc import Iterator

import pytest
from sipmessage import Request, Response

from apps.telephony.frontdoor import digest, sip
from apps.telephony.frontdoor.decisions import Own, Target
from apps.telephony.frontdoor.registration import REFUSED_PAUSE, Account, Begin, End, Heard, Passed, Registration

OWN = Own("192.0.2.10", 5060)
ACCOUNT = Account(Target("198.51.100.1", 5060), "operator.example", "4722334455", digest.Credentials("login", "s3cret"), seconds=300)
CHALLENGE = 'Digest realm="operator.example", nonce="{nonce}", qop="auth"'


class Operator:
    """A trunk's registration and the clock; `says` is how the registrar answers what it was asked last."""

    def __init__(self, account: Account = ACCOUNT, chance: float = 1.0) -> None:
        words = (f"word{number}" for number in itertools.count())
        self.now = 1_000.0
        self.registration = Registration(account, OWN, lambda: next(words), lambda: chance)
        self.asked: list[Request] = []
        self._do(Begin())

    def _do(self, event: object) -> None:
        self.asked += [sip.parse(sip.encode(send.request)) for send in self.registration.handle(event, self.now)]  # type: ignore[arg-type]

    def says(self, code: int, **headers: str) -> None:
        self._do(Heard(answer_to(self.asked[-1], code, headers)))

    def challenges(self, nonce: str, *, stale: bool = False, code: int = 401) -> None:
        name = "WWW_Authenticate" if code == 401 else "Proxy_Authenticate"
        self.says(code, **{name: CHALLENGE.format(nonce=nonce) + (", stale=true" if stale else "")})

    def ends(self) -> None:
        self._do(End())

    def spends(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.registration.next_timer()) is not None and due <= end:
            self.now = due
            self._do(Passed())
        self.now = end

    @property
    def registered(self) -> bool:
        return self.registration.until > self.now

    def proof(self) -> dict[str, str]:
        return fields(self.asked[-1].headers["Authorization"])


def answer_to(request: Request, code: int, headers: dict[str, str]) -> Response:
    response = Response(code, "As I say")
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        response.headers.set(name, request.headers[name])
    for name, value in headers.items():
        response.headers.set(name.replace("_", "-"), value)
    return response


def fields(proof: str) -> dict[str, str]:
    return {name: value.strip('"') for name, _, value in (part.partition("=") for part in proof.removeprefix("Digest ").split(", "))}


@pytest.fixture
def operator() -> Iterator[Operator]:
    yield Operator()


def test_it_registers_the_trunk_port_and_proves_who_it_is(operator: Operator):
    """AN-03; RFC 3261 10.2."""
    first = operator.asked[0]
    assert str(first.uri) == "sip:operator.example" and first.headers["Contact"] == "<sip:4722334455@192.0.2.10:5060>"
    assert first.headers["To"] == "<sip:4722334455@operator.example>" and first.headers["Expires"] == "300"
    operator.challenges("n1")
    second, proof = operator.asked[1], operator.proof()
    assert second.cseq.sequence == first.cseq.sequence + 1 and second.call_id == first.call_id
    assert (proof["username"], proof["nonce"], proof["nc"], proof["uri"]) == ("login", "n1", "00000001", "sip:operator.example")
    expected = digest.answer(
        digest.Challenge("operator.example", "n1", qop=True), ACCOUNT.credentials, method="REGISTER", uri="sip:operator.example",
        cnonce=proof["cnonce"], count=1,
    )  # fmt: skip
    assert second.headers["Authorization"] == expected
    operator.says(200, Expires="300")
    assert operator.registered and operator.registration.until == operator.now + 300


def test_the_password_is_never_sent(operator: Operator):
    """AN-03"""
    operator.challenges("n1")
    operator.says(200, Expires="300")
    assert all(b"s3cret" not in sip.encode(request) for request in operator.asked)


def test_it_registers_anew_before_the_registration_lapses_with_the_nonce_it_has(operator: Operator):
    """AN-03; RFC 7616 3.4: the nonce count says how often."""
    operator.challenges("n1")
    operator.says(200, Expires="300")
    operator.spends(239)
    assert len(operator.asked) == 2
    operator.spends(1.25)
    assert len(operator.asked) == 3
    assert (operator.proof()["nonce"], operator.proof()["nc"]) == ("n1", "00000002")
    operator.says(200, Expires="300")
    assert operator.registration.until == operator.now + 300


def test_what_the_registrar_grants_is_what_counts(operator: Operator):
    """RFC 3261 10.2.4: the parameter of our Contact beats Expires, those of others count for nothing."""
    operator.says(200, Expires="3600", Contact="<sip:4722334455@192.0.2.99:5060>;expires=10, <sip:4722334455@192.0.2.10:5060>;expires=120")
    assert operator.registration.until == operator.now + 120


def test_a_wrong_password_is_not_tried_again_at_once(operator: Operator):
    """AN-03: operators lock accounts."""
    operator.challenges("n1")
    operator.challenges("n2")
    assert not operator.registered and operator.registration.outcome.code == 401
    assert len(operator.asked) == 2
    operator.spends(REFUSED_PAUSE - 1)
    assert len(operator.asked) == 2
    operator.spends(1.25)
    assert len(operator.asked) == 3


def test_a_stale_nonce_is_replaced_without_ado(operator: Operator):
    """RFC 7616 3.3."""
    operator.challenges("n1")
    operator.says(200, Expires="300")
    operator.spends(241)
    operator.challenges("n2", stale=True)
    assert (operator.proof()["nonce"], operator.proof()["nc"]) == ("n2", "00000001")
    operator.says(200, Expires="300")
    assert operator.registered


def test_a_registrar_that_calls_every_nonce_stale_is_given_up(operator: Operator):
    for number in range(5):
        operator.challenges(f"n{number}", stale=True)
    assert len(operator.asked) == 4 and operator.registration.outcome.code == 401


def test_a_proxy_may_challenge_as_well(operator: Operator):
    operator.challenges("n1", code=407)
    assert "Proxy-Authorization" in operator.asked[-1].headers.keys()  # noqa: SIM118 - Headers is no dict


def test_an_interval_too_brief_is_asked_for_longer(operator: Operator):
    """RFC 3261 10.2.8."""
    operator.says(423, Min_Expires="1800")
    assert operator.asked[-1].headers["Expires"] == "1800"
    operator.says(200, Expires="1800")
    assert operator.registration.until == operator.now + 1_800


@pytest.mark.parametrize("least", ["", "60", "99999999", "soon"])
def test_a_423_that_makes_no_sense_is_a_refusal(operator: Operator, least: str):
    operator.says(423, Min_Expires=least)
    assert len(operator.asked) == 1 and operator.registration.outcome.code == 423


def test_a_registrar_that_is_away_is_asked_again_and_later_each_time(operator: Operator):
    """AN-03; RFC 3261 17.1.2: 500 ms, doubling to 4 s, 32 s in all; then pauses that double."""
    operator.spends(32)
    assert len(operator.asked) == 11 and operator.registration.outcome.code == 408
    branches = [sip.values(request, "Via")[0] for request in operator.asked]
    assert len(set(branches)) == 1
    began = []
    for _ in range(8):
        due = operator.registration.next_timer()
        assert due is not None
        began.append(due - operator.now)
        operator.spends(due - operator.now + 32)
    assert began == [4, 8, 16, 32, 64, 120, 120, 120]


def test_pauses_differ_so_that_not_all_come_at_once():
    operator = Operator(chance=0.0)
    operator.says(500)
    assert operator.registration.next_timer() == operator.now + 2


def test_a_registrar_may_say_when_it_wants_to_be_asked_again(operator: Operator):
    """RFC 3261 20.33."""
    operator.says(503, Retry_After="90 (maintenance)")
    assert operator.registration.next_timer() == operator.now + 90


def test_a_registration_that_still_holds_survives_a_refresh_without_answer(operator: Operator):
    operator.says(200, Expires="300")
    operator.spends(240 + 33)
    assert operator.registered and operator.registration.outcome.code == 408
    operator.spends(30)
    assert not operator.registered


def test_a_clean_stop_takes_the_registration_back(operator: Operator):
    """RFC 3261 10.2.2."""
    operator.challenges("n1")
    operator.says(200, Expires="300")
    operator.ends()
    assert operator.asked[-1].headers["Expires"] == "0"
    operator.challenges("n2", stale=True)
    assert operator.asked[-1].headers["Expires"] == "0" and operator.proof()["nonce"] == "n2"
    operator.says(200)
    assert operator.registration.state == "left" and operator.registration.next_timer() is None and not operator.registered


def test_a_farewell_that_nobody_answers_does_not_take_long(operator: Operator):
    operator.says(200, Expires="300")
    operator.ends()
    operator.spends(1.6)
    assert operator.registration.state == "left"


def test_who_was_refused_has_nothing_to_take_back(operator: Operator):
    operator.says(403)
    operator.ends()
    assert operator.registration.state == "left" and len(operator.asked) == 1


def test_a_late_answer_to_an_old_question_changes_nothing(operator: Operator):
    late = answer_to(operator.asked[0], 200, {"Expires": "300"})
    operator.challenges("n1")
    operator._do(Heard(late))
    assert not operator.registered and operator.registration.state == "asking"


def test_over_a_connection_nothing_is_sent_twice():
    account = Account(Target("198.51.100.1", 5060, "tcp"), "operator.example", "user", ACCOUNT.credentials)
    operator = Operator(account)
    operator.spends(31)
    assert len(operator.asked) == 1
    assert operator.asked[0].headers["Contact"] == "<sip:user@192.0.2.10:5060;transport=tcp>"
    assert operator.asked[0].headers["Via"].startswith("SIP/2.0/TCP ")
