"""Parts of the running product are taken away: what it says of itself meanwhile, and what becomes of a call without a database.

CC_TEST_AWAY=60 is the long run: the database is away for a minute, and both kinds of it (docs/developers.md).
"""

import json
import os
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis as redis_library

from apps.switch import requests as r
from contactcenter import health
from contactcenter.lib import bus
from contactcenter.readiness import OVER_REDIS
from tests import tones
from tests.events.postgresql import PROGRAMS, PostgreSQL
from tests.load.company import LINE, Plan, add
from tests.product import START_SECONDS, Product, until
from tests.sip.sipp import Caller, Phone

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]

LONG = "CC_TEST_AWAY" in os.environ
AWAY = float(os.environ.get("CC_TEST_AWAY", "10"))  # seconds
CALLERS = ("+4790000001", "+4790000002")
NOTICED, BACK = 8.0, 40.0  # seconds: until a part that is gone is said to be missing, and until all are there again


class SqliteFile:
    """The product's own; away is: another process has it for itself alone."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}

    @contextmanager
    def away(self, product: Product) -> Iterator[None]:
        other = sqlite3.connect(product.folder / "contactcenter.sqlite3", timeout=20, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
        other.close()

    def rows(self, product: Product, query: str) -> list[tuple]:
        return [tuple(row.values()) for row in product.rows(query)]

    def remove(self) -> None:
        """It goes with the product's folder."""


class Server(PostgreSQL):
    """Away is: killed."""

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"DATABASE_URL": self.url}

    @contextmanager
    def away(self, product: Product) -> Iterator[None]:
        self.kill()
        yield
        self.start()

    def rows(self, product: Product, query: str) -> list[tuple]:
        return super().rows(query)


@pytest.fixture(scope="module", params=[SqliteFile, *([Server] if LONG and PROGRAMS else [])])
def database(request) -> Iterator[SqliteFile | Server]:
    found = request.param()
    yield found
    found.remove()


@pytest.fixture(scope="module")
def product(database) -> Iterator[Product]:
    with Product(**database.settings) as running:
        yield running
    assert running.left_over() == []


def ready(product: Product) -> dict[str, Any]:
    """What /health/ready says; empty: the web process is away. Errors: AssertionError, it took too long."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"{product.url}/health/ready", timeout=10) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as refusal:
        said = json.load(refusal)
    except OSError:
        return {}
    assert time.monotonic() - began < health.ANSWER_SECONDS + 2, "an answer comes in a bounded time, whatever is away"
    return said


def says(product: Product, missing: set[str], within: float) -> dict[str, Any]:
    """Until exactly these are missing."""
    said: dict[str, Any] = {}

    def right() -> bool:
        said.update(ready(product))
        return set(said.get("missing", ["web"])) == missing

    try:
        until(right, f"{sorted(missing)} are missing", within)
    except AssertionError as late:
        raise AssertionError(f"{late}; it says {said}") from None
    return said["parts"]


def alive(product: Product) -> bool:
    with urllib.request.urlopen(f"{product.url}/health/live", timeout=2) as answer:
        return answer.status == 200


def test_what_is_killed_is_missing_until_it_runs_again(product):
    """PF-06: kill -9 of the standby, of seven processes, and of web at last; the one that starts them again is held still meanwhile."""
    says(product, set(), BACK)
    product.process.send_signal(signal.SIGSTOP)
    try:
        killed = {name: product.kill(name) for name in ("standby", *OVER_REDIS)}  # in this order: it would decide at once
        says(product, set(OVER_REDIS) - {"fetcher"}, NOTICED)
        until(lambda: ready(product)["parts"]["fetcher"]["state"] == "warning", "the fetcher is missed, killed last of all", NOTICED)
        parts = ready(product)["parts"]
        assert all(parts[name]["why"] for name in OVER_REDIS)
        assert alive(product)
        killed["web"] = product.kill("web")
        until(lambda: not ready(product), "no answer", NOTICED)
    finally:
        product.process.send_signal(signal.SIGCONT)
    for name, pid in killed.items():
        until(lambda name=name, pid=pid: product.has_begun_anew(name, pid), f"{name} is at work again", START_SECONDS)
    says(product, set(), BACK)


def test_a_redis_that_stands_still_is_missing_and_the_answer_comes_all_the_same(product):
    """PF-06: it takes connections and says nothing."""
    (redis_server,) = [pid for pid, command in product.pids().items() if "redis-server" in command]
    os.kill(redis_server, signal.SIGSTOP)
    try:
        parts = says(product, {"redis", *OVER_REDIS}, NOTICED)
        assert parts["database"]["state"] == "ready"
    finally:
        os.kill(redis_server, signal.SIGCONT)
    says(product, set(), BACK)


def logged_on(client: redis_library.Redis, agent: int, profile: int) -> bool:
    request = r.LogOn(agent=agent, profile=profile, phone="+4790111111", reply_to=bus.new_id())
    answer = bus.ask(client, bus.INBOX, request)
    return answer is not None and r.decode_reply(answer).code == ""


def test_a_call_that_comes_while_the_database_is_away_is_answered_queued_and_talked_and_is_written_afterwards(database, product, tmp_path):
    """PF-08, PF-06: facts in order, each once; another caller waits with music meanwhile and is next."""
    with Phone(folder=tmp_path, hertz=1000, calls=2, seconds=300) as phone:
        added = add(product, Plan(agents=1, phones=phone.address))
        (agent,) = added.agents.values()
        client = redis_library.Redis.from_url(added.redis_url)
        until(lambda: logged_on(client, agent, added.profile), "the agent is logged on", 20)
        with database.away(product):
            since = time.monotonic()
            _two_calls(product, phone, tmp_path, since)
            parts = ready(product)["parts"]
            assert parts["database"]["state"] == "missing" and parts["database"]["why"]
            assert parts["switch"]["state"] == parts["frontdoor"]["state"] == "ready"
            assert parts["journal"]["figures"]["waiting"] > (time.monotonic() - since) / 2
        _all_is_written(database, product, client)
    says(product, set(), BACK)


def _two_calls(product: Product, phone: Phone, folder: Path, since: float) -> None:
    """The first one talks for as long as the database is away, and the second one after him."""
    common = {"folder": folder, "seconds": 300}
    with Caller(product.trunk, LINE, hertz=440, caller=CALLERS[0], **common) as talks:
        talks.wait_answered()
        phone.wait_answered()
        talks.audio.wait_for_tone(1000)
        phone.audio.wait_for_tone(440)
        with Caller(product.trunk, LINE, hertz=500, caller=CALLERS[1], **common) as waits:
            waits.wait_answered()
            until(lambda: tones.rms(waits.audio.heard(time.monotonic() - 0.5)) > 50, "he hears music")
            time.sleep(max(0.0, AWAY - (time.monotonic() - since)))  # so long an outage is what is tested
            assert not tones.hears(waits.audio.heard(), 1000, at_least=0.1)
            talks.hang_up()
            assert talks.wait() == 200
            until(lambda: len(set(phone.invitations())) > 1, "the agent's phone rings again")
            phone.take_audio(phone.invitations()[-1])
            waits.audio.wait_for_tone(1000)
            waits.hang_up()
            assert waits.wait() == 200


def _all_is_written(database, product: Product, client: redis_library.Redis) -> None:
    """The facts of both calls: all that the journal has, in its order, each once; and what is made of them."""
    calls = f"SELECT id FROM calls_call WHERE ended_at IS NOT NULL AND caller IN {CALLERS}"
    stored = f"SELECT id FROM recordings_recording WHERE state = 'stored' AND call_id IN ({calls})"
    until(lambda: len(database.rows(product, stored)) == 2, "both calls and their recordings are in the database", BACK)
    told = {int(entry.split(b"-")[0]): json.loads(fields[b"m"]) for entry, fields in client.xrange(bus.JOURNAL)}
    until(lambda: max(told) <= database.rows(product, "SELECT min(seq) FROM events_readercursor")[0][0], "all facts are written and read")
    written = {seq: _fact(data) for seq, data in database.rows(product, "SELECT seq, data FROM events_event")}
    assert {seq: written.get(seq) for seq in told} == told
    newest = max(told)  # what comes later (a recording's check) is told later
    assert not [seq for seq in written if min(told) <= seq <= newest and seq not in told]
    theirs = {call for (call,) in database.rows(product, calls)}
    entries = database.rows(product, "SELECT seq, call_id FROM calls_timelineentry")
    lines = [seq for (seq, call) in entries if call in theirs and seq <= newest]
    assert sorted(lines) == sorted(seq for seq, fact in told.items() if fact.get("call") in theirs)


def _fact(data: Any) -> Any:
    return json.loads(data) if isinstance(data, str) else data
