"""Where a cell binds, and what its process is told at birth. PURE."""

import msgspec


class Place(msgspec.Struct, frozen=True):
    """One SIP port (UDP), and for RTP and RTCP the ports `rtp_port` (even) to `rtp_port + rtp_span`, two per leg."""

    sip_address: str
    sip_port: int
    media_address: str
    rtp_port: int
    rtp_span: int = 14


class Plan(msgspec.Struct, frozen=True):
    """From the supervisor to the warm parent: fork this cell. `door`: where it finds another supervisor, should this one die."""

    name: str
    redis_url: str
    place: Place
    door: str
