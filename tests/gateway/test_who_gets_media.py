"""The browser's side of the gateway: media only for whom the offer and the answer were exchanged with."""

import asyncio
import socket

import pytest
from playwright.sync_api import Page, Route

from apps.telephony.gateway import sdp
from apps.telephony.gateway.engine import RtpEngine
from tests.browser.chromium import Chromium
from tests.gateway import stun
from tests.gateway.cells import PlainCell
from tests.gateway.test_browser_calls import ring, softphone
from tests.gateway.test_engine import CELL, OFFER, Losses, rtp_engine  # noqa: F401 - a fixture
from tests.gateway.world import GatewayProcess, PageServer

pytestmark = pytest.mark.media


class Knocker:
    """Somebody who sends connectivity checks to the port of a session, and hears what comes back."""

    def __init__(self, to: tuple[str, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.to = to

    def sends(self, data: bytes) -> bytes:
        """Its transaction."""
        self.socket.sendto(data, self.to)
        return stun.transaction(data)

    async def let_in(self) -> bytes:
        """The transaction of the next check that succeeds."""
        async with asyncio.timeout(10):
            while True:
                heard = await asyncio.get_running_loop().sock_recv(self.socket, 2048)
                if stun.kind(heard) == stun.SUCCESS:
                    return stun.transaction(heard)


@pytest.mark.parametrize("wrong", ["password", "our name", "their name"])
async def test_a_check_with_a_wrong_word_gets_nothing(wrong: str, rtp_engine: tuple[RtpEngine, Losses]) -> None:  # noqa: F811
    """ICE (RFC 8445 7.3): the words went through the desk's connection, so a stranger does not have them."""
    engine, _ = rtp_engine
    await engine.open("s1", OFFER)
    side = await engine.connect("s1", CELL)
    words = {"our name": side.ufrag, "their name": OFFER.ufrag, "password": side.pwd}
    knocker = Knocker((side.host, side.port))
    changed = {**words, wrong: _changed(words[wrong])}
    knocker.sends(stun.check(f"{changed['our name']}:{changed['their name']}", changed["password"]))
    right = knocker.sends(stun.check(f"{side.ufrag}:{OFFER.ufrag}", side.pwd))  # read after the wrong one
    assert await knocker.let_in() == right
    knocker.socket.close()


def _changed(word: str) -> str:
    return ("B" if word[0] == "A" else "A") + word[1:]


def change_fingerprint(page: Page, when: str) -> None:
    """One hex digit of the offer, on its way to the gateway."""

    def change(route: Route) -> None:
        asked = route.request.post_data_json
        if asked["type"] == when:
            offer = sdp.parse_browser_offer(asked["offer"]).fingerprint
            other = ("1" if offer[0] == "0" else "0") + offer[1:]
            asked["offer"] = asked["offer"].replace(offer, other)
            assert other in asked["offer"]
        route.continue_(post_data=asked)

    page.route("**/ask", change)


@pytest.mark.browser
def test_a_browser_whose_certificate_is_not_the_offered_one_gets_no_media_and_the_page_says_so(
    gateway: GatewayProcess, cell: PlainCell, pages: PageServer, chromium: Chromium
) -> None:
    """DTLS-SRTP (RFC 8827 6.5): who stands between browser and gateway speaks in place of neither. Nothing hangs: the next try works."""
    page = chromium.open(f"{pages.url}/phone.html?address=agent-17")
    page.wait_for_function("document.title === 'loaded'")
    change_fingerprint(page, "TestMedia")
    assert page.evaluate("codeOf(() => phone.open())") == "no-media-path"
    page.unroute("**/ask")
    page = softphone(pages, chromium)
    change_fingerprint(page, "AnswerOffer")
    ring(gateway, cell)
    assert page.evaluate("codeOf(() => phone.answer('leg-1'))") == "no-media-path"
    assert cell.rtp.packets == [] and not chromium.has_media(page)
    page.unroute("**/ask")
    assert page.evaluate("codeOf(() => phone.reattach('leg-1'))") == ""
