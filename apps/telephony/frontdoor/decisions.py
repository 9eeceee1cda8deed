"""Who the front door talks to, and what it may decide about a message. PURE."""

import ipaddress
from dataclasses import dataclass, field
from typing import Literal

from sipmessage import Request, Response

from apps.telephony.frontdoor.configuration import Network, TrunkConfig

Transport = Literal["udp", "tcp"]


@dataclass(frozen=True)
class Own:
    """The front door itself. `host` and `port`: what it calls itself in Via and Record-Route; `cells`: where cells live."""

    host: str
    port: int
    cells: tuple[str, ...] = ("127.0.0.0/8",)
    cell_ports: tuple[int, int] = (20_000, 29_999)
    networks: tuple[Network, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", tuple(ipaddress.ip_network(text, strict=False) for text in self.cells))

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    def is_cell(self, host: str, port: int) -> bool:
        """Cells are known by their address: their machine and the range of ports that is theirs."""
        try:
            address = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return False
        inside = self.cell_ports[0] <= port <= self.cell_ports[1] and not self.is_here(host, port)
        return inside and any(address in network for network in self.networks)

    def is_here(self, host: str, port: int | None) -> bool:
        return host == self.host and (port or 5060) == self.port


@dataclass(frozen=True)
class Peer:
    """Who sent a message. `trunk` is None for a cell. `flow` names the TCP connection it came by."""

    host: str
    port: int
    transport: Transport = "udp"
    trunk: TrunkConfig | None = None
    flow: str = ""


@dataclass(frozen=True)
class Target:
    """Where to send: over the connection `flow` if it is still there, else to host and port."""

    host: str
    port: int
    transport: Transport = "udp"
    flow: str = ""

    @property
    def is_many(self) -> bool:
        """Broadcast, multicast or no address at all: nobody that a message could be meant for."""
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255"


@dataclass(frozen=True)
class Forward:
    """Send `message`. `ends`: keys of the calls that are over with it. `stranger_on`: this trunk asked for a number that is not ours."""

    message: Request | Response
    to: Target
    ends: tuple[str, ...] = ()
    stranger_on: str = ""


@dataclass(frozen=True)
class Drop:
    reason: str


@dataclass(frozen=True)
class NewCall:
    """An INVITE for a known number: it needs a free cell, then `proxy.place`. Or the cell it has, if it is a retransmission."""

    request: Request
    peer: Peer
    key: str
    cseq: int

    @property
    def trunk(self) -> TrunkConfig:
        """New calls come from trunks alone. Errors: LookupError for a peer that is none."""
        if self.peer.trunk is None:
            raise LookupError("no trunk")
        return self.peer.trunk


@dataclass(frozen=True)
class NewOutgoing:
    """The cell at `cell` (host:port) calls somebody over `trunk` (None: unknown); no room there: `refusal` instead of `forward`."""

    key: str
    cell: str
    trunk: TrunkConfig | None
    forward: Forward
    refusal: Forward


@dataclass(frozen=True)
class Inside:
    """A trunk's request within a dialogue, sent by `host`: `forward`; but `refusal` if one of `keys` is another trunk's or cell's call."""

    keys: tuple[str, ...]
    trunk: str
    host: str
    forward: Forward
    refusal: "Forward | Drop"


@dataclass(frozen=True)
class Resume:
    """A request of a call that is known by its key alone (CANCEL, ACK of a refusal): to the call's cell, else `missing`."""

    request: Request
    peer: Peer
    key: str
    cseq: int | None
    missing: "Forward | Drop"

    @property
    def trunk(self) -> str:
        """The id of the trunk that it came from."""
        return self.peer.trunk.id if self.peer.trunk else ""


@dataclass(frozen=True)
class Alive:
    """The cell of the call `key` answered a probe."""

    key: str


@dataclass(frozen=True)
class Ours:
    """An answer to something that the front door itself asked a trunk (trunks.py)."""

    response: Response


Decision = Forward | Drop | NewCall | NewOutgoing | Inside | Resume | Alive | Ours
