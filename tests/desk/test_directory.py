"""The directory on the desk, by keyboard alone (OB-04), and who calls (SP-04)."""

import re

import pytest
import redis as redis_library
from playwright.sync_api import expect

from apps.switch import requests
from tests.desk.conftest import Desk
from tests.product import until
from tests.sip.door import cell_waits

pytestmark = pytest.mark.browser
SLOW = """
() => {
  const send = WebSocket.prototype.send;
  window.__held = [];
  window.__asked = 0;
  WebSocket.prototype.send = function (text) {
    const message = JSON.parse(text);
    if (message.m === 'directory.find') window.__asked += 1;
    if (message.m !== (window.__hold === true ? 'directory.find' : window.__hold)) return send.call(this, text);
    window.__held.push({ text: message.text, go: () => send.call(this, text) });
  };
}
"""  # a question reaches the server when the test lets it go

HELD_DOWN = """
async () => {
  const field = document.querySelector('#directory input');
  const began = performance.now();
  for (let times = 0; times < 60; times++) {
    field.value += 'k';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
  return (performance.now() - began) / 1000;
}
"""  # 30 letters a second, as keyboards repeat


@pytest.fixture
def searching(annas_desk: Desk, desk_redis) -> Desk:
    annas_desk.log_on()
    for cell in ("cell-1", "cell-2"):
        cell_waits(redis_library.Redis.from_url(desk_redis.url), cell, "127.0.0.1:9")
    annas_desk.page.evaluate(SLOW)
    return annas_desk


def types(desk: Desk, text: str, key: str = "/") -> None:
    """All at once: nothing is asked in between. (`page.keyboard.type` asks from the first letter on.)"""
    desk.page.keyboard.press(key)
    desk.page.keyboard.insert_text(text)


def said(desk: Desk):
    return desk.page.locator("#directory [role=status]")


def chosen(desk: Desk, within: str = "#directory"):
    """What a screen reader is on: the option that the field names."""
    option = desk.page.locator(f"{within} [role=option][aria-selected=true]")
    expect(desk.page.locator(f"{within} input[role=combobox]")).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    return option


def test_a_contact_is_found_and_one_of_its_numbers_called_by_keyboard(searching: Desk) -> None:
    """OB-04, OB-01: Escape then gives the call up, and does not type."""
    types(searching, "kari nord")
    field = searching.page.locator("#directory input")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(said(searching)).to_have_text("1 contact")
    searching.page.keyboard.press("ArrowDown")
    expect(chosen(searching)).to_have_attribute("aria-label", "Kari Nordmann, Berg Bygg AS, Mobile, 90 12 34 56")
    searching.page.keyboard.press("ArrowDown")
    expect(chosen(searching)).to_contain_text("22 33 44 55")
    searching.page.keyboard.press("ArrowDown")
    expect(chosen(searching)).to_contain_text("90 12 34 56")
    searching.page.keyboard.press("ArrowUp")
    searching.page.keyboard.press("Enter")
    searching.panel("calling")
    assert [asked.number for asked in searching.switch.asked(requests.CallOut)] == ["+4722334455"]
    expect(searching.page.locator("#caller")).to_contain_text("Kari Nordmann")
    expect(field).to_have_value("")
    searching.page.keyboard.press("Escape")
    searching.panel("wrap_up")


def test_enter_goes_to_the_first_number_and_only_then_calls_it(searching: Desk) -> None:
    """Whoever types fast calls nobody whom he has not seen."""
    searching.page.evaluate("window.__hold = true")
    types(searching, "kari nord")
    searching.page.keyboard.press("Enter")
    searching.page.evaluate("window.__hold = false; window.__held.forEach(({ go }) => go())")
    option = searching.page.locator("#directory [role=option]").first
    expect(option).to_have_attribute("aria-selected", "true")
    assert searching.switch.asked(requests.CallOut) == []
    searching.page.keyboard.press("Enter")
    searching.panel("calling")


def test_an_older_answer_never_replaces_a_newer_one(searching: Desk) -> None:
    """OB-04: one question at a time, and the next is what stands in the field by then."""
    searching.page.evaluate("window.__hold = true")
    searching.page.keyboard.press("/")
    searching.page.keyboard.type("nils")
    assert searching.page.evaluate("window.__held.map(({ text }) => text)") == ["n"]
    expect(said(searching)).to_have_text("Searching …")
    searching.page.locator("#directory input").fill("siri")
    searching.page.evaluate("window.__hold = false; window.__held[0].go()")
    expect(searching.page.locator("#directory .hit-name")).to_have_text(["Siri AasFjord Transport AS"])


def test_a_key_that_is_held_down_does_not_cost_the_connection(searching: Desk) -> None:
    """The server closes a connection that says more than 20 things a second."""
    types(searching, "k")
    seconds = searching.page.evaluate(HELD_DOWN)
    assert searching.page.evaluate("window.__asked") <= seconds * 15 + 2
    expect(said(searching)).to_have_text("Nothing found.")
    assert searching.page.evaluate("document.body.dataset.link") == "online"


def test_nothing_found_and_no_number_are_said(searching: Desk) -> None:
    types(searching, "nobody")
    expect(said(searching)).to_have_text("Nothing found.")
    expect(searching.page.locator("#directory [role=listbox]")).to_be_hidden()
    searching.page.locator("#directory input").fill("karin")
    expect(searching.page.locator("#directory [role=option]")).to_have_attribute("aria-disabled", "true")
    searching.page.keyboard.press("ArrowDown")
    searching.page.keyboard.press("Enter")
    assert searching.switch.asked(requests.CallOut) == []


def test_escape_closes_the_list_then_leaves_the_field(searching: Desk) -> None:
    types(searching, "kari")
    hits = searching.page.locator("#directory [role=listbox]")
    expect(hits).to_be_visible()
    searching.page.keyboard.press("Escape")
    expect(hits).to_be_hidden()
    expect(searching.page.locator("#directory input")).to_be_focused()
    searching.page.keyboard.press("Escape")
    searching.page.keyboard.press("p")
    searching.page.keyboard.press("1")
    searching.status("Lunch")


def test_an_answer_that_comes_after_escape_opens_no_list(searching: Desk) -> None:
    """It is there when an arrow asks for it."""
    types(searching, "kar")
    hits = searching.page.locator("#directory [role=listbox]")
    expect(hits).to_be_visible()
    searching.page.evaluate("window.__hold = true")
    searching.page.keyboard.insert_text("i nord")
    searching.page.wait_for_function("window.__held.length")
    searching.page.keyboard.press("Escape")
    searching.page.evaluate("window.__held[0].go()")
    expect(said(searching)).to_have_text("1 contact")
    expect(hits).to_be_hidden()
    searching.page.keyboard.press("ArrowDown")
    expect(hits).to_be_visible()
    expect(chosen(searching)).to_have_attribute("aria-label", "Kari Nordmann, Berg Bygg AS, Mobile, 90 12 34 56")


def test_without_a_connection_it_says_so_and_goes_on_when_it_is_back(searching: Desk) -> None:
    """A search that nobody answered is asked again, without a key."""
    searching.page.evaluate("window.__hold = true")
    types(searching, "siri")
    searching.chromium.context.set_offline(True)
    searching.page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(said(searching)).to_contain_text("The search goes on when the connection is back")
    searching.page.evaluate("window.__hold = false")
    searching.chromium.context.set_offline(False)
    expect(searching.page.locator("#directory .hit-name")).to_have_text(["Siri AasFjord Transport AS"], timeout=15_000)


def test_the_field_for_calls_finds_by_name_and_calls_a_number_as_it_stands(searching: Desk) -> None:
    """OB-01, OB-04"""
    types(searching, "siri", key="c")
    expect(searching.page.locator("#call-out [role=option]")).to_have_count(1)
    searching.page.keyboard.press("Enter")
    expect(chosen(searching, "#call-out")).to_contain_text("22 00 00 01")
    searching.page.keyboard.press("Enter")
    searching.panel("calling")
    expect(searching.page.locator("#main")).to_be_focused()
    searching.page.keyboard.press("Escape")
    searching.panel("wrap_up")
    types(searching, "22 33 44 55", key="c")
    expect(searching.page.locator("#call-out .hit")).to_have_count(1)
    searching.page.keyboard.press("Enter")
    until(lambda: len(searching.switch.asked(requests.CallOut)) == 2, "the number is called")
    assert [asked.number for asked in searching.switch.asked(requests.CallOut)] == ["+4722000001", "+4722334455"]


def test_a_refused_call_is_told_at_the_field(searching: Desk) -> None:
    """OB-02"""
    searching.switch.refuse[requests.CallOut] = "number_denied"
    types(searching, "kari nord")
    expect(said(searching)).to_have_text("1 contact")
    for key in ("ArrowDown", "Enter"):
        searching.page.keyboard.press(key)
    expect(searching.page.locator("#directory [role=alert]")).to_contain_text("This number may not be called")


def test_a_caller_is_named_as_the_directory_has_him(searching: Desk) -> None:
    """SP-04: what his telephone says of him anybody may have written. The announcement has the name too."""
    searching.switch.ring(searching.agent, caller="+4790123456", caller_name="Mallory")
    searching.panel("ringing")
    expect(searching.page.locator("#caller")).to_contain_text("Kari Nordmann")
    expect(searching.page).to_have_title(re.compile("Incoming call: Kari Nordmann"))
    expect(searching.page.locator("#announcement")).to_contain_text("Incoming call from Kari Nordmann")
    expect(searching.page.locator(".customer")).to_contain_text("Berg Bygg AS")
    expect(searching.page.locator(".customer")).to_contain_text("Ask for the order number.")
    expect(searching.page.locator("body")).not_to_contain_text("Mallory")


def test_a_name_that_does_not_come_holds_up_no_announcement(searching: Desk) -> None:
    """SP-04: the number is announced then."""
    searching.page.evaluate("window.__hold = 'desk.customer'")
    searching.switch.ring(searching.agent, caller="+4790123456", caller_name="")
    expect(searching.page.locator("#announcement")).to_contain_text("Incoming call from 90 12 34 56")
    expect(searching.page.locator(".ringing-actions [data-do=answer]")).to_be_focused()


def test_of_a_number_that_several_have_the_company_is_named_and_all_are_told(searching: Desk) -> None:
    """SP-04"""
    searching.switch.ring(searching.agent, caller="+4722000001", caller_name="")
    expect(searching.page.locator("#caller")).to_contain_text("Fjord Transport AS")
    expect(searching.page.locator("[data-text=customer-several]")).to_be_visible()
    expect(searching.page.locator("#contacts li")).to_have_count(2)


def test_a_withheld_number_has_no_contact(searching: Desk) -> None:
    """SP-04"""
    searching.switch.ring(searching.agent, caller="", caller_name="")
    expect(searching.page.locator(".customer-who")).to_have_text("Withheld number")
    expect(searching.page.locator("#announcement")).to_contain_text("Withheld number")
    expect(searching.page.locator("#contacts li")).to_have_count(0)
