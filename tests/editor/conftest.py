"""The flow editor in real Chromium, on a real web process. Each test has a draft of its own."""

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Chromium, ChromiumShell
from tests.conftest import RedisServer
from tests.desk.conftest import Web, sign_in
from tests.product import until

HOME = "/admin/flows/flow/"


@pytest.fixture(scope="package")
def editor_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def web(editor_redis: RedisServer) -> Iterator[Web]:
    web = Web(editor_redis.url, "tests.editor.company")
    web.start()
    yield web
    web.stop()
    shutil.rmtree(web.folder, ignore_errors=True)


@pytest.fixture(scope="package")
def chromium(web: Web) -> Iterator[Chromium]:
    """Ingrid is signed in."""
    with ChromiumShell() as chromium:
        sign_in(chromium.context.new_page(), web, "ingrid", HOME)
        yield chromium


_numbers = itertools.count(1)


class Editor:
    """A version's page in a tab."""

    def __init__(self, page: Page, web: Web, flow: str, state: str = "draft") -> None:
        self.page, self.web, self.flow = page, web, flow
        query = "SELECT v.id FROM flows_flowversion v JOIN flows_flow f ON f.id = v.flow_id WHERE f.name = ? AND v.state = ?"
        ((self.version,),) = self.rows(query, flow, state)
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self) -> "Editor":
        self.page.goto(f"{self.web.url}/admin/flows/flowversion/{self.version}/change/")
        self.page.locator("#editor[data-ready]").wait_for()
        return self

    def rows(self, query: str, *values: Any) -> list[tuple]:
        database = sqlite3.connect(f"file:{self.web.folder / 'contactcenter.sqlite3'}?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    def leads_to(self, step: str) -> dict[str, str]:
        """Exit -> step, as the database has it."""
        query = """SELECT e.name, t.name FROM flows_exit e JOIN flows_step s ON s.id = e.step_id JOIN flows_step t ON t.id = e.target_id
                   WHERE s.version_id = ? AND s.name = ?"""
        return dict(self.rows(query, self.version, step))

    def steps(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT name FROM flows_step WHERE version_id = ?", self.version)}

    # -- what is seen

    def box(self, name: str) -> Locator:
        return self.page.locator(f".flow-box[aria-label*=': {name}.']")

    def port(self, step: str, exit_name: str) -> Locator:
        """`exit_name` empty: the handle of the exits that need not lead anywhere."""
        return self.box(step).locator(f".port-hand[data-exit='{exit_name}']")

    def field(self, label: str) -> Locator:
        return self.page.locator("#step-form").get_by_label(label, exact=False).first

    def is_saved(self) -> None:
        expect(self.page.locator("#editor")).to_have_attribute("data-saved", "saved")

    def plays(self, *sounds: str) -> None:
        """The draft's one message plays these sounds, in this order, as the database has it."""
        query = """SELECT p.name FROM flows_messagesound m JOIN flows_step s ON s.id = m.step_id JOIN audio_prompt p ON p.id = m.prompt_id
                   WHERE s.version_id = ? ORDER BY m.position"""
        wanted = [(sound,) for sound in sounds]
        until(lambda: self.rows(query, self.version) == wanted, f"it plays {sounds}")

    def has_focus(self, name: str) -> None:
        expect(self.box(name)).to_be_focused()

    # -- what people do

    def clicks(self, name: str) -> "Editor":
        self.box(name).locator(".box-face").click()
        self.page.locator("#step-form form").wait_for()
        return self

    def drags(self, start: Locator, *, to: Locator | None = None, by: tuple[int, int] = (0, 0)) -> None:
        """To the middle of another thing, or somewhere else."""
        here, there = start.bounding_box(), to.bounding_box() if to else None
        x, y = here["x"] + here["width"] / 2, here["y"] + here["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        x, y = (there["x"] + there["width"] / 2, there["y"] + there["height"] / 2) if there else (x + by[0], y + by[1])
        self.page.mouse.move(x, y, steps=4)
        self.page.mouse.up()

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    page = chromium.context.new_page()
    page.set_viewport_size({"width": 1400, "height": 860})
    yield page
    page.close()


@pytest.fixture
def editor(page: Page, web: Web) -> Iterator[Editor]:
    """A draft that no other test has."""
    editor = Editor(page, web, f"Draft {next(_numbers)}").open()
    yield editor
    assert editor.faults == []
