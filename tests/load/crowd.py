"""Many calls by one SIPp: callers who call at a rate, and telephones that are called. Their sound is that of `Voices`.

    callers = Callers(product.trunk, LINE, folder=tmp_path, ports=voices.ports[:20], rate=10)
    callers.hang_up(3)              # the fourth one, by a BYE; `callers.codes()` has all final codes

Callers take the next port, in the order in which SIPp begins their calls; telephones have one port for each number.
"""

import contextlib
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.sip.sipp import Party


class Callers(Party):
    """`ports`: of their sound, one per call. `numbers`: whom they say they are. They stay `seconds` after the answer."""

    def __init__(
        self,
        target: str,
        number: str,
        *,
        folder: Path,
        ports: Sequence[int],
        rate: float = 10,
        seconds: float = 600,
        numbers: Sequence[str] = (),
        at_once: int = 0,
    ) -> None:
        self.ports = ports
        lines = _lines(ports, numbers or [f"+4790{index:06d}" for index in range(len(ports))])
        values = {"milliseconds": int(seconds * 1000), "headers": "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"}
        super().__init__(
            "caller", target, folder=folder, hertz=0, source="127.0.0.1", tcp=False, calls=len(ports), values=values,
            keys={"number": number, "caller_name": "Kari Nordmann"}, rate=rate, lines=lines,
        )  # fmt: skip

    def end(self, patience: float) -> None:
        """No new calls; those that are up go on to their end, for `patience` seconds at the most."""
        self.process.send_signal(signal.SIGUSR1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)

    def hang_up(self, index: int = 0) -> None:
        self.tell("hang up", f"{index + 1}-{self.call_id}")

    def finals(self) -> dict[int, int]:
        """Final code of each call's INVITE so far, by its index."""
        found = {}
        for text in self.messages():
            status, call = re.match(r"SIP/2.0 ([2-6]\d\d)", text), re.search(r"^Call-ID: *(\d+)-", text, re.MULTILINE)
            if status and call and "1 INVITE" in text:
                found[int(call[1]) - 1] = int(status[1])
        return found

    def byes(self, index: int) -> list[str]:
        """What the other side said to end one of the calls."""
        return [text for text in self.messages() if text.startswith("BYE") and f"Call-ID: {index + 1}-" in text]

    def wait_answered(self, count: int, timeout: float = 30.0) -> None:
        self.until(lambda: sum(code == 200 for code in self.finals().values()) >= count, f"{count} answers", timeout)


class Telephones(Party):
    """`ports`: number -> the port of its sound; each is one telephone. They take `calls` in all, ring `ring` seconds, stay `seconds`.

    One that rings for long can be picked up before, or be busy after all: `answer(number)`, `refuse(number)`; both wait until it rings.
    """

    def __init__(self, *, folder: Path, ports: Mapping[str, int], calls: int, ring: float = 0.1, seconds: float = 600) -> None:
        values = {"ring": int(ring * 1000), "milliseconds": int(seconds * 1000)}
        super().__init__(
            "answers", "", folder=folder, hertz=0, source="127.0.0.1", tcp=False, calls=calls, values=values, keys={},
            lines=_lines(list(ports.values()), list(ports)), by_number=True,
        )  # fmt: skip

    def answer(self, number: str) -> None:
        self.tell("answer", about=self._wait_ringing(number))

    def refuse(self, number: str) -> None:
        self.tell("busy", method="INFO", about=self._wait_ringing(number))

    def hang_up(self, number: str) -> None:
        """The newest call of this number."""
        self.tell("hang up", _header("Call-ID", self._invitations_of(number)[-1]))

    def _wait_ringing(self, number: str) -> str:
        """The INVITE of the call that rings there."""
        self.until(lambda: self._ringing(number), f"{number} rings", 10)
        return self._ringing(number)

    def _ringing(self, number: str) -> str:
        over = {_header("Call-ID", text) for text in self.messages() if text.startswith(("ACK", "CANCEL"))}
        return next((text for text in reversed(self._invitations_of(number)) if _header("Call-ID", text) not in over), "")

    def _invitations_of(self, number: str) -> list[str]:
        return [text for text in self.invitations() if f"sip:{number}@" in _header("To", text)]

    def byes(self) -> list[str]:
        return [text for text in self.messages() if text.startswith("BYE")]

    def invitations(self) -> list[str]:
        """Each call's first INVITE: what is sent again counts once."""
        found: dict[str, str] = {}
        for text in self.messages():
            if text.startswith("INVITE"):
                found.setdefault(_header("Call-ID", text), text)
        return list(found.values())


def _header(name: str, message: str) -> str:
    """Empty: it is not there."""
    found = re.search(rf"^{name}: *([^\n]*)", message, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""


def _lines(ports: Sequence[int], numbers: Sequence[str]) -> str:
    """SIPp's injection file: one line per call."""
    return "\n".join(["SEQUENTIAL", *(f"{port};{number}" for port, number in zip(ports, numbers, strict=True)), ""])
