"""Two tabs and two devices of one agent cannot disagree (AS-01): one status machine with one writer, and pages that only show it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.main_path.one_call import NUMBER
from tests.product import Product, until
from tests.sip.sipp import Caller

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(150)]

KARI = "+4791234572"


@pytest.fixture
def elsewhere() -> Iterator[Chromium]:
    """Another device: a browser of its own, that shares nothing with the first."""
    with Chromium(microphone_hz=700) as browser:
        yield browser


def all_show(pages: list[Page], panel: str, status: str = "") -> None:
    for page in pages:
        expect(page.locator("body")).to_have_attribute("data-panel", panel, timeout=10_000)
        if status:
            expect(page.locator("body")).to_have_attribute("data-status", status, timeout=10_000)


def shown(pages: list[Page]) -> set[str]:
    return {str(page.locator("body").get_attribute("data-status")) for page in pages}


def handled(pages: list[Page]) -> bool:
    """What was clicked in them is answered; a click is under way as soon as it is made."""
    return not any(page.locator("[aria-busy]").count() for page in pages)


def test_two_tabs_and_two_devices_of_one_agent_agree_whatever_is_clicked_where(
    product: Product, chromium: Chromium, elsewhere: Chromium, tmp_path
):
    anna = AtDesk(chromium, product)
    anna.log_on()
    tab = chromium.open(f"{product.url}/desk/")
    other = AtDesk(elsewhere, product)
    pages = [anna.page, tab, other.page]
    all_show(pages, "idle", "ready")
    other.page.locator("[data-phone=online]").wait_for(timeout=20_000)  # the newest page is her phone now
    tab.keyboard.press("p")
    tab.keyboard.press("1")
    all_show(pages, "idle", "pause")

    for round_of in range(6):  # at once, each time the other way round
        first, second = (anna.page, other.page) if round_of % 2 else (other.page, anna.page)
        first.evaluate("document.querySelector('.stage [data-do=ready]').click()")
        second.evaluate("document.querySelector('[data-do=pause][data-reason]').click()")
        until(lambda: handled(pages), "both clicks are answered", 20)
        until(lambda: shown(pages) == {anna.status}, "all pages show what the archive has", 20)

    anna.page.evaluate("document.querySelector('.stage [data-do=ready]').click()")
    all_show(pages, "idle", "ready")
    with Caller(product.trunk, NUMBER, folder=tmp_path, caller=KARI, hertz=440, seconds=90) as kari:
        kari.wait_answered()
        call = product.call_of(KARI)
        until(lambda: "StepLeft" in product.time_line(call), "the welcome is over", 20)
        kari.audio.press("1")
        all_show(pages, "ringing", "offered")
        assert [page.locator(".ringing-actions [data-do=answer]").is_visible() for page in pages] == [False, False, True]
        other.page.keyboard.press("Enter")
        all_show(pages, "talking", "connected")
        kari.audio.wait_for_tone(700)
        anna.page.locator("button.hang-up").click()
        all_show(pages, "wrap_up", "wrap_up")
        kari.hang_up()
    tab.locator(".panel.wrap-up [data-do=ready]").click()
    all_show(pages, "idle", "ready")
    other.logs_off()
    all_show(pages, "logged_off", "logged_off")
