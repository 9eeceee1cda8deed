"""A gateway for the tests of pages: leased and reached as the real one; what it answers, the test says."""

import threading
from collections.abc import Callable

import redis

from apps.telephony import leases, protocol
from contactcenter.lib import bus

Answers = Callable[[protocol.GatewayRequest], protocol.AnyGatewayReply | None]


def accept(request: protocol.GatewayRequest) -> protocol.MediaAnswer:
    return protocol.MediaAnswer("v=0", getattr(request, "leg", "") or "leg-of-the-test-call")


class PagesGateway(threading.Thread):
    """`answers` gives the reply to each request that waits for one; None: it stays silent."""

    def __init__(self, url: str, answers: Answers = accept, name: str = "g1") -> None:
        super().__init__(daemon=True)
        self.redis = redis.Redis.from_url(url)
        self.answers, self.gateway = answers, name
        self.heard: list[protocol.GatewayRequest] = []
        self._stop_it = threading.Event()

    def __enter__(self) -> "PagesGateway":
        self._live()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_it.set()
        self.join(5)

    def asked(self, kind: type) -> list[protocol.GatewayRequest]:
        return [request for request in self.heard if isinstance(request, kind)]

    def _live(self) -> None:
        leases.offer_gateway(self.redis, self.gateway, "127.0.0.1:5070")

    def run(self) -> None:
        cursor = "0-0"
        while not self._stop_it.is_set():
            self._live()
            for entry_id, message in bus.read(self.redis, bus.gateway_stream(self.gateway), cursor, block_ms=200):
                cursor = entry_id
                self._hear(protocol.decode_gateway_request(message))

    def _hear(self, request: protocol.GatewayRequest) -> None:
        self.heard.append(request)
        if isinstance(request, protocol.CloseMedia):
            return
        reply = self.answers(request)
        if reply is not None:
            bus.reply(self.redis, request.reply_to, reply)
