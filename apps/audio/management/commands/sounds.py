"""`manage.py sounds`: keeps this media machine's sounds, if they are stored elsewhere (CC_SOUNDS_S3_BUCKET)."""

import logging
import signal
import socket
import threading
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from apps.audio import library
from apps.audio.keeper import Keeper
from contactcenter.lib import bus

log = logging.getLogger(__name__)

BEAT = 2.0  # seconds between signs of life
RELOOK = 60.0  # seconds between looks that nobody asked for: an announcement may have been lost, a fetch may have failed


class Command(BaseCommand):
    help = "Fetches the sounds from their storage onto this media machine, before they are played."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--machine", default=socket.gethostname(), help="unique among all media machines")

    def handle(self, *args: Any, machine: str, **options: Any) -> None:
        if library.is_local():
            raise CommandError("The sounds lie in a folder: there is nothing to fetch. Set CC_SOUNDS_S3_BUCKET to store them elsewhere.")
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        client = bus.connect(settings.REDIS_URL)
        keeper = Keeper(client, machine, settings.SOUNDS_DIR)
        while not stopping.is_set():
            try:
                _keep(client, keeper, stopping)
            except (redis.RedisError, DatabaseError) as fault:
                log.warning("sounds cannot be looked after now: %s", type(fault).__name__)
                stopping.wait(BEAT)
        keeper.close()


def _keep(client: redis.Redis, keeper: Keeper, stopping: threading.Event) -> None:
    """Until Redis or the database go away."""
    with client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(bus.CONFIGURATION)
        quiet = RELOOK
        while not stopping.is_set():
            if quiet >= RELOOK:
                keeper.step()
                connection.close()
                quiet = 0.0
            keeper.beat()
            quiet = RELOOK if channel.get_message(timeout=BEAT) else quiet + BEAT
