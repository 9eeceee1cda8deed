"""What the front door does for its trunks by itself: registering, asking whether they answer, and telling how they are.

The machines (registration.py, ping.py) are pure; here are the clock, the names of hosts, and the passwords, opened.
"""

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sipmessage import Response

from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.decisions import Own, Target, Transport
from apps.telephony.frontdoor.digest import Credentials
from apps.telephony.frontdoor.exchange import Send
from apps.telephony.frontdoor.ping import Ping
from apps.telephony.frontdoor.registration import LEAVING_SECONDS, Account, Begin, End, Event, Heard, Passed, Registration
from apps.telephony.trunk_health import Registered, TrunkHealth
from contactcenter.lib.secrets import CannotOpenError, unseal

log = logging.getLogger(__name__)

NAMES_SECONDS = 60.0  # then the names of far ends are looked up again
LOOK = 0.05  # seconds between two looks at farewells

Post = Callable[[Send], None]
Resolve = Callable[[str], Awaitable[str]]


def token() -> str:
    return secrets.token_hex(8)


def place_of(trunk: TrunkConfig) -> str:
    """Where it is asked whether it answers; empty: nowhere."""
    return trunk.registration.registrar if trunk.registration else trunk.host


def target_of(address: str, transport: str) -> Target:
    """`address`: host or host:port."""
    host, colon, port = address.rpartition(":")
    plain = not colon or address.endswith("]")
    way: Transport = "tcp" if transport == "tcp" else "udp"
    return Target((address if plain else host).strip("[]"), 5060 if plain else int(port), way)


@dataclass
class Line:
    """One trunk and its machines."""

    trunk: TrunkConfig
    registration: Registration | None = None
    ping: Ping | None = None
    addresses: frozenset[str] = field(default_factory=frozenset)  # IP addresses of its hosts, as looked up last
    told: str = ""  # what the log heard last

    def next_timer(self) -> float | None:
        timers = [machine.next_timer() for machine in (self.registration, self.ping) if machine]
        return min((timer for timer in timers if timer is not None), default=None)

    def health(self, now: float) -> TrunkHealth:
        registration, ping = self.registration, self.ping
        outcome = registration.outcome if registration else None
        return TrunkHealth(
            trunk=self.trunk.id,
            registration=_state(registration, now),
            registered_until=registration.until if registration else 0.0,
            code=outcome.code if outcome else 0,
            reason=outcome.reason[:100] if outcome else "",
            asked_at=outcome.at if outcome else 0.0,
            reachable=ping.reachable if ping else None,
            answered=ping.code if ping else 0,
            milliseconds=ping.milliseconds if ping else 0,
            since=ping.changed_at if ping else 0.0,
        )


def _state(registration: Registration | None, now: float) -> Registered:
    if registration is None:
        return "off"
    if registration.until > now:
        return "registered"
    if not registration.outcome.code or registration.outcome.code < 300:
        return "asking"
    return "silent" if registration.outcome.code == 408 else "refused"


class Trunks:
    """`configure` whenever the configuration is read, `hear` each answer to us, `run` beside all else, `close` at the end."""

    def __init__(self, own: Own, post: Post, resolve: Resolve, moved: Callable[[], None]) -> None:
        """`moved` hears that `far_ends` is another one now."""
        self._own, self._post, self.resolve, self._moved = own, post, resolve, moved
        self.lines: dict[str, Line] = {}
        self.far_ends: dict[str, TrunkConfig] = {}  # IP address -> who is called or registered at there; he may answer
        self._leaving: list[Registration] = []
        self._woken = asyncio.Event()
        self._news = asyncio.Event()
        self._names_at = 0.0

    def healths(self) -> list[TrunkHealth]:
        now = time.time()
        return [line.health(now) for line in self.lines.values()]

    def configure(self, config: FrontDoorConfig) -> None:
        """What is as before goes on. A registration whose address or registrar is not wanted any more is taken back."""
        before, self.lines = self.lines, {trunk.id: self._line(trunk, self.lines.get(trunk.id)) for trunk in config.trunks}
        kept = {_binding(line.registration) for line in self.lines.values() if line.registration}
        for line in before.values():
            if line.registration and _binding(line.registration) not in kept:
                self._leaving.append(line.registration)
                self._step(line.registration, End())
        self._names_at = 0.0
        self._woken.set()

    def _line(self, trunk: TrunkConfig, before: Line | None) -> Line:
        if before and before.trunk == trunk:
            return before
        account, place = self._account(trunk), place_of(trunk)
        unchanged = before and before.registration and before.registration.account == account
        registration = (
            before.registration if before and unchanged else Registration(account, self._own, token, random.random) if account else None
        )
        ping = Ping(target_of(place, trunk.transport), self._own, token) if place and trunk.ping else None
        return Line(trunk, registration, ping, before.addresses if before else frozenset())

    def _account(self, trunk: TrunkConfig) -> Account | None:
        wanted = trunk.registration
        if wanted is None:
            return None
        try:
            password = unseal(wanted.sealed)
        except CannotOpenError:
            log.error("the password of trunk %s cannot be opened: enter it anew", trunk.name)
            return None
        credentials = Credentials(wanted.auth_user or wanted.user, password)
        return Account(target_of(wanted.registrar, trunk.transport), wanted.domain, wanted.user, credentials, wanted.seconds)

    # Time and answers

    async def run(self) -> None:
        while True:
            if time.time() >= self._names_at:
                await self._look_up()
            self._pass()
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._woken.wait()

    def _pause(self) -> float:
        """Seconds until something is due."""
        timers = [line.next_timer() for line in self.lines.values()] + [old.next_timer() for old in self._leaving] + [self._names_at]
        return max(0.0, min(timer for timer in timers if timer is not None) - time.time())

    def _pass(self) -> None:
        now = time.time()
        for line in self.lines.values():
            if line.registration:
                self._step(line.registration, Begin() if line.registration.state == "idle" else None, now)
            if line.ping and now >= (line.ping.next_timer() or 0.0):
                self._send(line.ping.passed(now))
            self._tell(line, now)
        for old in self._leaving:
            self._step(old, None, now)
        self._leaving = [old for old in self._leaving if old.state != "left"]

    def _step(self, registration: Registration, event: Event | None, now: float | None = None) -> None:
        """`event`, or none: then it may be time for something."""
        now = time.time() if now is None else now
        due = registration.next_timer()
        if event is None and due is not None and now >= due:
            event = Passed()
        if event:
            self._send(registration.handle(event, now))

    def _send(self, sends: list[Send]) -> None:
        for send in sends:
            self._post(send)
        self._news.set()

    def hear(self, response: Response) -> None:
        """An answer to one of our own requests; a stray one is nobody's."""
        now = time.time()
        for line in self.lines.values():
            was_away = line.ping is not None and line.ping.reachable is False
            if line.ping and line.ping.hear(response, now) and was_away and line.ping.reachable and line.registration:
                self._step(line.registration, Begin(), now)  # a registrar that was away may have forgotten us
            if line.registration:
                self._step(line.registration, Heard(response), now)
            self._tell(line, now)
        for old in self._leaving:
            self._step(old, Heard(response), now)
        self._woken.set()
        self._news.set()

    def _tell(self, line: Line, now: float) -> None:
        """The log hears of changes alone, and of no account and no number."""
        health = line.health(now)
        told = f"{health.registration} {health.reachable}"
        if told == line.told or health.registration == "asking":
            return
        level = logging.INFO if health.fit else logging.WARNING
        away = {True: "answers", False: "does not answer", None: "is not asked"}[health.reachable]
        log.log(level, "trunk %s %s; registration: %s %s", line.trunk.name, away, health.registration, health.code or "")
        line.told = told

    # Names

    async def _look_up(self) -> None:
        self._names_at = time.time() + NAMES_SECONDS
        lines, before = list(self.lines.values()), self.far_ends
        await asyncio.gather(*(self._look_up_of(line) for line in lines))
        self.far_ends = {address: line.trunk for line in lines for address in line.addresses}
        if self.far_ends != before:
            self._moved()

    async def _look_up_of(self, line: Line) -> None:
        """A name that cannot be found now keeps the addresses it had."""
        places = {line.trunk.host, line.trunk.registration.registrar if line.trunk.registration else ""} - {""}
        found = await asyncio.gather(*(self.resolve(target_of(place, "udp").host) for place in places), return_exceptions=True)
        addresses = frozenset(address for address in found if isinstance(address, str))
        line.addresses = addresses if len(addresses) == len(found) else line.addresses | addresses

    # Tests

    def ask(self, line: Line) -> None:
        """Whether it answers, now; a question that is under way will do."""
        if line.ping:
            self._send(line.ping.ask(time.time()))
        self._woken.set()

    def register(self, line: Line) -> None:
        """Now; one that is under way will do."""
        if line.registration:
            self._step(line.registration, Begin())
        self._woken.set()

    async def until(self, happened: Callable[[], bool], seconds: float) -> None:
        """Or `seconds` have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not happened():
                    self._news.clear()
                    await self._news.wait()

    # The end

    async def close(self) -> None:
        """Take all registrations back; who does not answer within a moment keeps them until they lapse."""
        leaving = [line.registration for line in self.lines.values() if line.registration] + self._leaving
        for registration in leaving:
            self._step(registration, End())
        deadline = time.time() + LEAVING_SECONDS
        while time.time() < deadline and any(registration.state != "left" for registration in leaving):
            for registration in leaving:
                self._step(registration, None)
            await asyncio.sleep(LOOK)


def _binding(registration: Registration) -> tuple[Target, str]:
    return registration.account.registrar, registration.account.address
