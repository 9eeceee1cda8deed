"""Agents without a browser's sound: their phone is a telephone outside, and they do what they do at a desk without a browser (SP-02).

`Exchange` is where the trunk leads: many telephones by one SIPp, each with a number, a tone and ears of its own. They ring until somebody
picks them up. `OnTelephone` does what `AtDesk` does, by the same names.
"""

from pathlib import Path
from typing import Self

from tests.live.desk_by_socket import Desk
from tests.load.crowd import Telephones
from tests.product import Product, until
from tests.sip.rtp import RtpEndpoint

FOR_LONG, CALLS = 600.0, 1_000  # seconds that they ring or talk; calls that they take in all


class Exchange:
    """`voices`: number in E.164 -> Hz."""

    def __init__(self, folder: Path, voices: dict[str, float]) -> None:
        self.audio = {number: RtpEndpoint(hertz, symmetric=True) for number, hertz in voices.items()}
        ports = {number: audio.port for number, audio in self.audio.items()}
        self.telephones = Telephones(folder=folder, ports=ports, calls=CALLS, ring=FOR_LONG, seconds=FOR_LONG)

    @property
    def address(self) -> str:
        return self.telephones.address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.telephones.close()
        for audio in self.audio.values():
            audio.close()


class OnTelephone:
    """Logged in, with the telephone `number` of the exchange."""

    def __init__(self, product: Product, user: str, exchange: Exchange, number: str) -> None:
        self.product, self.user, self.number, self.exchange = product, user, number, exchange
        self.desk = Desk(product.url, user, product.password())
        self.id, self.audio = self.desk.agent, exchange.audio[number]

    def log_on(self, profile: str) -> None:
        chosen = self.product.value("SELECT id FROM accounts_profile WHERE name = ?", profile)
        until(lambda: self.desk.manages("desk.log_on", profile=chosen, phone=self.number), "the switch knows his profile")
        self.sees_panel("idle")

    def sees_panel(self, name: str, timeout: float = 10) -> None:
        """As static/desk/panel.js has it."""
        self.desk.sees(lambda me: _panel(me) == name, name, timeout)

    def answers(self) -> None:
        self.sees_panel("ringing")
        self.exchange.telephones.answer(self.number)

    def holds(self, on: bool = True) -> None:
        self.desk.ask("softphone.hold", on=on)
        self.sees_panel("held" if on else "talking")

    def consults(self, whom: str) -> None:
        self.desk.ask("transfer.consult", to=self._target(whom))

    def transfers(self, whom: str) -> None:
        self.desk.ask("transfer.blind", to=self._target(whom))

    def _target(self, whom: str) -> dict:
        """An agent's or a queue's name, or a number."""
        known = self.desk.answer("transfer.targets")
        named = [{"kind": kind, "id": one["id"]} for kind in ("agent", "queue") for one in known[f"{kind}s"] if one["name"] == whom]
        return named[0] if named else {"kind": "number", "number": whom}

    def joins_all(self) -> None:
        self.desk.ask("transfer.join_all")

    def takes_back(self) -> None:
        self.desk.ask("transfer.take_back")

    def completes(self) -> None:
        self.desk.ask("transfer.complete")

    def hangs_up(self) -> None:
        """At his desk."""
        self.desk.ask("softphone.hang_up")

    def puts_down(self) -> None:
        """His telephone."""
        self.exchange.telephones.hang_up(self.number)

    def pauses(self) -> None:
        self.desk.ask("desk.pause", reason="Lunch")

    def becomes_ready(self) -> None:
        self.desk.ask("desk.ready")

    def logs_off(self) -> None:
        self.desk.ask("desk.log_off")
        self.sees_panel("logged_off")


def _panel(me: dict) -> str:
    if not me or me["status"] == "logged_off":
        return "logged_off"
    if me["card"]:
        return me["card"]["state"]
    return "wrap_up" if me["status"] == "wrap_up" else "idle"
