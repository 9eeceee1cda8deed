"""A real gateway process, and a page's server that passes requests to it as the web process does."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from apps.telephony import leases, protocol
from contactcenter.lib import bus
from tests.conftest import START_SECONDS
from tests.ports import OURS

ROOT = Path(__file__).resolve().parents[2]
PORTS = 200  # the last fifth is the gateway's, and a leg takes four
KINDS = {".html": "text/html", ".js": "text/javascript"}


class GatewayProcess:
    """`manage.py gateway` on ports of its own. `drain`: seconds that conversations get to end by themselves when it is told to stop."""

    def __init__(self, redis_url: str, folder: Path, name: str = "gateway-1", *, drain: float = 0.5) -> None:
        self.name, self.redis, self._drain = name, bus.connect(redis_url), drain
        ports = OURS.take(PORTS)
        self._environment = os.environ | {"REDIS_URL": redis_url, "CC_VAR": str(folder), "CC_MEDIA_PORTS": f"{ports[0]},{ports[-1]}"}
        self.start()

    def start(self) -> None:
        self.redis.zremrangebyrank(leases.GATEWAYS, 0, -1)  # what one that was killed had said
        command = [sys.executable, "manage.py", "gateway", "--name", self.name, "--drain", str(self._drain)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment)
        until(lambda: self.name in leases.gateways(self.redis), within=START_SECONDS)

    @property
    def address(self) -> str:
        """Where cells find it."""
        return leases.gateways(self.redis)[self.name]

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def ask(self, kind: type[protocol.GatewayRequest], *, connection: str = "page", address: str = "agent-17", **fields: Any) -> Any:
        """Post a request and wait for its reply. Errors: AssertionError, no reply."""
        request = kind(reply_to=bus.new_id(), connection=connection, address=address, **fields)
        answer = bus.ask(self.redis, bus.gateway_stream(self.name), request)
        assert answer is not None, "the gateway did not reply"
        return protocol.decode_gateway_reply(answer)

    def close_media(self, connection: str, *, address: str = "agent-17", leg: str = "") -> None:
        request = protocol.CloseMedia(reply_to="nobody", connection=connection, address=address, leg=leg)
        bus.post(self.redis, bus.gateway_stream(self.name), request)

    def stop(self) -> int:
        """SIGTERM; its exit status. Errors: subprocess.TimeoutExpired, it did not end (it is killed then)."""
        self.process.terminate()
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class PageServer:
    """Static files and the test pages; POST /ask carries a request to the gateway."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(gateway))
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(gateway: GatewayProcess) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].lstrip("/")
            file = ROOT / path if path.startswith("static/") else ROOT / "tests/browser/pages" / path
            if file.is_file():
                self._reply(200, KINDS.get(file.suffix, "text/plain"), file.read_bytes())
            else:
                self._reply(404, "text/plain", b"")

        def do_POST(self) -> None:
            fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = getattr(protocol, fields.pop("type"))
            answer = gateway.ask(request, **fields)
            self._reply(200, "application/json", protocol.encode(answer))

        def _reply(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    return Handler


def until(true: Any, within: float = 10.0) -> None:
    """Wait until `true()`. Errors: AssertionError."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.01)
