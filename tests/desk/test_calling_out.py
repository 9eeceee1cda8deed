"""The field with which an agent calls somebody, by keyboard alone (OB-01, OB-03)."""

import time

import msgspec
import pytest
import redis as redis_library
from playwright.sync_api import expect

from apps.switch import board, requests
from apps.telephony import protocol
from tests.product import until
from tests.sip.door import cell_waits

pytestmark = pytest.mark.browser
CALLERS = (board.CallerChoice(1, "+4721000001", "Support"), board.CallerChoice(2, "+4721000002", ""))


@pytest.fixture
def calling(annas_desk, desk_redis):
    """Logged on, and with a cell that is free."""
    annas_desk.log_on()
    annas_desk.switch.change(1, callers=CALLERS)
    expect(annas_desk.page.locator("#call-out option")).to_have_count(2)
    cell_waits(redis_library.Redis.from_url(desk_redis.url), "cell-1", "127.0.0.1:9")
    return annas_desk


def types(desk, number: str) -> None:
    desk.page.keyboard.press("c")
    desk.page.keyboard.type(number)
    desk.page.keyboard.press("Enter")


def test_a_number_is_called_by_keyboard_with_the_number_shown_that_was_chosen(calling):
    """OB-01. His own leg is connected at once, without a click; Escape gives up."""
    calling.page.locator("#call-out select").select_option("2")
    calling.page.locator("#main").focus()
    types(calling, "22 33 44 55")
    calling.panel("calling")
    (asked,) = calling.switch.asked(requests.CallOut)
    assert (asked.number, asked.caller_id, asked.cell) == ("+4722334455", 2, "cell-1")
    expect(calling.page.locator("#caller [data-text=caller]")).to_have_text("22 33 44 55")
    expect(calling.page.locator("[data-text=dialled]")).to_have_text("21 00 00 01")
    card = calling.switch.agents[1].card
    calling.switch.change(1, card=msgspec.structs.replace(card, dialled=""))  # the trunk shows its own
    expect(calling.page.locator(".facts .number")).to_be_hidden()
    until(lambda: [answer.leg for answer in calling.gateway.asked(protocol.AnswerOffer)] == [f"{asked.call}-l2"], "his own leg")
    calling.page.keyboard.press("Escape")
    calling.panel("wrap_up")
    assert calling.page.evaluate("localStorage.getItem('cc.caller-id')") == "2"


def test_how_it_ended_is_said(calling):
    """OB-03"""
    now = time.time()
    calling.switch.change(1, status="ready", since=now, called_out=board.CalledOut("+4722334455", "busy", now))
    expect(calling.page.locator(".panel[data-for=idle] .why")).to_have_text("22 33 44 55 is busy.")
    calling.switch.change(1, status="pause", reason="Lunch")
    expect(calling.page.locator(".panel[data-for=idle] .why")).to_be_hidden()


def test_what_is_refused_is_said_at_the_field(calling):
    """OB-02"""
    calling.switch.refuse[requests.CallOut] = "number_denied"
    types(calling, "829 12 345")
    reason = calling.page.locator("#call-out-reason")
    expect(reason).to_contain_text("This number may not be called")
    calling.page.keyboard.type("x")
    expect(reason).to_be_hidden()
    calling.page.locator("#call-out input").fill("x")
    calling.page.keyboard.press("Enter")
    expect(reason).to_contain_text("no telephone number")
