"""What the gateway's SIP user agent is told and what it says (see phones.py). PURE."""

from msgspec import Struct

Endpoint = tuple[str, int]  # IPv4 address, UDP port


class Received(Struct, frozen=True):
    """From the socket."""

    data: bytes
    source: Endpoint


class Accept(Struct, frozen=True):
    """From the gateway: the person answers. `sdp`: where his audio comes from. KeyError: `leg` does not ring."""

    leg: str
    sdp: str


class HangUp(Struct, frozen=True):
    """From the gateway: end `leg`, whatever that takes. Legs that are unknown or over are ignored."""

    leg: str


class Call(Struct, frozen=True, kw_only=True):
    """From the gateway: a test call to the free cell at `cell`. `address`: who calls, `caller`: the number shown."""

    leg: str
    cell: Endpoint
    number: str
    caller: str
    address: str
    token: str  # HEADER_TEST
    sdp: str


class Tick(Struct, frozen=True):
    """From the clock, at `next_timer` or later."""


class Send(Struct, frozen=True):
    """To the socket."""

    data: bytes
    to: Endpoint


class Answered(Struct, frozen=True):
    """To the gateway: the cell took a test call. `sdp` is its answer."""

    leg: str
    sdp: str


class Over(Struct, frozen=True):
    """To the gateway, once per leg. `code`: 200 after a BYE, 487 cancelled, 408 no reaction, 0 we wanted it, else the cell's refusal."""

    leg: str
    code: int


Input = Received | Accept | HangUp | Call | Tick
Output = Send | Answered | Over
