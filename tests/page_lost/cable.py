"""A network cable between a browser and the product that a test can pull: HTTP, WebSocket and sound go through it, packet by packet.

    with Cable(product.web_port, gateway_ports) as cable:
        page = chromium.open(f"{cable.url}/desk/")      # with `cable.script` added to its context
        cable.pull()                                    # both ways are dead, and nobody is told
        cable.plug()
        cable.lose(to_browser=0.2)                      # one packet of sound in five is gone, in that direction

As on a real network: what TCP had under way arrives when the cable is in again; connections that were tried meanwhile never come
to anything; datagrams are gone. Browser and gateway know each other by addresses of the cable, which the script writes into their SDP.
"""

import contextlib
import itertools
import selectors
import socket
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from functools import partial
from typing import Self

BROWSER = "127.0.0.1"
THERE = "127.0.0.2"  # the gateway, as the browser sees it: port for port
HERE = "127.0.0.3"  # the browser, as the gateway sees it: one port
GATEWAY = "127.0.0.1"
SCRIPT = """
(() => {
  const answer = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return answer.call(this, { type, sdp: sdp.replaceAll(/(a=candidate:.* )GATEWAY( \\d+ typ host)/g, '$1THERE$2') });
  };
  const offer = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    return offer.call(this, text.replaceAll(/(a=candidate:\\d+ 1 udp \\d+) \\S+ \\d+ typ/g, '$1 HERE PORT typ'));
  };
})();
"""


class Cable:
    """`gateway_ports`: UDP ports that the gateway may use. `with` it; one thread carries everything."""

    def __init__(self, web_port: int, gateway_ports: range) -> None:
        self._web_port = web_port
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._pulled, self._sound, self._closing = False, True, False
        self._share = {"browser": 0.0, "gateway": 0.0}  # of sound that is lost on the way to each
        self._owed: defaultdict[tuple[str, bytes], float] = defaultdict(float)  # of each stream on its way
        self._lost_sound: Counter[tuple[str, bytes]] = Counter()
        self.connected_at = 0.0  # time.monotonic of the first connection since the cable was plugged in; 0: none yet
        self.reports = 0  # that the browser made on what it hears, and that were carried
        self._spoken: deque[float] = deque(maxlen=3_000)  # when the browser's packets of sound were carried: the newest minute of one call
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lost: list[socket.socket] = []  # connections tried while the cable was out
        self._browser: dict[int, tuple[str, int]] = {}  # gateway's port -> where the browser spoke from last
        self._outside: dict[int, socket.socket] = {}
        self._inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._inside.bind((HERE, 0))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._listen(self._door, self._accept)
        self._listen(self._woken, self._obey)
        self._listen(self._inside, self._answer)
        for port in gateway_ports:
            self._outside[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._outside[port].bind((THERE, port))
            self._listen(self._outside[port], partial(self._speak, port))
        self._thread = threading.Thread(target=self._carry, daemon=True)

    @property
    def script(self) -> str:
        """For the browser: `context.add_init_script`."""
        places = {"GATEWAY": GATEWAY.replace(".", "[.]"), "THERE": THERE, "HERE": HERE, "PORT": str(self._inside.getsockname()[1])}
        script = SCRIPT
        for name, value in places.items():
            script = script.replace(name, value)
        return script

    def pull(self, *, sound: bool = True) -> None:
        """`sound` False: HTTP and WebSocket are cut alone."""
        self._pulled, self._sound = True, not sound
        self._wake.send(b".")

    def plug(self) -> None:
        self.connected_at = 0.0
        self._pulled, self._sound = False, True
        self._wake.send(b".")

    def lose(self, *, to_browser: float = 0.0, to_gateway: float = 0.0) -> None:
        """Lose this share of the sound (RTP and RTCP; ICE and DTLS get through), spread evenly over each stream, from now on."""
        if to_browser or to_gateway:
            self._lost_sound.clear()
        self._share = {"browser": to_browser, "gateway": to_gateway}

    def lost(self, to: str) -> int:
        """Packets of RTP since `lose` was last asked to lose any, of the stream that lost most: others are tests of a phone."""
        return max((count for (way, _), count in self._lost_sound.items() if way == to), default=0)

    def longest_pause(self, since: float, until: float) -> float:
        """Seconds between two packets of sound from the browser, one after the other, that were carried in this time (time.monotonic)."""
        times = [since, *(at for at in list(self._spoken) if since < at < until), until]
        return max(later - sooner for sooner, later in itertools.pairwise(times))

    def _is_lost(self, data: bytes, to: str) -> bool:
        if not 128 <= data[0] <= 191:  # RFC 7983: what is neither RTP nor RTCP
            return False
        report = 192 <= data[1] <= 223  # RTCP, where both share a port (RFC 5761, 4)
        stream = to, data[4:8] if report else data[8:12]  # its SSRC (RFC 3550)
        self._owed[stream] += self._share[to]
        if self._owed[stream] < 1:
            self.reports += report and to == "gateway" and data[0] & 31 > 0  # blocks (RFC 3550, 6.4)
            return False
        self._owed[stream] -= 1
        self._lost_sound[stream] += not report
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._wake.send(b".")
        self._thread.join()
        for one in (*self._pairs, *self._lost, *self._outside.values(), self._inside, self._door, self._wake, self._woken):
            one.close()
        self._selector.close()

    def _listen(self, source: socket.socket, work: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, work)

    def _carry(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select():
                key.data()

    def _obey(self) -> None:
        """What TCP brings while the cable is out is left in the kernel, as on the way."""
        self._woken.recv(16)
        for source in self._pairs:
            carried = source in self._selector.get_map()
            if carried and self._pulled:
                self._selector.unregister(source)
            elif not carried and not self._pulled:
                self._listen(source, partial(self._forward, source))

    # TCP

    def _accept(self) -> None:
        browser, _ = self._door.accept()
        if self._pulled:
            self._lost.append(browser)
            return
        self.connected_at = self.connected_at or time.monotonic()
        product = socket.create_connection(("127.0.0.1", self._web_port))
        for source, target in ((browser, product), (product, browser)):
            self._pairs[source] = target
            self._listen(source, partial(self._forward, source))

    def _forward(self, source: socket.socket) -> None:
        if source not in self._pairs:  # the other end was closed in the same moment
            return
        try:
            data = source.recv(65_536)
            if data:
                self._pairs[source].sendall(data)
                return
        except OSError:  # one end was reset: so is the other
            pass
        for one in (source, self._pairs[source]):
            if one in self._selector.get_map():
                self._selector.unregister(one)
            del self._pairs[one]
            one.close()

    # UDP

    def _speak(self, port: int) -> None:
        data, source = self._outside[port].recvfrom(2048)
        if self._sound and source[0] == BROWSER:  # it tries its other addresses too, and must not be two in one
            self._browser[port] = source
            if 128 <= data[0] <= 191:  # RFC 7983: RTP, or RTCP now and then
                self._spoken.append(time.monotonic())
            if not self._is_lost(data, "gateway"):
                self._inside.sendto(data, (GATEWAY, port))

    def _answer(self) -> None:
        try:
            data, (_, port) = self._inside.recvfrom(2048)
        except ConnectionError:  # ICMP: a session is over
            return
        if self._sound and port in self._browser and not self._is_lost(data, "browser"):
            with contextlib.suppress(ConnectionError):
                self._outside[port].sendto(data, self._browser[port])
