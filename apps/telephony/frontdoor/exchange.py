"""One request of the front door's own and what comes back: the non-INVITE client transaction of RFC 3261 17.1.2. PURE."""

from dataclasses import dataclass

from sipmessage import Request, Response

from apps.telephony.frontdoor import sip
from apps.telephony.frontdoor.decisions import Own, Target

T1, T2 = 0.5, 4.0  # seconds: the first retransmission, and the longest pause between two
TIMER_F = 64 * T1
OWN = f"{sip.COOKIE}ccown-"  # branch of what the front door asks for itself
METHODS = "INVITE, ACK, CANCEL, BYE, OPTIONS"


@dataclass(frozen=True)
class Send:
    """From a machine to the front door's sockets."""

    request: Request
    to: Target


class Exchange:
    """`due` is to be called at `next_timer`. Over a connection nothing is sent twice."""

    def __init__(self, send: Send, branch: str, now: float, seconds: float = TIMER_F) -> None:
        self.branch, self.began, self.give_up = branch, now, now + seconds
        self._send, self._pause = send, T1
        self._again = now + T1 if send.to.transport == "udp" else self.give_up

    def next_timer(self) -> float:
        return min(self._again, self.give_up)

    def due(self, now: float) -> list[Send] | None:
        """What is to be sent again now. None: nobody will answer any more."""
        if now >= self.give_up:
            return None
        if now < self._again:
            return []
        self._pause = min(2 * self._pause, T2)
        self._again = now + self._pause
        return [self._send]

    def is_answered_by(self, response: Response) -> bool:
        return sip.via_of(sip.values(response, "Via")[0]).parameters.get("branch") == self.branch

    def goes_on(self) -> None:
        """A provisional response: it got there (17.1.2.2)."""
        self._pause = T2


def request(method: str, uri: str, headers: dict[str, str], own: Own, to: Target, branch: str) -> Request:
    """A request of the front door's own, without dialogue. `uri` must be a SIP URI."""
    made = Request(method, sip.uri_of(f"<{uri}>"))
    via = f"SIP/2.0/{to.transport.upper()} {own.host}:{own.port};branch={branch};rport"
    for name, value in {"Via": via, "Max-Forwards": "70", **headers, "User-Agent": "contactcenter", "Allow": METHODS}.items():
        made.headers.set(name, value)
    return made
