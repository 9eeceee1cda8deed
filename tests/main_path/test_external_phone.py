"""An agent's external phone over a real trunk: it must confirm with a key, so that a mailbox takes no customer (SP-02, QU-06)."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tones
from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.main_path.test_outside import calls_go_to, inside
from tests.product import Product, until
from tests.sip.sipp import Caller, Phone

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(150)]

NUMBER, KARI, PHONE = "+4722334455", "+4791234571", "40 00 00 01"
KARI_HZ, PHONE_HZ = 440, 620
OFFERS = "SELECT data FROM events_event WHERE call = ? AND kind = 'OfferEnded' ORDER BY seq"


@pytest.fixture
def phone(product: Product, tmp_path: Path) -> Iterator[Phone]:
    """Answers whatever rings it, three times one after the other."""
    inside(product, "confirm", "yes")
    try:
        with Phone(folder=tmp_path, hertz=PHONE_HZ, seconds=90, calls=3) as phone:
            calls_go_to(product, phone)
            yield phone
    finally:
        inside(product, "confirm", "no")


def is_answered(phone: Phone, times: int) -> None:
    """It has taken so many calls; a message that was sent again is no other call."""
    phone.until(lambda: len(calls_with("ACK", phone)) == times, f"answer {times}", 20)
    phone.take_audio(phone.invitations()[-1])


def calls_with(method: str, phone: Phone) -> set[str]:
    """Call-IDs of the requests of this method that it received."""
    found = (re.search(r"^Call-ID: *(\S+)", text, re.MULTILINE | re.IGNORECASE) for text in phone.messages() if text.startswith(method))
    return {call[1] for call in found if call}


def hears_a_voice(phone: Phone, since: float) -> None:
    """More than silence, in the newest second after `since` (time.monotonic)."""
    until(lambda: tones.rms(phone.audio.heard(max(since, time.monotonic() - 1))) > 100, "the telephone hears the question")


def test_a_mailbox_gets_no_customer_and_key_1_does(product: Product, chromium: Chromium, phone: Phone, tmp_path: Path):
    anna = AtDesk(chromium, product)
    anna.log_on_by_phone(PHONE)
    with Caller(product.trunk, NUMBER, folder=tmp_path, caller=KARI, hertz=KARI_HZ, seconds=100) as kari:
        kari.wait_answered()
        call = product.call_of(KARI)
        until(lambda: "StepLeft" in product.time_line(call), "the welcome is over", 20)
        kari.audio.press("1")
        is_answered(phone, 1)
        anna.page.locator("[data-text=call-state]", has_text="1").wait_for(timeout=5_000)
        hears_a_voice(phone, 0)
        heard = len(kari.audio.heard())
        until(lambda: len(kari.audio.heard()) > heard + 4 * tones.RATE, "four seconds of waiting", 10)
        waiting = kari.audio.heard()[heard:]
        assert tones.rms(waiting) > 20 and not tones.hears(waiting, PHONE_HZ), "she hears music and not the telephone"
        assert not tones.hears(phone.audio.heard(), KARI_HZ), "the telephone does not hear her"
        phone.audio.press("2")
        phone.until(lambda: any(text.startswith("BYE") for text in phone.messages()), "the refused telephone is hung up", 5)
        until(lambda: anna.status == "busy", "she is busy")

        anna.becomes_ready()
        since = time.monotonic()
        is_answered(phone, 2)
        hears_a_voice(phone, since)  # a key that is pressed before there is sound is lost
        phone.audio.press("1")
        anna.sees_panel("talking")
        kari.audio.wait_for_tone(PHONE_HZ)
        phone.audio.wait_for_tone(KARI_HZ)
        anna.hangs_up()
        kari.wait()
    line = product.time_line_with(call, "CallEnded")
    offers = [json.loads(row["data"]) for row in product.rows(OFFERS, call)]
    assert [offer["result"] for offer in offers] == ["rejected", "answered"], offers
    assert line.count("ConfirmationAsked") == 2 and line.count("ConversationStarted") == 1
    anna.page.locator(".panel.wrap-up [data-do=ready]").click()
    anna.logs_off()
