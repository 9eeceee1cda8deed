"""What is drawn does not go before what is heard, whoever runs the tests."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import ChromiumShell

pytestmark = pytest.mark.browser


def test_no_thread_of_a_browser_without_calls_goes_before_the_calls_beside_it() -> None:
    with ChromiumShell() as shell:
        shell.open("data:text/html,<p>Drawn.</p>")
        found = [nice for process in _browsers() for nice in _nice(process)]
    assert len(found) > 10 and min(found) >= 0


def _browsers() -> Iterator[Path]:
    """Of all who test at the moment."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is not ours to look into
            if (process / "exe").readlink().name == "chromium-headless-shell":
                yield process


def _nice(process: Path) -> Iterator[int]:
    """Of each of its threads: proc(5), stat, field 19."""
    for thread in process.glob("task/*"):
        with contextlib.suppress(OSError):
            yield int((thread / "stat").read_text().rpartition(")")[2].split()[16])
