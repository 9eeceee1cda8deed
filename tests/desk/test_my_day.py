"""My day on the desk: every call of today, those out that nobody answered with their cause, each to be called again by one press."""

import json
import threading

import pytest
import redis as redis_library
from playwright.sync_api import expect

from apps.switch import requests
from tests.desk.conftest import Desk
from tests.product import until
from tests.sip.door import cell_waits

pytestmark = pytest.mark.browser


def test_a_call_out_that_was_not_answered_stands_there_with_its_cause_and_is_made_again(annas_desk: Desk, desk_redis) -> None:
    """OB-01, OB-03: it is no conversation, so the count and the average leave it out. In the right side too, of that customer."""
    annas_desk.log_on()
    cell_waits(redis_library.Redis.from_url(desk_redis.url), "cell-1", "127.0.0.1:9")
    page = annas_desk.page
    expect(page.locator("#day-calls li")).to_have_count(4)
    expect(page.locator("[data-text=day-calls]")).to_have_text("3")
    missed = page.locator("#day-calls .not-reached")
    expect(missed).to_contain_text("91 11 11 11")
    expect(missed).to_contain_text("Busy")
    missed.locator("button").click()
    annas_desk.panel("calling")
    assert [asked.number for asked in annas_desk.switch.asked(requests.CallOut)] == ["+4791111111"]
    annas_desk.switch.change(annas_desk.agent, status="ready", card=None)
    annas_desk.switch.ring(annas_desk.agent, caller="+4791111111")
    expect(page.locator("#earlier li").first).to_contain_text(" · Busy")


def test_the_call_that_is_pressed_is_busy_and_no_other_and_none_is_offered_to_who_is_logged_off(annas_desk: Desk, desk_redis) -> None:
    buttons = annas_desk.page.locator("#day-calls [data-do=call_back]")
    assert buttons.count() > 1
    for button in buttons.all():
        expect(button).to_be_disabled()
    annas_desk.log_on()
    cell_waits(redis_library.Redis.from_url(desk_redis.url), "cell-1", "127.0.0.1:9")
    let_go = threading.Event()
    annas_desk.switch._CallOut = lambda request: (let_go.wait(4), "fault")[1]
    pressed = buttons.last.get_attribute("data-number")
    buttons.last.click()
    expect(annas_desk.page.locator("#day-calls [aria-busy]").first).to_be_visible()
    busy = annas_desk.page.locator("#day-calls [aria-busy]")
    assert {button.get_attribute("data-number") for button in busy.all()} == {pressed}
    let_go.set()
    expect(busy).to_have_count(0)


def test_the_day_is_asked_for_until_the_record_knows_the_call_that_is_over(annas_desk: Desk) -> None:
    """The record is written a moment after the switch has told that a call is over."""
    asked = []

    def note(sent: str) -> None:
        asked.extend(m for m in [json.loads(sent)["m"]] if m == "desk.my_day")

    annas_desk.page.on("websocket", lambda socket: socket.on("framesent", note))
    annas_desk.page.reload()
    annas_desk.log_on()
    annas_desk.switch.change(annas_desk.agent, calls_today=4, talked_today=240.0)  # the record has three
    expect(annas_desk.page.locator("[data-text=day-calls]")).to_have_text("4")
    until(lambda: annas_desk.page.wait_for_timeout(50) or len(asked) >= 3, "it is asked for again")
    annas_desk.switch.change(annas_desk.agent, calls_today=3)
    until(lambda: annas_desk.page.wait_for_timeout(50) or len(asked) == 4, "once more, for what has changed")


def test_the_day_is_asked_for_again_when_the_connection_is_back(annas_desk: Desk) -> None:
    """It was away for longer than the day is asked for."""
    desk = annas_desk
    desk.page.add_init_script(
        """{
        const Real = WebSocket;
        window.WebSocket = class extends Real {
          constructor(url) { super(window.__away ? 'ws://127.0.0.1:1/' : url); window.__socket = this; }
          send(text) {
            const isDay = JSON.parse(text).m === 'desk.my_day';
            if (isDay) window.__asked = (window.__asked ?? 0) + 1;
            if (!isDay || !window.__away) super.send(text);
          }
        };
      }"""
    )
    desk.page.reload()
    desk.log_on()
    desk.page.evaluate("window.__away = true")
    desk.switch.change(desk.agent, calls_today=4, talked_today=240.0)  # the record has three
    expect(desk.page.locator("[data-text=day-calls]")).to_have_text("4")
    desk.page.evaluate("window.__socket.close()")
    expect(desk.page.locator("body")).to_have_attribute("data-link", "offline")
    desk.page.wait_for_timeout(6_000)
    asked = desk.page.evaluate("window.__asked")
    desk.page.evaluate("window.__away = false")
    desk.page.wait_for_function(f"window.__asked > {asked}", timeout=15_000)
