"""Tasks end when a page leaves, whatever they were doing."""

import asyncio

import pytest
from autobahn.exception import Disconnected

from apps.live.consumer import LiveConsumer
from apps.live.ending import end
from contactcenter.lib import bus


async def test_a_task_that_was_just_connecting_to_redis_ends_too(redis_url: str) -> None:
    for started in range(40):
        source = bus.connect_async(redis_url)

        async def read(source=source) -> None:
            await source.ping()
            while True:
                await source.xread({"nothing": "0-0"}, block=2000)

        task = asyncio.create_task(read())
        await asyncio.sleep(started * 0.0001)
        async with asyncio.timeout(2):
            await end([task])
        await source.aclose()


async def test_one_that_swallows_its_cancellation_is_told_again() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await end([task])
    assert task.done()


@pytest.mark.parametrize("how", [Disconnected("Attempt to send on a closed protocol"), OSError("gone")])
async def test_a_connection_that_has_gone_is_ended_without_a_fault(how: Exception) -> None:
    """Daphne's word for it, and ASGI's."""

    async def is_gone(message: dict) -> None:
        raise how

    consumer = LiveConsumer()
    consumer.base_send = is_gone
    await consumer.close(4013)
    await consumer.send_json({"m": "too late"})
