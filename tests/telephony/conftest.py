"""Cells and front door for the tests that need both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telephony.media import Media


@pytest.fixture
def media(redis_url: str, tmp_path: Path) -> Iterator[Media]:
    found = Media(redis_url, tmp_path)
    found.wait_until_it_runs()
    yield found
    found.close()
