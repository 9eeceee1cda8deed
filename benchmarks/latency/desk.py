"""An agent's desk without a browser: logs in as a person does, and asks over the page's WebSocket."""

import http.cookiejar
import itertools
import json
import time
import urllib.parse
import urllib.request
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import connect

SECONDS = 10.0


class Desk:
    """`url`: the web server's. Errors: AssertionError when it refuses."""

    def __init__(self, url: str, user: str, password: str) -> None:
        cookies = _logged_in(url, user, password)
        self._socket = connect(f"ws{url.removeprefix('http')}/ws/live", origin=url, additional_headers={"Cookie": cookies})  # type: ignore[arg-type]
        self._numbers = itertools.count(1)
        self._socket.send(json.dumps({"m": "live.start", "desk": False}))
        self._hear(lambda message: message["m"] == "live.hello")

    def ask(self, name: str, **content: Any) -> float:
        """When the request went, Unix seconds; it is answered when this returns."""
        at, code = self._ask(name, content)
        assert not code, f"{name} was refused: {code}"
        return at

    def manages(self, name: str, **content: Any) -> bool:
        """Whether the request was granted."""
        return not self._ask(name, content)[1]

    def _ask(self, name: str, content: dict[str, Any]) -> tuple[float, str]:
        number = next(self._numbers)
        text = json.dumps({"m": name, "id": number, **content})
        at = time.time()
        self._socket.send(text)
        return at, self._hear(lambda message: message.get("id") == number)["code"]

    def _hear(self, is_it: Any) -> dict[str, Any]:
        while True:
            message = json.loads(self._socket.recv(SECONDS))
            if is_it(message):
                return message

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()


def _logged_in(url: str, user: str, password: str) -> str:
    """The cookies of a session."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{url}/log-in/", timeout=SECONDS)
    token = next(str(cookie.value) for cookie in jar if cookie.name == "csrftoken")
    form = urllib.parse.urlencode({"username": user, "password": password, "csrfmiddlewaretoken": token})
    browser.open(urllib.request.Request(f"{url}/log-in/", form.encode(), {"Referer": f"{url}/log-in/"}), timeout=SECONDS)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
