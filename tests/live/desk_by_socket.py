"""An agent's desk without a browser: logs in as a person does, asks over the page's WebSocket, and reads there what the desk would show.

with Desk(product.url, "anna", product.password()) as desk:
    desk.ask("desk.log_on", profile=1, phone="40 00 00 01")
    desk.sees(lambda me: me["status"] == "ready", "she is ready")
"""

import http.cookiejar
import itertools
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import connect

SECONDS = 10.0


class Desk:
    """`url`: the web server's. `follows`: it is told what the desk shows. Errors: AssertionError when it refuses."""

    def __init__(self, url: str, user: str, password: str, *, follows: bool = True) -> None:
        cookies = _logged_in(url, user, password)
        self._open = ExitStack()
        connection = connect(f"ws{url.removeprefix('http')}/ws/live", origin=url, additional_headers={"Cookie": cookies})  # type: ignore[arg-type]
        self._socket = self._open.enter_context(connection)
        self._numbers = itertools.count(1)
        self.user = user
        self.board: dict[str, Any] = {}  # topic -> its newest document
        self._socket.send(json.dumps({"m": "live.start", "desk": follows}))
        self.agent: int = self._hear(lambda message: message["m"] == "live.hello")["agent"]

    @property
    def me(self) -> dict[str, Any]:
        """The agent's document (board.AgentDocument), as far as it was read."""
        return self.board.get(f"agent:{self.agent}") or {}

    def ask(self, name: str, **content: Any) -> float:
        """When the request went, Unix seconds; it is answered when this returns."""
        at, answer = self._ask(name, content)
        assert not answer["code"], f"{name} was refused: {answer['code']}"
        return at

    def answer(self, name: str, **content: Any) -> dict[str, Any]:
        """What is answered to a request that is granted."""
        _, answer = self._ask(name, content)
        assert not answer["code"], f"{name} was refused: {answer['code']}"
        return answer

    def manages(self, name: str, **content: Any) -> bool:
        """Whether the request was granted."""
        return not self._ask(name, content)[1]["code"]

    def sees(self, is_it: Callable[[dict[str, Any]], bool], what: str, timeout: float = SECONDS) -> None:
        """Read on until the agent's document is as wanted."""
        deadline = time.monotonic() + timeout
        while not is_it(self.me):
            left = deadline - time.monotonic()
            assert left > 0 and self._read(left), f"{self.user}: {what}, not within {timeout:.0f} s; the desk shows {self.me}"

    def _ask(self, name: str, content: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        number = next(self._numbers)
        text = json.dumps({"m": name, "id": number, **content})
        at = time.time()
        self._socket.send(text)
        return at, self._hear(lambda message: message.get("id") == number)

    def _hear(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message = self._read(SECONDS)
            assert message, f"no answer within {SECONDS} s"
            if is_it(message):
                return message

    def _read(self, seconds: float) -> dict[str, Any]:
        """The next message; empty: none came. What the board tells is taken in, and said to be seen."""
        try:
            message: dict[str, Any] = json.loads(self._socket.recv(seconds))
        except TimeoutError:
            return {}
        if message["m"] == "live.board":
            self.board |= {entry["topic"]: entry["document"] for entry in message["entries"]}
            self._socket.send(json.dumps({"m": "live.seen", "batch": message["batch"]}))
        return message

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()


def _logged_in(url: str, user: str, password: str) -> str:
    """The cookies of a session."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{url}/log-in/", timeout=SECONDS)
    token = next(str(cookie.value) for cookie in jar if cookie.name == "csrftoken")
    form = urllib.parse.urlencode({"username": user, "password": password, "csrfmiddlewaretoken": token})
    browser.open(urllib.request.Request(f"{url}/log-in/", form.encode(), {"Referer": f"{url}/log-in/"}), timeout=SECONDS)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
