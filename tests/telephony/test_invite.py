"""What an INVITE tells of caller, number and forwarding (TR-02), and what ours tells others."""

import pytest

from apps.telephony.cell import invite
from apps.telephony.protocol import Dial


def parsed(*lines: str, uri: str = "sip:+4722334455@10.0.0.1") -> invite.Invite:
    first = [f"INVITE {uri} SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1", "To: <sip:a@b>", "Call-ID: 1", "CSeq: 1 INVITE"]
    return invite.parse("\r\n".join([*first, *lines, "Content-Length: 0", "", ""]))


def test_the_caller_is_in_from() -> None:
    said = parsed('From: "Kari \\"K\\" Ås" <sip:+4791234567@operator;user=phone>;tag=1')
    assert (said.caller, said.caller_name, said.dialled) == ("+4791234567", 'Kari "K" Ås', "+4722334455")


def test_what_the_operator_asserts_comes_first() -> None:
    """RFC 3325."""
    assert parsed("From: <sip:1@x>;tag=1", 'P-Asserted-Identity: "Kari" <tel:+4791234567>, <sip:2@x>').caller == "+4791234567"


@pytest.mark.parametrize(
    "lines", [["f: <sip:anonymous@anonymous.invalid>;tag=1"], ["From: <sip:+4791234567@x>;tag=1", "Privacy: id;critical"]]
)
def test_who_withholds_his_number_has_none(lines: list[str]) -> None:
    """RFC 3323."""
    assert (parsed(*lines).caller, parsed(*lines).caller_name) == ("", "")


def test_a_withheld_from_does_not_hide_what_the_operator_asserts() -> None:
    """Only Privacy asks for it: some operators write anonymous into every From."""
    assert parsed("From: <sip:anonymous@x>;tag=1", "P-Asserted-Identity: <sip:+4791234567@x>").caller == "+4791234567"


def test_numbers_are_percent_decoded_and_without_parameters() -> None:
    """RFC 3261 19.1.2."""
    assert parsed("From: <sip:1@x>;tag=1", uri="sip:%2B4722334455;phone-context=no:secret@10.0.0.1").dialled == "+4722334455"


def test_forwarding_is_the_newest_diversion_or_the_last_but_one_of_the_history() -> None:
    """RFC 5806, RFC 7044."""
    history = "History-Info: <sip:+4711@x>;index=1, <sip:+4712@x?Reason=SIP%3Bcause%3D302>;index=1.1, <sip:+4713@x>;index=1.2"
    assert parsed("From: <sip:1@x>;tag=1", history).forwarded_from == "+4712"
    assert (
        parsed("From: <sip:1@x>;tag=1", history, "Diversion: <sip:+4721@x>;reason=no-answer", "Diversion: <sip:+4722@x>").forwarded_from
        == "+4721"
    )
    assert parsed("From: <sip:1@x>;tag=1").forwarded_from == ""


def test_a_header_that_nobody_can_read_does_not_lose_the_call() -> None:
    assert parsed("From: <sip:+4791234567@x>;tag=1", "P-Asserted-Identity: <<<", "Diversion: ,;").caller == "+4791234567"


def test_names_and_headers_cannot_begin_a_line_of_their_own() -> None:
    sender, _ = invite.identity("+47\r\nX: 1", 'Kari"\r\nEvil: 1', "10.0.0.1")
    assert sender == '"Kari\\"Evil: 1" <sip:+47X%3A%201@10.0.0.1>'


def test_our_ids_go_to_our_gateway_and_not_to_a_trunk() -> None:
    straight = Dial(call="c", leg="l", uri="sip:agent-1@127.0.0.1:7000", headers={"X-Other": "1"})
    assert invite.added(straight) == {"X-CC-Call": "c", "X-CC-Leg": "l", "X-Other": "1"}
    outside = Dial(call="c", leg="l", uri="sip:+47@operator", route="sip:127.0.0.1:5060")
    assert invite.added(outside) == {}
    assert invite.proxy(outside.route) == "<sip:127.0.0.1:5060;lr>"


def test_schemes_are_read_in_any_case() -> None:
    """RFC 3261 7.3.1."""
    said = parsed('From: "Kari" <SIP:+4791234567@x>;tag=1', uri="SIP:+4722334455@10.0.0.1")
    assert (said.caller, said.dialled) == ("+4791234567", "+4722334455")


def test_a_body_that_is_no_utf_8_loses_no_caller() -> None:
    head = "INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\nFrom: <sip:+4791234567@x>;tag=1\r\nTo: <sip:1@x>\r\n"
    message = head + "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 3\r\n\r\ns=\udce5"
    assert invite.parse(message).caller == "+4791234567"


def test_no_control_character_hides_in_a_number() -> None:
    said = parsed("From: <sip:+479%0d%0a1%00@x>;tag=1")
    assert said.caller.isprintable() and said.caller.startswith("+479")
