"""The registration of one trunk with its operator: a SIP registration client (RFC 3261 10.2). PURE.

    registration = Registration(account, own, new_token, chance)
    sends = registration.handle(Begin(), now)      # then Heard(response) and Passed() at next_timer(); End() takes it back

It registers before it lapses, answers challenges (digest.py), obeys 423 and Retry-After, and after failures waits longer each time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct
from sipmessage import Response

from apps.telephony.frontdoor import digest, exchange, sip
from apps.telephony.frontdoor.decisions import Own, Target
from apps.telephony.frontdoor.exchange import Exchange, Send

FIRST_PAUSE, LONGEST_PAUSE = (
    4.0,
    120.0,
)  # seconds after failures, doubling; half to all of it, so that many do not come at once (RFC 5626 4.5)
REFUSED_PAUSE = 300.0  # seconds: who is not believed should not insist, operators lock accounts
MARGIN = 60.0  # seconds before it lapses; of a short registration half its time
LONGEST = 86_400  # seconds
CHALLENGES = 3  # answered in a row: one is usual, a second one says that the nonce was stale
LEAVING_SECONDS = 1.5  # for the farewell at a clean stop
DISBELIEVED = (401, 403, 404, 407)

State = Literal["idle", "asking", "resting", "leaving", "left"]


class Account(Struct, frozen=True):
    """`registrar`: where to send. `domain`: of the address of record. `seconds`: how long a registration should last."""

    registrar: Target
    domain: str
    user: str
    credentials: digest.Credentials
    seconds: int = 300

    @property
    def address(self) -> str:
        return f"sip:{self.user}@{self.domain}"


@dataclass(frozen=True)
class Begin:
    """From the front door: register now."""


@dataclass(frozen=True)
class Heard:
    """From the front door: a response that came from the trunk."""

    response: Response


@dataclass(frozen=True)
class Passed:
    """From the front door: the time that `next_timer` named has come."""


@dataclass(frozen=True)
class End:
    """From the front door: take the registration back."""


Event = Begin | Heard | Passed | End


class Outcome(Struct, frozen=True):
    """The last answer: its SIP code (408: none came, 0: not asked yet), its reason as sent, and Unix time."""

    code: int = 0
    reason: str = ""
    at: float = 0.0


class Registration:
    """`token` makes unguessable words, `chance` numbers from 0 to 1; both come from outside, so that a test repeats itself."""

    def __init__(self, account: Account, own: Own, token: Callable[[], str], chance: Callable[[], float]) -> None:
        self.account, self._own, self._token, self._chance = account, own, token, chance
        self.state: State = "idle"
        self.until = 0.0  # registered until then
        self.outcome = Outcome()
        self._call_id, self._tag, self._cseq = f"{token()}@{own.host}", token(), 0
        self._seconds = account.seconds  # asked for; a registrar may want more (423)
        self._challenge: digest.Challenge | None = None
        self._header, self._uses = "Authorization", 0
        self._challenged = self._failures = 0
        self._asked: Exchange | None = None
        self._next: float | None = None

    def next_timer(self) -> float | None:
        return self._asked.next_timer() if self._asked else self._next

    def handle(self, event: Event, now: float) -> list[Send]:
        """Errors: none; what does not fit the state is late or stray, and ignored."""
        if isinstance(event, Heard) and not (self._asked and self._asked.is_answered_by(event.response)):
            return []
        act = _TABLE.get((self.state, type(event)))
        return act(self, event, now) if act else []

    # What is sent

    def _ask(self, event: Event, now: float) -> list[Send]:
        self._challenged = 0
        return self._send("asking", self._seconds, now)

    def _leave(self, event: Event, now: float) -> list[Send]:
        """Also after a REGISTER that nobody answered yet: it may have arrived."""
        self._challenged = 0
        return self._send("leaving", 0, now, LEAVING_SECONDS)

    def _vanish(self, event: Event, now: float) -> list[Send]:
        """Nothing to take back."""
        return self._leave(event, now) if self.until > now else self._rest("left", None)

    def _send(self, state: State, seconds: int, now: float, give_up: float = exchange.TIMER_F) -> list[Send]:
        self._cseq += 1
        branch, to = f"{exchange.OWN}{self._token()}", self.account.registrar
        send = Send(exchange.request("REGISTER", f"sip:{self.account.domain}", self._headers(seconds), self._own, to, branch), to)
        self.state, self._asked = state, Exchange(send, branch, now, give_up)
        return [send]

    def _headers(self, seconds: int) -> dict[str, str]:
        """The Contact is the trunk port; its user part tells calls for this account (proxy.py finds the number in To)."""
        transport = ";transport=tcp" if self.account.registrar.transport == "tcp" else ""
        headers = {
            "From": f"<{self.account.address}>;tag={self._tag}",
            "To": f"<{self.account.address}>",
            "Call-ID": self._call_id,
            "CSeq": f"{self._cseq} REGISTER",
            "Contact": f"<sip:{self.account.user}@{self._own.host}:{self._own.port}{transport}>",
            "Expires": str(seconds),
        }
        return headers | ({self._header: self._proof()} if self._challenge else {})

    def _proof(self) -> str:
        assert self._challenge is not None
        self._uses += 1
        uri = f"sip:{self.account.domain}"
        return digest.answer(self._challenge, self.account.credentials, method="REGISTER", uri=uri, cnonce=self._token(), count=self._uses)

    # What comes back

    def _answered(self, event: Heard, now: float) -> list[Send]:
        response, code = event.response, event.response.code
        assert self._asked is not None
        if code < 200:
            self._asked.goes_on()
            return []
        if code in (401, 407) and self._take_challenge(response):
            return self._send("asking", self._seconds, now)
        if code == 423 and self._wants_more(response):
            return self._send("asking", self._seconds, now)
        self.outcome = Outcome(code, response.phrase, now)
        if code < 300:
            return self._registered(response, now)
        if code in DISBELIEVED:
            self.until = 0.0
        return self._failed(code, now, _seconds_of(response, "Retry-After"))

    def _take_challenge(self, response: Response) -> bool:
        """Whether there is something new to answer: a second challenge that calls nothing stale says that the password is wrong."""
        proxy = response.code == 407
        challenge = digest.read(response.headers.getlist("Proxy-Authenticate" if proxy else "WWW-Authenticate"))
        answered_before = self._challenged > 0
        self._challenged += 1
        if challenge is None or (answered_before and not challenge.stale) or self._challenged > CHALLENGES:
            self._challenge = None
            return False
        self._challenge, self._uses = challenge, 0
        self._header = "Proxy-Authorization" if proxy else "Authorization"
        return True

    def _wants_more(self, response: Response) -> bool:
        """423 Interval Too Brief (10.3, step 7)."""
        least = _seconds_of(response, "Min-Expires")
        if not self._seconds < least <= LONGEST:
            return False
        self._seconds = int(least)
        return True

    def _registered(self, response: Response, now: float) -> list[Send]:
        granted = _granted(response, self.account.user, self._own) or self._seconds
        self.until, self._failures = now + granted, 0
        return self._rest("resting", now + max(granted / 2, granted - MARGIN))

    def _failed(self, code: int, now: float, at_least: float = 0.0) -> list[Send]:
        pause = REFUSED_PAUSE if code in DISBELIEVED else min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 10)
        return self._rest("resting", now + max(pause * (1 + self._chance()) / 2, min(at_least, LONGEST)))

    def _rest(self, state: State, until: float | None) -> list[Send]:
        self.state, self._asked, self._next = state, None, until
        return []

    def _waited(self, event: Event, now: float) -> list[Send]:
        """For an answer: send again, or give up."""
        assert self._asked is not None
        again = self._asked.due(now)
        if again is not None:
            return again
        self.outcome = Outcome(408, "", now)
        return self._failed(408, now)

    def _said_farewell(self, event: Heard, now: float) -> list[Send]:
        if event.response.code in (401, 407) and self._take_challenge(event.response):
            return self._send("leaving", 0, now, LEAVING_SECONDS)
        return self._gone(event, now) if event.response.code >= 200 else []

    def _gone(self, event: Event, now: float) -> list[Send]:
        self.until = 0.0
        return self._rest("left", None)

    def _waited_for_farewell(self, event: Event, now: float) -> list[Send]:
        assert self._asked is not None
        again = self._asked.due(now)
        return self._gone(event, now) if again is None else again


_TABLE: dict[tuple[State, type], Callable[..., list[Send]]] = {
    ("idle", Begin): Registration._ask,
    ("idle", End): Registration._vanish,
    ("asking", Heard): Registration._answered,
    ("asking", Passed): Registration._waited,
    ("asking", End): Registration._leave,
    ("resting", Begin): Registration._ask,
    ("resting", Passed): Registration._ask,
    ("resting", End): Registration._vanish,
    ("leaving", Heard): Registration._said_farewell,
    ("leaving", Passed): Registration._waited_for_farewell,
}


def _seconds_of(response: Response, header: str) -> float:
    """A number of seconds, which a comment or a parameter may follow; 0: none."""
    digits = (response.headers.get(header) or "").split(";")[0].split("(")[0].strip()
    return float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0.0


def _granted(response: Response, user: str, own: Own) -> int:
    """For how long (10.2.4): what our Contact says, else Expires; 0: it says nothing."""
    for item in sip.values(response, "Contact"):
        try:
            uri = sip.uri_of(item)
        except sip.Malformed:
            continue
        if uri.user == user and own.is_here(uri.host, uri.port):
            expires = next((text for text in item.rpartition(">")[2].split(";") if text.strip().lower().startswith("expires=")), "")
            digits = expires.partition("=")[2].strip()
            if digits.isascii() and digits.isdigit() and len(digits) < 10:
                return int(digits)
    return int(_seconds_of(response, "Expires"))
