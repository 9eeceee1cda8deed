from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from contactcenter.lib import bus
from tests.fakes.pages_gateway import PagesGateway
from tests.fakes.pages_switch import PagesSwitch
from tests.live.people import LivePage, company


@pytest.fixture
def switch(redis_url: str, settings: Any) -> Iterator[PagesSwitch]:
    settings.REDIS_URL = redis_url
    bus.client.cache_clear()
    with PagesSwitch(redis_url) as switch:
        yield switch
    bus.client.cache_clear()


@pytest.fixture
def who(switch: PagesSwitch, transactional_db: None) -> dict[str, Any]:
    """With a Redis that hears of each saved row at once."""
    return company()


@pytest.fixture
def gateway(redis_url: str) -> Iterator[PagesGateway]:
    with PagesGateway(redis_url) as gateway:
        yield gateway


@pytest.fixture
async def opens(switch: PagesSwitch) -> AsyncIterator[Callable[..., Any]]:
    """Opens pages, and closes what is still open at the end."""
    pages: list[LivePage] = []

    async def opens(user: Any, **start: Any) -> LivePage:
        page = await make(user, **start)
        pages.append(page)
        return await page.open()

    yield opens
    for page in pages:
        await page.close()


async def make(user: Any, **more: Any) -> LivePage:
    from channels.db import database_sync_to_async

    return await database_sync_to_async(LivePage)(user, **more)
