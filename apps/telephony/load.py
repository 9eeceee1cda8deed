"""How far the switch is behind. It says so with every commit; front door and gateway refuse new calls while it is too far, or silent."""

from typing import Literal

import msgspec
import redis.asyncio
from msgspec import Struct

KEY = "cc:switch:load"  # lapses: whatever stood there says nothing of a switch that is gone
SILENT_SECONDS = 5.0  # without a commit: twice what a switch needs that is killed and started again, which must cost nobody his call

Refusal = Literal["switch behind", "no switch"]


class Load(Struct, frozen=True):
    """`lag`: seconds that the oldest message waited until it was handled. `behind`: new calls are refused."""

    lag: float
    behind: bool


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Load).decode


def refusal(document: bytes | None) -> Refusal | None:
    """Why new calls must not be let in now; `document` as it stands at `KEY`."""
    if document is None:
        return "no switch"
    return "switch behind" if decode(document).behind else None


async def refusal_async(source: redis.asyncio.Redis) -> Refusal | None:
    """Errors: `redis.RedisError`."""
    return refusal(await source.get(KEY))
