"""Who hears whom while a customer is passed on, in every state of the call: real SIP, real cells, real browsers (TR-01 to TR-04)."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tones
from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.main_path.test_calling_out import calls_go_to
from tests.main_path.test_main_path import choose
from tests.product import Product, until
from tests.sip.sipp import Caller, Party, Phone

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

NUMBER, KARI, OUTSIDE = "+4722334455", "+4790000140", "99 99 99 94"
VOICES = {"customer": 440, "anna": 1000, "per": 1300, "phone": 620}
RINGING = 425
MUSIC, NOTHING = "music", "nothing"


class Ears:
    """Who is in the call, and how each is listened to for half a second."""

    def __init__(self, **listeners: AtDesk | Party) -> None:
        self.listeners = listeners

    def _listen(self, who: str) -> tones.Pcm:
        listener = self.listeners[who]
        if isinstance(listener, AtDesk):
            return listener.listens(0.6)
        since = time.monotonic()
        until(lambda: len(listener.audio.heard(since)) > 0.5 * tones.RATE, f"sound at {who}", 3)
        return listener.audio.heard(since)

    def heard(self, who: str) -> set[str]:
        """The voices, or `music`, or `nothing`."""
        pcm = self._listen(who)
        voices = {name for name, hertz in VOICES.items() if name != who and tones.hears(pcm, hertz)}
        return voices or {MUSIC if tones.rms(pcm) > 50 else NOTHING}

    def are(self, **wanted: set[str]) -> None:
        for who, what in wanted.items():
            until(lambda who=who, what=what: self.heard(who) == what, f"{who} hears {what}", 10)


@pytest.fixture
def anna(product: Product, chromium: Chromium) -> Iterator[AtDesk]:
    anna = AtDesk(chromium, product)
    anna.log_on("Support only")
    yield anna
    anna.page.locator("#status").click()
    anna.page.locator("#status-list [data-do=log_off]").click()
    until(lambda: anna.status == "logged_off", "she is logged off")


def talking(anna: AtDesk, product: Product, folder: Path) -> Caller:
    kari = Caller(product.trunk, NUMBER, folder=folder, caller=KARI, hertz=VOICES["customer"], seconds=150)
    choose(product, kari, KARI, "1")
    anna.answers()
    anna.sees_panel("talking")
    return kari


def brings(anna: AtDesk, to: str, how: str = "Enter") -> None:
    """T, a name or number, and Enter to ask first or Ctrl+Enter to transfer at once."""
    anna.presses("t")
    anna.page.keyboard.type(to)
    anna.presses(how)


def test_who_hears_whom_between_two_agents_and_a_customer(product, anna, tmp_path):
    """The matrix: talking, held, ringing, consulting, three-party, taken back, transferred."""
    with Chromium(microphone_hz=VOICES["per"], steady=True) as other, talking(anna, product, tmp_path) as kari:
        per = AtDesk(other, product, "per")
        per.log_on("Support only")
        ears = Ears(customer=kari, anna=anna, per=per)
        ears.are(customer={"anna"}, anna={"customer"})
        anna.holds()
        ears.are(customer={MUSIC}, anna={NOTHING})
        brings(anna, "per")
        per.sees_panel("ringing")
        ears.are(customer={MUSIC})
        anna.hears(lambda pcm: tones.hears(pcm, RINGING) and not tones.hears(pcm, VOICES["customer"]), "that it rings there")
        per.answers()
        per.sees_panel("consulting")
        ears.are(customer={MUSIC}, anna={"per"}, per={"anna"})
        anna.presses("j")
        per.sees_panel("three_party")
        ears.are(customer={"anna", "per"}, anna={"customer", "per"}, per={"customer", "anna"})
        anna.presses("b")
        per.sees_panel("idle")
        ears.are(customer={"anna"}, anna={"customer"})
        brings(anna, "per")
        per.answers()
        ears.are(customer={MUSIC}, anna={"per"}, per={"anna"})
        since = time.monotonic()
        anna.presses("t")
        anna.sees_panel("wrap_up")
        ears.are(customer={"per"}, per={"customer"})
        assert silence(kari, since) <= 0.06, "no gap of more than 60 ms for the customer"
        kari.hang_up()
        kari.wait()
        per.sees_panel("wrap_up")
        per.logs_off()
    until(lambda: "CallEnded" in product.time_line(product.call_of(KARI)), "the call is over")
    call = product.rows("SELECT * FROM calls_call WHERE caller = ? ORDER BY started_at DESC LIMIT 1", KARI)[0]
    assert (call["holds"], call["consults"], call["transferred"]) == (2, 2, 1) and call["agent_id"] == per.id


def silence(party: Party, since: float) -> float:
    """The longest silence that he has heard, in seconds."""
    pcm = party.audio.heard(since)
    loud = [tones.rms(pcm[at : at + 160]) > 20 for at in range(0, len(pcm) - 160, 160)]
    longest = run = 0
    for is_loud in loud:
        run = 0 if is_loud else run + 1
        longest = max(longest, run)
    return longest * 0.02


def test_who_hears_whom_with_a_telephone_outside(product, anna, tmp_path):
    """TR-01: a typed number; blind, and back to the agent when it is busy (TR-04)."""
    with Phone(folder=tmp_path, hertz=VOICES["phone"], ring=1.0, seconds=90) as phone, talking(anna, product, tmp_path) as kari:
        calls_go_to(product, phone)
        ears = Ears(customer=kari, anna=anna, phone=phone)
        brings(anna, OUTSIDE)
        phone.wait_answered(20)
        ears.are(customer={MUSIC}, anna={"phone"}, phone={"anna"})
        anna.presses("j")
        ears.are(customer={"anna", "phone"}, anna={"customer", "phone"}, phone={"customer", "anna"})
        anna.hangs_up()
        anna.sees_panel("wrap_up")
        ears.are(customer={"phone"}, phone={"customer"})
        kari.hang_up()
        kari.wait()


def test_a_blind_transfer_that_is_busy_rings_the_agent_again(product, anna, tmp_path):
    """TR-04"""
    with Phone(folder=tmp_path, code=486) as busy, talking(anna, product, tmp_path) as kari:
        calls_go_to(product, busy)
        brings(anna, OUTSIDE, "Control+Enter")
        anna.sees_panel("ringing", timeout=15)
        anna.answers()
        Ears(customer=kari, anna=anna).are(customer={"anna"}, anna={"customer"})
        kari.hang_up()
        kari.wait()
    anna.sees_panel("wrap_up")
