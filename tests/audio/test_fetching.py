"""`manage.py sounds` on a media machine: a sound that is changed is there within two seconds, and the switch may name it (AU-01)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_library

from apps.audio import machines
from tests import tones
from tests.audio import s3
from tests.events.test_database_away import TABLES
from tests.product import until
from tests.recordings.test_worker_killed import ROOT, Place

CHANGE = """
import django, sys; django.setup()
from apps.audio import services
from apps.audio.models import Prompt
prompt, _ = Prompt.objects.get_or_create(name="Welcome")
services.add_version(prompt, language="nb", made=services.sound.tone(float(sys.argv[1]), 0.5))
"""


@pytest.fixture
def place(tmp_path: Path, redis_url: str) -> Iterator[Place]:
    with s3.running() as address:
        found = Place(tmp_path, redis_url)
        found.environment |= s3.settings(address)
        found.run(TABLES)
        yield found


@pytest.fixture
def keeper(place: Place, redis: redis_library.Redis) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "manage.py", "sounds", "--machine", "here"], env=place.environment, cwd=ROOT)
    until(lambda: redis.hexists(machines.MACHINES, "here"), "it lives", 60)
    yield process
    process.kill()
    process.wait()


def hertz(folder: Path) -> set[float]:
    """Of the sounds that this machine has."""
    return {round(tones.dominant(tones.read_wav(file)[0][0]), -1) for file in folder.glob("*.wav")}


@pytest.mark.quiet
def test_a_changed_sound_is_on_the_media_machine_within_two_seconds(
    place: Place, keeper: subprocess.Popen[bytes], redis: redis_library.Redis, tmp_path: Path
) -> None:
    place.run(CHANGE, "440")
    until(lambda: hertz(tmp_path / "sounds") == {440}, "the first")
    place.run(CHANGE, "1000")
    changed = time.monotonic()
    until(lambda: redis.scard("cc:sounds:here") == 2, "both are told", 2)
    assert time.monotonic() - changed < 2 and hertz(tmp_path / "sounds") == {440, 1000}, "calls in progress still hear the old one"
    os.kill(keeper.pid, signal.SIGTERM)
    assert keeper.wait(10) == 0 and not redis.hexists(machines.MACHINES, "here"), "it says good-bye, and nobody waits for it"
