"""`manage.py switch`: the process that decides. A second one waits until the first is gone: it need not start then, which takes longer than
the two seconds in which decisions must go on."""

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from queue import SimpleQueue

import msgspec
import redis
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from apps.switch.configuration import Configuration
from apps.switch.core import Core, GatewaysSeen, Message
from apps.switch.holder import Holder
from apps.switch.loading import Watcher, called_out_today, load
from apps.switch.shell import Shell
from apps.switch.store import Fenced, Store
from apps.telephony import leases
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

PRECEDENCE = 3.0  # seconds that the switch which decides has, after an outage of Redis, to say that it still does
WAIT = 0.1  # seconds between tries to get the lease, or to reach Redis


class Command(BaseCommand):
    help = "Run the switch: call sessions, flows and distribution. Exactly one decides; others stand by."

    def handle(self, **_) -> None:
        stopping = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
        client = bus.connect(settings.REDIS_URL)
        token = f"{os.getpid()}.{uuid.uuid4().hex}"
        serve(client, token, Holder(settings.VAR_DIR / "switch.holder"), stopping)


def serve(client: redis.Redis, token: str, holder: Holder, stopping: threading.Event) -> None:
    """Stand by, then decide, until `stopping` or until another switch has taken over.

    The configuration is read before the lease is taken: nobody renews it meanwhile, and a database may be slow.
    """
    store, core = Store(client, token), Core(_first_configuration())
    ahead = Ahead(core)
    try:
        is_active = _become_active(store, holder, stopping, ahead.keep_up)
    finally:
        ahead.stop()
    if is_active:
        _run(client, store, core, stopping, lambda: holder.hold(token))


class Ahead:
    """What a switch that stands by needs in order to decide at once: the configuration as it is now, in its core."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._news: SimpleQueue[Message] = SimpleQueue()
        self._watcher: Watcher | None = None

    def keep_up(self) -> None:
        """To be called again and again, from the first time on that another one decides."""
        if self._watcher is None:
            self._watcher = Watcher(settings.REDIS_URL, self._news, publishes=False)
            self._watcher.start()
        self._hear()

    def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
        self._hear()

    def _hear(self) -> None:
        while not self._news.empty():
            self._core.handle(self._news.get(), clock.now())


def _become_active(store: Store, holder: Holder, stopping: threading.Event, keep_up: Callable[[], None]) -> bool:
    """Wait for the lease, or for the end of the process that has it. False: told to stop first.

    One that stands by knows only what Redis knows; the one that decides has it all in memory. So after an outage, or when Redis has
    forgotten what it knew, that one goes first.
    """
    known, not_before = 0, 0.0
    while not stopping.is_set():
        try:
            taken, last = store.take_over(known, holder.died()) if time.monotonic() >= not_before else (False, known)
            if taken:
                return True
        except redis.RedisError:
            log.warning("Redis is not there")
            last = 0
        if last < known:
            known, not_before = 0, time.monotonic() + PRECEDENCE
        known = max(known, last)
        keep_up()
        stopping.wait(WAIT)
    return False


def _run(client: redis.Redis, store: Store, core: Core, stopping: threading.Event, hold: Callable[[], None]) -> None:
    news: SimpleQueue[Message] = SimpleQueue()
    watcher = Watcher(settings.REDIS_URL, news)
    try:
        core.handle(GatewaysSeen(leases.gateways(client)), clock.now())
        shell = Shell(client, store, core, news, clock.now, settings.TIME_ZONE)
        shell.start(called_out_today)
        watcher.start()
        while not stopping.is_set():
            hold()
            _step(shell, stopping)
        store.give_up_lease()
    except Fenced:
        log.error("another switch has taken over; this one ends")
    finally:
        watcher.stop()


def _step(shell: Shell, stopping: threading.Event) -> None:
    try:
        shell.step()
    except redis.RedisError as error:
        log.warning("Redis is away: %s", type(error).__name__)
        stopping.wait(WAIT)
        _recover(shell)


def _recover(shell: Shell) -> None:
    try:
        shell.recover()
    except redis.RedisError:
        log.debug("Redis is still away")


def _first_configuration() -> Configuration:
    """From the database; when that is away, what was read last, so that calls are answered all the same (PF-08)."""
    path = settings.VAR_DIR / "configuration.json"
    try:
        configuration, _ = load()
    except DatabaseError:
        log.warning("the database is away: the switch begins with the configuration it read last")
        return msgspec.json.decode(path.read_bytes(), type=Configuration)
    finally:
        close_old_connections()
    unfinished = path.with_suffix(f".{os.getpid()}")  # the one that decides and the one that stands by write it, perhaps at once
    unfinished.write_bytes(msgspec.json.encode(configuration))
    unfinished.replace(path)
    return configuration
