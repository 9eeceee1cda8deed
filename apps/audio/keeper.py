"""Keeps the sounds of a media machine on its own disk: fetched before the switch names them, removed when no call can play them.

Each step: what may be played is fetched if it is missing (written beside, then renamed, so that no cell sees half a file), then told in
Redis; when something new has come the configuration is announced, and the switch names it from then on.
"""

import logging
import os
import shutil
import time
from pathlib import Path

import redis

from apps.audio import library, machines
from apps.audio.models import STORAGE_FAULTS, sounds
from apps.events.models import announce_configuration

log = logging.getLogger(__name__)

UNWANTED = 24 * 3600.0  # seconds that a file stays which nothing names any more: a call may still play it
HALF = ".part"


class Keeper:
    def __init__(self, client: redis.Redis, machine: str, folder: Path) -> None:
        self._client = client
        self._machine = machine
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def step(self) -> int:
        """Returns how many files were fetched. Errors: `redis.RedisError`, `django.db.DatabaseError`. A file that cannot be had is tried
        again with the next step."""
        wanted = {library.basename(name): name for name in library.wanted()}
        fetched = sum(self._fetch(file, name) for file, name in wanted.items() if not (self._folder / file).exists())
        self._tidy(set(wanted))
        machines.tell(self._client, self._machine, {file for file in wanted if (self._folder / file).exists()})
        if fetched:
            announce_configuration()
        return fetched

    def beat(self) -> None:
        machines.beat(self._client, self._machine)

    def close(self) -> None:
        machines.forget(self._client, self._machine)

    def _fetch(self, file: str, name: str) -> bool:
        part = self._folder / f"{file}{HALF}"
        try:
            with sounds().open(name, "rb") as source, part.open("wb") as target:
                shutil.copyfileobj(source, target)
            part.replace(self._folder / file)
        except STORAGE_FAULTS as fault:
            log.warning("a sound could not be fetched: %s", type(fault).__name__)
            part.unlink(missing_ok=True)
            return False
        return True

    def _tidy(self, wanted: set[str]) -> None:
        """A file's time is when it was last wanted."""
        now = time.time()
        for file in self._folder.iterdir():
            if file.name in wanted:
                os.utime(file)
            elif now - file.stat().st_mtime > UNWANTED:
                file.unlink(missing_ok=True)
