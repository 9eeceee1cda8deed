"""The agent's network is away for a while: the customer keeps his agent (SP-07)."""

import time

import pytest

from tests.page_lost.cable import Cable
from tests.page_lost.talk import CALLER_HZ, LOST_AND_BACK, Talk, wrap_up_ends
from tests.tones import hears

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(180)]

USABLE_TO_AUDIO = 3.0  # s, SP-07
TRY = 1.44  # s: a try that had just begun is given up, and the pause after it, at the longest (static/live/socket.js)
LATE = 0.35  # s that a browser may wake late (decision 62)
UNNOTICED = 4.5  # s: a cell waits 3 s for packets before it says that they stay away, and looks twice a second


@pytest.mark.quiet
@pytest.mark.parametrize("seconds", [8, pytest.param(28, marks=pytest.mark.long)])
def test_a_network_that_comes_back_in_time_brings_the_agent_back(talk: Talk, cable: Cable, seconds: int, record_property):
    """SP-07: music meanwhile, words on the page; it connects with its next try, and both hear each other within 3 s."""
    cable.pull()
    pulled = time.monotonic()
    notice = talk.agent.page.locator("#notice")
    assert talk.until_customer_hears("music", pulled) < UNNOTICED
    notice.get_by_text("musikk").wait_for(timeout=10_000)
    talk.agent.page.wait_for_timeout(1000 * (pulled + seconds - time.monotonic()))
    assert {what for at, what in talk.heard(pulled) if at > UNNOTICED} == {"music"}
    talk.agent.browser.notes_when_it_hears(talk.agent.page)
    cable.plug()
    plugged = time.monotonic()
    customer = talk.until_customer_hears("agent", plugged)
    talk.agent.hears(lambda pcm: hears(pcm, CALLER_HZ), "the customer")
    agent = talk.agent.browser.heard_since(talk.agent.page) - plugged
    connected = cable.connected_at - plugged
    figures = {"network to connection": connected, "network to agent heard": customer, "network to customer heard": agent}
    record_property("milliseconds", {what: round(1000 * seconds) for what, seconds in figures.items()})
    assert 0 <= connected < TRY + LATE
    assert customer - connected < USABLE_TO_AUDIO and agent - connected < USABLE_TO_AUDIO
    notice.wait_for(state="hidden")
    talk.sees_in_time_line(LOST_AND_BACK, LOST_AND_BACK)
    talk.end()


@pytest.mark.quiet
def test_a_connection_that_breaks_alone_is_not_heard(talk: Talk, cable: Cable):
    """SP-07, PF-08: the web process is started anew, or a proxy; sound takes another way."""
    cable.pull(sound=False)
    pulled = time.monotonic()
    talk.agent.page.evaluate("dispatchEvent(new Event('offline'))")
    talk.agent.page.locator("body[data-link=offline]").wait_for()
    talk.agent.page.wait_for_timeout(1000)
    cable.plug()
    talk.agent.page.locator("body[data-link=online]").wait_for()
    talk.agent.holds()
    assert "silence" not in talk.heard_of(cable, pulled)
    assert talk.longest_gap(pulled) < 200
    talk.agent.holds(on=False)
    talk.both_hear()
    talk.sees_in_time_line(LOST_AND_BACK, ())
    talk.end()


@pytest.mark.long
def test_who_is_away_for_longer_is_told_why_his_conversation_has_ended(talk: Talk, cable: Cable):
    """SP-07: the customer goes on in his call flow; the agent comes back into wrap-up and is free afterwards."""
    cable.pull()
    assert talk.caller.wait(45) == 200
    cable.plug()
    talk.agent.sees_panel("wrap_up")
    talk.agent.page.locator(".wrap-up .why").get_by_text("30").wait_for()
    wrap_up_ends(talk.agent)
    talk.agent.page.locator("[data-phone=online]").wait_for()
