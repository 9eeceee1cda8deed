"""The journal process: facts from Redis to the database, and from there to the readers."""

import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.events.writer import Writer
from contactcenter.lib import bus


class Command(BaseCommand):
    help = "Copies facts to the database, in order, exactly once, and lets the readers make rows of them. One is active, others stand by."

    def handle(self, *args, **options) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        Writer(bus.connect(settings.REDIS_URL), stopping).run()
