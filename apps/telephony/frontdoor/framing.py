"""Messages out of a TCP stream (RFC 3261 18.3, RFC 5626 3.5.1). PURE."""

import re

from apps.telephony.frontdoor import sip

LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
FOLD = re.compile(rb"\r\n[ \t]+")
DIGITS = re.compile(rb"0{0,20}([0-9]{1,6})")
PING = b"\r\n\r\n"
PONG = b"\r\n"
END = b"\r\n\r\n"


class Framer:
    """Bytes in, whole messages out. The buffer never holds more than one message that is not complete, and no byte is looked at
    again because the next one came: a sender that dribbles costs no more than one that does not."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._looked = 0  # no end of headers begins before this
        self._whole = 0  # bytes of the message whose headers are complete; 0: they are not

    @property
    def waiting(self) -> int:
        """Bytes of a message that is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Whole messages, and `PING` for each keep-alive. Errors: `sip.Malformed`: the stream cannot be read on, close it."""
        self._buffer += data
        found = []
        while message := self._next():
            found.append(message)
        return found

    def _next(self) -> bytes | None:
        if not self._whole:
            if self._buffer.startswith(PING):
                return self._take(len(PING))
            if self._buffer.startswith(b"\r\n") and len(self._buffer) > 3:
                self._take(2)
            self._whole = self._measured()
        return self._take(self._whole) if 0 < self._whole <= len(self._buffer) else None

    def _measured(self) -> int:
        """Bytes of the message that the buffer begins with; 0: not known yet."""
        end = self._buffer.find(END, self._looked)
        if end < 0:
            self._looked = max(0, len(self._buffer) - len(END) + 1)
        whole = end + len(END) + _length(bytes(self._buffer[: end + 2])) if end >= 0 else 0
        if max(whole, self._looked) > sip.MAX_SIZE:
            raise sip.Malformed("too long")
        return whole

    def _take(self, whole: int) -> bytes:
        message = bytes(self._buffer[:whole])
        del self._buffer[:whole]
        self._looked = self._whole = 0
        return message


def _length(head: bytes) -> int:
    """RFC 3261 20.14: needed in a stream. Two of them would let one reader end where another reads on."""
    found = LENGTH.findall(FOLD.sub(b" ", head))
    digits = DIGITS.fullmatch(found[0].strip(b" \t")) if len(found) == 1 else None
    if digits is None:
        raise sip.Malformed("no Content-Length in a stream, or no number, or two of them")
    return int(digits[1])
