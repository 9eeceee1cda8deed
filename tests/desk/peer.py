"""The other end of the browser's sound: a second tab that answers offers with a real RTCPeerConnection, so that ICE and DTLS are real.

The fake gateway asks it over a WebSocket of its own; nothing of the product is between them.
"""

import json
import queue
import re
import threading

from playwright.sync_api import Page
from websockets.sync.server import ServerConnection, serve

from apps.telephony import protocol

ANSWER = """
(url) => {
  const socket = new WebSocket(url);
  const inUse = [];
  socket.onmessage = async ({ data }) => {
    const peer = new RTCPeerConnection({ iceServers: [] });
    const context = new AudioContext();
    inUse.push(peer, context);
    const quiet = context.createConstantSource(), ear = context.createMediaStreamDestination();
    quiet.offset.value = 0; // silence, but packets of it
    quiet.connect(ear);
    quiet.start();
    const sound = ear.stream;
    sound.getTracks().forEach((track) => peer.addTrack(track, sound));
    await peer.setRemoteDescription({ type: 'offer', sdp: data });
    await peer.setLocalDescription(await peer.createAnswer());
    if (peer.iceGatheringState !== 'complete') {
      await new Promise((resolve) => peer.addEventListener('icegatheringstatechange',
        () => peer.iceGatheringState === 'complete' && resolve()));
    }
    socket.send(JSON.stringify({ sdp: peer.localDescription.sdp }));
  };
  socket.onclose = () => inUse.forEach((thing) => thing.close());
  return new Promise((resolve) => { socket.onopen = resolve; });
}
"""


class Peer:
    """`answers` is what a PagesGateway is given. With `broken` set, its answers lead nowhere. One after the other can use one page."""

    def __init__(self, page: Page) -> None:
        self.broken = False
        self.refuse = ""
        self._offers: queue.Queue[str | None] = queue.Queue()
        self._answers: queue.Queue[str] = queue.Queue()
        self._server = serve(self._talk, "127.0.0.1", 0)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        page.evaluate(ANSWER, f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}")

    def answers(self, request: protocol.GatewayRequest) -> protocol.AnyGatewayReply:
        if self.refuse:
            return protocol.MediaRefused(self.refuse)
        if isinstance(request, protocol.KeepMedia):
            return protocol.MediaAnswer("", request.leg)
        self._offers.put(request.offer)
        sdp = self._answers.get(timeout=5)
        if self.broken:
            sdp = re.sub("a=ice-pwd:.*", "a=ice-pwd:" + "x" * 24, sdp)  # connectivity checks fail, as behind a firewall
        return protocol.MediaAnswer(sdp, "test-leg" if isinstance(request, protocol.TestCall) else getattr(request, "leg", ""))

    def stop(self) -> None:
        self._offers.put(None)
        self._server.shutdown()

    def _talk(self, socket: ServerConnection) -> None:
        while (offer := self._offers.get()) is not None:
            socket.send(offer)
            self._answers.put(json.loads(socket.recv())["sdp"])
