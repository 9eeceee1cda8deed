"""The whole product, started for a test in a folder of its own on free ports, as `make run` starts it.

with Product() as product:
    ...  product.url, product.trunk, product.rows("SELECT …"), product.kill("switch")
assert product.left_over() == []
"""

import atexit
import contextlib
import fcntl
import functools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import redis

from apps.switch.requests import HangUpCall
from apps.switch.store import LEASE
from contactcenter import settings
from contactcenter.lib import bus
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120.0
STOP_SECONDS = 40.0
ARCHIVED = 60.0  # seconds until the worker, who gives way to all that talk, has done with a recording
AGENT, ADMINISTRATOR = "anna", "admin"
NOBODY = 0  # no user has this id

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, timeout: float = 10.0) -> Found:
    """What `look` finds, as soon as it finds something. Errors: AssertionError names `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {timeout:.0f} s"
        time.sleep(0.02)


@functools.cache
def prepared() -> Path:
    """A data folder with the demo company, made once for a whole run of tests: speaking takes longer than starting the product."""
    folder = _common_folder() / "prepared"
    with (folder.parent / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _prepare(unfinished := folder.with_suffix(".unfinished"))
            unfinished.rename(folder)
    return folder


def _common_folder() -> Path:
    """bin/test gives one to all its parts and removes it; a run by hand has its own."""
    if given := os.environ.get("CC_VAR"):
        return Path(given)
    folder = Path(tempfile.mkdtemp(prefix="cc-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _prepare(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = [sys.executable, "manage.py", "prepare"]
    own = {"CC_VAR": str(folder), "CC_LOG_LEVEL": "ERROR"}
    subprocess.run(command, cwd=ROOT, env=_inherited() | own, check=True, timeout=START_SECONDS, stdout=subprocess.DEVNULL)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")}


class Product:
    def __init__(self, **settings: object) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cc-product-"))
        if "DATABASE_URL" not in settings:
            shutil.copytree(prepared(), self.folder, dirs_exist_ok=True)
        self.web_port, self.trunk_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.trunk = f"127.0.0.1:{self.trunk_port}"
        own = {"CC_VAR": self.folder, "CC_WEB_PORT": self.web_port, "CC_TRUNK_PORT": self.trunk_port, **settings}
        self.environment = _inherited() | {name: str(value) for name, value in own.items()}
        self.lines: deque[str] = deque(maxlen=50_000)
        self.sessions: dict[str, Any] = {}  # user -> cookies of his browser, once he has logged in

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "contactcenter.runner"],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()
        try:
            until(self.is_ready, "the product is ready", START_SECONDS)
        except AssertionError:
            self.stop()
            raise AssertionError("the product did not start:\n" + "\n".join(self.lines)) from None
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """As Ctrl-C does. The data folder is removed; what it recorded is gone with it."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def last_lines(self, most: int = 60) -> str:
        """Without those of rq, which says each second that there is nothing to do."""
        return "\n".join([line for line in list(self.lines) if " rq." not in line][-most:])

    def is_ready(self) -> bool:
        """As /health/ready tells."""
        assert self.process.poll() is None, "it ended by itself"
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=2) as answer:
                return json.load(answer)["missing"] == []
        except (OSError, urllib.error.HTTPError):
            return False

    # -- processes

    def pids(self) -> dict[int, str]:
        """Processes of this product: id -> the command's words."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._is_ours(entry):
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    command = (entry / "cmdline").read_bytes()
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
        return found

    def _is_ours(self, entry: Path) -> bool:
        """By the data folder that it was given, or that it works in: redis-server writes its title over its environment."""
        try:
            if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
            return self._environment(entry).get("CC_VAR") == str(self.folder) or (entry / "cwd").readlink().is_relative_to(self.folder)
        except OSError:  # it has ended meanwhile
            return False

    def _environment(self, entry: Path) -> dict[str, str]:
        try:
            pairs = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return {}
        return dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)

    def left_over(self) -> list[str]:
        """Processes that are still there after the stop: should be none."""
        return list(self.pids().values())

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Kill the process of the Procfile's line `name`. Returns the id that it had."""
        pid = self.pid_of(name)
        assert pid, f"{name} does not run"
        os.kill(pid, number)
        return pid

    def pid_of(self, name: str) -> int:
        """Of the Procfile's line `name`; 0: it does not run now.

        Of the two switches, "switch" is the one that decides now and "standby" the other one, whichever line started them.
        """
        if name == "switch":
            return self._decides()
        if name == "standby":
            return next((pid for pid in (self._child("switch"), self._child("standby")) if pid not in (0, self._decides())), 0)
        return self._child(name)

    def has_begun_anew(self, name: str, killed: int) -> bool:
        """The process that came after `killed` is at work: it has a connection. Until then it reads its modules, which a slow machine
        needs many seconds for.
        """
        try:
            pid = self.pid_of(name)
            return pid not in (0, killed) and any(str(link.readlink()).startswith("socket:") for link in Path(f"/proc/{pid}/fd").iterdir())
        except OSError:  # it has ended, or closed a file, meanwhile
            return False

    def _child(self, name: str) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next((int(pid) for pid in children if self._is_named(Path(f"/proc/{pid}"), name)), 0)

    def _decides(self) -> int:
        with contextlib.closing(redis.Redis.from_url(settings.bundled_redis_url(self.folder))) as source:
            try:
                pid = int((source.get(LEASE) or b"0").split(b".")[0])
            except redis.RedisError:
                return 0
        return pid if pid in self.pids() else 0

    def _is_named(self, entry: Path, name: str) -> bool:
        """redis-server writes its title over its environment, which would tell the name."""
        if self._environment(entry).get("CC_PROCESS") == name:
            return True
        try:
            return name == "redis" and b"redis-server" in (entry / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            return False

    def has_taken_its_news(self) -> None:
        """What the switch has been told of (configuration that was saved) holds from now on: it answers when it has taken that too."""
        with contextlib.closing(redis.Redis.from_url(settings.bundled_redis_url(self.folder))) as client:
            assert bus.ask(client, bus.INBOX, HangUpCall(agent=NOBODY, reply_to=bus.new_id())), "the switch does not answer"

    def run(self, module: str, *arguments: str) -> str:
        """What a program prints in the product's environment: the Django of a test has another database."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, timeout=60, stdout=subprocess.PIPE, text=True)
        return done.stdout

    # -- facts

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings" / "archive"

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """From the product's own database, read-only."""
        database = sqlite3.connect(f"file:{self.folder / 'contactcenter.sqlite3'}?mode=ro", uri=True, timeout=20)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(query, values)]
        finally:
            database.close()

    def value(self, query: str, *values: Any) -> Any:
        rows = self.rows(query, *values)
        return next(iter(rows[0].values())) if rows else None

    def fact(self, call: str, kind: str) -> dict[str, Any]:
        """The newest of its kind; empty while there is none."""
        data = self.value("SELECT data FROM events_event WHERE kind = ? AND call = ? ORDER BY seq DESC LIMIT 1", kind, call)
        return json.loads(data) if data else {}

    def newest(self) -> int:
        """The number of the newest fact in the archive."""
        return self.value("SELECT max(seq) FROM events_event") or 0

    def call_of(self, caller: str, after: int = 0) -> str:
        """The newest call of this number that came after the fact `after`, as soon as it is known."""
        query = """SELECT call FROM events_event WHERE kind = 'CallArrived' AND seq > ? AND json_extract(data, '$.caller') = ?
                   ORDER BY seq DESC LIMIT 1"""
        return until(lambda: self.value(query, after, caller), f"the call of {caller}", 20)

    def time_line(self, call: str) -> list[str]:
        return [row["kind"] for row in self.rows("SELECT kind FROM calls_timelineentry WHERE call_id = ? ORDER BY seq", call)]

    def time_line_with(self, call: str, kind: str) -> list[str]:
        """The time line, as soon as it has `kind`: the archive comes after what is seen and heard."""
        return until(lambda: (line := self.time_line(call)) and kind in line and line, f"{kind} is in the time line")

    def password(self) -> str:
        """Of the demo company's people."""
        return settings.DEMO_PASSWORD
