"""The agent's network loses sound: the sign on the desk says so and what to do, and the archive keeps it (SP-06)."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from contactcenter.lib import mos
from tests.page_lost.cable import Cable
from tests.page_lost.talk import Talk
from tests.product import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(180)]

LEG = "SELECT * FROM calls_leg WHERE call_id = ? AND role = 'agent' AND received > 0"


def sign(talk: Talk, grade: str) -> None:
    """Twenty seconds: the last ten count. What is not shown yet says nothing."""
    expect(talk.agent.page.locator(".quality:visible")).to_have_attribute("data-quality", grade, timeout=20_000)


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
    reports = cable.reports  # he tells, every few seconds, what has been missing until then
    sign(talk, "good")
    expect(page.locator(".quality-advice")).to_be_hidden()
    expect(page.locator("#quality-told")).to_be_empty()
    until(lambda: cable.reports > reports, "his browser has reported what came")
    talk.end()
    leg = written(talk)
    assert leg["sent_lost"] == cable.lost("browser") > 0
    assert leg["lost"] / leg["received"] < 0.01
    share = 100 * leg["sent_lost"] / leg["sent"]
    assert leg["sent_mos"] == pytest.approx(mos.of_loss(share, jitter_ms=leg["sent_jitter_ms"], rtt_ms=leg["rtt_ms"]))
    assert leg["sent_mos"] < mos.of_loss(0, jitter_ms=leg["sent_jitter_ms"], rtt_ms=leg["rtt_ms"])


def test_sound_that_is_lost_on_the_way_from_the_agent_is_told_to_him_and_in_the_archive(talk: Talk, cable: Cable) -> None:
    """SP-06: the far end reports it; the figures of each leg are stored, with the opinion score that follows from them."""
    cable.lose(to_gateway=0.25)
    sign(talk, "poor")
    cable.lose()
    talk.until_customer_hears("agent", since=time.monotonic())
    talk.end()
    leg = written(talk)
    assert leg["lost"] == cable.lost("gateway") > 0
    figures = {name: leg[name] for name in ("received", "lost", "jitter_ms", "rtt_ms")}
    assert leg["mos"] == pytest.approx(mos.of_packets(**figures))
    assert leg["mos"] < mos.of_packets(**figures | {"lost": 0})
