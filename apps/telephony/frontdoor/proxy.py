"""What the front door does with one message: a stateless, Record-Routing proxy (RFC 3261 16.11, 16.6, 16.4; RFC 3581; RFC 5658). PURE.

`decide` gets a message and who sent it, and returns a decision; the shell (server.py) carries it out. It keeps nothing:
the branch is computed from the request, so that a retransmission, a CANCEL or an ACK meets the transaction of its INVITE,
even after a restart. Cells may send anywhere; trunks may reach nothing but cells.
"""

from dataclasses import dataclass

from sipmessage import URI, Request, Response

from apps.telephony.frontdoor import codecs, sip
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.decisions import (
    Alive,
    Decision,
    Drop,
    Forward,
    Inside,
    NewCall,
    NewOutgoing,
    Ours,
    Own,
    Peer,
    Resume,
    Target,
    Transport,
)
from apps.telephony.frontdoor.exchange import METHODS, OWN
from apps.telephony.protocol import HEADER_MEDIA, HEADER_TRUNK

OFFERS = ("INVITE", "UPDATE")  # what may carry an offer (RFC 3264, RFC 3311)
OWN_HEADERS = "x-cc-"  # ours alone: taken off whatever crosses between a trunk and a cell
MAX_FORWARDS = 70
MAX_VIAS = 70
RETRY_AFTER = "5"  # seconds
PROBE = f"{sip.COOKIE}ccprobe-"  # branch of our own OPTIONS, followed by a call's key


def decide(message: Request | Response, peer: Peer, config: FrontDoorConfig, own: Own) -> Decision:
    """Errors: none; what cannot be served is a `Drop` or a refusal."""
    try:
        if isinstance(message, Response):
            return _response(message, peer, own)
        return _request(message, peer, config, own)
    except sip.Malformed:
        return Drop("malformed")


def refuse(request: Request, peer: Peer, code: int, headers: dict[str, str] | None = None) -> Forward:
    """`request` must have passed `decide`, which noted its source."""
    return Forward(sip.answer(request, code, headers), _back(sip.values(request, "Via")[0], peer.transport, peer.flow))


def refuse_unreadable(data: bytes, peer: Peer) -> Forward | None:
    """400 to a request that cannot be read, if it says where from: who hears nothing tries for half a minute (RFC 3261 17.1.1)."""
    request = sip.outline(data)
    if request is None:
        return None
    vias = sip.values(request, "Via")
    try:
        sip.put(request, "Via", [sip.note_source(vias[0], peer.host, peer.port), *vias[1:]])
        return refuse(request, peer, 400)
    except sip.Malformed:
        return None


def busy(request: Request, peer: Peer) -> Forward:
    return refuse(request, peer, 503, {"Retry-After": RETRY_AFTER})


def place(request: Request, peer: Peer, address: str, own: Own) -> Forward:
    """Send an INVITE of a trunk (or what belongs to it) to the cell at `address` (host:port)."""
    host, _, port = address.rpartition(":")
    if peer.trunk:
        request.headers.set(HEADER_TRUNK, peer.trunk.id)
        request.headers.set(HEADER_MEDIA, _media_networks(peer.host, peer.trunk))
    forward = _sent_on(request, peer, Target(host, int(port)), own)
    return Forward(forward.message, forward.to, _ended(request))


def probe(key: str, address: str, own: Own) -> Forward:
    """Ask the cell at `address` whether it lives; any response becomes `Alive`. So a call whose BYE was lost is not counted for ever."""
    host, _, port = address.rpartition(":")
    request = Request("OPTIONS", URI(scheme="sip", host=host, port=int(port)))
    here = f"<sip:{own.host}:{own.port}>"
    for name, value in {
        "Via": f"SIP/2.0/UDP {own.host}:{own.port};branch={PROBE}{key};rport",
        "From": f"{here};tag={key}",
        "To": f"<sip:{address}>",
        "Call-ID": f"{key}@{own.host}",
        "CSeq": "1 OPTIONS",
        "Max-Forwards": "1",
    }.items():
        request.headers.set(name, value)
    return Forward(request, Target(host, int(port)))


def call_key(call_id: str, tag: str) -> str:
    """A call is known by its Call-ID and the tag of the side that called."""
    return sip.fingerprint(call_id, tag)


def _request(request: Request, peer: Peer, config: FrontDoorConfig, own: Own) -> Decision:
    vias = sip.values(request, "Via")
    vias[0] = sip.note_source(vias[0], peer.host, peer.port)
    sip.put(request, "Via", vias)
    refusal = _unfit(request, peer, vias)
    if refusal:
        return refusal
    hop = _own_routes_off(request, own)
    trunk_id = request.headers.get(HEADER_TRUNK, "")
    _own_headers_off(request)
    if peer.trunk is None:
        return _from_cell(request, peer, hop, config.trunk(trunk_id or ""), config, own)
    if not _keep_codecs(request, peer.trunk):
        return refuse(request, peer, 488)
    return _from_trunk(request, peer, config, own)


def _keep_codecs(request: Request, trunk: TrunkConfig | None) -> bool:
    """An offer is cut to what the trunk may use. False: nothing of it would be left (AN-03)."""
    kind = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if trunk is None or not trunk.codecs or request.method not in OFFERS or kind != "application/sdp" or not request.body:
        return True
    cut = codecs.only(request.body, trunk.codecs)
    request.body = request.body if cut is None else cut
    return cut is not None


def _unfit(request: Request, peer: Peer, vias: list[str]) -> Forward | Drop | None:
    """RFC 3261 16.3."""
    left = _hops(request.headers.get("Max-Forwards") or str(MAX_FORWARDS))
    if request.method == "ACK" and (not left or len(vias) > MAX_VIAS):
        return Drop("no more hops")  # an ACK is never answered
    if left is None or len(vias) > MAX_VIAS:
        return refuse(request, peer, 400)
    request.headers.set("Max-Forwards", str(max(left - 1, 0)))
    return _unwilling(request, peer, left) if request.method != "ACK" else None


def _unwilling(request: Request, peer: Peer, left: int) -> Forward | None:
    if request.uri.scheme not in sip.SCHEMES:
        return refuse(request, peer, 416)
    if left == 0 and request.method != "OPTIONS":
        return refuse(request, peer, 483)
    wanted = request.headers.getlist("Proxy-Require")
    if wanted and request.method != "CANCEL":
        return refuse(request, peer, 420, {"Unsupported": ", ".join(wanted)})
    return None


def _own_headers_off(message: Request | Response) -> None:
    for name in [name for name in message.headers.keys() if name.lower().startswith(OWN_HEADERS)]:  # noqa: SIM118 - Headers is no dict
        message.headers.remove(name)


def _media_networks(host: str, trunk: TrunkConfig) -> str:
    """The trunk's RTP may come from where its SIP comes from, and from its other addresses."""
    return ", ".join([host, *map(str, trunk.networks)])


def _hops(text: str) -> int | None:
    """Max-Forwards, 0 to 255 with any zeros before it (RFC 3261 20.22)."""
    digits = text.strip().lstrip("0") or "0"
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 and int(digits) < 256 else None


@dataclass(frozen=True)
class _Hop:
    """What the Route headers that were ours said: the connection to use, and the transport of that side."""

    flow: str = ""
    transport: Transport = "udp"
    routed: bool = False


def _own_routes_off(request: Request, own: Own) -> _Hop:
    """Loose routing, RFC 3261 16.4; after RFC 5658 two Routes may be ours. A strict router puts our URI into the request line."""
    routes, hop = sip.values(request, "Route"), _Hop()
    if routes and own.is_here(request.uri.host, request.uri.port) and "lr" in request.uri.parameters:
        last = sip.uri_of(routes[-1])
        request.uri = sip.ReceivedUri(**{name: getattr(last, name) for name in last.__dataclass_fields__}, text=str(last))
        routes.pop()
        hop = _Hop(routed=True)
    while routes:
        uri = sip.uri_of(routes[0])
        if not own.is_here(uri.host, uri.port):
            break
        flow = uri.user[5:] if uri.user and uri.user.startswith("flow-") else hop.flow
        hop = _Hop(flow, _transport(uri), routed=True)
        routes.pop(0)
    sip.put(request, "Route", routes)
    return hop


def _transport(uri: URI) -> Transport:
    return "tcp" if (uri.parameters.get("transport") or "").lower() == "tcp" else "udp"


def _from_trunk(request: Request, peer: Peer, config: FrontDoorConfig, own: Own) -> Decision:
    """Requests of a dialogue go to the cell that their Request-URI names; what else is known by the key of its call."""
    uri, inside, cseq = request.uri, bool(sip.tag(request, "To")), request.cseq.sequence
    key = call_key(request.call_id, sip.tag(request, "From"))
    if inside and own.is_cell(uri.host, uri.port or 5060):
        return _inside(request, peer, Target(uri.host, uri.port or 5060), own)
    if request.method == "ACK":
        return Resume(request, peer, key, cseq, Drop("ack"))
    if request.method == "CANCEL":
        return Resume(request, peer, key, cseq, refuse(request, peer, 481))
    if inside:
        return Resume(request, peer, key, None, refuse(request, peer, 481))
    if request.method == "OPTIONS":
        return refuse(request, peer, 200, {"Allow": METHODS, "Accept": "application/sdp"})
    if request.method != "INVITE":
        return refuse(request, peer, 405, {"Allow": METHODS})
    _name_number(request, peer.trunk)
    if config.knows(request.uri.user or "", peer.trunk.written if peer.trunk else "plus"):
        return NewCall(request, peer, key, cseq)
    refusal = refuse(request, peer, 404)
    return Forward(refusal.message, refusal.to, stranger_on=peer.trunk.name if peer.trunk else "")


def _name_number(request: Request, trunk: TrunkConfig | None) -> None:
    """Where we are registered, calls come to our Contact: the number that was dialled stands in P-Called-Party-ID (RFC 7315 4.2) or To."""
    account, uri = trunk.registration if trunk else None, request.uri
    if account is None or uri.user != account.user:
        return
    for value in (request.headers.get("P-Called-Party-ID"), request.headers.get("To")):
        named = sip.uri_of(value) if value else None
        if named and named.user and named.user != account.user:
            text = f"sip:{named.user}@{uri.host}" + (f":{uri.port}" if uri.port else "")
            request.uri = sip.ReceivedUri(scheme="sip", host=uri.host, user=named.user, port=uri.port, text=text, asked=str(uri))
            return


def _inside(request: Request, peer: Peer, cell: Target, own: Own) -> Inside:
    """Whoever knows a dialogue's ids, from a log or a capture, must not hang up or redirect a call that came over another trunk."""
    refusal = Drop("ack") if request.method == "ACK" else refuse(request, peer, 481)
    forward = _sent_on(request, peer, cell, own)
    keys = tuple(call_key(request.call_id, sip.tag(request, side)) for side in ("From", "To"))
    return Inside(keys, peer.trunk.id if peer.trunk else "", peer.host, Forward(forward.message, forward.to, _ended(request)), refusal)


def _from_cell(request: Request, peer: Peer, hop: _Hop, trunk: TrunkConfig | None, config: FrontDoorConfig, own: Own) -> Decision:
    routes = sip.values(request, "Route")
    uri = sip.uri_of(routes[0]) if routes else request.uri
    if own.is_here(uri.host, uri.port) or not uri.host:
        return Drop("ack") if request.method == "ACK" else refuse(request, peer, 482)
    inside = bool(sip.tag(request, "To"))
    transport = _transport(uri) if "transport" in uri.parameters or not inside else hop.transport
    target = Target(uri.host.strip("[]"), uri.port or 5060, transport, hop.flow if transport == "tcp" else "")
    trunk = trunk or config.trunk_of(target.host)
    if not _keep_codecs(request, trunk):
        return refuse(request, peer, 488)
    if request.method != "INVITE" or inside:
        forward = _sent_on(request, peer, target, own)
        return Forward(forward.message, target, _ended(request))
    key = call_key(request.call_id, sip.tag(request, "From"))
    refusal = busy(request, peer)
    return NewOutgoing(key, f"{peer.host}:{peer.port}", trunk, _sent_on(request, peer, target, own), refusal)


def _ended(request: Request) -> tuple[str, ...]:
    """A BYE ends the call, whichever side began it."""
    if request.method != "BYE":
        return ()
    return tuple(call_key(request.call_id, sip.tag(request, side)) for side in ("From", "To"))


def _sent_on(request: Request, peer: Peer, target: Target, own: Own) -> Forward:
    """RFC 3261 16.6: Record-Route if a dialogue may begin, then our Via on top."""
    if request.method == "INVITE" and not sip.tag(request, "To"):
        sip.put(request, "Record-Route", [*_record_routes(peer, target, own), *sip.values(request, "Record-Route")])
    flow = f";flow={peer.flow}" if peer.flow else ""
    via = f"SIP/2.0/{target.transport.upper()} {own.host}:{own.port};branch={sip.branch(request)};rport{flow}"
    sip.put(request, "Via", [via, *sip.values(request, "Via")])
    return Forward(request, target)


def _record_routes(peer: Peer, target: Target, own: Own) -> list[str]:
    """The side we send to comes first. Two when the transports differ (RFC 5658); the far one names the caller's connection."""
    user = f"flow-{peer.flow}@" if peer.flow else ""
    sides = [target.transport] if target.transport == peer.transport else [target.transport, peer.transport]
    routes = [f"<sip:{own.host}:{own.port}{';transport=tcp' if side == 'tcp' else ''};lr>" for side in sides]
    return [routes[0].replace("<sip:", f"<sip:{user}"), *routes[1:]]


def _response(response: Response, peer: Peer, own: Own) -> Decision:
    """RFC 3261 16.11 and 18.2.2: our Via off, then to where the next one says."""
    vias = sip.values(response, "Via")
    ours = sip.via_of(vias[0])
    branch = ours.parameters.get("branch") or ""
    if not own.is_here(ours.host, ours.port) or not branch.startswith(f"{sip.COOKIE}cc"):
        return Drop("stray response")
    if branch.startswith(PROBE):
        return Alive(branch.removeprefix(PROBE)) if peer.trunk is None else Drop("stray response")
    if branch.startswith(OWN):
        return Ours(response) if peer.trunk is not None else Drop("stray response")
    if len(vias) < 2:
        return Drop("stray response")
    sip.put(response, "Via", vias[1:])
    _own_headers_off(response)
    to = _back(vias[1], "udp", (ours.parameters.get("flow") or "") if peer.trunk is None else "")
    if peer.trunk is not None and not own.is_cell(to.host, to.port):
        return Drop("response past the cells")
    if peer.trunk is not None and response.cseq.method == "INVITE":
        response.headers.set(HEADER_MEDIA, _media_networks(peer.host, peer.trunk))
    if to.is_many:
        return Drop("response to everybody")
    over = response.cseq.method == "INVITE" and response.code >= 300
    return Forward(response, to, (call_key(response.call_id, sip.tag(response, "From")),) if over else ())


def _back(via: str, transport: Transport, flow: str) -> Target:
    """Where responses to the request with this Via go: RFC 3261 18.2.2, RFC 3581 4."""
    hop = sip.via_of(via)
    transport = "tcp" if hop.transport.upper() == "TCP" else transport
    port = hop.parameters.get("rport") or ""
    noted = transport == "udp" and port.isascii() and port.isdigit() and len(port) < 6
    host = hop.parameters.get("received") or hop.host
    return Target(host.strip("[]"), int(port) if noted else hop.port or 5060, transport, flow)
