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

# KEYS: counters. ARGV: seconds of the pause, which starts anew with each attempt that is looked at, and the most of each counter.
_BEGIN = """
for at, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or 0) >= tonumber(ARGV[at + 1]) then return 0 end
end
for _, key in ipairs(KEYS) do
    redis.call('INCR', key)
    redis.call('EXPIRE', key, ARGV[1])
end
return 1
"""
# KEYS: counter of the name, of the address.
_TAKE_BACK = """
redis.call('DEL', KEYS[1])
if tonumber(redis.call('GET', KEYS[2]) or 0) > 0 then redis.call('DECR', KEYS[2]) end
"""


def _key(kind: str, who: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{kind}:{who.casefold()}".encode(), "sha256").hexdigest()[:32]
    return f"cc:log-in:{kind}:{digest}"


def _limits(username: str, address: str) -> list[tuple[str, int]]:
    return [(_key("user", username), settings.LOG_IN_TRIES), (_key("address", address), settings.LOG_IN_TRIES * ADDRESS_FACTOR)]


def begins(username: str, address: str) -> bool:
    """Somebody is about to try a password. False: too many were wrong; ask again after `LOG_IN_PAUSE` seconds.

    Each counts as wrong until it `succeeded`: of a hundred that come at the same moment no more are looked at than of a hundred in a row.
    """
    limits = _limits(username, address)
    try:
        values = [settings.LOG_IN_PAUSE, *(most for _, most in limits)]
        return bool(bus.client().eval(_BEGIN, len(limits), *(key for key, _ in limits), *values))
    except redis.RedisError:
        log.warning("log-in attempts are not limited: Redis does not answer")
        return True


def succeeded(username: str, address: str) -> None:
    """The password was right: it was no guess."""
    try:
        bus.client().eval(_TAKE_BACK, 2, _key("user", username), _key("address", address))
    except redis.RedisError:
        log.warning("the count of failed log-ins could not be cleared")
