"""The fetcher process: web requests of call flows."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.flows.web.fetcher import Fetcher
from apps.flows.web.targets import Rules, closed
from contactcenter.lib import bus

REDIS_PORT, POSTGRESQL_PORT = 6379, 5432


class Command(BaseCommand):
    help = "Does the web requests of call flows. More than one may run."

    def handle(self, *args, **options) -> None:
        asyncio.run(_run())


async def _run() -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    rules = Rules(frozenset(settings.WEB_REQUEST_OWN_PORTS), closed(list(_servers())))
    client = bus.connect_async(settings.REDIS_URL)
    try:
        await Fetcher(client, rules, f"{socket.gethostname()}-{os.getpid()}").run(stopping)
    finally:
        await client.aclose()


def _servers() -> Iterator[tuple[str, int]]:
    """Ours, wherever they are: no web service."""
    redis = urlsplit(settings.REDIS_URL)
    if redis.hostname:
        yield redis.hostname, redis.port or REDIS_PORT
    database = settings.DATABASES["default"]
    if host := database.get("HOST"):
        yield host, int(database.get("PORT") or POSTGRESQL_PORT)
