"""The caller hangs up while the agent's sound is being set up."""

import pytest

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
