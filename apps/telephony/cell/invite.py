"""What an INVITE says about the call: who calls whom, and what front door and gateway add; read and written. PURE."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

import sipmessage

from apps.telephony import protocol

URI_HEADERS = re.compile(r"(<[^<>?]*)\?[^<>]*>")  # of <sip:a@b?Reason=…> (RFC 7044): of no use to us, and sipmessage refuses them
SCHEME = re.compile(r"(?<=[ <])(?:sips?|tel):", re.IGNORECASE)  # RFC 3261 7.3.1: in any case; the library wants small letters
MEDIA = re.compile(rf"^{protocol.HEADER_MEDIA}:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
ANONYMOUS = ("anonymous", "")
ANONYMOUS_FROM = '"Anonymous" <sip:anonymous@anonymous.invalid>'  # RFC 3323 4.1.1.3


@dataclass(frozen=True, slots=True)
class Invite:
    """User parts as sent, percent-decoded (RFC 3261 19.1.2); empty: not there or withheld."""

    caller: str = ""
    caller_name: str = ""
    dialled: str = ""
    forwarded_from: str = ""
    trunk: str = ""
    test: str = ""
    leg: str = ""
    call: str = ""


def parse(message: str) -> Invite:
    """Read an INVITE as it came. Errors: ValueError for what is no request."""
    head = SCHEME.sub(lambda scheme: scheme[0].lower(), message.partition("\r\n\r\n")[0])  # a body may hold what is no UTF-8
    request = sipmessage.Message.parse(f"{head}\r\n\r\n".encode(errors="replace"))
    if not isinstance(request, sipmessage.Request):
        raise ValueError("not a request")
    name, caller = _caller(request)
    return Invite(
        caller=caller,
        caller_name=name,
        dialled=user(str(request.uri)),
        forwarded_from=_forwarded_from(request),
        trunk=request.headers.get(protocol.HEADER_TRUNK) or "",
        test=request.headers.get(protocol.HEADER_TEST) or "",
        leg=request.headers.get(protocol.HEADER_LEG) or "",
        call=request.headers.get(protocol.HEADER_CALL) or "",
    )


def media_networks(message: str) -> str:
    """What the front door adds to an INVITE or its answer; empty: it did not come through the front door."""
    found = MEDIA.search(message.partition("\r\n\r\n")[0])
    return found[1] if found else ""


def identity(caller: str, name: str, home: str) -> tuple[str, dict[str, str]]:
    """(From, further headers) of an INVITE that presents `caller`; empty: withheld (RFC 3323)."""
    if not caller:
        return ANONYMOUS_FROM, {"Privacy": "id"}
    number = quote(clean(caller), safe="+*#-_.!~'()&=$,?/")
    shown = clean(name).replace("\\", "\\\\").replace('"', '\\"')
    return (f'"{shown}" <sip:{number}@{home}>' if shown else f"<sip:{number}@{home}>"), {}


def added(command: protocol.Dial) -> dict[str, str]:
    """Further headers of a Dial. Our own ids go only straight to our own gateway, not through a proxy to the outside."""
    ours = {} if command.route else {protocol.HEADER_CALL: command.call, protocol.HEADER_LEG: command.leg}
    return {**ours, **command.headers}


def proxy(route: str) -> str:
    """A Route (RFC 3261 16.12: loose) through the proxy with this SIP URI."""
    return f"<{route}>" if ";lr" in route else f"<{route};lr>"


def clean(text: str) -> str:
    """Without control characters: no value begins a header of its own."""
    return "".join(character for character in text if character.isprintable())


def _caller(request: sipmessage.Request) -> tuple[str, str]:
    """(name, user). P-Asserted-Identity (RFC 3325) is what the operator vouches for; From is what the telephone says.

    Who asks for privacy (RFC 3323) gets it, although the operator tells us the number.
    """
    if {"id", "user", "header"} & set(_tokens(request.headers.get("Privacy") or "")):
        return "", ""
    addresses = [*_addresses(request, "P-Asserted-Identity"), *_addresses(request, "From")]
    for address in addresses:
        number = user(str(address.uri))
        if number.lower() not in ANONYMOUS:
            return address.name, number
    return "", ""


def _forwarded_from(request: sipmessage.Request) -> str:
    """The number that forwarded the call last: the newest Diversion (RFC 5806), or the last but one of History-Info (RFC 7044)."""
    for address in _addresses(request, "Diversion"):
        return user(str(address.uri))
    history = _addresses(request, "History-Info")
    return user(str(history[-2].uri)) if len(history) > 1 else ""


def _addresses(request: sipmessage.Request, header: str) -> list[sipmessage.Address]:
    try:
        values = [URI_HEADERS.sub(r"\1>", value) for value in request.headers.getlist(header)]
        return [address for value in values for address in sipmessage.Address.parse_many(value)]
    except ValueError:
        return []  # a header that we cannot read is as good as none: the call matters more


def host(uri: str) -> str:
    """host:port of a SIP URI."""
    return uri.removeprefix("sip:").partition(";")[0].rpartition("@")[2]


def user(uri: str) -> str:
    """The user part of a sip, sips or tel URI."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        return clean(unquote(rest.partition(";")[0]))
    part, at, _ = rest.partition("@")
    return clean(unquote(part.partition(";")[0].partition(":")[0])) if at else ""


def _tokens(value: str) -> list[str]:
    return [token.strip().lower() for token in value.replace(",", ";").split(";")]
