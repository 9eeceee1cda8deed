"""A switch that was not there at midnight begins the day when it starts."""

import pytest

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.switch import presences
from apps.switch import requests as r
from apps.switch.store import LEASE
from contactcenter.lib import bus
from tests.switch.company import ALL_ROUND
from tests.switch.test_restart import Clock, Switch, facts, log_on

MINUTE_TO_MIDNIGHT = 1_800_053_940.0  # 23:59 in Oslo
RULES = AgentRules(log_off_at_midnight=True)


@pytest.mark.parametrize(("away", "same_day"), [(30, True), (120, False), (3 * 24 * 3600, False)])
def test_the_day_begins_once_and_before_anything_of_it_is_read(redis, away, same_day):
    """AL-01. Per logs on while nobody decides: if midnight has passed, that is of the new day."""
    clock = Clock()
    clock.now = MINUTE_TO_MIDNIGHT
    first = Switch(redis, clock, rules=RULES)
    log_on(redis)
    first.shell.step()
    presences.count_call(first.core.world, 1, 90.0)
    first.core.world.put_agent(first.core.world.agent(1), calls_out_today=2)
    first.shell.step()
    redis.delete(LEASE)
    clock.now += away
    bus.post(redis, bus.INBOX, r.SoftphoneUp(agent=2, connection="page2", gateway="gw", ready=True))
    bus.post(redis, bus.INBOX, r.LogOn(agent=2, profile=ALL_ROUND))
    second = Switch(redis, clock, "two", rules=RULES)
    while second.shell.behind():
        second.shell.step()
    second.shell.step()
    anna, per = (second.core.world.agent(n) for n in (1, 2))
    assert (anna.calls_today, anna.talked_today, anna.calls_out_today) == ((1, 90.0, 2) if same_day else (0, 0.0, 0))
    assert (anna.presence.status, per.presence.status) == ("ready" if same_day else "logged_off", "ready")
    reasons = [fact.reason for fact in facts(redis, v.PresenceChanged) if fact.agent == 1]
    assert reasons == (["log_on"] if same_day else ["log_on", "midnight"])
