"""Whether a trunk's far end answers: OPTIONS every half minute (RFC 3261 11), which also keeps the way through a NAT open. PURE."""

from collections.abc import Callable

from sipmessage import Response

from apps.telephony.frontdoor import exchange
from apps.telephony.frontdoor.decisions import Own, Target
from apps.telephony.frontdoor.exchange import Exchange, Send

EVERY, SOON = 25.0, 3.0  # seconds between two questions; the same while there is no answer
ANSWER_SECONDS = 4.0  # then it counts as away: T1, and three retransmissions


class Ping:
    """`reachable` is None until the first answer, or until none has come."""

    def __init__(self, to: Target, own: Own, token: Callable[[], str]) -> None:
        self.to, self._own, self._token = to, own, token
        self.reachable: bool | None = None
        self.changed_at = 0.0
        self.code = 0  # of the last answer
        self.milliseconds = 0
        self._asked: Exchange | None = None
        self._next: float | None = None
        self._number = 0

    def next_timer(self) -> float | None:
        return self._asked.next_timer() if self._asked else self._next

    @property
    def asking(self) -> bool:
        return self._asked is not None

    def ask(self, now: float) -> list[Send]:
        """Also before its time. One question at a time."""
        if self._asked:
            return []
        branch, self._number = f"{exchange.OWN}{self._token()}", self._number + 1
        here = f"sip:{self._own.host}:{self._own.port}"
        far = f"sip:[{self.to.host}]:{self.to.port}" if ":" in self.to.host else f"sip:{self.to.host}:{self.to.port}"
        headers = {
            "From": f"<{here}>;tag={self._token()}", "To": f"<{far}>", "Call-ID": f"{self._token()}@{self._own.host}",
            "CSeq": f"{self._number} OPTIONS", "Contact": f"<{here}>", "Accept": "application/sdp",
        }  # fmt: skip
        send = Send(exchange.request("OPTIONS", far, headers, self._own, self.to, branch), self.to)
        self._asked = Exchange(send, branch, now, ANSWER_SECONDS)
        return [send]

    def hear(self, response: Response, now: float) -> bool:
        """Any final answer will do: who refuses is there. False: it answers something else."""
        if not self._asked or not self._asked.is_answered_by(response):
            return False
        if response.code >= 200:
            self.code, self.milliseconds = response.code, round((now - self._asked.began) * 1_000)
            self._found(True, now)
        return True

    def passed(self, now: float) -> list[Send]:
        """The time that `next_timer` named has come."""
        if not self._asked:
            return self.ask(now)
        again = self._asked.due(now)
        if again is None:
            self._found(False, now)
        return again or []

    def _found(self, reachable: bool, now: float) -> None:
        if reachable != self.reachable:
            self.changed_at = now
        self.reachable, self._asked, self._next = reachable, None, now + (EVERY if reachable else SOON)
