"""A switch takes the lease when it can decide, not before; who stands by needs nothing any more then. (PF-08)"""

import threading
from collections.abc import Iterator

import pytest
import redis as redis_library
from msgspec.structs import replace

from apps.switch import loading
from apps.switch.configuration import Configuration, Number
from apps.switch.holder import Holder
from apps.switch.management.commands import switch as command
from apps.switch.store import LEASE, Batch, Store
from apps.telephony import protocol as t
from apps.telephony.frontdoor.configuration import FrontDoorConfig
from apps.telephony.frontdoor.published import KEY
from contactcenter.lib import bus
from tests.switch.company import configuration
from tests.switch.test_restart import commands
from tests.telephony.pools import eventually

NEW = "+4780012399"


class Database:
    """It is read as slowly as the test wants."""

    def __init__(self) -> None:
        self.answers, self.asked, self.configuration = threading.Event(), 0, configuration()
        self.answers.set()

    def load(self) -> tuple[Configuration, FrontDoorConfig]:
        self.asked += 1
        assert self.answers.wait(20)
        return self.configuration, FrontDoorConfig(version=self.asked, numbers=(), trunks=())


@pytest.fixture
def database(monkeypatch) -> Database:
    database = Database()
    for module in (loading, command):
        monkeypatch.setattr(module, "load", database.load)
    return database


@pytest.fixture
def begins(database, settings, redis_url, tmp_path) -> Iterator[object]:
    """A switch in a thread of this process."""
    settings.REDIS_URL, settings.VAR_DIR = redis_url, tmp_path
    stopping, threads = threading.Event(), []

    def begin(token: str) -> None:
        client = redis_library.Redis.from_url(redis_url)
        threads.append(threading.Thread(target=command.serve, args=(client, token, Holder(tmp_path / "holder"), stopping)))
        threads[-1].start()

    yield begin
    stopping.set()
    database.answers.set()
    for thread in threads:
        thread.join()


def test_while_it_reads_its_configuration_another_one_may_decide(redis, database, begins):
    """It had taken the lease first, which lapsed meanwhile: the next one took it, and fenced it."""
    database.answers.clear()
    begins("slow")
    eventually(lambda: database.asked, "it reads")
    another = Store(redis, "another")
    assert another.take_lease()
    another.commit(1, Batch())
    database.answers.set()
    eventually(lambda: database.asked > 1, "it stands by, and keeps up with the configuration")
    another.give_up_lease()
    eventually(lambda: another.last_commit() > 1, "it decides")
    assert redis.get(LEASE) == b"slow"


def test_who_stands_by_decides_at_once_by_what_was_saved_last_however_slow_the_database_is(redis, database, begins):
    another = Store(redis, "another")
    assert another.take_lease()
    another.commit(1, Batch())
    redis.persist(LEASE)
    begins("standby")
    eventually(lambda: redis.pubsub_numsub(bus.CONFIGURATION)[0][1], "it listens for what is saved")
    database.configuration = replace(configuration(), numbers={NEW: Number(2, NEW, "New number", 1)})
    for times in (2, 3):  # while it reads for the last time it knows already what it has read before
        redis.publish(bus.CONFIGURATION, "")
        eventually(lambda times=times: database.asked > times, "it reads anew")
    assert not redis.exists(KEY), "the front door hears of it from the switch that decides"
    database.answers.clear()
    bus.post(redis, bus.INBOX, t.LegArrived(cell="cell-c1", call="c1", at=1.0, leg="c1-caller", caller="", dialled=NEW))
    another.give_up_lease()
    eventually(lambda: commands(redis, "cell-c1", t.Answer), "the new number is answered")
