"""Messages out of a TCP stream (RFC 3261 18.3, RFC 5626 3.5.1). PURE."""

import re

from apps.telephony.frontdoor import sip

LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
PING = b"\r\n\r\n"
PONG = b"\r\n"


class Framer:
    """Bytes in, whole messages out. The buffer never holds more than one message that is not complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Whole messages, and `PING` for each keep-alive. Errors: `sip.Malformed`: the stream cannot be read on, close it."""
        self._buffer += data
        found = []
        while message := self._next():
            found.append(message)
        return found

    def _next(self) -> bytes | None:
        if self._buffer.startswith(PING):
            del self._buffer[: len(PING)]
            return PING
        if self._buffer.startswith(b"\r\n") and len(self._buffer) > 3:
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            self._refuse_endless()
            return None
        length = LENGTH.search(bytes(self._buffer[: end + 2]))
        if not length:
            raise sip.Malformed("no Content-Length in a stream")
        whole = end + 4 + int(length[1])
        if whole > sip.MAX_SIZE:
            raise sip.Malformed("too long")
        return self._take(whole) if whole <= len(self._buffer) else None

    def _refuse_endless(self) -> None:
        if len(self._buffer) > sip.MAX_SIZE:
            raise sip.Malformed("too long")

    def _take(self, whole: int) -> bytes:
        message = bytes(self._buffer[:whole])
        del self._buffer[:whole]
        return message
