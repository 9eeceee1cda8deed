"""A browser that tests drive, whichever it is: tabs, visitors, and ears.

Every peer connection that a page makes is noted from outside, so a page needs no code for being tested.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser as Running
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests import tones

NOTE_PEERS = """
(() => {
  const Real = window.RTCPeerConnection;
  window.__peers = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...args) { super(...args); window.__peers.push(this); }
  };
})();
"""
NEWEST_CALL = "window.__peers.filter((peer) => peer.connectionState === 'connected').at(-1)?.getReceivers()[0]?.track"
NOTE_SOUND = """
() => {
  window.__heardAt = 0;
  const timer = setInterval(async () => {
    const peer = window.__peers.filter((peer) => peer.connectionState === 'connected').at(-1);
    const said = [...((await peer?.getStats()) ?? new Map()).values()].find(({ type }) => type === 'inbound-rtp');
    if (!said?.audioLevel) return;
    window.__heardAt = Date.now() / 1000;
    clearInterval(timer);
  }, 20);
}
"""


class Browser:
    """One browser with a profile of its own. `somebody_else` is another person in it.

    A kind of browser says how it is started (`_launch`), how it looks to a page (`_new_context`), and how it listens: `Chromium.listen`.
    """

    browser: Running
    context: BrowserContext

    def __enter__(self) -> Self:
        playwright = _Shared.start()
        try:
            self.browser = self._launch(playwright)
        except BaseException:
            self._end()
            raise
        self.context = self._new_context()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.browser.close()
        self._end()

    def somebody_else(self) -> Self:
        """With cookies of his own, and the same microphone; he is gone when the browser is closed."""
        other = copy.copy(self)
        other.context = self._new_context()
        return other

    @contextmanager
    def visit(self) -> Iterator[Self]:
        """Somebody of whom the browser knows nothing afterwards; starting one browser for each of them would take longer."""
        other = self.somebody_else()
        yield other
        other.context.close()

    def open(self, url: str) -> Page:
        """A new tab."""
        page = self.context.new_page()
        page.goto(url)
        return page

    def listen(self, page: Page, seconds: float = 1.0, *, track: str = NEWEST_CALL) -> tones.Pcm:
        raise NotImplementedError

    def has_media(self, page: Page) -> bool:
        """Whether a peer connection of `page` is connected."""
        return page.evaluate("window.__peers.some((peer) => peer.connectionState === 'connected')")

    def notes_when_it_hears(self, page: Page) -> None:
        """From now on: when the next sound is played to whoever sits before `page`; silence is none."""
        page.evaluate(NOTE_SOUND)

    def heard_since(self, page: Page) -> float:
        """When that was (time.monotonic). Errors: AssertionError, nothing came."""
        at = page.evaluate("window.__heardAt")
        assert at, "nothing was heard"
        return at - time.time() + time.monotonic()

    def _launch(self, playwright: Playwright) -> Running:
        raise NotImplementedError

    def _new_context(self) -> BrowserContext:
        raise NotImplementedError

    def _end(self) -> None:
        _Shared.stop()


class _Shared:
    """One Playwright serves all browsers of a test: a second one in the same thread is refused."""

    running: Playwright | None = None
    users = 0

    @classmethod
    def start(cls) -> Playwright:
        cls.running = cls.running or sync_playwright().start()
        cls.users += 1
        return cls.running

    @classmethod
    def stop(cls) -> None:
        cls.users -= 1
        if cls.users == 0 and cls.running is not None:
            cls.running.stop()
            cls.running = None
