"""A real browser, a real gateway, and a plain SIP and RTP peer in place of the cell."""

import time

import pytest

from tests import tones
from tests.browser.chromium import Chromium
from tests.gateway.cells import PlainCell
from tests.gateway.world import GatewayProcess, PageServer, until

pytestmark = [pytest.mark.media, pytest.mark.browser]


def test_agent_answers_and_both_hear_each_other(gateway: GatewayProcess, cell: PlainCell, pages: PageServer, chromium: Chromium) -> None:
    """SP-01."""
    page = chromium.open(f"{pages.url}/phone.html?address=agent-17")
    page.wait_for_function("document.title === 'loaded'")
    assert page.evaluate("codeOf(() => phone.open())") == ""
    cell.invite(gateway.address, "agent-17", "leg-1")
    cell.wait(180)
    milliseconds = page.evaluate("untilHeard(() => phone.answer('leg-1'))")
    print("ms to audio", milliseconds)
    began = time.monotonic()
    heard = chromium.listen(page, 1.0)
    assert tones.dominant(heard) == pytest.approx(440, abs=10)
    until(lambda: len(cell.rtp.heard(began)) > 4000)
    assert tones.dominant(cell.rtp.heard(began)) == pytest.approx(1000, abs=10)
    page.evaluate("phone.sendDigits('12#')")
    until(lambda: len(cell.rtp.digits_heard) >= 3)
    assert [digit for _, digit in cell.rtp.digits_heard] == ["1", "2", "#"]
    print(page.evaluate("phone.media.statistics()"), page.evaluate("states"))
