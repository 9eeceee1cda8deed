"""One running product for the tests of this folder; each test brings its own callers and agents."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium
from tests.product import Product


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with Product(CC_LOG_LEVEL="DEBUG") as running:  # a test looks for what must not be in the log
        yield running
    assert running.left_over() == []


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    with Chromium(microphone_hz=1000) as browser:
        yield browser
