"""The end of background tasks."""

import asyncio
from collections.abc import Collection

AGAIN = 0.1  # seconds


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel until they are gone: redis-py 8.1 swallows a cancellation that comes while it connects, and the task goes on."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN)
