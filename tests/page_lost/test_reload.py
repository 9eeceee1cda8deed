"""F5 in a call: the customer hears music meanwhile, and the page comes back into the call by itself (SP-07)."""

import time

import pytest

from tests.page_lost.talk import CALLER_HZ, LOST_AND_BACK, Talk
from tests.tones import hears

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]

USABLE_TO_AUDIO = 3.0  # s, SP-07
SHORT = 0.5  # s: music is heard, and nobody wonders


def reload(talk: Talk) -> tuple[float, float]:
    """When F5 was pressed, and when the page was usable again (time.monotonic)."""
    pressed = time.monotonic()
    talk.agent.page.reload(wait_until="domcontentloaded")
    return pressed, time.monotonic()


@pytest.mark.quiet
def test_a_page_that_is_loaded_anew_is_back_in_its_call_by_itself(talk: Talk, record_property):
    """SP-07: music at once, then each other within 3 s; no click; the pause of the recording is still on."""
    talk.agent.presses("r")
    talk.agent.page.locator(".recording[data-recording=paused]").wait_for()
    pressed, usable = reload(talk)
    talk.agent.browser.notes_when_it_hears(talk.agent.page)
    music = talk.until_customer_hears("music", pressed)
    back = pressed + music + talk.until_customer_hears("agent", pressed + music)
    talk.agent.hears(lambda pcm: hears(pcm, CALLER_HZ), "the customer")
    both = talk.agent.browser.heard_since(talk.agent.page)
    record_property("milliseconds", {"F5 to music": round(1000 * music), "usable to agent heard": round(1000 * (back - usable))})
    assert music < SHORT
    assert back - usable < USABLE_TO_AUDIO and both - usable < USABLE_TO_AUDIO
    assert talk.longest_gap(pressed) < 200, "packets came all the time"
    talk.agent.sees_panel("talking")
    assert talk.agent.page.locator(".recording").get_attribute("data-recording") == "paused"
    talk.sees_in_time_line(LOST_AND_BACK, LOST_AND_BACK)
    talk.end()


def test_who_was_on_hold_is_on_hold_still_and_who_was_muted_is_muted(talk: Talk):
    """SP-07, SP-05: the customer hears the music go on, and never the agent."""
    talk.agent.presses("m")
    talk.agent.page.locator("[data-do=mute][aria-pressed=true]").wait_for()
    talk.agent.holds()
    talk.until_customer_hears("music", time.monotonic())
    pressed, _ = reload(talk)
    talk.agent.sees_panel("held")
    talk.sees_in_time_line(LOST_AND_BACK, LOST_AND_BACK)
    talk.until_customer_hears("music", time.monotonic())
    assert {what for _, what in talk.heard(pressed)} == {"music"}
    assert talk.agent.page.locator("[data-do=mute]").get_attribute("aria-pressed") == "true"
    talk.agent.holds(on=False)
    resumed = time.monotonic()
    talk.until_customer_hears("silence", resumed)
    assert "agent" not in {what for _, what in talk.heard(resumed)}
    talk.agent.presses("m")
    talk.both_hear()
    talk.end()


def test_a_page_that_is_loaded_anew_while_it_rings_still_rings(customer: Talk):
    """SP-07."""
    customer.agent.sees_panel("ringing")
    reload(customer)
    customer.agent.page.locator(".ringing-actions [data-do=answer]").wait_for(state="visible")
    customer.answer()
    assert customer.product.time_line_with(customer.call, "ConversationStarted").count("OfferMade") == 1
    customer.end()


@pytest.mark.quiet
def test_two_quick_reloads_are_survived_as_well(talk: Talk):
    """SP-07: the second one while the page is about to come back."""
    reload(talk)
    talk.agent.page.locator("[data-phone=checking], [data-phone=online]").first.wait_for()
    _, usable = reload(talk)
    back = talk.until_customer_hears("agent", usable)
    assert back < USABLE_TO_AUDIO
    talk.both_hear()
    talk.end()
    line = talk.product.time_line_with(talk.call, "CallEnded")
    assert line.count("AgentMediaLost") == line.count("AgentMediaBack") > 0
