"""The front door's configuration on its way through Redis: the switch publishes, front doors fetch."""

import msgspec
import redis
import redis.asyncio

from apps.telephony.frontdoor.configuration import FrontDoorConfig
from contactcenter.lib.reading import reader

KEY = "cc:frontdoor"
CHANGED = "cc:frontdoor:changed"  # pub/sub channel: a new version is there

decode = reader(FrontDoorConfig)


def publish(to: redis.Redis, config: FrontDoorConfig) -> None:
    """Front doors that listen take it within milliseconds, all others within two seconds."""
    with to.pipeline(transaction=True) as pipe:
        pipe.set(KEY, msgspec.json.encode(config))
        pipe.publish(CHANGED, str(config.version))
        pipe.execute()


async def fetch(source: redis.asyncio.Redis) -> FrontDoorConfig | None:
    """None: nothing was published yet. Errors: `redis.RedisError`, `msgspec.ValidationError`."""
    document = await source.get(KEY)
    return decode(document) if document else None
