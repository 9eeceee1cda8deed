"""An agent at the desk in a real browser. What he does, he does as people do: by keys and buttons."""

from collections.abc import Callable

from playwright.sync_api import ConsoleMessage, Page
from playwright.sync_api import TimeoutError as NotSeen

from tests.browser.browser import Browser
from tests.product import Product, until

LOOK = """() => {
  const text = (selector) => document.querySelector(selector)?.textContent.trim().replace(/\\s+/g, ' ');
  return {
    ...document.body.dataset,
    says: text('[data-text="call-state"]'),
    notice: text('#notice:not([hidden])'),
    focus: document.activeElement?.cloneNode().outerHTML.slice(0, 160),
    busy: [...document.querySelectorAll('[aria-busy]')].map((one) => one.dataset.do ?? one.dataset.busy),
    peers: (window.__peers ?? []).map((one) => `${one.connectionState}, ${one.signalingState}`).slice(-3),
  };
}"""


class AtDesk:
    """Logged in, on the desk's page. `url`: where his browser finds the product, if not there.

    Who has logged in once has his session in the next browser too: hashing a password is slow on purpose.
    """

    def __init__(self, browser: Browser, product: Product, user: str = "anna", *, url: str = "") -> None:
        self.browser, self.product, self.user = browser, product, user
        browser.context.add_cookies(product.sessions.get(user, []))
        self.page: Page = browser.open(f"{url or product.url}/desk/")
        self.console: list[str] = []
        self.page.on("console", self._notes)
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        if "log-in" in self.page.url:
            log_in(self.page, product, user)
            product.sessions[user] = browser.context.cookies()
        self.id: int = product.value("SELECT id FROM accounts_user WHERE username = ?", user)

    def log_on(self, profile: str = "Support and sales") -> None:
        """With the softphone; the microphone is permitted by the browser."""
        self.asks_to_log_on(profile)
        self.sees_panel("idle", timeout=20)

    def asks_to_log_on(self, profile: str) -> None:
        choice = self.page.locator("#log-on select[name=profile]")
        if choice.count():
            choice.select_option(label=profile)
        self.page.locator("#log-on button").click()

    def log_on_by_phone(self, number: str) -> None:
        """Calls ring on a telephone of that number."""
        self.page.locator("#log-on input[value=external]").check()
        self.page.locator("#log-on input[name=number]").fill(number)
        self.page.locator("#log-on button").click()
        self.sees_panel("idle", timeout=20)

    def sees_panel(self, name: str, timeout: float = 10) -> None:
        """The centre of the desk shows this state; a part of it may belong to several."""
        shown = self.page.locator(f"body[data-panel={name}] [data-for~={name}]").first
        try:
            shown.wait_for(state="visible", timeout=timeout * 1000)
        except NotSeen:
            seen = self.page.evaluate(LOOK) | {"console": self.console[-10:]}
            raise AssertionError(f"{self.user} does not see {name} but {seen}") from None

    def _notes(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)

    def answers(self) -> None:
        self.sees_panel("ringing")
        self.page.keyboard.press("Enter")

    def presses(self, key: str) -> None:
        self.page.keyboard.press(key)

    def holds(self, on: bool = True) -> None:
        """And sees that it is so."""
        self.presses("h")
        self.page.locator(f"button[data-do=hold][aria-pressed={'true' if on else 'false'}]").wait_for(timeout=5_000)

    def masks(self, on: bool = True) -> None:
        """And sees that it is so."""
        self.presses("x")
        self.page.locator(f"button[data-do=mask][aria-pressed={'true' if on else 'false'}]").wait_for(timeout=5_000)

    def hangs_up(self) -> None:
        self.page.locator("button.hang-up").click()

    def puts_down(self) -> None:
        """A softphone has no other way."""
        self.hangs_up()

    def consults(self, whom: str) -> None:
        """`whom`: an agent's or a queue's name, or a number."""
        self._brings(whom, "Enter")

    def transfers(self, whom: str) -> None:
        """At once."""
        self._brings(whom, "Control+Enter")

    def _brings(self, whom: str, how: str) -> None:
        self.presses("t")
        self.page.keyboard.type(whom)
        self.presses(how)
        self.page.locator("#transfer").wait_for(state="hidden", timeout=5_000)

    def joins_all(self) -> None:
        self.presses("j")

    def takes_back(self) -> None:
        self.presses("b")

    def completes(self) -> None:
        self.presses("t")

    def pauses(self) -> None:
        self.presses("p")
        self.presses("1")
        until(lambda: self.status == "pause", f"{self.user} pauses")

    def becomes_ready(self) -> None:
        self.page.locator(".stage [data-do=ready]:visible").click()

    @property
    def status(self) -> str:
        """The newest in the archive."""
        query = "SELECT status FROM accounts_presenceentry WHERE agent_id = ? ORDER BY seq DESC LIMIT 1"
        return self.product.value(query, self.id) or "logged_off"

    def logs_off(self) -> None:
        self.page.locator("#status").click()
        self.page.locator("#status-list [data-do=log_off]").click()
        self.sees_panel("logged_off")

    def listens(self, seconds: float = 0.8):
        return self.browser.listen(self.page, seconds)

    def begins_to_listen(self, seconds: float) -> None:
        until(lambda: self.browser.has_media(self.page), f"{self.user} has sound")
        self.browser.begins_to_listen(self.page, seconds)

    def has_heard(self):
        return self.browser.has_heard(self.page)

    @property
    def hertz(self) -> float:
        """Of his voice."""
        return self.browser.microphone_hz

    def hears(self, is_it: Callable[..., bool], what: str, timeout: float = 8.0) -> None:
        """Listen until what is heard satisfies `is_it`."""
        until(lambda: self.browser.has_media(self.page) and is_it(self.listens(0.5)), f"{self.user} hears {what}", timeout)


def log_in(page: Page, product: Product, user: str) -> None:
    page.locator("#id_username").fill(user)
    page.locator("#id_password").fill(product.password())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "log-in" not in url and "login" not in url)
