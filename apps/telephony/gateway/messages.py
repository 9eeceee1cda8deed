"""SIP messages that the gateway writes (RFC 3261), built with `sipmessage`. PURE."""

import re

from sipmessage import URI, Request, Response
from sipmessage.message import Headers

PHRASES = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    503: "Service Unavailable",
}
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS"
_RPORT = re.compile(r";\s*rport(?!\s*=)", re.IGNORECASE)
_TAG = re.compile(r";\s*tag\s*=\s*([^\s;,>]+)", re.IGNORECASE)


def tag_of(address: str) -> str:
    """The tag of a From or To value; '' without."""
    found = _TAG.search(address.rpartition(">")[2] if ">" in address else address)
    return found[1] if found else ""


def branch_of(message: Request | Response) -> str:
    """The transaction that `message` belongs to. Errors: ValueError (no Via)."""
    return message.via[0].parameters.get("branch") or ""


def check(message: Request | Response) -> None:
    """That `message` has all that is read of it later. Errors: ValueError, KeyError, IndexError."""
    branch_of(message)
    message.headers["From"]
    message.contact  # noqa: B018 - reading it is parsing it


def respond(request: Request, code: int, *, source: tuple[str, int], tag: str = "", contact: str = "", sdp: str = "") -> bytes:
    """A response that finds its way back to `source` also when the sender did not know its port (RFC 3581)."""
    response = Response(code, PHRASES[code])
    top, *below = request.headers.getlist("Via")
    response.headers.add("Via", _RPORT.sub(f";rport={source[1]};received={source[0]}", top, count=1))
    for name, values in (("Via", below), ("Record-Route", request.headers.getlist("Record-Route"))):
        for value in values:
            response.headers.add(name, value)
    to = request.headers["To"]
    response.headers.set("From", request.headers["From"])
    response.headers.set("To", f"{to};tag={tag}" if tag and not tag_of(to) else to)
    for name in ("Call-ID", "CSeq"):
        response.headers.set(name, request.headers[name])
    return _finished(response, contact, sdp)


def build(method: str, uri: str, headers: dict[str, str], *, contact: str = "", sdp: str = "") -> bytes:
    """A request; `headers` are all that it needs beside those that every request has."""
    request = Request(method, URI.parse(uri))
    for name, value in {**headers, "Max-Forwards": "70"}.items():
        request.headers.set(name, value)
    return _finished(request, contact, sdp)


def _finished(message: Request | Response, contact: str, sdp: str) -> bytes:
    headers: Headers = message.headers
    if contact:
        headers.set("Contact", f"<{contact}>")
        headers.set("Allow", ALLOW)
    if sdp:
        headers.set("Content-Type", "application/sdp")
    message.body = sdp.encode()
    headers.set("Content-Length", str(len(message.body)))
    return bytes(message)
