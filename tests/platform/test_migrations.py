"""An installation makes its tables by migrations, tests from the models: on PostgreSQL migrations may fail where SQLite's do not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.events.postgresql import PROGRAMS, PostgreSQL
from tests.product import ROOT

pytestmark = [pytest.mark.skipif(not PROGRAMS, reason="Debian's package postgresql is not installed")]
SAVED = """
WITH sound AS (INSERT INTO audio_prompt (name, key, music) VALUES ('Welcome', '', false) RETURNING id)
INSERT INTO dictation_phonerecording (call, language, state, fault, source, began_at, prompt_id)
SELECT 'a call', 'nb', 'taken', '', '/a.wav', now(), id FROM sound
"""


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.remove()


def migrate(server: PostgreSQL, folder: Path, *arguments: str) -> None:
    environment = os.environ | {"DATABASE_URL": server.url, "CC_VAR": str(folder)}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0", *arguments],
        cwd=ROOT,
        env=environment,
        timeout=100,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_new_installation_on_postgresql_and_a_recording_that_waits_during_an_upgrade(postgresql: PostgreSQL, tmp_path: Path) -> None:
    migrate(postgresql, tmp_path, "dictation", "0001")
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute(SAVED)
    migrate(postgresql, tmp_path)
    with psycopg.connect(postgresql.url) as connection:
        assert connection.execute("SELECT id, call, state FROM dictation_phonerecording").fetchall() == [("a call", "a call", "taken")]
