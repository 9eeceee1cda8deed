"""What the gateway takes for a softphone's leg: `python -m benchmarks.gateway [legs]` prints one JSON object per line, in a minute.

The real gateway process and its engine; one page of headless Chromium with a peer connection for each leg, as many browsers would have;
telephones in place of the cells. The browser costs ten times what the gateway does and is not counted.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from apps.telephony import protocol
from benchmarks.calls import audible
from benchmarks.figures import tell
from benchmarks.processes import memory, share
from benchmarks.telephones import Telephones
from tests.browser.chromium import Chromium
from tests.conftest import RedisServer
from tests.gateway.world import GatewayProcess, PageServer
from tests.product import until

LEGS = 25
PAGE = "phone.html?address=nobody"  # any page of the origin localhost: there the microphone is permitted
OFFER = """
async (legs) => {
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
  const { codecs } = RTCRtpSender.getCapabilities('audio');
  const spoken = codecs.filter(({ mimeType }) => ['audio/PCMA', 'audio/telephone-event'].includes(mimeType));
  window.legs = Array.from({ length: legs }, () => new RTCPeerConnection());
  return Promise.all(window.legs.map(async (peer) => {
    peer.addTransceiver(sound.getAudioTracks()[0]).setCodecPreferences(spoken);
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== 'complete') await new Promise((done) => peer.addEventListener('icegatheringstatechange', done));
    return peer.localDescription.sdp;
  }));
}
"""
ACCEPT = "([leg, sdp]) => window.legs[leg].setRemoteDescription({ type: 'answer', sdp })"
CONNECTED = "window.legs.every((peer) => peer.connectionState === 'connected')"
RECEIVED = """
async () => {
  const reports = await Promise.all(window.legs.map((peer) => peer.getStats()));
  return reports.flatMap((report) => [...report.values()]).filter(({ type }) => type === 'inbound-rtp').map((each) => each.packetsReceived);
}
"""


def connect(gateway: GatewayProcess, telephones: Telephones, page: Page, legs: int) -> None:
    for number, offer in enumerate(page.evaluate(OFFER, legs)):
        agent, leg = f"agent-{number}", f"leg-{number}"
        telephones.call(f"sip:{agent}@{gateway.address}", leg)
        until(lambda number=number: telephones.ringing() > number, f"{leg} rings")
        answer = gateway.ask(protocol.AnswerOffer, address=agent, leg=leg, offer=offer)
        assert isinstance(answer, protocol.MediaAnswer), answer
        page.evaluate(ACCEPT, [number, answer.sdp])
    page.wait_for_function(CONNECTED)
    until(lambda: len(page.evaluate(RECEIVED)) == legs, "every browser hears something")


def measure(gateway: GatewayProcess, telephones: Telephones, page: Page, legs: int) -> None:
    [engine] = gateway.children()
    decides = gateway.process.pid
    idle = {pid: share([pid]) for pid in (decides, engine)}
    connect(gateway, telephones, page, legs)
    before = page.evaluate(RECEIVED)
    with audible(telephones, legs):
        busy = {pid: share([pid]) for pid in (engine, decides)}
    assert all(after > number for number, after in zip(before, page.evaluate(RECEIVED), strict=True)), "a browser hears nothing"
    tell(f"gateway: CPU per softphone leg ({legs} at once)", sum(busy.values()) / legs, "% of a core", 0.5)
    tell("gateway: of that, the engine (rtp.io)", busy[engine] / legs, "% of a core", 0.5)
    tell("gateway: CPU without legs", sum(idle.values()), "% of a core", 2.0)
    tell("gateway: private memory, engine", memory([engine]), "MB", 50)


def main() -> None:
    legs = int(sys.argv[1]) if len(sys.argv) > 1 else LEGS
    server, telephones = RedisServer(), Telephones()
    with tempfile.TemporaryDirectory() as folder:
        gateway = GatewayProcess(server.url, Path(folder), ports=1_000)
        pages = PageServer(gateway)
        try:
            with Chromium() as chromium:
                measure(gateway, telephones, chromium.open(f"{pages.url}/{PAGE}"), legs)
        finally:
            pages.close()
            gateway.stop()
            telephones.close()
            server.stop()


if __name__ == "__main__":
    os.environ.setdefault("CC_LOG_LEVEL", "ERROR")
    main()
