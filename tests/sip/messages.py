"""SIP messages for tests of the front door, written as they travel."""

INVITE = (
    "INVITE sip:{number}@127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-{call}-1;rport\r\n"
    "Max-Forwards: 70\r\n"
    'From: "Kari Nordmann" <sip:+4791234567@192.0.2.1>;tag=kari\r\n'
    "To: <sip:{number}@127.0.0.1>\r\n"
    "Call-ID: {call}@192.0.2.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:+4791234567@192.0.2.1:5070>\r\n"
    "{extra}"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 4\r\n"
    "\r\n"
    "v=0\n"
)


def invite(number: str = "+4722334455", *, call: str = "call-1", extra: str = "") -> bytes:
    return INVITE.format(number=number, call=call, extra=extra).encode()


def request(
    method: str,
    uri: str = "sip:+4722334455@127.0.0.1:5060",
    *,
    call: str = "call-1",
    cseq: int = 1,
    to_tag: str = "",
    branch: str = "",
    via: str = "SIP/2.0/UDP 192.0.2.1:5070",
    from_tag: str = "kari",
    extra: str = "",
) -> bytes:
    return (
        f"{method} {uri} SIP/2.0\r\n"
        f"Via: {via};branch=z9hG4bK-{branch or call + '-1'};rport\r\n"
        "Max-Forwards: 70\r\n"
        f"From: <sip:+4791234567@192.0.2.1>;tag={from_tag}\r\n"
        f"To: <sip:+4722334455@127.0.0.1>{';tag=' + to_tag if to_tag else ''}\r\n"
        f"Call-ID: {call}@192.0.2.1\r\n"
        f"CSeq: {cseq} {method}\r\n"
        f"{extra}"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def reply(forwarded: bytes, code: int = 200, *, to_tag: str = "cell") -> bytes:
    """What the receiver of `forwarded` answers: Via, Record-Route, From, To, Call-ID and CSeq mirrored."""
    lines = forwarded.decode().split("\r\n\r\n")[0].split("\r\n")[1:]
    kept = [line for line in lines if line.lower().startswith(("via:", "record-route:", "from:", "to:", "call-id:", "cseq:"))]
    kept = [f"{line};tag={to_tag}" if line.startswith("To:") and "tag=" not in line else line for line in kept]
    return ("\r\n".join([f"SIP/2.0 {code} Fine", *kept, "Content-Length: 0"]) + "\r\n\r\n").encode()
