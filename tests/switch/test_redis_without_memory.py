"""Redis comes back without what it knew: what the switch has decided is written all the same, and once. (PF-08)"""

import pytest
import redis as redis_library

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch.store import CALLS, COMMIT, Batch
from apps.telephony import protocol as t
from contactcenter.lib import bus
from tests.switch.test_restart import Clock, Switch, an_offer, arrive, commands, facts, until_read


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_was_decided_as_redis_went_away_is_done_when_it_is_back(redis_server, redis, clock, monkeypatch):
    """The agent has hung up: his leg was never told, and he and his customer sat in an open, silent line."""
    switch = Switch(redis, clock)
    leg = an_offer(redis, switch, clock)
    bus.post(redis, bus.INBOX, t.LegAnswered(cell="cell-c1", call="c1", at=clock(), leg=leg))
    until_read(switch)
    bus.post(redis, bus.INBOX, r.HangUpCall(agent=1, reply_to="r2"))
    commit = switch.store.commit

    def after_its_end(number: int, batch: Batch) -> object:
        redis_server.process.kill()
        redis_server.process.wait()
        return commit(number, batch)

    monkeypatch.setattr(switch.store, "commit", after_its_end)
    with pytest.raises(redis_library.RedisError):
        switch.shell.step()
    monkeypatch.undo()
    redis_server.start()
    switch.shell.recover()
    switch.shell.step()
    assert [command.leg for command in commands(redis, "cell-c1", t.HangUp)] == [leg, "c1-caller"], "and his flow ends there"
    assert [fact.by for fact in facts(redis, v.ConversationEnded)] == ["agent"]
    assert [r.decode_reply(reply) for reply in redis.lrange(bus.reply_list("r2"), 0, -1)] == [r.Reply("")]
    (asked,) = commands(redis, "cell-c1", t.Report)
    assert leg in asked.legs, "and what the cell has said meanwhile got lost, too"


def test_what_was_handled_already_is_not_handled_again(redis, clock):
    """A Redis that is a second behind (a replica that took over, say) still has what was read long ago."""
    switch = Switch(redis, clock)
    arrive(redis, "c1", clock)
    bus.post(redis, bus.INBOX, t.LegEnded(cell="cell-c1", call="c1", at=clock(), leg="c1-caller", code=200, by_us=False))
    until_read(switch)
    redis.set(COMMIT, switch.store.last_commit() - 2)
    switch.shell.recover()
    until_read(switch)
    assert len(facts(redis, v.CallArrived)) == 1 and not switch.core.world.calls


@pytest.mark.parametrize("lost", [1, 2])
def test_a_commit_that_redis_had_confirmed_and_forgot_is_missed(redis, clock, lost):
    switch = Switch(redis, clock)
    arrive(redis, "c1", clock)
    until_read(switch)
    redis.delete(CALLS)
    redis.set(COMMIT, switch.store.last_commit() - lost)
    switch.shell.recover()
    assert redis.hexists(CALLS, "c1")
