"""SP-04: a call is noticed by whoever looks at something else: by its sound, by the page's title and by the system's notification."""

import pytest
from playwright.sync_api import Page, expect

from tests.desk.conftest import Desk
from tests.desk.devices import plays_on, plug_in, unplug, with_plugs

pytestmark = pytest.mark.browser

SPEAKER = "Fake Audio Output 1"
NOTIFICATIONS = """
window.__notifications = [];
window.Notification = class {
  static permission = 'granted';
  constructor(title, { body, tag }) {
    for (const other of __notifications) if (other.tag === tag) other.open = false;  // replaced
    Object.assign(this, { title, body, tag, open: true });
    __notifications.push(this);
  }
  close() { this.open = false; }
};
"""
ANDROID = """
window.__notifications = [];
window.__refused = 0;
window.Notification = class {
  static permission = 'granted';
  constructor() { window.__refused += 1; throw new TypeError("Failed to construct 'Notification': Illegal constructor."); }
};
window.__faults = [];
addEventListener('error', ({ message }) => __faults.push(message));
addEventListener('unhandledrejection', ({ reason }) => __faults.push(String(reason)));
"""
OPEN = "__notifications.filter(({ open }) => open).map(({ title, body }) => `${title} / ${body}`)"
INCOMING = "Incoming call: Kari"


def hide(page: Page, hidden: bool) -> None:
    """As when another tab is in front: Chromium without a window, and driven, takes every page for one that is seen."""
    page.evaluate(
        """(hidden) => {
        Object.defineProperties(document, { hidden: { value: hidden, configurable: true },
          visibilityState: { value: hidden ? 'hidden' : 'visible', configurable: true } });
        document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def notified(page: Page, *calls: str) -> None:
    page.wait_for_function(
        f"(wanted) => {{ const open = {OPEN}; return open.length === wanted.length && wanted.every((w, i) => open[i].startsWith(w)); }}",
        arg=list(calls),
        timeout=6_000,
    )


@pytest.fixture
def hidden(annas_desk: Desk) -> Desk:
    """Anna is ready, and looks at something else."""
    annas_desk.page.add_init_script(NOTIFICATIONS)
    with_plugs(annas_desk.page)
    annas_desk.log_on()
    hide(annas_desk.page, True)
    return annas_desk


def test_a_call_is_notified_while_the_page_is_hidden_and_until_it_rings_no_more(hidden: Desk) -> None:
    page = hidden.page
    hidden.switch.ring(hidden.agent)
    notified(page, INCOMING)
    expect(page).to_have_title("Incoming call: Kari Nordmann")
    assert page.evaluate(OPEN)[0].endswith("/ Support")
    hidden.switch.caller_hangs_up(hidden.agent)
    notified(page)
    expect(page).to_have_title("Ready · Contact centre")


def test_who_turns_away_while_it_rings_is_notified_then_and_not_when_he_is_back(hidden: Desk) -> None:
    page = hidden.page
    hide(page, False)
    hidden.switch.ring(hidden.agent)
    hidden.panel("ringing")
    expect(page.locator("#announcement")).to_contain_text("Kari")
    assert page.evaluate("__notifications") == []
    hide(page, True)
    notified(page, INCOMING)
    hide(page, False)
    notified(page)
    hide(page, True)
    notified(page, INCOMING)
    page.keyboard.press("Enter")
    hidden.switch.connect(hidden.agent)
    hidden.panel("talking")
    notified(page)


def test_a_click_on_the_notification_brings_the_desk_to_the_front(hidden: Desk) -> None:
    page = hidden.page
    page.evaluate("window.focus = () => { window.__inFront = true; }")
    hidden.switch.ring(hidden.agent)
    notified(page, INCOMING)
    page.evaluate("__notifications.at(-1).onclick()")
    assert page.evaluate("__inFront") is True


def test_a_hidden_desk_rings_on_the_chosen_device_and_elsewhere_while_that_is_unplugged(hidden: Desk) -> None:
    """SP-06."""
    page = hidden.page
    hide(page, False)
    page.locator(".phone").click()
    page.locator("#devices [data-device=ringer]").select_option(label=SPEAKER)
    hide(page, True)
    hidden.switch.ring(hidden.agent)
    plays_on(page, SPEAKER)
    unplug(page, SPEAKER)
    plays_on(page, "")
    plug_in(page)
    plays_on(page, SPEAKER)
    hidden.switch.caller_hangs_up(hidden.agent)
    plays_on(page)


def test_a_browser_that_gives_pages_no_notifications_rings_all_the_same(annas_desk: Desk) -> None:
    """Chrome on Android has the class, but no page may make one."""
    page = annas_desk.page
    page.add_init_script(ANDROID)
    with_plugs(page)
    annas_desk.log_on()
    hide(page, True)
    annas_desk.switch.ring(annas_desk.agent)
    page.wait_for_function("__refused > 0")
    plays_on(page, "")
    expect(page).to_have_title("Incoming call: Kari Nordmann")
    page.keyboard.press("Enter")
    annas_desk.switch.connect(annas_desk.agent)
    annas_desk.panel("talking")
    assert page.evaluate("__faults") == []


def test_the_window_that_has_not_the_phone_notifies_nobody(hidden: Desk) -> None:
    """SP-07: its agent looks at the other one."""
    second = hidden.chromium.context.new_page()
    second.goto(f"{hidden.web.url}/desk/")
    expect(second.locator("[data-text=phone]")).to_have_text("Softphone ready")
    expect(hidden.page.locator("#notice")).to_contain_text("that window has the phone")
    hidden.switch.ring(hidden.agent)
    expect(hidden.page.locator("#announcement")).to_contain_text("Kari Nordmann")
    assert hidden.page.evaluate("__notifications") == []
