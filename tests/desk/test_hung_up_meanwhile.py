"""The caller hangs up while the agent's sound is being set up."""

import pytest
from playwright.sync_api import expect

from apps.switch import requests
from apps.telephony import protocol
from tests.desk.conftest import Desk
from tests.product import until

pytestmark = pytest.mark.browser
REMEMBER = """() => {
  window.noticed = [];
  const notice = document.querySelector('#notice');
  const look = () => notice.hidden || noticed.push(notice.innerText);
  new MutationObserver(look).observe(notice, { attributes: true, childList: true, subtree: true });
}"""


def test_a_caller_who_hangs_up_before_sound_flows_is_no_fault_of_the_sound(annas_desk: Desk) -> None:
    """The call's media are closed in the middle of it: what that breaks is nothing that the agent must read."""
    desk = annas_desk
    desk.log_on()
    desk.peer.broken = True  # no sound until the browser gives up, in 10 s
    desk.switch.ring(desk.agent)
    desk.panel("ringing")
    desk.page.evaluate(REMEMBER)
    desk.page.keyboard.press("Enter")
    until(lambda: desk.gateway.asked(protocol.AnswerOffer), "the gateway is asked to answer")
    desk.switch.connect(desk.agent)
    desk.panel("talking")
    desk.switch.caller_hangs_up(desk.agent)
    desk.panel("wrap_up")
    desk.page.keyboard.press("p")
    desk.page.keyboard.press("p")
    desk.panel("idle")
    assert desk.page.evaluate("noticed") == []


@pytest.mark.parametrize("between", ["a moment", "nothing"])
def test_the_next_call_can_be_answered_while_nothing_is_heard_of_the_one_before(annas_desk: Desk, between: str) -> None:
    """The gateway is silent, for as long as the desk waits for it: that must not cost the next customer anything."""
    desk = annas_desk
    desk.log_on()
    answers, desk.gateway.answers = desk.gateway.answers, lambda request: None
    desk.switch.ring(desk.agent)
    desk.panel("ringing")
    desk.page.keyboard.press("Enter")
    until(lambda: desk.gateway.asked(protocol.AnswerOffer), "the gateway is asked to answer")
    desk.page.evaluate(REMEMBER)
    desk.gateway.answers = answers
    if between == "a moment":
        desk.switch.caller_hangs_up(desk.agent)
        desk.panel("idle")
    leg = desk.switch.ring(desk.agent).leg
    expect(desk.page.locator("[data-text=call-state]")).to_have_text("Incoming call")
    desk.page.keyboard.press("Enter")
    until(lambda: [request for request in desk.gateway.asked(protocol.AnswerOffer) if request.leg == leg], "the next one is answered", 3)
    desk.switch.connect(desk.agent)
    desk.panel("talking")
    assert desk.page.evaluate("noticed") == []


@pytest.mark.parametrize(("user", "card"), [("ola", {}), ("anna", {"state": "phone", "out": True})], ids=["answers by itself", "calls out"])
def test_a_call_that_takes_another_ones_place_is_connected_once_and_not_hung_up(desk: Desk, user: str, card: dict) -> None:
    """Nobody presses anything; of the first one nothing is heard, and its end is no end of the second one."""
    desk.log_in(user)
    desk.log_on()
    answers, desk.gateway.answers = desk.gateway.answers, lambda request: None
    desk.switch.ring(desk.agent, **card)
    until(lambda: desk.gateway.asked(protocol.AnswerOffer), "the gateway is asked to answer the first one")
    desk.gateway.answers = answers
    leg = desk.switch.ring(desk.agent, **card).leg
    until(lambda: desk.chromium.has_media(desk.page), "there is sound")
    desk.switch.connect(desk.agent)
    desk.panel("talking")
    asked = [request.leg for request in desk.gateway.asked(protocol.AnswerOffer)]
    assert asked[1:] == [leg]
    assert desk.switch.asked(requests.HangUpCall) == []
