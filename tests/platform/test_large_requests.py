"""A request larger than any upload may be is refused before it fills the disk: by what it says, and by what it sends (AU-01)."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.product import until

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 100_000  # bytes, for this test
PROGRAM = f"import sys, runpy; from django.conf import settings; settings.WEB_LARGEST_REQUEST = {LIMIT}; "
PROGRAM += "sys.argv[0] = 'daphne'; runpy.run_module('contactcenter.web_server', run_name='__main__')"


@pytest.fixture(scope="module")
def web() -> Iterator[int]:
    """The port of a web process."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="cc-large-")
    environment = os.environ | {"CC_VAR": folder, "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
    arguments = ["--bind", "127.0.0.1", "--port", str(port), "--verbosity", "0", "contactcenter.asgi:application"]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, env=environment)
    try:
        until(lambda: answered(port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), "the web process", 60)
        yield port
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def answered(port: int, request: bytes) -> bytes:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(request)
            answer = b""
            while piece := client.recv(65_536):
                answer += piece
            return answer
    except OSError:
        return b""


def post(framing: bytes, body: bytes) -> bytes:
    return b"POST /log-in/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + framing + b"\r\n\r\n" + body


def test_two_gigabytes_are_refused_in_words_before_they_are_sent(web: int) -> None:
    answer = answered(web, post(b"Content-Length: 2147483648", b""))
    assert answer.startswith(b"HTTP/1.1 413 ") and b"at most 50 MB" in answer and "høyst 50 MB".encode() in answer


def test_who_does_not_say_how_much_comes_is_stopped_at_the_limit(web: int) -> None:
    chunk = b"fa0\r\n" + b"x" * 4_000 + b"\r\n"
    enough = post(b"Transfer-Encoding: chunked", chunk * (LIMIT // 4_000 + 1))
    assert answered(web, enough).startswith(b"HTTP/1.1 413 ")


def test_what_is_not_too_large_comes_through(web: int) -> None:
    for framing, body in (
        (b"Content-Length: 90000", b"x" * 90_000),
        (b"Transfer-Encoding: chunked", b"3e8\r\n" + b"x" * 1_000 + b"\r\n0\r\n\r\n"),
    ):
        assert answered(web, post(framing, body)).startswith(b"HTTP/1.1 403 "), "Django's own answer: there is no CSRF token"
