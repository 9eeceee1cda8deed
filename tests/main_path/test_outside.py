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
from tests.sip.sipp import Caller, Phone

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


@pytest.fixture(scope="module")
def register() -> Iterator[Register]:
    server = Register()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def product(register) -> Iterator[Product]:
    with Product(CC_WEB_REQUEST_OWN_PORTS=register.server_port, CC_LOG_LEVEL="DEBUG") as running:
        inside(running, "build", f"http://127.0.0.1:{register.server_port}")
        yield running
    assert running.left_over() == []


def inside(product: Product, what: str, argument: str) -> None:
    command = [sys.executable, "-m", "tests.main_path.outside", what, argument]
    subprocess.run(command, cwd=ROOT, env=product.environment, check=True, timeout=60)


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
    waiting = "SELECT number FROM callbacks_callbackrequest WHERE state = 'waiting'"
    assert until(lambda: product.value(waiting), "the order is in the list") == KARI
    log = "\n".join(product.lines)
    assert "e2e" not in log and "91234567" not in log


def test_a_sound_is_spoken_by_telephone(product, tmp_path):
    """AU-02: the system calls, # ends, 1 saves; the new version is what was spoken."""
    with Phone(folder=tmp_path, hertz=620, seconds=60) as anna:
        inside(product, "trunk", anna.address)
        inside(product, "record", "+4799999999")
        anna.wait_answered(15)
        call = until(lambda: product.value("SELECT call FROM dictation_phonerecording"), "the recording")
        fact(product, "RecordingBegan", call)
        time.sleep(2.0)  # he speaks
        anna.audio.press("#")
        fact(product, "RecordingFinished", call)
        anna.audio.press("1")
        fact(product, "PromptRecorded", call)
        anna.wait()
    query = "SELECT file, source FROM audio_promptversion WHERE source = 'phone' AND active"
    version = until(lambda: product.rows(query), "the version", 20)[0]
    channels, rate = tones.read_wav(next(product.folder.rglob(version["file"].rpartition("/")[2])))
    assert len(channels) == 1 and len(channels[0]) / rate == pytest.approx(2.1, abs=0.7)
    assert tones.hears(channels[0][rate // 2 :], 620, rate=rate)
