"""A worker that is killed while it converts loses nothing and does nothing twice; until then the old version is played (AU-01, PF-08)."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audio.files import tone_file
from tests.events.test_database_away import TABLES
from tests.product import until
from tests.recordings.test_worker_killed import Place, horses

SECONDS = 200.0  # of sound: long enough to be killed in the middle
DJANGO = "import django, sys; django.setup()\nfrom django.utils import timezone\nfrom apps.audio import conversions, services\n"
DJANGO += "from apps.audio.models import Conversion, Prompt, PromptVersion\n"
HAND_IN = "from pathlib import Path\nwelcome = Prompt.objects.create(name='Welcome')\n"
HAND_IN += "services.add_version(welcome, language='nb', made=services.sound.tone(440, 1.0))\n"
HAND_IN += "conversions.add(prompt=welcome, language='nb', data=Path(sys.argv[1]).read_bytes())\n"
VERSIONS = "SELECT number, active, file, wide, picture FROM audio_promptversion ORDER BY number"
LATER = "Conversion.objects.filter(state='waiting').update(try_at=timezone.now()); conversions.sweep()"  # its lease is over


@pytest.fixture
def place(tmp_path: Path, redis_url: str) -> Iterator[Place]:
    found = Place(tmp_path, redis_url)
    found.run(TABLES)
    yield found
    for worker in found.workers:
        worker.kill()
        worker.wait()


def test_a_worker_that_is_killed_in_the_middle_of_a_conversion_loses_nothing(place: Place, tmp_path: Path) -> None:
    upload = tmp_path / "long.mp3"
    upload.write_bytes(tone_file("mp3", 1000, SECONDS, rate=16_000))
    place.run(DJANGO + HAND_IN, str(upload))
    first = place.start_worker()
    until(lambda: conversion(tmp_path) == ("waiting", 1), "it is at work", 60)
    for pid in [first.pid, *horses(first)]:
        os.kill(pid, signal.SIGKILL)
    first.wait()
    assert conversion(tmp_path) == ("waiting", 1), "it was killed in the middle"
    assert [(number, active) for number, active, *_ in rows(tmp_path, VERSIONS)] == [(1, True)]
    place.start_worker()
    place.run(DJANGO + LATER)
    until(lambda: conversion(tmp_path) == ("ready", 2), "it is converted", 60)
    versions = rows(tmp_path, VERSIONS)
    assert [(number, active) for number, active, *_ in versions] == [(1, False), (2, True)]
    until(lambda: not list((tmp_path / "media" / "audio" / "incoming").iterdir()), "what was handed in goes when it is converted")
    kept = {str(path.relative_to(tmp_path / "media")) for path in (tmp_path / "media").rglob("*") if path.is_file()}
    assert kept == {name for _number, _active, *names in versions for name in names}


def conversion(folder: Path) -> tuple[str, int]:
    """(its state, tries)."""
    return rows(folder, "SELECT state, tries FROM audio_conversion")[0]


def rows(folder: Path, query: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'contactcenter.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(query).fetchall()
