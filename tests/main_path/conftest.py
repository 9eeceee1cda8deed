"""The main path, on the running product that these tests share with others."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium
from tests.product import Product


@pytest.fixture(scope="package")
def product(running_product: Product) -> Product:
    return running_product


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    with Chromium(microphone_hz=1000) as browser:
        yield browser
