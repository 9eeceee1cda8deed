"""The page from which an administrator calls an access number."""

import pytest
from playwright.sync_api import expect

from apps.events import vocabulary
from apps.telephony import protocol
from contactcenter.lib import bus
from tests.desk.conftest import Desk, sign_in
from tests.fakes.pages_gateway import Answers
from tests.product import until

pytestmark = pytest.mark.browser
PAGE = "/admin/test-call/"


def test_an_administrator_calls_a_number_presses_digits_and_hangs_up(desk: Desk) -> None:
    """What happens to the call is told as the journal has it."""
    page = desk.page
    sign_in(page, desk.web, "ingrid", f"{PAGE}?number=%2B4780012345")
    page.locator("[name=caller]").fill("22 33 44 55")
    page.locator("#call button.yes").click()
    expect(page.locator("body")).to_have_attribute("data-call", "connected")
    (call,) = desk.gateway.asked(protocol.TestCall)
    assert (call.number, call.caller) == ("+4780012345", "+4722334455")
    for event in (
        vocabulary.CallArrived(at=1, call="c", leg="test-leg", caller="", dialled="+4780012345", test=True),
        vocabulary.StepEntered(at=2, call="c", step=1, kind="menu", name="Main menu"),
    ):
        bus.post(desk.switch.redis, bus.JOURNAL, event)
    expect(page.locator("#events")).to_contain_text("Step: Main menu")
    page.locator("h1").click()
    page.keyboard.press("1")
    page.locator("[data-key='2']").click()
    expect(page.locator("output.digits")).to_have_text("12")
    page.locator("#hang-up").click()
    expect(page.locator("body")).to_have_attribute("data-call", "ended")
    until(lambda: closed(desk, call.connection), "the gateway ends the call")


def closed(desk: Desk, connection: str) -> list[protocol.CloseMedia]:
    """Of that page: the one before may have left only now."""
    return [asked for asked in desk.gateway.asked(protocol.CloseMedia) if asked.connection == connection]


def test_a_refused_call_is_told_in_words(desk: Desk) -> None:
    sign_in(desk.page, desk.web, "ingrid", PAGE)
    desk.peer.refuse = "busy"
    desk.page.locator("#call button.yes").click()
    expect(desk.page.locator("[data-text=reason]")).to_have_text("All lines are in use. Try again in a moment.")
    expect(desk.page.locator("body")).to_have_attribute("data-call", "idle")


def test_a_number_that_leads_nowhere_is_told(desk: Desk) -> None:
    sign_in(desk.page, desk.web, "ingrid", f"{PAGE}?flow=99")
    expect(desk.page.locator(".reason").first).to_contain_text("No active access number leads there")


def test_agents_make_no_test_calls(desk: Desk) -> None:
    sign_in(desk.page, desk.web, "anna")
    assert desk.page.request.get(f"{desk.web.url}{PAGE}").status == 403


def test_a_call_that_is_hung_up_before_it_is_answered_is_over_and_the_next_one_can_begin(desk: Desk) -> None:
    """Nobody answers yet: the gateway is told, and nothing of it is a fault."""
    page = desk.page
    sign_in(page, desk.web, "ingrid", PAGE)
    body = page.locator("body")
    answers, desk.gateway.answers = desk.gateway.answers, but_for(protocol.TestCall, desk.gateway.answers)
    page.locator("#call button.yes").click()
    (first,) = until(lambda: desk.gateway.asked(protocol.TestCall), "the gateway is asked")
    page.locator("#hang-up").click()
    expect(body).to_have_attribute("data-call", "ended")
    (end,) = until(lambda: closed(desk, first.connection), "the gateway ends the call")
    assert end.leg == ""
    desk.gateway.answers = answers
    page.locator("#call button.yes").click()
    expect(body).to_have_attribute("data-call", "connected")
    expect(page.locator("[data-text=reason]")).to_have_text("")


def test_a_call_that_is_hung_up_while_the_sound_is_tested_is_never_made(desk: Desk) -> None:
    page = desk.page
    sign_in(page, desk.web, "ingrid", PAGE)
    body = page.locator("body")
    answers, desk.gateway.answers = desk.gateway.answers, but_for(protocol.TestMedia, desk.gateway.answers)
    page.locator("[name=caller]").fill("22 33 44 55")
    page.locator("#call button.yes").click()
    (test,) = until(lambda: desk.gateway.asked(protocol.TestMedia), "the sound is tested")
    page.locator("#hang-up").click()
    expect(body).to_have_attribute("data-call", "ended")
    desk.gateway.answers = answers
    page.locator("[name=caller]").fill("99 88 77 66")
    page.locator("#call button.yes").click()
    expect(body).to_have_attribute("data-call", "calling")
    bus.reply(desk.switch.redis, test.reply_to, answers(test))  # now the test succeeds
    expect(body).to_have_attribute("data-call", "connected")
    assert [call.caller for call in desk.gateway.asked(protocol.TestCall)] == ["+4799887766"]


def but_for(kind: type, answers: Answers) -> Answers:
    """The gateway is silent to requests of this kind."""
    return lambda request: None if isinstance(request, kind) else answers(request)
