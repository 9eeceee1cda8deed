"""One HTTP/1.1 request and its answer. Errors are codes of kinds.web.REASONS.

h11 reads and writes the protocol, asyncio the connection. There are no redirects, cookies, proxies, compression or kept connections:
each of them would be a way for a server to make us do more than the administrator wrote down.
"""

import asyncio
import ssl
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from apps.flows.web import targets
from apps.flows.web.targets import Rules

LONGEST_ANSWER = 65_536  # bytes
PIECE = 16_384


class FetchError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Answer(NamedTuple):
    status: int
    body: bytes


async def fetch(url: str, method: str, headers: dict[str, str], body: bytes, rules: Rules) -> Answer:
    """Errors: FetchError. How long it may take is for the caller to say, who cancels it."""
    try:
        return await _fetch(url, method, headers, body, rules)
    except targets.ForbiddenError as fault:
        raise FetchError("forbidden") from fault
    except h11.ProtocolError as fault:
        raise FetchError("not_http") from fault
    except (OSError, ValueError) as fault:  # TLS and its certificates too; a name that is none
        raise FetchError("unreachable") from fault


async def _fetch(url: str, method: str, headers: dict[str, str], body: bytes, rules: Rules) -> Answer:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, "Accept": "application/json", "User-Agent": "contactcenter", "Connection": "close", **headers}
    if method == "POST":
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    request = h11.Request(method=method, target=target, headers=list(sent.items()))
    connection = await targets.connect(host, parts.port or (443 if secure else 80), rules)
    tls = {"ssl": _tls(), "server_hostname": host} if secure else {}
    try:
        reader, writer = await asyncio.open_connection(sock=connection, limit=PIECE, **tls)  # type: ignore[arg-type]
    except BaseException:
        connection.close()
        raise
    try:
        return await _converse(reader, writer, request, body)
    finally:
        writer.transport.abort()  # nobody waits for a proper end


@cache
def _tls() -> ssl.SSLContext:
    """The certificates that this machine trusts, so that a company's own authority counts."""
    return ssl.create_default_context()


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: h11.Request, body: bytes) -> Answer:
    talk = h11.Connection(h11.CLIENT)
    data = [talk.send(request), talk.send(h11.Data(data=body)) if body else b"", talk.send(h11.EndOfMessage())]
    writer.write(b"".join(piece for piece in data if piece))
    await writer.drain()
    status, answer = 0, bytearray()
    while not isinstance(event := await _next(talk, reader), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            answer += event.data
        if len(answer) > LONGEST_ANSWER:
            raise FetchError("large")
    return Answer(status, bytes(answer))


async def _next(talk: h11.Connection, reader: asyncio.StreamReader) -> h11.Event:
    while (event := talk.next_event()) is h11.NEED_DATA:
        talk.receive_data(await reader.read(PIECE))
    if isinstance(event, h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage):
        return event
    raise FetchError("not_http")  # the connection ended in mid-answer
