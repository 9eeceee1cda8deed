"""Limits how often somebody may try passwords (PF-02).

Counters in Redis, one per user name and one per address, each lapsing after a pause. Names and addresses are kept only as keyed
hashes. Redis away: log-in works without the limit, because a contact centre that cannot log in is the greater harm.
"""

import hmac
import logging

import redis
from django.conf import settings

from contactcenter.lib import bus

log = logging.getLogger(__name__)
ADDRESS_FACTOR = 5  # a whole office may sit behind one address


def _key(kind: str, who: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{kind}:{who.casefold()}".encode(), "sha256").hexdigest()[:32]
    return f"cc:log-in:{kind}:{digest}"


def _limits(username: str, address: str) -> list[tuple[str, int]]:
    return [(_key("user", username), settings.LOG_IN_TRIES), (_key("address", address), settings.LOG_IN_TRIES * ADDRESS_FACTOR)]


def refused(username: str, address: str) -> bool:
    """True: too many wrong passwords; ask again after `LOG_IN_PAUSE` seconds."""
    limits = _limits(username, address)
    try:
        counts = bus.client().mget([key for key, _ in limits])
    except redis.RedisError:
        log.warning("log-in attempts are not limited: Redis does not answer")
        return False
    return any(int(count or 0) >= most for count, (_, most) in zip(counts, limits, strict=True))


def failed(username: str, address: str) -> None:
    """A wrong password; the pause starts anew with each."""
    try:
        with bus.client().pipeline(transaction=False) as pipe:
            for key, _ in _limits(username, address):
                pipe.incr(key)
                pipe.expire(key, settings.LOG_IN_PAUSE)
            pipe.execute()
    except redis.RedisError:
        log.warning("a failed log-in could not be counted")


def succeeded(username: str) -> None:
    try:
        bus.client().delete(_key("user", username))
    except redis.RedisError:
        log.warning("the count of failed log-ins could not be cleared")
