"""More messages than the switch can handle: it says so, keeps its lease, and does no work that nobody waits for any more (PF-09)."""

import logging
import time
from queue import SimpleQueue

import pytest

from apps.events import journal
from apps.switch import requests as r
from apps.switch.core import Core, GatewaysSeen
from apps.switch.gauge import Gauge
from apps.switch.restoring import REPORT_WAIT
from apps.switch.shell import SLICE, Shell
from apps.switch.store import LEASE, Store
from apps.telephony import load
from apps.telephony import protocol as t
from contactcenter.lib import bus
from tests.switch.company import configuration
from tests.switch.test_restart import Switch, arrive, clock, commands, switch  # noqa: F401 - fixtures


def observed(gauge: Gauge, *lags: float, every: float = 0.5) -> list[bool]:
    """Whether it was behind after each of them."""
    told = []
    for step, lag in enumerate(lags):
        gauge.observe(lag, step * every)
        told.append(gauge.behind)
    return told


def test_a_moment_of_delay_sheds_nobody():
    assert not any(observed(Gauge(), 0.0, 5.0, 0.0, 5.0, 0.9, 5.0))


def test_what_a_switch_finds_that_was_away_for_two_seconds_sheds_nobody():
    """PF-08: it catches up within a second."""
    assert not any(observed(Gauge(), 2.2, 1.9, 1.3, 0.8, 0.1, every=0.25))


def test_who_stays_behind_is_behind_until_he_is_well_in_time_again():
    gauge = Gauge()
    assert observed(gauge, 1.2, 1.3, 1.2) == [False, False, True]
    assert (gauge.observe(0.5, 2.0), gauge.behind) == (False, True)
    assert (gauge.observe(0.2, 2.5), gauge.behind) == (True, False)


COST = 0.02  # s


class SlowCore(Core):
    """Every message costs it so much, or more where the machine is busy."""

    handled = 0

    def handle(self, message, now):
        time.sleep(COST)
        self.handled += 1
        return super().handle(message, now)


@pytest.fixture
def slow(redis) -> Shell:
    store = Store(redis, "slow")
    assert store.take_lease()
    core = SlowCore(configuration())
    core.handle(GatewaysSeen({"gw": "127.0.0.1:9"}), time.time())
    shell = Shell(redis, store, core, SimpleQueue(), time.time, "UTC")
    shell.start()
    return shell


def post_late(redis, seconds: float, *messages) -> None:
    """As if they had been posted `seconds` ago."""
    now, micro = redis.time()
    for number, message in enumerate(messages, 1):
        redis.xadd(bus.INBOX, {"m": bus.encoder.encode(message)}, id=f"{round((now - seconds) * 1000 + micro / 1000)}-{number}")


def says(redis) -> load.Load:
    return load.decode(redis.get(load.KEY))


def test_a_switch_that_gets_more_than_it_can_handle_says_so_until_it_has_caught_up(redis, slow, caplog):
    """PF-09: 100 messages of two seconds ago, and two seconds of work."""
    post_late(redis, 2.0, *(t.LegAnswered(cell="c", call=f"{n}", at=0.0, leg="l") for n in range(100)))
    told, batches = [], []
    while slow.behind() or says(redis).behind:
        before = slow._core.handled
        slow.step()
        batches.append(slow._core.handled - before)
        told.append((says(redis).behind, says(redis).lag))
    assert not told[0][0] and any(behind for behind, _ in told)
    assert max(lag for _, lag in told) > 2.0
    assert redis.exists(LEASE) and max(batches) <= SLICE / COST + 1, "no batch may outlast the lease"
    assert [line.split(" (")[0] for line in caplog.messages if "the switch is" in line] == [
        "the switch is behind", "the switch is in time again",
    ]  # fmt: skip


def test_what_a_switch_says_of_itself_lapses_with_it(redis, slow):
    """Whoever finds nothing there knows that nobody has decided for 5 s."""
    assert 4_000 < redis.pttl(load.KEY) <= load.SILENT_SECONDS * 1000


def test_a_wish_whose_page_has_given_up_is_not_carried_out_later(redis, switch, clock):  # noqa: F811
    """The person was told that nobody answered, and did something else. That a page came or went is a fact, however late."""
    post_late(
        redis, bus.REPLY_TIMEOUT + 1,
        r.SoftphoneUp(agent=1, connection="page", gateway="gw", ready=True, reply_to="r1"), r.LogOn(agent=1, profile=1, reply_to="r2"),
    )  # fmt: skip
    post_late(redis, bus.REPLY_TIMEOUT - 1, r.LogOn(agent=2, profile=1, pause="Lunch", phone="+4790000000", reply_to="r3"))
    switch.shell.step()
    world = switch.core.world
    assert world.agent(1).softphone.ready and world.agent(1).presence.status == "logged_off"
    assert world.agent(2).presence.status == "pause" and not redis.exists(bus.reply_list("r2"))


def test_an_inbox_that_overflowed_makes_the_switch_ask_every_cell_what_is_true(redis, switch, clock, monkeypatch, caplog):  # noqa: F811
    """It is bounded: what a dead switch's inbox cannot hold is lost, but not that a call is over."""
    arrive(redis, "c1", clock)
    switch.shell.step()
    monkeypatch.setitem(bus.LENGTHS, bus.INBOX, 100)
    for _ in range(400):
        bus.post(redis, bus.INBOX, t.LegAnswered(cell="c", call="nobody's", at=0.0, leg="l"))
    second = Switch(redis, clock)
    redis.delete(bus.cell_stream("cell-c1"))  # what it asks for at its start is another thing
    second.shell.step()
    assert commands(redis, "cell-c1", t.Report) and "messages are lost" in caplog.text
    caplog.clear()
    second.shell.step()
    second.shell.step()
    assert "messages are lost" not in caplog.text
    for _ in range(2):
        clock.now += REPORT_WAIT
        second.shell.step()
    assert second.core.world.calls == {}


def test_a_journal_that_fills_while_the_database_is_away_is_logged_before_a_fact_is_lost(redis, switch, clock, monkeypatch, caplog):  # noqa: F811
    monkeypatch.setattr(journal, "ALARM", 5)
    monkeypatch.setattr(journal, "WAITS", 1e-6)
    for call in ("c1", "c2"):
        arrive(redis, call, clock)
        switch.shell.step()
    alarms = [record for record in caplog.records if "the oldest are lost" in record.getMessage()]
    assert len(alarms) == 1 and alarms[0].levelno == logging.ERROR
