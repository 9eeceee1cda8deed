"""What is drawn does not go before what is heard, whoever runs the tests."""

import contextlib
import os
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
    """The processes of this test's browser."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is not ours to look into
            if (process / "exe").readlink().name == "chromium-headless-shell" and os.getpid() in _ancestors(process):
                yield process


def _ancestors(process: Path) -> Iterator[int]:
    while (parent := int(_stat(process)[1])) > 0:
        yield parent
        process = Path("/proc", str(parent))


def _stat(process: Path) -> list[str]:
    """From the state on, field 3 of proc(5)."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _nice(process: Path) -> Iterator[int]:
    """Of each of its threads."""
    for thread in process.glob("task/*"):
        with contextlib.suppress(OSError):
            yield int(_stat(thread)[16])
