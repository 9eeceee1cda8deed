"""Every process is killed once in a busy hour, and those who talk and wait do not notice. (PF-08)"""

import os
import signal
import time

import pytest
import redis

from apps.telephony.cell.watchdog import PATIENCE
from tests.kills.bad_day import BROWSER_GAP, DESK_HZ, GAP, BadDay, archive_is_behind
from tests.load.company import MUSIC_HZ
from tests.product import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
def as_usual(day: BadDay) -> None:
    day.as_usual()


NOTICED = PATIENCE + 1.0  # seconds: a cell looks twice a second at what came, and may wake late (decision 62)
BEGINS = 0.6  # seconds until music is heard that the switch has ordered
LISTEN = 4.0  # seconds after a kill in which nobody may notice


def listen_after_kill(day: BadDay, name: str) -> float:
    """Kill the process and let it come back; returns when it was killed (Unix seconds)."""
    day.hour.listen()
    at = time.time()
    killed = day.product.kill(name)
    until(lambda: day.product.pid_of(name) not in (0, killed), f"another {name}", 20)
    return at


def nobody_noticed(day: BadDay, since: float, *, phones: int = 5, desks: int = 5, waiting: int = 5) -> None:
    """All who talked and waited heard what they should, without a gap, until LISTEN seconds after `since`."""
    time.sleep(max(0.0, since + LISTEN - time.time()))  # what is listened to is time itself
    ears = day.ears(day.hour.listen())
    assert (len(ears.at_phones), len(ears.at_desks), len(ears.with_music)) == (phones, desks, waiting), ears
    assert ears.longest <= GAP + day.stood_still, (ears, day.stood_still)
    assert ears.longest_of_desks <= BROWSER_GAP + day.stood_still, (ears, day.stood_still)
    assert ears.lost == 0, ears


def test_everybody_hears_whom_he_should(day: BadDay):
    """The busy hour itself: without it, the tests below would prove nothing."""
    day.hour.listen()
    nobody_noticed(day, time.time())
    day.desks_hear_their_customers()


def test_web_is_killed_and_desks_come_back_by_themselves(day: BadDay):
    at = listen_after_kill(day, "web")
    nobody_noticed(day, at)
    until(day.product.is_ready, "web is back", 20)
    desk = day.desks[0]
    desk.page.locator("body[data-link=online]").wait_for(timeout=20_000)
    for other in day.desks:
        other.sees_panel("talking")
    day.desks_hear_their_customers()
    desk.holds()
    desk.holds(on=False)


def test_the_switch_is_killed_and_decides_again_within_two_seconds(day: BadDay):
    """QU-16: nobody loses his place or his waiting time, no offer is made twice."""
    places = day.places()
    talking = day.ears(day.hour.listen_for(1.0)).at_phones[0][0]
    offers, invitations = len(day.facts("OfferMade")), len(day.hour.telephones.invitations())
    at = listen_after_kill(day, "switch")
    day.hour.hangs_up(day.caller_at(talking))
    made = until(lambda: day.facts("OfferMade", since=at), "the next offer", 10)
    day.until_talking(10)
    assert made[0]["at"] - at < 2.0
    assert made[0]["call"] == places[0][0], "the first one in the queue"
    assert day.places() == places[1:]
    assert len(day.facts("OfferMade")) == offers + 1
    assert len(day.hour.telephones.invitations()) == invitations + 1


def test_the_supervisor_of_cells_is_killed_and_new_calls_are_answered_within_two_seconds(day: BadDay):
    at = listen_after_kill(day, "media")
    crowd = day.hour.calls(3)
    crowd.wait_answered(3, 5)
    assert time.time() - at < 2.0
    day.until_waiting(8)
    for caller in range(3):
        crowd.hang_up(caller)
    day.until_waiting(5)
    day.hour.listen()
    nobody_noticed(day, time.time())


def test_the_front_door_is_killed_and_hang_ups_get_through(day: BadDay):
    at = listen_after_kill(day, "frontdoor")
    waiting = day.ears(day.hour.listen_for(1.0)).with_music[-1]
    day.hour.hangs_up(day.caller_at(waiting))
    day.until_waiting(4)
    day.hour.listen()
    nobody_noticed(day, max(at, time.time()), waiting=4)


@pytest.mark.parametrize("data", ["with its data", "without its data"])
def test_redis_is_killed_and_what_the_switch_knew_is_there_again(day: BadDay, data: str):
    places = day.places()
    if data == "without its data":
        until(lambda: not archive_is_behind(day.product, day.hour.redis), "the archive has all facts: those that it has not are lost")
        day.hour.redis.flushall()
    at = listen_after_kill(day, "redis")
    nobody_noticed(day, at)
    until(lambda: _remembered(day) == places, "places and waiting times are as they were", 10)
    day.until_talking(10)
    talking = day.ears(day.hour.listen_for(1.0)).at_phones[0][0]
    day.hour.hangs_up(day.caller_at(talking))
    until(lambda: day.places() == places[1:], "the next one is decided about", 10)
    day.until_talking(10)
    until(day.product.is_ready, "all is well again", 20)
    for desk in day.desks:
        desk.page.locator("body[data-link=online]").wait_for(timeout=20_000)
        desk.sees_panel("talking")


def _remembered(day: BadDay) -> list[tuple[str, float]] | None:
    """None: Redis is not back yet."""
    try:
        return day.places()
    except redis.RedisError:
        return None


def seconds_away(day: BadDay, since: float) -> dict[str, float]:
    """How long each call had lost its agent's sound, by the archive; calls that had not are not there."""
    until(lambda: not archive_is_behind(day.product, day.hour.redis), "the archive has all facts")
    back = {fact["call"]: fact["at"] for fact in day.facts("AgentMediaBack", since=since)}
    return {fact["call"]: back[fact["call"]] - fact["at"] for fact in day.facts("AgentMediaLost", since=since)}


def test_the_gateway_is_killed_and_softphones_are_back_within_five_seconds(day: BadDay):
    """SP-07: who misses his agent for longer than the cell's patience hears music meanwhile."""
    day.hour.listen()
    at = listen_after_kill(day, "gateway")
    time.sleep(max(0.0, at + 8.0 - time.time()))
    heard = day.hour.listen()
    ears = day.ears(heard)
    assert (len(ears.at_phones), len(ears.at_desks), len(ears.with_music)) == (5, 5, 5), ears
    away = seconds_away(day, at)
    for hertz in ears.at_desks:
        customer, call = heard[day.caller_at(hertz)], day.call_of(day.caller_at(hertz))
        gap = customer.longest_gap(DESK_HZ)
        assert gap < 5.0
        if call.id not in away:
            assert gap < NOTICED and not customer.hears(MUSIC_HZ, at_least=0.01)
        elif away[call.id] > BEGINS:
            assert customer.hears(MUSIC_HZ, at_least=0.001)
    day.desks_hear_their_customers()


def test_a_cell_is_killed_and_only_its_call_ends_and_everybody_is_told(day: BadDay):
    """Caller and agent hear a BYE at once, the agent is there for the next one, the time line says what happened."""
    caller_hertz, agent_hertz = day.ears(day.hour.listen_for(1.0)).at_phones[0]
    caller = day.caller_at(caller_hertz)
    call, crowd = day.call_of(caller), day.hour.crowd_of(caller)
    byes = len(day.hour.telephones.byes())
    assert call and call.talk
    day.hour.listen()
    at = time.time()
    os.kill(day.cell_of(caller), signal.SIGKILL)
    until(lambda: crowd[0].byes(crowd[1]), "the caller's phone is told", 2)
    until(lambda: len(day.hour.telephones.byes()) > byes, "the agent's phone is told", 2)
    day.until_waiting(4)
    day.until_talking(10)
    ended = until(lambda: day.facts("CallEnded", since=at, call=call.id), "the end is in the archive")
    assert ended[0]["cause"] == "cell_lost"
    kinds = day.product.time_line_with(call.id, "CallEnded")
    assert kinds.count("ConversationEnded") == kinds.count("CallEnded") == 1
    agent = until(lambda: next((found for found in day.calls() if found.talk and found.talk.agent == call.talk.agent), None), "the agent")
    assert agent.id != call.id, "he talks to the next one"
    day.hour.listen()
    nobody_noticed(day, time.time(), waiting=4)


def test_at_the_end_of_the_day_nothing_is_left(day: BadDay):
    """Every call's time line is complete; no leg, session, place or cell too many."""
    day.everybody_hangs_up()
    until(lambda: not day.calls(), "no call is left", 15)
    until(lambda: not day.incomplete(), "every time line is complete", 15)
    assert day.stuck_agents() == []
    assert day.facts("StateMended") == [], "the watchdog had nothing to mend"
