"""What the front door must know of trunks and numbers. The switch publishes it (published.py); the database is never asked. PURE."""

import ipaddress
from functools import cached_property

from msgspec import Struct

from contactcenter.lib import phone

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class RegistrationConfig(Struct, frozen=True):
    """`registrar`: host or host:port. `domain`: of the account's address. `auth_user`: if the operator knows another name for the
    password than `user`. `sealed`: the password, see contactcenter/lib/secrets.py. `seconds`: how long a registration should last."""

    registrar: str
    domain: str
    user: str
    auth_user: str = ""
    sealed: str = ""
    seconds: int = 300


class TrunkConfig(Struct, frozen=True, dict=True):
    """`sources`: IP addresses or networks. `max_calls`: both directions together. `transport` of calls out: udp or tcp.

    `host`: host or host:port of calls out; empty: none. `ping`: ask whether it answers. `codecs`: the names of RFC 3551, the
    preferred one first; empty: all that cells have. `written`: how it writes numbers, see lib/phone.py.
    """

    id: str
    name: str
    sources: tuple[str, ...]
    max_calls: int = 30
    transport: str = "udp"
    host: str = ""
    ping: bool = False
    codecs: tuple[str, ...] = ()
    written: str = "plus"
    registration: RegistrationConfig | None = None

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """`sources` that can be read; a misspelt one lets nobody in."""
        return tuple(found for found in map(_network, self.sources) if found)

    def has(self, host: str) -> bool:
        """Whether `host` (an IP address) is among the sources."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(net.version == address.version and address in net for net in self.networks)


class FrontDoorConfig(Struct, frozen=True, dict=True):
    """`numbers`: access numbers as E.164, and aliases as they are dialled (short numbers). `country`: whose national numbers are meant."""

    version: int
    numbers: tuple[str, ...]
    trunks: tuple[TrunkConfig, ...]
    country: str = "NO"

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(self.numbers) | {full for number in self.numbers if (full := phone.e164(number, self.country))}

    def knows(self, dialled: str, written: str = "plus") -> bool:
        """Whether `dialled`, the user part of a Request-URI as sent, is an access number in any of its spellings.

        `written`: how the trunk that it came from writes numbers.
        """
        plain = "".join(sign for sign in dialled.split(";")[0] if sign not in "-.() ")
        return plain in self.known or phone.received(plain, self.country, written) in self.known

    def trunk_of(self, host: str) -> TrunkConfig | None:
        """The trunk that `host` (an IP address) belongs to; the narrowest network wins. None: a stranger."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return None
        found = [
            (net.prefixlen, trunk) for trunk in self.trunks for net in trunk.networks if net.version == address.version and address in net
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def trunk(self, trunk_id: str) -> TrunkConfig | None:
        return next((trunk for trunk in self.trunks if trunk.id == trunk_id), None)


EMPTY = FrontDoorConfig(version=0, numbers=(), trunks=())


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
