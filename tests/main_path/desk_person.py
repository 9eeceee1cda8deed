"""An agent at the desk in real Chromium. What he does, he does as people do: by keys and buttons."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.chromium import Chromium
from tests.product import Product, until


class AtDesk:
    """Logged in, on the desk's page."""

    def __init__(self, chromium: Chromium, product: Product, user: str = "anna") -> None:
        self.chromium, self.product, self.user = chromium, product, user
        self.page: Page = chromium.open(f"{product.url}/desk/")
        log_in(self.page, product, user)
        self.id: int = product.value("SELECT id FROM accounts_user WHERE username = ?", user)

    def log_on(self, profile: str = "Support and sales") -> None:
        """With the softphone; the microphone is permitted by the browser."""
        choice = self.page.locator("#log-on select[name=profile]")
        if choice.count():
            choice.select_option(label=profile)
        self.page.locator("#log-on button").click()
        self.sees_panel("idle", timeout=20)

    def sees_panel(self, name: str, timeout: float = 10) -> None:
        """The centre of the desk shows this state."""
        self.page.locator(f"[data-for~={name}]").first.wait_for(state="visible", timeout=timeout * 1000)

    def answers(self) -> None:
        self.sees_panel("ringing")
        self.page.keyboard.press("Enter")

    def presses(self, key: str) -> None:
        self.page.keyboard.press(key)

    def hangs_up(self) -> None:
        self.page.locator("button.hang-up").click()

    def listens(self, seconds: float = 0.8):
        return self.chromium.listen(self.page, seconds)

    def hears(self, is_it: Callable[..., bool], what: str, timeout: float = 8.0) -> None:
        """Listen until what is heard satisfies `is_it`."""
        until(lambda: is_it(self.listens(0.5)), f"{self.user} hears {what}", timeout)


def log_in(page: Page, product: Product, user: str) -> None:
    page.locator("#id_username").fill(user)
    page.locator("#id_password").fill(product.password())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "log-in" not in url and "login" not in url)
