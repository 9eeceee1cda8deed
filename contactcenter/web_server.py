"""Daphne, which refuses a request that is larger than any upload may be, before it has written it to the disk twice."""

import gc
from importlib import import_module
from typing import Any

import daphne.server
from daphne.cli import CommandLineInterface
from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from django.urls import get_resolver

WORDS = (
    "The upload is too large: a file may have at most 50 MB.\nDet som lastes opp er for stort: en fil kan være på høyst 50 MB.\n".encode()
)
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"


class LimitedRequest(WebRequest):
    """By its Content-Length, or else when too much has come in chunks (RFC 9110, 15.5.14)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._taken = 0
        self._refused = False
        super().__init__(*args, **kwargs)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        self._refused = length is not None and length > settings.WEB_LARGEST_REQUEST
        super().gotLength(0 if self._refused else length)
        if self._refused:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._taken += len(data)
        if self._refused:
            return
        if self._taken > settings.WEB_LARGEST_REQUEST:
            self._refused = True
            self._refuse()
        else:
            super().handleContentChunk(data)

    def process(self) -> Any:
        return None if self._refused else super().process()

    def _refuse(self) -> None:
        self.channel.transport.write(REFUSAL % (len(WORDS), WORDS))
        self.channel.loseConnection()


class LimitedFactory(HTTPFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = LimitedRequest
        return protocol


def load() -> None:
    """All pages. What is there then stays, and the garbage collector leaves it alone: to look it through took a quarter of a second,
    every few answers of the flow editor, in the midst of one."""
    import_module("contactcenter.asgi")
    _ = get_resolver().url_patterns  # else the first request loads them
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)  # new objects; an answer of the editor makes more than the usual 700 times 10 times 10


if __name__ == "__main__":
    daphne.server.HTTPFactory = LimitedFactory  # Daphne has no other way to choose it
    load()
    CommandLineInterface.entrypoint()
