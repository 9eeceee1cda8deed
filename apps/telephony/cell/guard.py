"""Whose RTP is let into a leg, and when somebody else's instead. PURE.

pjmedia follows whoever sends ten packets (symmetric RTP behind NAT), so a stranger who finds the port could speak in a call and have its
sound sent to him. So the kernel lets in (see bpf.py):

- the address that the far end's SDP names, and nobody else while it speaks;
- when it does not: a host that its SIP comes from, from the port that speaks first (NAT), until that one is silent.

A far end whose own address has spoken never moves without saying so in SDP. Except the gateway: behind a page that was reloaded, or a
gateway that was started again, there is a new port, and no re-INVITE.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

from apps.telephony.bpf import Source

Endpoint = tuple[str, int]  # IPv4 address, UDP port

SILENT_SECONDS = 3.0  # then the far end's host may speak from elsewhere
MOVED_SECONDS = 1.0  # the same for the gateway, which does so whenever a page is loaded anew
NETWORKS_MAX = 16


def networks(text: str) -> tuple[IPv4Network, ...]:
    """Of a header's value, as far as they can be read: addresses and networks with commas between."""
    found = (_network(item.strip()) for item in text.split(",")[:NETWORKS_MAX])
    return tuple(network for network in found if network)


def _network(text: str) -> IPv4Network | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None


def _host(text: str) -> IPv4Network | None:
    """0.0.0.0 is nobody: the old way to hold a call (RFC 3264 8.4)."""
    found = _network(text)
    return found if found and found.network_address != IPv4Address(0) else None


@dataclass(slots=True)
class Guard:
    """One leg's. `near`: where its SIP comes from. `moves`: it is the gateway's. Times are seconds of any steady clock."""

    near: tuple[IPv4Network, ...] = ()
    moves: bool = False
    far: Endpoint | None = None  # None: nobody is let in yet
    _latched: Endpoint | None = None  # who speaks instead of `far`
    _open: bool = False  # whoever of `near` speaks first is latched
    _spoke: bool = False  # `far` has been heard
    _packets: int = 0
    _heard: float = field(default=0.0)

    @property
    def waits(self) -> bool:
        """Somebody new may come at any moment: `look` soon."""
        return self._open

    @property
    def watches(self) -> bool:
        """Whether `look` can change anything."""
        return self.far is not None and (self.moves or self._open or not self._spoke or self._latched is not None)

    def meet(self, far: Endpoint, now: float) -> None:
        """The far end's SDP, the first or a new one. The same address again changes nothing."""
        if far != self.far:
            self.far, self._latched, self._spoke, self._heard = far, None, False, now
            self._open = self._behind_nat()

    def hear_from(self, near: tuple[IPv4Network, ...]) -> None:
        """Its SIP comes from there: known with the answer to a call of ours."""
        self.near = near
        self._open = self._open or (not self._spoke and self._latched is None and self._behind_nat())

    def _behind_nat(self) -> bool:
        """The SDP names a private address that is not where its SIP comes from: its packets will come from there, too."""
        if self.far is None or not _host(self.far[0]):
            return False
        address = ip_address(self.far[0])
        return not address.is_global and not any(address in network for network in self.near)

    def look(self, packets: int, source: Endpoint | None, now: float) -> None:
        """`packets` have been let in so far (fewer than before: a stream begins anew), the newest from `source`."""
        more, self._packets = packets > self._packets, packets
        if more:
            self._heard = now
            self._follow(source)
        elif now - self._heard >= (MOVED_SECONDS if self.moves else SILENT_SECONDS) and (self.moves or not self._spoke):
            self._open = True

    def _follow(self, source: Endpoint | None) -> None:
        if source == self.far or not (self._open or self._latched):
            self._spoke, self._open, self._latched = True, False, None
        elif self._open and source:
            self._open, self._latched = False, source

    @property
    def rtp(self) -> tuple[Source, ...]:
        """Who is let in now."""
        far, latched = _exactly(self.far), _exactly(self._latched)
        if self._open:
            return (*far, *(Source(network) for network in self.near))
        if latched:
            return latched if self._spoke else (*far, *latched)
        return far

    @property
    def rtcp(self) -> tuple[Source, ...]:
        """As `rtp`, one port higher; behind NAT it may be any."""
        far = _exactly(self.far)
        return tuple(Source(source.network, source.port + 1 if source.port and source in far else None) for source in self.rtp)


def _exactly(endpoint: Endpoint | None) -> tuple[Source, ...]:
    host = _host(endpoint[0]) if endpoint else None
    return (Source(host, endpoint[1]),) if host and endpoint else ()
