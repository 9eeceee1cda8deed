"""A web server of bad habits on a free port of this machine, which says what it was asked.

async with WebServer() as server:
    ...  server.url("/right"), server.asked
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Self

Way = Callable[["WebServer", asyncio.StreamWriter], Awaitable[None]]
JSON = b'{"customer": {"name": "Kari", "level": 3, "vip": true, "debt": null, "orders": [{"id": 7}]}}'


def answer(body: bytes, *, status: str = "200 OK", kind: str = "application/json", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


async def _hangs(server: "WebServer", writer: asyncio.StreamWriter) -> None:
    await server.closed.wait()


async def _drips(server: "WebServer", writer: asyncio.StreamWriter) -> None:
    """A byte every tenth of a second: each of them comes in time, all together never."""
    for byte in answer(JSON):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def _huge(server: "WebServer", writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1_000):
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


def says(data: bytes) -> Way:
    async def say(server: "WebServer", writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return say


WAYS: dict[str, Way] = {
    "/right": says(answer(JSON)),
    "/chunked": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    "/nothing": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/fault": says(answer(b"oh", status="500 Oh", kind="text/plain")),
    "/unknown": says(answer(b"<h1>Not found</h1>", status="404 Not Found", kind="text/html")),
    "/moved": says(answer(b"", status="302 Found", headers="Location: /right\r\n")),
    "/page": says(answer(b"<h1>Welcome</h1>", kind="text/html")),
    "/word": says(answer(b'"hello"')),
    "/deep": says(answer(b"[" * 60_000)),
    "/noise": says(b"\x00\x01\x02 220 mail.example ESMTP\r\n" * 10),
    "/cut": says(answer(JSON)[:-20]),
    "/silent": says(b""),
    "/hangs": _hangs,
    "/drips": _drips,
    "/huge": _huge,
}  # fmt: skip


class WebServer:
    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.asked: list[bytes] = []
        self.closed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closed.set()
        self._server.close()

    def url(self, path: str) -> str:
        return f"https://localhost:{self.port}{path}" if self.tls else f"http://127.0.0.1:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        if first == b"\x16":  # TLS
            writer.write(answer(b"Speak plainly", status="400 Bad Request"))
            writer.close()
            return
        head = first + await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        self.asked.append(head + await reader.readexactly(length))
        path = head.split()[1].decode().partition("?")[0]
        try:
            await WAYS[path](self, writer)
        except ConnectionError:
            return
        finally:
            writer.close()
