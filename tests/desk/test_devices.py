"""SP-06: the devices that an agent has chosen are used while they are there, and his page says what is used."""

import pytest
from playwright.sync_api import expect

from tests.desk.conftest import Desk
from tests.desk.devices import NEWEST_SENDER, as_in_firefox, plays_on, plug_in, speaks_by, unplug, with_plugs
from tests.product import until

pytestmark = pytest.mark.browser

MICROPHONE, SPEAKER = "Fake Audio Input 1", "Fake Audio Output 1"
SYSTEMS_MICROPHONE = "Fake Default Audio Input"
SYSTEM = "As the system chooses"
AWAY = f"Unplugged: {MICROPHONE}"


def shown(desk: Desk, role: str, text: str) -> None:
    """What the menu of `role` says."""
    expect(desk.page.locator(f"#devices [data-device={role}] option:checked")).to_have_text(text)


def choose(desk: Desk, **devices: str) -> None:
    desk.page.locator(".phone").click()
    for role, label in devices.items():
        desk.page.locator(f"#devices [data-device={role}]").select_option(label=label)
    desk.page.keyboard.press("Escape")


@pytest.fixture
def headset(annas_desk: Desk) -> Desk:
    """Anna has chosen a headset."""
    with_plugs(annas_desk.page)
    annas_desk.log_on()
    choose(annas_desk, microphone=MICROPHONE, speaker=SPEAKER)
    shown(annas_desk, "microphone", MICROPHONE)
    return annas_desk


def told(desk: Desk, words: str) -> None:
    expect(desk.page.locator("#notice")).to_contain_text(words)


def test_a_headset_that_is_plugged_in_again_is_used_again_in_mid_call(headset: Desk) -> None:
    desk, page = headset, headset.page
    desk.talks()
    speaks_by(page, MICROPHONE)
    plays_on(page, SPEAKER)
    unplug(page, MICROPHONE, SPEAKER)
    speaks_by(page, SYSTEMS_MICROPHONE)
    plays_on(page, "")
    told(desk, f"Unplugged: {MICROPHONE} and {SPEAKER}.")
    shown(desk, "microphone", AWAY)
    shown(desk, "speaker", f"Unplugged: {SPEAKER}")
    plug_in(page)
    speaks_by(page, MICROPHONE)
    plays_on(page, SPEAKER)
    told(desk, "In use again: ")
    shown(desk, "microphone", MICROPHONE)
    shown(desk, "speaker", SPEAKER)


def test_the_next_call_has_the_headset_that_was_plugged_in_before_it(headset: Desk) -> None:
    """Its offer was gathered with the microphone that was used meanwhile."""
    unplug(headset.page, MICROPHONE)
    shown(headset, "microphone", AWAY)
    plug_in(headset.page)
    shown(headset, "microphone", MICROPHONE)
    headset.talks()
    speaks_by(headset.page, MICROPHONE)


def test_who_is_muted_stays_so_with_the_headset_that_is_back(headset: Desk) -> None:
    """SP-05."""
    headset.talks()
    headset.page.keyboard.press("m")
    expect(headset.page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "true")
    unplug(headset.page, MICROPHONE)
    speaks_by(headset.page, SYSTEMS_MICROPHONE)
    plug_in(headset.page)
    speaks_by(headset.page, MICROPHONE)
    assert headset.page.evaluate(f"{NEWEST_SENDER}.track.enabled") is False


def test_a_headset_that_is_away_can_be_given_up(headset: Desk) -> None:
    unplug(headset.page, MICROPHONE)
    shown(headset, "microphone", AWAY)
    choose(headset, microphone=SYSTEM)
    shown(headset, "microphone", SYSTEM)
    plug_in(headset.page)
    expect(headset.page.locator("#devices [data-device=microphone] option", has_text=MICROPHONE)).to_be_attached()
    shown(headset, "microphone", SYSTEM)


def test_a_headset_that_is_back_but_in_use_elsewhere_is_not_said_to_be_used(headset: Desk) -> None:
    unplug(headset.page, MICROPHONE)
    shown(headset, "microphone", AWAY)
    headset.page.evaluate("__busy = true")
    plug_in(headset.page)
    shown(headset, "microphone", SYSTEM)
    headset.page.evaluate("__busy = false")
    choose(headset, microphone=MICROPHONE)
    shown(headset, "microphone", MICROPHONE)


TOO_WIDE = """
[...document.querySelectorAll('#devices > *')].filter((part) => part.scrollWidth > part.clientWidth
  || part.offsetLeft + part.offsetWidth > part.parentElement.clientWidth).map((part) => part.textContent)
"""


def pick(desk: Desk) -> None:
    desk.page.locator(".phone").click()
    desk.page.locator("#pick-speaker").click()


def test_a_loudspeaker_that_the_browser_does_not_list_is_picked_and_asked_for_again_on_the_next_page(annas_desk: Desk) -> None:
    """As in Firefox, where a page needs the person's click for it each time; in the middle of a call too."""
    desk, page = annas_desk, annas_desk.page
    as_in_firefox(page)
    desk.log_on()
    pick(desk)
    assert page.evaluate(TOO_WIDE) == []
    shown(desk, "speaker", "Desk speaker")
    page.locator("#devices [data-device=ringer]").select_option(label="Desk speaker")
    page.keyboard.press("Escape")
    desk.talks()
    plays_on(page, "Desk speaker")
    assert page.evaluate("__asked") == [""]
    page.reload()
    desk.panel("talking")
    until(lambda: desk.chromium.has_media(page), "there is sound")
    plays_on(page, "")
    assert page.evaluate("__asked") == []
    page.locator(".phone").click()
    plays_on(page, "Desk speaker")
    assert page.evaluate("__asked") == ["speaker-of-load-1"]
    shown(desk, "speaker", "Desk speaker")
    shown(desk, "ringer", "Desk speaker")
    expect(page.locator("#notice")).to_be_hidden()


def test_who_closes_the_dialog_of_the_loudspeakers_keeps_what_he_had(annas_desk: Desk) -> None:
    as_in_firefox(annas_desk.page)
    annas_desk.log_on()
    annas_desk.page.evaluate("__answer = 'NotAllowedError'")
    pick(annas_desk)
    shown(annas_desk, "speaker", SYSTEM)
    expect(annas_desk.page.locator("#notice")).to_be_hidden()
    annas_desk.page.evaluate("__answer = 'NotFoundError'")
    annas_desk.page.locator("#pick-speaker").click()
    told(annas_desk, "No other loudspeaker was found")


def test_a_browser_that_lists_all_loudspeakers_has_no_dialog_for_them(headset: Desk) -> None:
    headset.page.locator(".phone").click()
    expect(headset.page.locator("#devices [data-device=speaker]")).to_be_visible()
    expect(headset.page.locator("#pick-speaker")).to_be_hidden()
