"""The real consumer behind the real web server, with one person signed in: for what only the server's own limits can stop.

`Web(redis_url, folder)` runs Daphne with the options of `manage.py web`, and a ping every second.
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import django

django.setup()  # Daphne imports this module by its name

from apps.accounts.models import Role  # noqa: E402
from apps.live.consumer import LiveConsumer  # noqa: E402
from contactcenter.management.commands.web import options  # noqa: E402
from tests.conftest import free_port  # noqa: E402

ROOT = Path(__file__).parents[2]
PING_SECONDS = 1


class Web:
    def __init__(self, redis_url: str, folder: Path) -> None:
        self.port, self.log = free_port(), folder / "web.log"
        changed = ["--bind", "127.0.0.1", "--port", str(self.port), "--ping-interval", str(PING_SECONDS), "--ping-timeout", "2"]
        command = [sys.executable, "-m", "daphne", *options(), *changed, "tests.live.served:application"]
        with self.log.open("wb") as log:
            environment = os.environ | {"REDIS_URL": redis_url, "CC_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._until_it_answers()

    def _until_it_answers(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5)
            except urllib.error.HTTPError:
                return
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)

    @property
    def memory(self) -> int:
        """Bytes in use."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


class Anna:
    """As `User`, without a database."""

    pk, is_authenticated, is_active, is_superuser, role = 17, True, True, False, Role.AGENT


async def application(scope: dict, receive, send) -> None:
    """A page of hers; everything else is no WebSocket and gets 404."""
    if scope["type"] == "websocket":
        await LiveConsumer.as_asgi()({**scope, "user": Anna()}, receive, send)
        return
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
