"""A request that a program sends twice is done once (header Idempotency-Key), whichever web process gets it. Kept in Redis.

    attempt = once.begin(redis, user=5, key="order-77", digest=…)      # errors: Refused
    attempt.done(redis)       or   attempt.undone(redis): the same key may try again

While the first request is at work the key is held for `BEGUN_SECONDS`, longer than it can last: a process that is killed meanwhile
leaves a key that is free again soon.
"""

import hashlib
from typing import Literal, Self

import msgspec
import redis
from msgspec import Struct

from contactcenter.lib import bus

BEGUN_SECONDS = 15  # longer than a request waits for the switch (bus.REPLY_TIMEOUT)
KEPT_SECONDS = 86_400


class Refused(Exception):  # noqa: N818 - named for what is the matter
    """`code`: key_reused (for another request), in_progress."""

    def __init__(self, code: Literal["key_reused", "in_progress"]) -> None:
        super().__init__(code)
        self.code = code


class Attempt(Struct, frozen=True):
    """`call`: the call that the key stands for. `again`: it was begun by an earlier request."""

    name: str
    digest: str
    call: str
    finished: bool = False
    again: bool = False

    def done(self, to: redis.Redis) -> None:
        if self.name:
            to.set(self.name, _encode(msgspec.structs.replace(self, finished=True)), ex=KEPT_SECONDS)

    def undone(self, to: redis.Redis) -> None:
        if self.name:
            to.delete(self.name)

    @classmethod
    def read(cls, found: bytes | None) -> Self | None:
        return msgspec.json.decode(found, type=cls) if found else None


_encode = msgspec.json.Encoder().encode


def begin(to: redis.Redis, *, user: int, key: str, digest: str) -> Attempt:
    """Without a key every request is one of its own. Errors: Refused."""
    if not key:
        return Attempt("", digest, bus.new_id())
    attempt = Attempt(f"cc:api:once:{user}:{digest_of(key)}", digest, bus.new_id())
    if to.set(attempt.name, _encode(attempt), nx=True, ex=BEGUN_SECONDS):  # NX with GET needs Redis 7
        return attempt
    earlier = Attempt.read(to.get(attempt.name))
    if earlier and earlier.digest != digest:
        raise Refused("key_reused")
    if earlier is None or not earlier.finished:  # None: it has just been given up
        raise Refused("in_progress")
    return msgspec.structs.replace(earlier, again=True)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
