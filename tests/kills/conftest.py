"""A busy hour on the running product: ten conversations, five of them at desks in real browsers, and five callers who wait with music.

It goes on over all tests of this folder, as it would over the kills of a bad day: each test puts back what it took away.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.kills.bad_day import BadDay
from tests.load.busy_hour import BusyHour
from tests.product import Product


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with Product(CC_CELLS_MAX=60, CC_CELLS_WARM=12) as running:
        yield running
    assert running.left_over() == []


@pytest.fixture(scope="module")
def day(product: Product) -> Iterator[BadDay]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Chromium(microphone_hz=1000, steady=True) as chromium,
        BusyHour(product, Path(folder), phones=5, softphones=5, callers=40, answers=40) as hour,
    ):
        yield BadDay(product, hour, chromium)
