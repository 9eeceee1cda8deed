"""An agent tests the sound: he hears himself, sees how it comes back, and is told what to do (SP-03, SP-06)."""

import re

import pytest
from playwright.sync_api import expect

from tests.main_path.desk_person import AtDesk
from tests.page_lost.cable import Cable
from tests.page_lost.talk import AGENT_HZ, Talk
from tests.tones import hears

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(180)]

DIALOG = "#sound-test"


def begin(anna: AtDesk) -> None:
    """By keyboard: the menu of the softphone, then its button."""
    anna.page.locator(".phone").focus()
    anna.page.keyboard.press("Enter")
    anna.page.get_by_role("button", name="Test softphone").focus()
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator(".sound-verdict")).to_contain_text("Snakk nå", timeout=10_000)


def ends(anna: AtDesk, kind: str, words: str) -> None:
    expect(anna.page.locator(DIALOG)).to_have_attribute("data-sound", kind, timeout=20_000)
    expect(anna.page.locator(".sound-verdict")).to_contain_text(words)
    anna.page.keyboard.press("Escape")
    expect(anna.page.locator(DIALOG)).to_be_hidden()


def test_an_agent_hears_himself_and_is_told_that_all_is_well(anna: AtDesk) -> None:
    begin(anna)
    anna.hears(lambda pcm: hears(pcm, AGENT_HZ), "himself")
    for level in ("spoken", "returned"):
        expect(anna.page.locator(f"#sound-{level} .on").first).to_be_visible()
    expect(anna.page.locator("[data-text=sound-quality]")).to_have_text(re.compile(r"^God lyd · 0,0 % tapt, .* MOS 4,\d$"), timeout=10_000)
    ends(anna, "fine", "kom godt tilbake")


def test_a_network_that_loses_sound_is_told_and_what_to_do(anna: AtDesk, cable: Cable) -> None:
    begin(anna)
    cable.lose(to_browser=0.15, to_gateway=0.15)
    ends(anna, "trouble", "bruk kabel")
    cable.lose()


def test_there_is_no_test_in_a_call(anna: AtDesk, talk: Talk) -> None:
    """It would take the agent's sound away from his customer."""
    anna.page.locator(".phone").click()
    anna.page.get_by_role("button", name="Test softphone").click()
    expect(anna.page.locator("#notice")).to_contain_text("Ikke under en samtale")
    expect(anna.page.locator(DIALOG)).to_be_hidden()
    talk.both_hear()
    talk.end()
