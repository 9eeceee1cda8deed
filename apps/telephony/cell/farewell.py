"""How the far ends of a dead cell's legs are told: BYE, CANCEL or 503 in its name, from its own SIP address. PURE.

Without it a caller would listen to silence until his patience ends, and an external phone would ring on: a process that was killed says
nothing. One `Farewell` is one leg; `handle(data, now)` and `due(now)` return the datagrams to send to `peer`.
"""

from sipmessage import URI, Request, Response

from apps.telephony.cell.lifeline import Debt
from apps.telephony.frontdoor import sip

T1, T2 = 0.5, 4.0  # seconds: first repetition of a message, and longest time between two (RFC 3261 17.1.2.2)
LASTS = 8.0  # seconds: then the far end is told no more. The cell's ports rest meanwhile
CSEQ = 1 << 30  # of the BYE: greater than any that the cell has used (RFC 3261 12.2.2 allows gaps)
UNAVAILABLE = 503  # for a caller who was not answered yet: his exchange may try again

Endpoint = tuple[str, int]


class Farewell:
    """Errors of the constructor: `sip.Malformed`, the messages do not tell enough."""

    def __init__(self, debt: Debt, here: Endpoint, now: float) -> None:
        self._here = here
        self._invite = _request(debt.invite)
        self.call_id = self._invite.call_id
        self._until, self._pause = now + LASTS, T1
        self._next: float | None = now
        if debt.answer:
            self._leave(_response(debt.answer), ours=debt.ours)
        elif debt.ours:
            self.peer = _next_hop(self._invite)
            self._last = sip.encode(self._within_invite("CANCEL", self._invite.headers["To"]))
        else:
            self.peer = _back(sip.values(self._invite, "Via")[0])
            self._last = sip.encode(sip.answer(self._invite, UNAVAILABLE))

    def over(self, now: float) -> bool:
        return self._next is None or now >= self._until

    def next_timer(self) -> float:
        return self._until if self._next is None else min(self._next, self._until)

    def due(self, now: float) -> list[bytes]:
        """The message, for the first time or again."""
        if self._next is None or now < self._next:
            return []
        self._next, self._pause = now + self._pause, min(2 * self._pause, T2)
        return [self._last]

    def handle(self, message: Request | Response, now: float) -> list[bytes]:
        """What came from the far end about this call."""
        if isinstance(message, Request):
            self._next = None if message.method in ("ACK", "BYE") else self._next
            return []
        if message.code < 200:
            return []
        if message.cseq.method == "INVITE":
            return self._invite_over(message, now)
        self._next = None if message.cseq.method == "BYE" or message.code == 481 else self._until  # a CANCEL is heard: now the 487
        return []

    def _invite_over(self, response: Response, now: float) -> list[bytes]:
        """Of our INVITE: refused, which needs an ACK (RFC 3261 17.1.1.3); or answered in this moment, which needs a BYE."""
        if response.code >= 300:
            self._next = None
            return [sip.encode(self._within_invite("ACK", response.headers["To"]))]
        self._leave(response, ours=True)
        self._next, self._pause = now, T1
        return [sip.encode(self._in_dialogue("ACK", self._invite.cseq.sequence)), *self.due(now)]

    def _leave(self, answer: Response, *, ours: bool) -> None:
        """RFC 3261 12.1: what of INVITE and answer makes the dialogue, on either side."""
        asked, invite = sip.values(answer if ours else self._invite, "Record-Route"), self._invite
        self._routes = asked[::-1] if ours else asked
        self._ours = invite.headers["From"] if ours else answer.headers["To"]
        self._theirs = answer.headers["To"] if ours else invite.headers["From"]
        self._target = sip.uri_of(_first(answer if ours else invite, "Contact"))
        bye = self._in_dialogue("BYE", CSEQ)
        self.peer = _next_hop(bye)
        self._last = sip.encode(bye)

    def _in_dialogue(self, method: str, cseq: int) -> Request:
        via = f"SIP/2.0/UDP {self._here[0]}:{self._here[1]};rport;branch={sip.COOKIE}{sip.fingerprint(self.call_id, method)}"
        request = self._built(method, self._target, cseq, via, self._ours, self._theirs)
        sip.put(request, "Route", self._routes)
        return request

    def _within_invite(self, method: str, to: str) -> Request:
        """CANCEL, or ACK to a refusal: the INVITE's own branch, number, routes and URI (RFC 3261 9.1)."""
        invite = self._invite
        request = self._built(method, invite.uri, invite.cseq.sequence, sip.values(invite, "Via")[0], invite.headers["From"], to)
        sip.put(request, "Route", sip.values(invite, "Route"))
        return request

    def _built(self, method: str, uri: URI, cseq: int, via: str, ours: str, theirs: str) -> Request:
        request = Request(method, uri)
        lines = {"Via": via, "From": ours, "To": theirs, "Call-ID": self.call_id, "CSeq": f"{cseq} {method}", "Max-Forwards": "70"}
        for name, value in lines.items():
            request.headers.set(name, value)
        return request


def _request(text: str) -> Request:
    message = sip.parse(text.encode())
    if not isinstance(message, Request):
        raise sip.Malformed("no request")
    return message


def _response(text: str) -> Response:
    message = sip.parse(text.encode())
    if not isinstance(message, Response):
        raise sip.Malformed("no response")
    return message


def _first(message: Request | Response, name: str) -> str:
    found = sip.values(message, name)
    if not found:
        raise sip.Malformed(f"no {name}")
    return found[0]


def _next_hop(request: Request) -> Endpoint:
    """Loose routing alone: our front door is the only proxy that a cell speaks to."""
    routes = sip.values(request, "Route")
    uri = sip.uri_of(routes[0]) if routes else request.uri
    return uri.host.strip("[]"), uri.port or 5060


def _back(via: str) -> Endpoint:
    """RFC 3261 18.2.2."""
    hop = sip.via_of(via)
    return (hop.parameters.get("received") or hop.host).strip("[]"), hop.port or 5060
