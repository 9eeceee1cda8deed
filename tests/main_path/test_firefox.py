"""The main path once more with Firefox: the other engine that agents may use (docs/agents.md)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.firefox import Firefox
from tests.main_path.one_call import OneCall

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

REPORTED = 20_000  # ms: the round trip is known by reports, of which some seconds bring one (RFC 3550, 6.2)
BEST_MOS = 4.2  # of G.711 in a network that loses nothing: 4.4


@pytest.fixture
def firefox() -> Iterator[Firefox]:
    with Firefox() as browser:
        yield browser


class CallInFirefox(OneCall):
    """While the two talk, the agent looks at what his page tells."""

    def _talk(self) -> None:
        super()._talk()
        page = self.agent.page
        expect(page.locator("body")).to_have_attribute("data-status", "connected")
        sign = page.locator("details.quality")
        sign.locator("summary").click(timeout=8_000)
        expect(sign).to_have_attribute("data-quality", "good", timeout=REPORTED)
        expect(sign.locator("[data-text=quality-rtt]")).to_contain_text("ms", timeout=REPORTED)
        sign.locator("summary").click()
        page.locator(".phone").click()
        expect(page.locator("select[data-device=microphone] option").first).to_be_attached()
        self.figures["microphones"] = page.locator("select[data-device=microphone]").first.locator("option").all_inner_texts()
        page.locator(".phone").click()


def test_an_agent_with_firefox_hears_and_is_heard_and_his_page_is_right(product, firefox, tmp_path):
    """SP-01, SP-02, SP-04, SP-05, SP-06"""
    errors: list[str] = []
    firefox.context.on("weberror", lambda error: errors.append(str(error.error)))
    call = CallInFirefox(product, firefox, tmp_path)
    assert call.run()["problems"] == []
    assert len(call.figures["microphones"]) == 2, "the system's choice, and the one by its name"
    mos = product.value("SELECT min(mos) FROM calls_leg WHERE call_id = ? AND mos IS NOT NULL", call.call)
    assert mos and mos > BEST_MOS
    assert errors == []
