"""`manage.py media`: the pool of cells, and the front door as a process beside it, until SIGTERM or SIGINT."""

import ctypes
import logging
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.telephony import precedence, shares
from apps.telephony.cell.pool import Pool, PoolSettings

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # prctl(2)
PAUSE_SECONDS = 1.0  # between two starts of the front door
END_SECONDS = 5.0  # for the front door to finish what is under way


class FrontDoor:
    """A process of its own, in a process group of its own: when all is stopped at once it must outlive the cells, whose BYEs it carries.

    So this supervisor ends it; or the kernel, if the supervisor is killed: the next one needs the port.
    """

    def __init__(self) -> None:
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start it, if it does not run."""
        if (not self._process or self._process.poll() is not None) and time.monotonic() - self._started > PAUSE_SECONDS:
            self._started = time.monotonic()
            self._process = subprocess.Popen([sys.executable, sys.argv[0], "frontdoor"], process_group=0, preexec_fn=_end_with_parent)

    def end(self) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # it has no models
    help = "Runs the media cells and the SIP front door. SIGTERM: no new calls, those that are up finish; a second one hangs up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--machine", default=socket.gethostname(), help="unique among all media machines")
        parser.add_argument("--without-front-door", action="store_true", help="another SIP proxy leases the cells")

    def handle(self, *args: Any, machine: str, without_front_door: bool, **options: Any) -> None:
        pool = Pool(pool_settings(machine))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: pool.drain())
        log.info("sound %s before all other work of this machine", "goes" if precedence.allowed() else "may not go")
        door = FrontDoor()
        while not pool.over():
            if not without_front_door:
                door.keep()
            pool.step(1.0)
        door.end()
        pool.close()


def pool_settings(machine: str) -> PoolSettings:
    return PoolSettings(
        machine=machine,
        redis_url=settings.REDIS_URL,
        warm=settings.CELLS_WARM,
        most=settings.CELLS_MAX,
        sip_address=settings.INSIDE_ADDRESS,
        media_address=settings.MEDIA_ADDRESS,
        ports=shares.cells(settings.MEDIA_PORTS),
    )
