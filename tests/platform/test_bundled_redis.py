"""`manage.py redis`: a Redis of this user alone (PF-07)."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.core.management import CommandError, call_command

from contactcenter.management.commands.redis import private_folder

BASE = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


@pytest.fixture
def server(tmp_path_factory) -> Iterator["Server"]:
    it = Server(tmp_path_factory.mktemp("redis"))
    it.start()
    yield it
    it.stop()


class Server:
    def __init__(self, var: Path) -> None:
        self.env = {**os.environ, "CC_VAR": str(var), "TMPDIR": str(var), "REDIS_URL": ""}
        code = "from contactcenter import settings; print(settings.REDIS_URL)"
        self.url = subprocess.check_output([sys.executable, "-c", code], env=self.env, cwd=BASE, text=True).strip()
        self.client = redis.Redis.from_url(self.url)

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "manage.py", "redis"], env=self.env, cwd=BASE)
        deadline = time.monotonic() + 15
        while True:
            try:
                self.client.ping()
                return
            except redis.RedisError:
                assert self.process.poll() is None and time.monotonic() < deadline, "redis does not come up"
                time.sleep(0.02)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def test_the_signal_that_stops_the_command_stops_the_server_and_facts_are_kept(server: Server):
    """PF-08: what the journal's reader has not taken in survives a restart of Redis."""
    server.client.xadd("cc:journal", {"m": "fact"})
    server.stop()
    with pytest.raises(redis.RedisError):
        server.client.ping()
    server.start()
    assert server.client.xlen("cc:journal") == 1


def test_nobody_else_reaches_the_socket(server: Server):
    socket = Path(server.url.removeprefix("unix://"))
    assert socket.parent.stat().st_mode & 0o077 == 0
    assert server.client.config_get("port") == {"port": "0"}


def test_a_folder_that_others_can_enter_is_refused(folder: Path):
    (folder / "open").mkdir(mode=0o777)
    (folder / "open").chmod(0o777)
    with pytest.raises(CommandError, match="open to others"):
        private_folder(folder / "open")


def test_a_link_that_somebody_left_is_refused(folder: Path):
    (folder / "theirs").mkdir(mode=0o700)
    (folder / "link").symlink_to(folder / "theirs")
    with pytest.raises(CommandError):
        private_folder(folder / "link")


def test_with_a_redis_of_ones_own_the_bundled_one_is_not_started(settings):
    settings.REDIS_BUNDLED = False
    with pytest.raises(CommandError, match="REDIS_URL"):
        call_command("redis")
