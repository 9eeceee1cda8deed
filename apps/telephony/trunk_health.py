"""How trunks are: front doors tell it each second, the switch chooses by it, admin shows it.

Also the test of a trunk: admin publishes `TryTrunk`, the front door that has the trunk pushes `Tried`s, one after the other.
"""

import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
import redis
import redis.asyncio
from msgspec import Meta, Struct

from apps.telephony import leases
from apps.telephony.frontdoor.calls import trunk_key
from contactcenter.lib.reading import reader

TRY = "cc:frontdoor:try"  # channel: a trunk is to be tested
STEPS_KEPT_SECONDS = 120
STALE_SECONDS = 5  # a front door that has told nothing for so long is not there
HOUR = 3_600
HOURS = 24
QUIET = (401, 407, 487)  # challenges, and callers who gave up: nothing failed
REMEMBERED = 500  # refusals, so that one that is sent again is not counted again

Direction = Literal["in", "out"]
Registered = Literal["off", "asking", "registered", "refused", "silent"]


class TrunkHealth(Struct, frozen=True, kw_only=True):
    """One trunk as one front door sees it. Times are Unix seconds; 0: never.

    `registration`: off (it needs none), asking (no answer yet), registered, refused (`code`, `reason`), silent (nobody answers).
    """

    trunk: str
    registration: Registered = "off"
    registered_until: float = 0.0
    code: int = 0
    reason: str = ""
    asked_at: float = 0.0
    reachable: bool | None = None  # None: not asked (yet)
    answered: int = 0  # with which SIP code
    milliseconds: int = 0
    since: float = 0.0  # reachable or not

    @property
    def fit(self) -> bool:
        """Whether a call out may be tried: nothing speaks against it."""
        return self.registration in ("off", "registered") and self.reachable is not False


class TryTrunk(Struct, frozen=True):
    """From admin to all front doors: test `trunk`, push `Tried`s to `steps_key(test)`."""

    trunk: str
    test: Annotated[str, Meta(pattern=r"^[0-9a-f]{16,64}$")]


class Tried(Struct, frozen=True):
    """`what`: begun, name (of the host), options, register, over. `detail`: an address, milliseconds or a reason, as it came."""

    what: Literal["begun", "name", "options", "register", "over"]
    good: bool = True
    code: int = 0
    detail: str = ""


decode_try = reader(TryTrunk)
_decode_step = reader(Tried)
_decode_health = reader(TrunkHealth)


class Tally:
    """Calls and refusals of trunks since it was emptied last."""

    def __init__(self) -> None:
        self.codes: Counter[tuple[str, Direction, int]] = Counter()
        self.last: dict[tuple[str, Direction], float] = {}
        self._seen: deque[tuple[str, int]] = deque(maxlen=REMEMBERED)

    def called(self, trunk: str, direction: Direction) -> None:
        self.last[trunk, direction] = time.time()

    def refused(self, trunk: str, direction: Direction, code: int, call: str) -> None:
        """A final answer to an INVITE; the same one again is a retransmission."""
        if code >= 400 and code not in QUIET and (call, code) not in self._seen:
            self._seen.append((call, code))
            self.codes[trunk, direction, code] += 1

    def empty(self) -> None:
        self.codes.clear()
        self.last.clear()


def health_key(door: str) -> str:
    return f"cc:frontdoor:health:{door}"


def codes_key(trunk: str, hour: int) -> str:
    """Hash: "out 486" -> how often in this hour since 1970."""
    return f"cc:frontdoor:codes:{trunk}:{hour}"


def last_key(trunk: str) -> str:
    """Hash: in, out -> Unix time of the last call."""
    return f"cc:frontdoor:last:{trunk}"


def steps_key(test: str) -> str:
    return f"cc:frontdoor:tried:{test}"


def tell(pipe: redis.asyncio.client.Pipeline, door: str, healths: list[TrunkHealth], tally: Tally) -> None:
    """A front door's news of this second. What is not executed is told next time: `Tally.empty` comes after."""
    if healths:
        pipe.hset(health_key(door), mapping={health.trunk: msgspec.json.encode(health) for health in healths})
        pipe.expire(health_key(door), STALE_SECONDS)
    hour = int(time.time()) // HOUR
    for (trunk, direction, code), count in tally.codes.items():
        pipe.hincrby(codes_key(trunk, hour), f"{direction} {code}", count)
        pipe.expire(codes_key(trunk, hour), (HOURS + 1) * HOUR)
    for (trunk, direction), at in tally.last.items():
        pipe.hset(last_key(trunk), direction, at)


def push(pipe: redis.asyncio.client.Pipeline, test: str, step: Tried) -> None:
    pipe.rpush(steps_key(test), msgspec.json.encode(step))
    pipe.expire(steps_key(test), STEPS_KEPT_SECONDS)


def steps(source: redis.Redis, test: str) -> list[Tried]:
    return [_decode_step(step) for step in source.lrange(steps_key(test), 0, -1)]


def try_trunk(to: redis.Redis, command: TryTrunk) -> bool:
    """False: no front door listens."""
    return bool(to.publish(TRY, msgspec.json.encode(command)))


def healths(source: redis.Redis) -> dict[str, list[TrunkHealth]]:
    """Trunk -> how each front door sees it. Errors: `redis.RedisError`."""
    doors = source.zrangebyscore(leases.FRONT_DOORS, time.time() - STALE_SECONDS, "+inf")
    found: dict[str, list[TrunkHealth]] = {}
    for door in doors:
        for document in source.hvals(health_key(door.decode())):
            health = _decode_health(document)
            found.setdefault(health.trunk, []).append(health)
    return found


def calls(source: redis.Redis, trunks: list[str]) -> dict[str, int]:
    """How many are up. Errors: `redis.RedisError`."""
    now = time.time()
    with source.pipeline(transaction=False) as pipe:
        for trunk in trunks:
            pipe.zcount(trunk_key(trunk), now, "+inf")
        return dict(zip(trunks, pipe.execute(), strict=True))


class Traffic(Struct, frozen=True):
    """`calls`: up now. `failures`: (direction, SIP code) -> how often in the last 24 hours."""

    calls: int
    last_in: float
    last_out: float
    failures: dict[tuple[str, int], int]


def traffic(source: redis.Redis, trunks: Iterable[str]) -> dict[str, Traffic]:
    """Errors: `redis.RedisError`."""
    now, names = time.time(), list(trunks)
    hours = range(int(now) // HOUR - HOURS + 1, int(now) // HOUR + 1)
    with source.pipeline(transaction=False) as pipe:
        for trunk in names:
            pipe.zcount(trunk_key(trunk), now, "+inf").hgetall(last_key(trunk))
            for hour in hours:
                pipe.hgetall(codes_key(trunk, hour))
        answers = iter(pipe.execute())
    return {trunk: _traffic(next(answers), next(answers), [next(answers) for _ in hours]) for trunk in names}


def _traffic(calls: int, last: dict[bytes, bytes], hours: list[dict[bytes, bytes]]) -> Traffic:
    failures: Counter[tuple[str, int]] = Counter()
    for hour in hours:
        for what, count in hour.items():
            direction, code = what.decode().split()
            failures[direction, int(code)] += int(count)
    return Traffic(int(calls), float(last.get(b"in", 0)), float(last.get(b"out", 0)), dict(failures))
