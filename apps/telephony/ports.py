"""The port of a media endpoint: the few verbs that a cell needs of SIP and RTP, and how an endpoint reports. PURE.

There are two adapters, `cell.pjsua` (real) and `cell.fake` (in memory, virtual time); one contract test runs on both.
"""

from typing import Any, Protocol

from apps.telephony import protocol
from apps.telephony.protocol import AnyCommand, Id, LegEvent, LegStatus

MASK_HERTZ, MASK_LEVEL = 1400, 4096  # the tone of a mask: Hz as of the tone that warns of a recorder; of 32767: -18 dBFS


class MediaError(Exception):
    """A file or a device does not work; the text says which and why, and names no person."""


class Emit(Protocol):
    """How an endpoint reports: ``emit(DigitPressed, leg=…, digit=…)``. The cell adds its own id, the call's and the time."""

    def __call__(self, kind: type[LegEvent], /, **fields: Any) -> None: ...


class MediaEndpoint(Protocol):
    """Up to `capacity` legs with players, recorders and a mixer between them.

    One thread calls everything but `wake`. Verbs return at once and never raise for what a far end or a file may do wrong:
    that comes back as an event. Events are emitted inside verbs and `step`, never by another thread.
    """

    address: str  # SIP host:port
    capacity: int

    def ring(self, command: protocol.Ring) -> None: ...
    def answer(self, command: protocol.Answer) -> None: ...
    def dial(self, command: protocol.Dial) -> None: ...
    def hang_up(self, command: protocol.HangUp) -> None: ...
    def play(self, command: protocol.Play) -> None: ...
    def stop_play(self, command: protocol.StopPlay) -> None: ...
    def mix(self, command: protocol.Mix) -> None: ...
    def record(self, command: protocol.Record) -> None: ...
    def stop_record(self, command: protocol.StopRecord) -> None: ...
    def send_digits(self, command: protocol.SendDigits) -> None: ...

    def report(self) -> tuple[tuple[LegStatus, ...], tuple[Id, ...]]:
        """Legs that live, and recordings that are written or being completed."""

    def step(self, seconds: float) -> None:
        """Let SIP and media work and emit what happened; returns after `seconds`, or as soon as something happened."""

    def wake(self) -> None:
        """End a `step` that another thread waits in."""


VERBS: dict[type, str] = {
    protocol.Ring: "ring",
    protocol.Answer: "answer",
    protocol.Dial: "dial",
    protocol.HangUp: "hang_up",
    protocol.Play: "play",
    protocol.StopPlay: "stop_play",
    protocol.Mix: "mix",
    protocol.Record: "record",
    protocol.StopRecord: "stop_record",
    protocol.SendDigits: "send_digits",
}


def obey(endpoint: MediaEndpoint, command: AnyCommand) -> None:
    """Hand `command` to the verb that does it. `Report` and `Retire` are the cell's own: KeyError."""
    getattr(endpoint, VERBS[type(command)])(command)
