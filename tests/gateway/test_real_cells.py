"""Browser, gateway and pjsua2 cells, all real; the test is the switch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from apps.telephony import protocol
from tests import tones
from tests.browser.chromium import Chromium
from tests.gateway.test_browser_calls import softphone
from tests.gateway.world import GatewayProcess, PageServer
from tests.sip.door import switch_says
from tests.telephony.pools import Office

pytestmark = [pytest.mark.media, pytest.mark.browser]

MUSIC_HZ, AGENT_HZ = 600, 1000


@pytest.fixture
def office(redis_url: str) -> Iterator[Office]:
    found = Office(redis_url)
    switch_says(found.redis)
    yield found
    found.close()


@pytest.fixture
def page(pages: PageServer, chromium: Chromium) -> Page:
    return softphone(pages, chromium)


def dial(office: Office, gateway: GatewayProcess) -> str:
    """A free cell rings the agent; the cell's name."""
    cell = office.lease().cell
    headers = {protocol.HEADER_LEG: "leg-1", protocol.HEADER_CALL: "call-1"}
    office.order(cell, protocol.Dial, "call-1", leg="leg-1", uri=f"sip:agent-17@{gateway.address}", caller="+4722334455", headers=headers)
    office.hear(protocol.LegRinging, leg="leg-1")
    return cell


def test_cell_and_browser_hear_each_other_and_digits_arrive(
    office: Office, gateway: GatewayProcess, page: Page, chromium: Chromium, tmp_path: Path
) -> None:
    """SP-01, SP-04, SP-05."""
    cell = dial(office, gateway)
    page.evaluate("phone.answer('leg-1')")
    office.hear(protocol.LegAnswered, leg="leg-1")
    music = tones.tone_wav(tmp_path / "music.wav", MUSIC_HZ, 20)
    office.order(cell, protocol.Play, "call-1", leg="leg-1", playback="p", files=(str(music),))
    recording = tmp_path / "recording.wav"
    office.order(cell, protocol.Record, "call-1", recording="r", path=str(recording), left=("leg-1",), right=())
    page.wait_for_timeout(500)
    assert tones.dominant(chromium.listen(page, 1.0)) == pytest.approx(MUSIC_HZ, abs=10)
    page.evaluate("phone.sendDigits('4#')")
    office.hear(protocol.DigitPressed, leg="leg-1", digit="#")
    assert [event.digit for event in office.heard(protocol.DigitPressed)] == ["4", "#"]
    office.order(cell, protocol.StopRecord, "call-1", recording="r")
    office.hear(protocol.RecordingStopped, recording="r")
    channels, rate = tones.read_wav(recording)
    assert tones.dominant(channels[0][rate // 2 :], rate=rate) == pytest.approx(AGENT_HZ, abs=10)
    office.order(cell, protocol.HangUp, "call-1", leg="leg-1")
    ended = office.hear(protocol.LegEnded, leg="leg-1")
    assert (ended.code, ended.by_us) == (200, True)
    assert page.evaluate("codeOf(() => phone.reattach('leg-1'))") == "gone"


def test_caller_gives_up_while_the_agent_rings(office: Office, gateway: GatewayProcess, page: Page) -> None:
    """SP-08."""
    cell = dial(office, gateway)
    office.order(cell, protocol.HangUp, "call-1", leg="leg-1")
    assert office.hear(protocol.LegEnded, leg="leg-1").code == 487
    assert page.evaluate("codeOf(() => phone.answer('leg-1'))") == "gone"


def test_page_is_reloaded_and_the_cell_follows_without_being_told(
    office: Office, gateway: GatewayProcess, page: Page, chromium: Chromium, tmp_path: Path
) -> None:
    """SP-07."""
    cell = dial(office, gateway)
    page.evaluate("phone.answer('leg-1')")
    office.hear(protocol.LegAnswered, leg="leg-1")
    music = tones.tone_wav(tmp_path / "music.wav", MUSIC_HZ, 20)
    office.order(cell, protocol.Play, "call-1", leg="leg-1", playback="p", files=(str(music),))
    gateway.close_media(page.evaluate("connection"))
    page.reload()
    page.wait_for_function("document.title === 'loaded'")
    page.evaluate("phone.open()")
    milliseconds = page.evaluate("untilHeard(() => phone.reattach('leg-1'))")
    assert milliseconds < 3000
    assert tones.dominant(chromium.listen(page, 1.0)) == pytest.approx(MUSIC_HZ, abs=10)
    page.evaluate("phone.sendDigits('9')")
    office.hear(protocol.DigitPressed, leg="leg-1", digit="9")


def test_test_call_goes_to_a_free_cell(office: Office, gateway: GatewayProcess, page: Page, chromium: Chromium, tmp_path: Path) -> None:
    """IV-07: a test call needs no trunk."""
    page.evaluate("void (window.calling = codeOf(() => phone.call('80012345')))")
    arrived = office.hear(protocol.LegArrived)
    assert (arrived.dialled, arrived.caller, arrived.trunk, arrived.test) == ("80012345", "+4799000000", "", "agent-17")
    office.order(arrived.cell, protocol.Answer, arrived.call, leg=arrived.leg)
    assert page.evaluate("calling") == ""
    music = tones.tone_wav(tmp_path / "music.wav", MUSIC_HZ, 20)
    office.order(arrived.cell, protocol.Play, arrived.call, leg=arrived.leg, playback="p", files=(str(music),))
    page.wait_for_timeout(300)
    assert tones.dominant(chromium.listen(page, 1.0)) == pytest.approx(MUSIC_HZ, abs=10)
    page.evaluate("phone.sendDigits('1')")
    office.hear(protocol.DigitPressed, leg=arrived.leg, digit="1")
    gateway.close_media(page.evaluate("connection"))
    assert office.hear(protocol.LegEnded, leg=arrived.leg).code == 200


def test_page_that_leaves_while_its_test_call_rings_cancels_it(office: Office, gateway: GatewayProcess, page: Page) -> None:
    page.evaluate("void (window.calling = codeOf(() => phone.call('80012345')))")
    arrived = office.hear(protocol.LegArrived)
    gateway.close_media(page.evaluate("connection"))
    assert office.hear(protocol.LegEnded, leg=arrived.leg).code == 487
