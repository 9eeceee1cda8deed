"""A second tab takes over the phone in mid-call (SP-07)."""

import time

import pytest

from tests.main_path.desk_person import AtDesk
from tests.page_lost.cable import Cable
from tests.page_lost.talk import CALLER_HZ, LOST_AND_BACK, Talk
from tests.product import until
from tests.tones import hears

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.quiet
def test_a_second_tab_takes_the_call_and_the_first_one_says_so(talk: Talk, cable: Cable):
    """SP-07: music until the new tab hears the customer; the old one is silent, cannot answer, and may be closed."""
    anna, first = talk.agent, talk.agent.page
    opened = time.monotonic()
    anna.page = anna.browser.open(f"{cable.url}/desk/")
    talk.until_customer_hears("music", opened)
    talk.both_hear()
    first.locator("#notice").get_by_text("vindu").wait_for()
    assert first.evaluate("window.__peers.every((peer) => peer.connectionState === 'closed')"), "the first tab has no audio"
    talk.sees_in_time_line(LOST_AND_BACK, LOST_AND_BACK)
    closed = time.monotonic()
    first.close()
    until(lambda: time.monotonic() - closed > 1, "the old page's end is everywhere")
    assert talk.heard_of(cable, closed) == {"agent"}
    anna.hears(lambda pcm: hears(pcm, CALLER_HZ), "the customer")
    talk.end()


def test_a_tab_that_gave_the_phone_away_rings_in_silence_and_cannot_answer(anna: AtDesk, cable: Cable, product, tmp_path):
    """SP-07, SP-08: and can have the phone back."""
    first, anna.page = anna.page, anna.browser.open(f"{cable.url}/desk/")
    first.locator("#notice").get_by_text("vindu").wait_for()
    anna.page.locator(".phone[data-phone=online]").wait_for()  # it has proved its sound: a call that comes before that goes elsewhere
    with Talk(product, anna, tmp_path) as talk:
        anna.sees_panel("ringing")
        first.locator("body[data-panel=ringing]").wait_for()
        assert first.locator(".ringing-actions [data-do=answer]").is_hidden()
        first.keyboard.press("Enter")
        assert first.evaluate("window.__peers.every((peer) => peer.connectionState === 'closed')")
        second, anna.page = anna.page, first
        first.locator("#notice [data-do=take_phone]").click()
        first.locator(".ringing-actions [data-do=answer]").wait_for(state="visible")
        second.close()
        talk.answer()
        talk.end()
