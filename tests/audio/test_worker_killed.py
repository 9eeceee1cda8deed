"""A worker that is killed while it converts loses nothing and does nothing twice; until then the old version is played (AU-01, PF-08)."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audio.files import tone_file
from tests.events.test_database_away import TABLES
from tests.product import until
from tests.recordings.test_worker_killed import Place, horses

SECONDS = 500.0  # of sound: long enough to be killed in the middle
DJANGO = "import django, json, sys; django.setup()\nfrom django.utils import timezone\nfrom apps.audio import conversions, services\n"
DJANGO += "from apps.audio.models import Conversion, Prompt, PromptVersion\n"
HAND_IN = "from pathlib import Path\nwelcome = Prompt.objects.create(name='Welcome')\n"
HAND_IN += "services.add_version(welcome, language='nb', made=services.sound.tone(440, 1.0))\n"
HAND_IN += "conversions.add(prompt=welcome, language='nb', data=Path(sys.argv[1]).read_bytes())\n"
STATE = "print(json.dumps(list(Conversion.objects.values_list('state', 'progress', 'tries'))[0]))"
VERSIONS = "print(json.dumps(list(PromptVersion.objects.order_by('number').values_list('number', 'active', 'file', 'wide', 'picture'))))"
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
    until(lambda: horses(first), "it works", 30)
    until(lambda: ask(place, STATE)[1] > 0, "it is on its way", 30)
    for pid in [first.pid, *horses(first)]:
        os.kill(pid, signal.SIGKILL)
    first.wait()
    assert ask(place, STATE)[0] == "waiting", "it was killed in the middle"
    assert [(number, active) for number, active, *_ in ask(place, VERSIONS)] == [(1, True)]
    place.start_worker()
    place.run(DJANGO + LATER)
    until(lambda: ask(place, STATE)[0] == "ready", "it is converted", 60)
    versions = ask(place, VERSIONS)
    assert [(number, active) for number, active, *_ in versions] == [(1, False), (2, True)]
    kept = {str(path.relative_to(tmp_path / "media")) for path in (tmp_path / "media").rglob("*") if path.is_file()}
    assert kept == {name for _number, _active, *names in versions for name in names}


def ask(place: Place, question: str) -> list:
    return json.loads(place.run(DJANGO + question))
