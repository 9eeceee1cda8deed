"""IV-01: a caller whom a web service knows leaves a message and orders a callback, on the running product."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests import tones
from tests.main_path.outside import LINE, SECRET
from tests.product import ROOT, Product, until
from tests.sip.sipp import Caller

pytestmark = [pytest.mark.media, pytest.mark.timeout(120)]

KARI, HERTZ = "+4791234567", 440


class Register(ThreadingHTTPServer):
    """The company's customer register."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str]] = []  # path, authorization
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"]))
        body = json.dumps({"customer": {"name": "Kari", "level": "gold"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def register() -> Iterator[Register]:
    server = Register()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def product(register) -> Iterator[Product]:
    with Product(CC_WEB_REQUEST_OWN_PORTS=register.server_port, CC_LOG_LEVEL="DEBUG") as running:
        url = f"http://127.0.0.1:{register.server_port}"
        subprocess.run([sys.executable, "-m", "tests.main_path.outside", url], cwd=ROOT, env=running.environment, check=True, timeout=60)
        yield running
    assert running.left_over() == []


def fact(product: Product, kind: str, call: str = "") -> dict:
    query = "SELECT data FROM events_event WHERE kind = ? AND call LIKE ? ORDER BY seq DESC LIMIT 1"
    row = until(lambda: product.rows(query, kind, call or "%"), kind, 15)
    return json.loads(row[0]["data"])


def entered(product: Product, name: str) -> None:
    query = "SELECT seq FROM events_event WHERE kind = 'StepEntered' AND json_extract(data, '$.name') = ?"
    until(lambda: product.rows(query, name), f"the step {name}", 15)


def test_a_known_customer_leaves_a_message_and_orders_a_callback(product, register, tmp_path):
    until(lambda: LINE in str(product.rows("SELECT number FROM numbers_accessnumber")), "the number")
    with Caller(product.trunk, LINE, folder=tmp_path, caller=KARI, hertz=HERTZ, seconds=90) as kari:
        kari.wait_answered()
        recording = fact(product, "RecordingBegan")["recording"]
        assert register.asked == [("/customers?number=%2B4791234567", SECRET)]
        time.sleep(2.5)  # she speaks
        kari.audio.press("#")
        fact(product, "RecordingFinished")
        kari.audio.press("2")
        kari.audio.wait_for_tone(HERTZ)  # her own message
        kari.audio.press("1")
        assert fact(product, "VoicemailLeft")["recording"] == recording
        entered(product, "Callback")
        kari.audio.press("1")
        assert fact(product, "CallbackOrdered")["number"] == KARI
        assert kari.wait() == 200
    row = until(lambda: product.rows("SELECT * FROM recordings_recording WHERE state = 'stored'"), "the message is in the archive", 15)[0]
    channels, rate = tones.read_wav(product.recordings / row["file"])
    assert len(channels) == 1 and len(channels[0]) / rate == pytest.approx(2.6, abs=0.6)
    assert tones.hears(channels[0][rate // 2 :], HERTZ, rate=rate)
    assert product.value("SELECT caller FROM recordings_voicemail") == KARI
    assert product.value("SELECT number FROM callbacks_callbackrequest WHERE state = 'waiting'") == KARI
    log = "\n".join(product.lines)
    assert "e2e" not in log and "91234567" not in log
