"""The worker process is killed while it stores recordings: none is lost, none is stored twice (PF-08, AR-07)."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_library

from apps.events import journal
from apps.events.vocabulary import RecordingStored
from tests.events.test_database_away import TABLES
from tests.product import until
from tests.recordings.conftest import write_wav

ROOT = Path(__file__).resolve().parents[2]
COUNT, SECONDS = 4, 1200.0  # of recordings, and of sound in each: 38 MB, so that there is a middle to be killed in
DJANGO = "import django, json, sys; django.setup()\nfrom django.utils import timezone\nfrom apps.calls.models import Call\n"
DJANGO += "from apps.recordings import services\nfrom apps.recordings.models import Recording\n"
FINISHED = """
for path in sys.argv[1:]:
    name = path.rpartition("/")[2].removesuffix(".wav")
    call = Call.objects.create(id=f"call-{name}", started_at=timezone.now(), ended_at=timezone.now())
    Recording.objects.create(id=name, call=call, mode="forced", started_at=timezone.now(), source=path, state="finished")
services.sweep()
"""
LATER = "Recording.objects.filter(state='finished').update(try_at=timezone.now()); services.sweep()"  # its wait is over
STATES = "print(json.dumps(list(Recording.objects.order_by('id').values_list('id', 'state', 'file', 'sha256'))))"


class Place:
    """An installation of its own: database, folder of recordings, and the Redis of this test."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        own = {"CC_VAR": str(folder), "REDIS_URL": redis_url, "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | own
        self.archive = folder / "recordings" / "archive"
        self.workers: list[subprocess.Popen[bytes]] = []

    def run(self, program: str, *arguments: str) -> str:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=self.environment, cwd=ROOT, check=True, timeout=60, stdout=subprocess.PIPE, text=True).stdout

    def start_worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "rqworker", "--verbosity", "0", "default"]
        self.workers.append(subprocess.Popen(command, env=self.environment, cwd=ROOT))
        return self.workers[-1]

    def archived(self) -> dict[str, int]:
        return {path.stem: path.stat().st_size for path in self.archive.rglob("*.wav")}

    def states(self) -> list[list[str]]:
        return json.loads(self.run(DJANGO + STATES))


@pytest.fixture
def place(tmp_path: Path, redis_url: str) -> Iterator[Place]:
    found = Place(tmp_path, redis_url)
    found.run(TABLES)
    yield found
    for worker in found.workers:
        worker.kill()
        worker.wait()


def horses(worker: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]


def test_a_worker_that_is_killed_in_the_middle_of_a_recording_loses_none_and_stores_none_twice(
    place: Place, tmp_path: Path, redis: redis_library.Redis
) -> None:
    sources = [tmp_path / "recordings" / "incoming" / f"r{number}.wav" for number in range(COUNT)]
    write_wav(sources[0], seconds=SECONDS)
    for source in sources[1:]:
        shutil.copyfile(sources[0], source)
    content = sources[0].stat().st_size
    place.run(DJANGO + FINISHED, *map(str, sources))
    first = place.start_worker()
    until(lambda: at_work(tmp_path), "it has begun with one and is not done", 60)
    for pid in [first.pid, *horses(first)]:
        os.kill(pid, signal.SIGKILL)
    first.wait()
    assert any(path.exists() for path in sources), "it was killed in the middle"
    place.start_worker()
    place.run(DJANGO + LATER)
    until(lambda: not any(path.exists() for path in sources), "all are stored", 30)
    until(lambda: len(stored(redis)) >= COUNT, "all are told of")
    states = place.states()
    assert [(name, state) for name, state, _, _ in states] == [(f"r{number}", "stored") for number in range(COUNT)]
    assert sorted(str(path.relative_to(place.archive)) for path in place.archive.rglob("*.wav")) == sorted(file for _, _, file, _ in states)
    assert set(place.archived().values()) == {content} and len({sha for *_, sha in states}) == 1
    assert sorted(stored(redis)) == [f"r{number}" for number in range(COUNT)]


def at_work(folder: Path) -> bool:
    """Read from the file, so that the look is shorter than the work."""
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'contactcenter.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        return bool(database.execute("SELECT 1 FROM recordings_recording WHERE state = 'finished' AND tries = 1").fetchall())


def stored(redis: redis_library.Redis) -> list[str]:
    return [entry.event.recording for entry in journal.read(redis, 0) if isinstance(entry.event, RecordingStored)]
