"""What a cell reads of an INVITE, and writes into its own."""

from apps.telephony.cell import invite
from tests.fuzz.target import Target, quickly
from tests.sip.messages import invite as ordinary
from tests.sip.torture import CASES

MARKS = (
    'P-Asserted-Identity: "Kari" <sip:+4791234567@x>, <tel:+4791234567>\r\nPrivacy: id;user\r\n'
    "Diversion: <sip:+4722@x>;reason=no-answer\r\nHistory-Info: <sip:a@x?Reason=SIP>;index=1, <sip:b@x>;index=1.1\r\n"
    "X-CC-Trunk: 7\r\nX-CC-Test: t\r\nX-CC-Leg: l\r\nX-CC-Call: c\r\n"
)
WORDS = (
    b"Diversion: ", b"History-Info: ", b"Privacy: ", b"P-Asserted-Identity: ", b"tel:", b"%0d%0a", b"?Reason=",
    b"anonymous", b"\xff", b'"', b"<", b">",
)  # fmt: skip


def check(data: bytes) -> None:
    """ValueError or an Invite whose parts can be shown, logged and sent on: no control characters, no more than came."""
    text = data.decode(errors="surrogateescape")
    with quickly():
        try:
            read = invite.parse(text)
        except ValueError:
            return
    for part in (read.caller, read.dialled, read.forwarded_from):
        assert part.isprintable() and len(part) <= len(text)
    value, more = invite.identity(read.caller, read.caller_name, "127.0.0.1")
    assert value.isprintable() and all(field.isprintable() for field in more.values())
    assert value.encode()


TARGETS = {"invite": Target(check, lambda: [ordinary(extra=MARKS), *(case.data for case in CASES)], WORDS)}
