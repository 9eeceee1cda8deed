"""Issue 2, point 2; IV-07: an administrator's browser calls the flow through the same cells, and an agent answers. No trunk is needed."""

from collections.abc import Iterator

import pytest

from tests import tones
from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk, log_in
from tests.product import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

NUMBER = "+4722334455"


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    """Two browsers that speak in the same syllables are each other's echo to echo cancellation: it lets nothing through for seconds."""
    with Chromium(microphone_hz=1000, steady=True) as browser:
        yield browser


def test_two_browsers_talk_through_the_flow(product, chromium):
    anna = AtDesk(chromium, product)
    anna.log_on()
    with Chromium(microphone_hz=700, steady=True) as other:
        page = other.open(f"{product.url}/admin/test-call/?number={NUMBER.replace('+', '%2B')}")
        log_in(page, product, "admin")
        page.locator("input[name=caller]").fill("90000123")
        page.get_by_role("button", name="Call", exact=True).click()
        call = until(
            lambda: product.value("SELECT id FROM calls_call WHERE test ORDER BY started_at DESC LIMIT 1"), "the call is known", 20
        )
        until(lambda: other.has_media(page) and tones.rms(other.listen(page, 0.3)) > 50, "the welcome is heard")
        entered = "SELECT seq FROM events_event WHERE call = ? AND kind = 'StepEntered' AND data LIKE '%Main menu%'"
        until(lambda: product.rows(entered, call), "the menu", 20)
        page.locator("[data-key='1']").click()
        anna.answers()
        anna.hears(lambda pcm: tones.hears(pcm, 700), "the visitor")
        until(lambda: tones.hears(other.listen(page, 0.5), 1000), "the agent is heard")
        until(lambda: "Main menu" in page.locator("#events").inner_text(), "the page tells where the call was")
        page.locator("#hang-up").click()
        anna.sees_panel("wrap_up")
    assert "ConversationStarted" in product.time_line_with(call, "CallEnded")
    anna.becomes_ready()
    anna.logs_off()
