"""The agent's network loses sound: the sign on the desk says so and what to do, and the archive keeps it (SP-06)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.page_lost.cable import Cable
from tests.page_lost.talk import Talk
from tests.product import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(180)]

LEG = "SELECT * FROM calls_leg WHERE call_id = ? AND role = 'agent' AND received > 0"


def sign(talk: Talk, grade: str) -> None:
    """Twenty seconds: the last ten count."""
    expect(talk.agent.page.locator(".quality")).to_have_attribute("data-quality", grade, timeout=20_000)


def written(talk: Talk) -> dict[str, Any]:
    """His leg, in the archive."""
    return until(lambda: talk.product.rows(LEG, talk.call), "the agent's leg is written down")[0]


def test_sound_that_is_lost_on_the_way_to_the_agent_is_told_to_him_and_in_the_archive(talk: Talk, cable: Cable) -> None:
    """SP-06: good, then poor while a fifth is lost, then good again; a screen reader hears of it once. His page reports what came."""
    page = talk.agent.page
    sign(talk, "good")
    expect(page.locator("#quality-told")).to_be_empty()
    cable.lose(to_browser=0.2)
    sign(talk, "poor")
    expect(page.locator(".quality-advice")).to_contain_text("kabel")
    expect(page.locator("#quality-told")).to_contain_text("Dårlig lyd")
    page.locator(".quality summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-text=quality-loss]")).to_have_text(re.compile(r"^(1[5-9]|2[0-5]),\d %$"), timeout=15_000)
    cable.lose()
    sign(talk, "good")
    expect(page.locator(".quality-advice")).to_be_hidden()
    expect(page.locator("#quality-told")).to_be_empty()
    talk.end()
    leg = written(talk)
    assert 0.03 < leg["sent_lost"] / leg["sent"] < 0.25
    assert leg["lost"] / leg["received"] < 0.01
    assert 1.0 < leg["sent_mos"] < leg["mos"] - 0.2


def test_sound_that_is_lost_on_the_way_from_the_agent_is_told_to_him_and_in_the_archive(talk: Talk, cable: Cable) -> None:
    """SP-06: the far end reports it; the figures of each leg are stored, with the opinion score that follows from them."""
    cable.lose(to_gateway=0.25)
    sign(talk, "poor")
    talk.end()
    cable.lose()
    leg = written(talk)
    assert 0.1 < leg["lost"] / (leg["received"] + leg["lost"]) < 0.3
    assert 1.0 < leg["mos"] < 3.6
