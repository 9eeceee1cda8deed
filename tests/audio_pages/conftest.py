"""One running product, and an administrator's browser with 1000 Hz for a voice, for the tests of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Chromium, ChromiumShell
from tests.main_path.desk_person import log_in
from tests.product import ADMINISTRATOR, Product


@pytest.fixture(scope="module")
def product(running_product: Product) -> Product:
    return running_product


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with ChromiumShell(microphone_hz=1000) as browser:
        yield browser


@pytest.fixture(scope="module")
def admin(product: Product, chromium: Chromium) -> Page:
    page = chromium.open(f"{product.url}/log-in/")
    log_in(page, product, ADMINISTRATOR)
    return page
