"""Parsing and building SIP messages with `sipmessage`, made safe for what real networks send. PURE.

The library reads; what others wrote travels on as they wrote it (it would re-encode a foreign Via's branch, and the
branch must come back untouched).
"""

import dataclasses
import hashlib
import re
from dataclasses import dataclass

from sipmessage import URI, Address, Message, Request, Response, Via

MAX_SIZE = 65_535  # bytes of a message
MAX_LINE = 8_192  # characters of a header; the library's patterns are quadratic in places
MAX_URI = 1_024
MAX_HEADERS = 200
COOKIE = "z9hG4bK"  # RFC 3261 8.1.1.7
REQUIRED = ("Via", "From", "To", "Call-ID", "CSeq")
ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type")  # given twice, two readers see two messages
SCHEMES = ("sip", "sips", "tel")
FOLD = re.compile(r"\r\n[ \t]+")
NAME = re.compile(r"^([^\s:]+)[ \t]*:", re.MULTILINE)
SCHEME = re.compile(r"(?<= )(?:sips?|tel):", re.IGNORECASE)  # in the request line; the library wants it in small letters
FOREIGN = re.compile(r"^(\S+) (?!(?:sips?|tel):)([A-Za-z][A-Za-z0-9+.-]*):(\S*) SIP/2\.0$", re.IGNORECASE)
VERSION = re.compile(r"^sip", re.IGNORECASE)  # of a Via; the library wants it in capitals
TAG = re.compile(r";\s*tag\s*=\s*([^;,\s>]+)", re.IGNORECASE)
RPORT = re.compile(r";\s*rport\s*+(?:=\s*+\d*+\s*+)?+(?=;|$)", re.IGNORECASE)  # possessive, so never quadratic
RECEIVED = re.compile(r";\s*received\s*=[^;]*", re.IGNORECASE)
MIRRORED = re.compile(r"(?:via|v|from|f|to|t|call-id|i|cseq):", re.IGNORECASE)  # what a response repeats of its request
CLOSED = re.compile(r'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)  # every quotation has its end; possessive, so never quadratic
PHRASES = {
    100: "Trying",
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    501: "Not Implemented",
    503: "Service Unavailable",
}


class Malformed(ValueError):  # noqa: N818 - it says what the message is
    """Not a SIP message that can be served."""


@dataclass(frozen=True)
class ReceivedUri(URI):
    """A Request-URI that is sent on letter by letter. `asked`: what it was before we put another one in its place."""

    text: str = ""
    asked: str = ""

    def __str__(self) -> str:
        return self.text


def parse(data: bytes) -> Request | Response:
    """One whole message. Errors: `Malformed`, and nothing else, whatever `data` is."""
    try:
        return _parse(data.lstrip(b"\r\n"))
    except Malformed:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AssertionError) as broken:
        raise Malformed(type(broken).__name__) from broken


def _parse(data: bytes) -> Request | Response:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator or len(data) > MAX_SIZE:
        raise Malformed("no end of headers, or too long")
    text = NAME.sub(r"\1:", FOLD.sub(" ", _decoded(head)))
    lines = text.split("\r\n")
    if len(lines) > MAX_HEADERS or max(map(len, lines)) > MAX_LINE or len(lines[0]) > MAX_URI:
        raise Malformed("too many or too long headers")
    foreign = FOREIGN.match(lines[0])
    start = f"{foreign[1]} sip:foreign.invalid SIP/2.0" if foreign else SCHEME.sub(_lower, lines[0], count=1)
    message = Message.parse(f"{start}{text[len(lines[0]) :]}\r\n\r\n".encode())
    if isinstance(message, Request):
        message.uri = _received(message.uri, lines[0].split(" ")[1], foreign[2] if foreign else "")
    _check(message)
    message.body = _body(message, body)
    return message


def _received(uri: URI, text: str, scheme: str) -> ReceivedUri:
    """`scheme`: one that only the sender knows (RFC 3261 8.2.2.1); what follows it is not for us to read."""
    if scheme:
        return ReceivedUri(scheme=scheme.lower(), host="", text=text)
    return ReceivedUri(**{field.name: getattr(uri, field.name) for field in dataclasses.fields(uri)}, text=text)


def _decoded(head: bytes) -> str:
    """UTF-8 as the RFC wants, or the Latin-1 of older exchanges. A lone CR or LF or a NUL could smuggle a header in."""
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    if "\0" in text.replace("\\\0", "") or "\n" in text.replace("\r\n", "") or "\r" in text.replace("\r\n", ""):
        raise Malformed("control characters")
    return text


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


def _check(message: Request | Response) -> None:
    if any(message.headers.get(name) is None for name in REQUIRED):
        raise Malformed("a required header is missing")
    if any(len(message.headers.getlist(name)) > 1 for name in ONCE):
        raise Malformed("a header that may stand once only")
    if not all(CLOSED.fullmatch(message.headers[name]) for name in ("From", "To")):
        raise Malformed("a quotation without end")
    cseq, via = message.cseq, via_of(values(message, "Via")[0])
    if cseq.sequence >= 1 << 32 or not 0 <= (via.port or 0) < 65_536:
        raise Malformed("a number out of its range")
    if isinstance(message, Request) and (cseq.method != message.method or not 0 <= (message.uri.port or 0) < 65_536):
        raise Malformed("CSeq or Request-URI")
    if isinstance(message, Response) and not 100 <= message.code < 700:
        raise Malformed("status code")


def _body(message: Request | Response, body: bytes) -> bytes:
    """RFC 3261 18.3: bytes after Content-Length are no part of the message; too few are an error."""
    length = message.content_length
    if length is None:
        return body
    if not 0 <= length <= len(body):
        raise Malformed("Content-Length")
    return body[:length]


def outline(data: bytes) -> Request | None:
    """Of a request that `parse` refuses: what a response must repeat (RFC 3261 8.2.6.2). None: it does not say that much, or is an ACK."""
    head, separator, _ = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator or len(head) > MAX_LINE:
        return None
    try:
        start, *lines = NAME.sub(r"\1:", FOLD.sub(" ", _decoded(head))).split("\r\n")
        kept = "\r\n".join(line for line in lines if MIRRORED.match(line))
        request = Message.parse(f"UNREADABLE sip:unreadable.invalid SIP/2.0\r\n{kept}\r\n\r\n".encode())
        _check_outline(request)
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    answered = not start.upper().startswith(("SIP/", "ACK ")) and request.cseq.method.upper() != "ACK"
    return request if answered and isinstance(request, Request) else None


def _check_outline(request: Request | Response) -> None:
    """Only the first of what may stand once is repeated."""
    via_of(values(request, "Via")[0])
    for name in REQUIRED[1:]:
        request.headers.set(name, request.headers[name])
    request.cseq  # noqa: B018 - reading it is parsing it


def encode(message: Request | Response) -> bytes:
    message.content_length = len(message.body)
    return bytes(message)


def split(value: str) -> list[str]:
    """The items of a comma-separated header value; commas in quotes or angle brackets do not separate."""
    items, begin, quoted, bracketed, escaped = [], 0, False, False, False
    for index, sign in enumerate(value):
        if escaped or (quoted and sign == "\\"):
            escaped = not escaped
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "<>":
            bracketed = sign == "<"
        elif sign == "," and not quoted and not bracketed:
            items.append(value[begin:index].strip())
            begin = index + 1
    return [item for item in (*items, value[begin:].strip()) if item]


def values(message: Request | Response, name: str) -> list[str]:
    """All items of a header, topmost first, as they were written."""
    return [item for value in message.headers.getlist(name) for item in split(value)]


def put(message: Request | Response, name: str, items: list[str]) -> None:
    """Replace a header by `items`; none of them: the header goes."""
    if items:
        message.headers.setlist(name, items)
    else:
        message.headers.remove(name)


def tag(message: Request | Response, name: str) -> str:
    """The tag of From or To; empty if it has none."""
    value = message.headers[name]
    found = TAG.search(value[value.rfind(">") + 1 :] if ">" in value else value)
    return found[1] if found else ""


def uri_of(address: str) -> URI:
    """The URI in a Route or Contact. Errors: `Malformed`."""
    try:
        return Address.parse(address).uri
    except (ValueError, KeyError, TypeError) as broken:
        raise Malformed("address") from broken


def via_of(item: str) -> Via:
    """Errors: `Malformed`."""
    try:
        return Via.parse(VERSION.sub("SIP", item))
    except (ValueError, KeyError, TypeError) as broken:
        raise Malformed("Via") from broken


def plain(via: str) -> str:
    """`via` without what servers add to it."""
    return RECEIVED.sub("", RPORT.sub("", via)).strip()


def note_source(via: str, host: str, port: int) -> str:
    """`via` as a server must complete it (RFC 3261 18.2.1, RFC 3581): where the request really came from."""
    bare, seen = plain(via), f"[{host}]" if ":" in host else host
    if RPORT.search(via):
        return f"{bare};received={seen};rport={port}"
    read = via_of(bare)  # an escaped name (%72eceived) is read as what it stands for: the answer would go to whom it names
    return f"{bare};received={seen}" if (read.parameters.get("received") or read.host).strip("[]") != host else bare


def fingerprint(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def branch(request: Request) -> str:
    """The same for an INVITE, its retransmissions, its CANCEL and its ACK (RFC 3261 16.11), and for no other transaction."""
    via, cseq, uri = plain(values(request, "Via")[0]), request.cseq.sequence, request.uri
    asked = (uri.asked if isinstance(uri, ReceivedUri) else "") or str(uri)
    return f"{COOKIE}cc{fingerprint(via, request.call_id, tag(request, 'From'), str(cseq), asked)}"


def answer(request: Request, code: int, headers: dict[str, str] | None = None) -> Response:
    """A response that needs no memory: the tag that it gives is computed from the request (RFC 3261 8.2.7)."""
    response = Response(code, PHRASES[code])
    for name in REQUIRED:
        put(response, name, list(request.headers.getlist(name)))
    if not tag(request, "To") and code != 100:
        response.headers.set("To", f"{request.headers['To']};tag=cc{branch(request)[-12:]}")
    for name, value in (headers or {}).items():
        response.headers.set(name, value)
    return response
