"""A gateway, a cell and a page for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.gateway.cells import PlainCell
from tests.gateway.world import GatewayProcess, PageServer
from tests.live.conftest import opens, switch, who  # noqa: F401 - fixtures: pages of the real web process
from tests.sip.door import switch_says


@pytest.fixture
def gateway(redis_url: str, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(redis_url, tmp_path / "var")
    switch_says(process.redis)
    yield process
    process.stop()


@pytest.fixture
def cell() -> Iterator[PlainCell]:
    plain = PlainCell(hertz=440)
    yield plain
    plain.close()


@pytest.fixture
def pages(gateway: GatewayProcess) -> Iterator[PageServer]:
    server = PageServer(gateway)
    yield server
    server.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium(microphone_hz=1000) as browser:
        yield browser


@pytest.fixture
def chromium(browser: Chromium) -> Iterator[Chromium]:
    with browser.visit() as visitor:
        yield visitor
