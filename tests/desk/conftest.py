"""The desk in real Chromium, on a real web process and a real Redis; switch and gateway are fakes that speak their protocol."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis as redis_library
from playwright.sync_api import Page, expect

from contactcenter.management.commands.prepare import compile_messages
from tests.browser.chromium import Chromium, ChromiumShell
from tests.conftest import RedisServer, free_port
from tests.desk.company import PASSWORD
from tests.desk.peer import Peer
from tests.fakes.pages_gateway import PagesGateway
from tests.fakes.pages_switch import PagesSwitch
from tests.product import until

ROOT = Path(__file__).resolve().parent.parent.parent
IDS = {"anna": 1, "per": 2, "ola": 3, "ingrid": 4}
expect.set_options(timeout=6_000)


class Web:
    """One web process with its own database; `stop` and `start` are what a restart of the server is."""

    def __init__(self, redis_url: str, company: str = "tests.desk.company") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cc-desk-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sessions: dict[str, Any] = {}  # user -> cookies of his browser, once he has logged in
        settings = {"CC_VAR": self.folder, "REDIS_URL": redis_url, "CC_WEB_PORT": self.port, "CC_DEBUG": 1, "PYTHONPATH": ROOT}
        settings["DJANGO_SETTINGS_MODULE"] = os.environ.get("CC_DESK_SETTINGS", "contactcenter.settings")
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment |= {name: str(value) for name, value in settings.items()}
        compile_messages(ROOT / "locale")
        subprocess.run([sys.executable, "-m", company], cwd=ROOT, env=self.environment, check=True, timeout=90)

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "manage.py", "web"], cwd=ROOT, env=self.environment)
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/health/live", timeout=2).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "the web process did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="package")
def desk_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def web(desk_redis: RedisServer) -> Iterator[Web]:
    web = Web(desk_redis.url)
    web.start()
    yield web
    web.stop()
    shutil.rmtree(web.folder, ignore_errors=True)


@dataclass
class Desk:
    """Somebody's desk in a tab, and what is behind it."""

    page: Page
    web: Web
    switch: PagesSwitch
    gateway: PagesGateway
    peer: Peer
    chromium: Chromium
    agent: int = IDS["anna"]

    def panel(self, name: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-panel", name)

    def status(self, word: str) -> None:
        expect(self.page.locator("#status .status-word")).to_have_text(word)

    def log_on(self) -> None:
        self.page.locator("#log-on button.primary").click()
        self.panel("idle")

    def talks(self) -> "Desk":
        """A call comes, is answered, and has its sound."""
        self.switch.ring(self.agent)
        self.panel("ringing")
        self.page.keyboard.press("Enter")
        until(lambda: self.chromium.has_media(self.page), "there is sound")
        self.switch.connect(self.agent)
        self.panel("talking")
        return self

    def log_in(self, user: str) -> "Desk":
        self.agent = IDS[user]
        sign_in(self.page, self.web, user)
        return self


def sign_in(page: Page, web: Web, user: str, path: str = "/desk/", *, url: str = "") -> None:
    """`url`: where the browser finds the web process, if not there.

    Who has logged in once has his session in the next browser too, as long as he has not logged out.
    """
    page.context.clear_cookies(name="sessionid")
    page.context.add_cookies(web.sessions.get(user, []))
    page.goto(f"{url or web.url}{path}")
    if "/log-in/" not in page.url:
        return
    page.locator("#id_username").fill(user)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(f"**{path}*")
    web.sessions[user] = page.context.cookies()


@pytest.fixture(scope="package")
def browser() -> Iterator[Chromium]:
    with ChromiumShell() as browser:
        yield browser


@pytest.fixture
def chromium(browser: Chromium) -> Iterator[Chromium]:
    with browser.visit() as visitor:
        yield visitor


@pytest.fixture(scope="package")
def far_end(browser: Chromium) -> Iterator[Page]:
    """A page at a place of its own: a test that takes the desk offline leaves it where it is."""
    with browser.visit() as elsewhere:
        yield elsewhere.context.new_page()


@pytest.fixture
def peer(far_end: Page) -> Iterator[Peer]:
    peer = Peer(far_end)
    yield peer
    peer.stop()


@pytest.fixture
def desk(chromium: Chromium, peer: Peer, web: Web, desk_redis: RedisServer) -> Iterator[Desk]:
    """Not signed in yet."""
    redis_library.Redis.from_url(desk_redis.url).flushall()
    with PagesSwitch(desk_redis.url) as switch, PagesGateway(desk_redis.url, peer.answers) as gateway:
        page = chromium.context.new_page()
        page.set_viewport_size({"width": 1280, "height": 720})
        yield Desk(page, web, switch, gateway, peer, chromium)


@pytest.fixture
def annas_desk(desk: Desk) -> Desk:
    return desk.log_in("anna")
