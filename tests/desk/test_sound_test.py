"""The dialog that tests the sound, when something is wrong."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ChromiumShell
from tests.desk.conftest import Desk, sign_in

pytestmark = pytest.mark.browser

VERDICT = "async (measured) => (await import('/static/desk/sound_test.js')).verdictOf(measured)"


def begin(desk: Desk) -> None:
    desk.page.locator(".phone").click()
    desk.page.locator("[data-do=test_sound]").click()


def test_a_server_that_sends_nothing_back_is_told(annas_desk: Desk) -> None:
    """The microphone works; what comes back is silence."""
    begin(annas_desk)
    expect(annas_desk.page.locator(".sound-verdict")).to_contain_text("nothing came back from the server", timeout=25_000)


def test_a_media_path_that_is_closed_is_told_and_can_be_tried_again(annas_desk: Desk) -> None:
    annas_desk.peer.broken = True
    begin(annas_desk)
    expect(annas_desk.page.locator(".sound-verdict")).to_contain_text("a firewall may be in between", timeout=15_000)
    annas_desk.peer.broken = False
    annas_desk.page.locator("#sound-again").click()
    expect(annas_desk.page.locator(".sound-verdict")).to_contain_text("Speak now", timeout=10_000)


def test_a_ringing_call_takes_the_dialog_away(annas_desk: Desk) -> None:
    """SP-04"""
    annas_desk.log_on()
    begin(annas_desk)
    expect(annas_desk.page.locator(".sound-verdict")).to_contain_text("Speak now", timeout=10_000)
    annas_desk.switch.ring(annas_desk.agent)
    annas_desk.panel("ringing")
    expect(annas_desk.page.locator("#sound-test")).to_be_hidden()
    annas_desk.page.keyboard.press("Enter")
    annas_desk.switch.connect(annas_desk.agent)
    annas_desk.panel("talking")


def test_no_microphone_is_told(desk: Desk) -> None:
    with ChromiumShell(microphone_hz=0) as browser:
        page = browser.context.new_page()
        sign_in(page, desk.web, "anna")
        page.locator(".phone").click()
        page.locator("[data-do=test_sound]").click()
        expect(page.locator(".sound-verdict")).to_contain_text("No microphone was found")


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        ({"spoken": 0.05, "returned": 0.0, "quality": None}, "sound.no_voice"),
        ({"spoken": 0.8, "returned": 0.02, "quality": None}, "sound.nothing_back"),
        ({"spoken": 0.8, "returned": 0.7, "quality": {"grade": "poor", "cause": "jitter"}}, "sound.poor.jitter"),
        ({"spoken": 0.3, "returned": 0.3, "quality": {"grade": "good", "cause": "loss"}}, "sound.faint"),
        ({"spoken": 0.7, "returned": 0.6, "quality": {"grade": "fair", "cause": "loss"}}, "sound.fine"),
    ],
)
def test_the_first_trouble_on_the_way_is_named(annas_desk: Desk, measured: dict, verdict: str) -> None:
    assert annas_desk.page.evaluate(VERDICT, measured) == verdict
