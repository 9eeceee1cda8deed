"""A bounded run of each fuzzer, the same every time (PF-10). `make fuzz` runs them for as long as one likes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS = {
    "registrar": 400,
    "challenge": 2_000,
    "offer": 2_000,
    "frontdoor": 400,
    "stream": 400,
    "sdp": 2_000,
    "phones": 800,
    "page": 2_000,
    "protocol": 2_000,
    "invite": 800,
}


def fuzz(name: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", name, "--folder", str(folder), *more]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "0"}, capture_output=True, text=True, timeout=100)


@pytest.mark.parametrize("name", RUNS)
def test_no_input_breaks_it(name: str, tmp_path: Path) -> None:
    """PF-10."""
    done = fuzz(name, tmp_path, "--runs", str(RUNS[name]), "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"Done (\d+) runs", done.stderr)[0]) >= RUNS[name]


def test_the_fuzzer_finds_a_fault_keeps_its_input_and_shows_it_again(tmp_path: Path) -> None:
    """A fuzzer that finds nothing must be known to find something."""
    done = fuzz("broken", tmp_path, "--runs", "20000", "--seed", "1")
    assert done.returncode != 0 and "RuntimeError: found" in done.stdout + done.stderr
    [kept] = (tmp_path / "broken").glob("crash-*")
    again = fuzz("broken", tmp_path, "--replay", str(kept))
    assert again.returncode != 0 and "RuntimeError: found" in again.stderr
