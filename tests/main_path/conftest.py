"""One running product for the tests of this folder; each test brings its own callers and agents, and looks at its own calls."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium
from tests.main_path.register import Register
from tests.product import Product


@pytest.fixture(scope="package")
def register() -> Iterator[Register]:
    server = Register()
    yield server
    server.close()


@pytest.fixture(scope="package")
def product(register: Register) -> Iterator[Product]:
    """As talkative as it can be: tests look for what must not be in the log."""
    with Product(CC_LOG_LEVEL="DEBUG", CC_WEB_REQUEST_OWN_PORTS=register.server_port) as running:
        yield running
    assert running.left_over() == []


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    with Chromium(microphone_hz=1000) as browser:
        yield browser
