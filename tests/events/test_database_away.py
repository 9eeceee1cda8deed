"""The journal process itself, on a real PostgreSQL that goes away, and killed in the middle of its work (PF-08)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from apps.events import journal
from tests.events.conftest import append_many, ended
from tests.events.postgresql import PROGRAMS, PostgreSQL

pytestmark = [pytest.mark.skipif(not PROGRAMS, reason="Debian's package postgresql is not installed")]

ROOT = Path(__file__).resolve().parents[2]
AWAY = float(os.environ.get("CC_TEST_AWAY", "6"))  # seconds; longer than the lease, which must be renewed while the process waits
TABLES = """
import django
from django.conf import settings
class NoMigrations(dict):
    def __contains__(self, app): return True
    def __missing__(self, app): return None
settings.MIGRATION_MODULES = NoMigrations()
django.setup()
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
"""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.remove()


@pytest.fixture
def environment(postgresql, redis_url, tmp_path) -> dict[str, str]:
    """Of processes with an empty database."""
    found = os.environ | {
        "DATABASE_URL": postgresql.url, "REDIS_URL": redis_url, "CC_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "contactcenter.settings",
    }  # fmt: skip
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    subprocess.run([sys.executable, "-c", TABLES], env=found, cwd=ROOT, check=True, timeout=60)
    return found


class Process:
    """`manage.py journal`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen([sys.executable, "manage.py", "journal"], env=environment, cwd=ROOT)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@pytest.fixture
def start(environment) -> Iterator:
    """Starts writers, and ends those that are left."""
    started: list[Process] = []

    def one() -> Process:
        started.append(Process(environment))
        return started[-1]

    yield one
    for process in started:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


def written(postgresql: PostgreSQL) -> list[str]:
    return [call for (call,) in postgresql.rows("SELECT call FROM events_event ORDER BY seq")]


def until(postgresql: PostgreSQL, count: int, seconds: float = 30) -> float:
    """Waits until `count` facts are in the database; seconds it took."""
    began = time.monotonic()
    while len(found := written(postgresql)) < count:
        assert time.monotonic() - began < seconds, f"{len(found)} of {count} facts after {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def names(numbers) -> list[str]:
    return [f"call-{number}" for number in numbers]


def test_facts_of_the_time_without_database_are_written_afterwards_in_order_and_once(postgresql, redis, start):
    """PF-08."""
    process = start()
    append_many(redis, range(100))
    until(postgresql, 100)
    postgresql.kill()
    append_many(redis, range(100, 600))
    time.sleep(AWAY)
    assert process.process.poll() is None
    postgresql.start()
    until(postgresql, 600)
    assert written(postgresql) == names(range(600))
    for _ in range(100):
        if dict(postgresql.rows("SELECT id, cause FROM calls_call")).keys() >= set(names(range(600))):
            break
        time.sleep(0.1)
    assert {cause for _, cause in postgresql.rows("SELECT id, cause FROM calls_call")} == {"caller_hung_up"}
    assert postgresql.rows("SELECT count(*) FROM calls_timelineentry") == [(600,)]
    assert process.end() == 0


def test_a_writer_that_is_killed_is_followed_by_another_that_goes_on_where_it_stopped(postgresql, redis, start):
    """PF-08: the stand-by takes over when the lease has run out."""
    first, _ = start(), append_many(redis, range(2000))
    until(postgresql, 1)
    first.end(signal.SIGKILL)
    second = start()
    append_many(redis, range(2000, 4000))
    until(postgresql, 4000)
    assert written(postgresql) == names(range(4000))
    assert second.end() == 0


def test_a_writer_that_is_told_to_end_takes_in_what_is_there(postgresql, redis, start):
    process = start()
    append_many(redis, range(10))
    until(postgresql, 10)
    append_many(redis, range(10, 700))
    assert process.end() == 0
    assert written(postgresql) == names(range(700))
    seqs = {seq for (seq,) in postgresql.rows("SELECT seq FROM events_readercursor")}
    assert seqs == {entry.seq for entry in journal.read(redis, 0, count=2000)[-1:]}


def test_a_nul_and_a_long_name_do_not_stop_a_database_that_refuses_them(postgresql, redis, start):
    """PF-10: PostgreSQL refuses U+0000 and texts longer than their column, where SQLite takes both."""
    from apps.events.vocabulary import CallArrived

    process = start()
    journal.append(redis, CallArrived(at=1.0, call="c", leg="l", caller="9" * 300, caller_name="K\x00" * 300, dialled="8" * 300))
    journal.append(redis, ended(1))
    until(postgresql, 2)
    assert process.end() == 0
    assert dict(postgresql.rows("SELECT id, caller_name FROM calls_call")) == {"c": "K" * 120, "call-1": ""}
