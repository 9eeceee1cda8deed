"""The front door in a process of its own, for tests: ``with Door(redis_url) as door: … door.kill(); door.start()``."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import redis as redis_library

from apps.telephony import leases, load
from apps.telephony.frontdoor import published, seating, server
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.server import FrontDoorSettings, counts_key, serve
from tests.conftest import START_SECONDS, free_port

TRUNK = "127.0.0.2"  # where callers of the known trunk come from; cells are on 127.0.0.1
STRANGER = "127.0.0.3"
ROOT = Path(__file__).parents[2]
OPEN = "front door open on "


def config(
    *, most: int = 30, version: int = 1, numbers: tuple[str, ...] = ("+4722334455",), trunks: tuple[TrunkConfig, ...] = ()
) -> FrontDoorConfig:
    return FrontDoorConfig(version, numbers, trunks or (TrunkConfig("1", "Telenor", (TRUNK,), most),))


def switch_says(redis: redis_library.Redis, *, lag: float = 0.0, behind: bool = False) -> None:
    """As a switch does with every commit; this one never falls silent."""
    redis.set(load.KEY, load.encode(load.Load(lag, behind)))


def cell_waits(redis: redis_library.Redis, cell: str, address: str) -> None:
    """As a free cell does every second; this one's offer does not lapse."""
    redis.zadd(leases.OFFERS, {f"{cell} {address}": float("inf")})


def cells_come(redis: redis_library.Redis) -> None:
    """As a supervisor says that can start three cells more; its word does not lapse."""
    redis.hset(leases.ROOM, "here", "3 inf")


class Door:
    """`refresh_seconds`: after how long it looks for a new configuration of which nobody told it. `warming_seconds`: how long a call
    waits for a cell; a test that acts meanwhile takes a longer time.
    """

    def __init__(
        self,
        redis_url: str,
        folder: Path,
        *,
        refresh_seconds: float = server.REFRESH_SECONDS,
        warming_seconds: float = seating.WARMING_SECONDS,
        **configuration: object,
    ) -> None:
        self.port, self.log = free_port(), folder / "door.log"
        self._seconds = str(refresh_seconds), str(warming_seconds)
        self.redis = redis_library.Redis.from_url(redis_url)
        self.settings = FrontDoorSettings(redis_url, port=self.port, cells=("127.0.0.1/32",), cell_ports=(1_024, 65_535))
        self.publish(**configuration)
        switch_says(self.redis)
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def publish(self, **configuration: object) -> None:
        published.publish(self.redis, config(**configuration))

    def start(self) -> None:
        fields = {name: getattr(self.settings, name) for name in self.settings.__dataclass_fields__}
        command = [sys.executable, "-m", "tests.sip.door", json.dumps(fields), *self._seconds]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        self.until(lambda: OPEN in self.log.read_text(), "the front door opens", START_SECONDS)

    def log_text(self) -> str:
        """What it has logged since it opened."""
        return self.log.read_text().partition(OPEN)[2].partition("\n")[2]

    def counts(self) -> dict[str, int]:
        return {name.decode(): int(value) for name, value in self.redis.hgetall(counts_key(self.settings.own())).items()}

    def until(self, happened, what: str, timeout: float = 10.0) -> None:
        deadline = time.monotonic() + timeout
        while not happened():
            assert time.monotonic() < deadline and self.process.poll() is None, f"{what}: no\n{self.log_text()}"
            time.sleep(0.01)

    def freeze(self) -> None:
        """Nothing comes from it any more."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self, timeout: float = 6.0) -> int:
        self.process.terminate()
        return self.process.wait(timeout)

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


if __name__ == "__main__":
    import logging

    logging.basicConfig(level=logging.INFO)
    server.log.setLevel(logging.DEBUG)  # it tells what it has heard of; what is sent in a flood needs no line each
    given = json.loads(sys.argv[1])
    server.REFRESH_SECONDS, seating.WARMING_SECONDS = map(float, sys.argv[2:])
    asyncio.run(serve(FrontDoorSettings(**{**given, "cells": tuple(given["cells"]), "cell_ports": tuple(given["cell_ports"])})))
