"""The agent's desk, driven as an agent does."""

import re

import pytest
from playwright.sync_api import expect

from apps.switch import requests
from tests.desk.conftest import Desk

pytestmark = pytest.mark.browser


def test_one_button_logs_on_after_the_softphone_has_proved_itself(annas_desk: Desk) -> None:
    """SP-02, SP-03: the switch hears that the softphone is ready before it hears the log-on."""
    annas_desk.panel("logged_off")
    annas_desk.log_on()
    annas_desk.status("Ready")
    heard = [request for request in annas_desk.switch.heard if isinstance(request, requests.LogOn | requests.SoftphoneUp)]
    assert isinstance(heard[-1], requests.LogOn)
    assert [request.ready for request in heard[:-1]] == [False, True]


def test_enter_answers_a_ringing_call(annas_desk: Desk) -> None:
    """SP-04: what is known is shown, and Enter answers."""
    annas_desk.log_on()
    card = annas_desk.switch.ring(annas_desk.agent)
    annas_desk.panel("ringing")
    expect(annas_desk.page.locator("#caller")).to_contain_text("22 33 44 55")
    expect(annas_desk.page.locator("#caller")).to_contain_text("Kari Nordmann")
    expect(annas_desk.page.locator("#path")).to_contain_text("1 Invoice")
    expect(annas_desk.page.locator("#earlier li")).to_have_count(3)
    expect(annas_desk.page).to_have_title(re.compile("Incoming call: Kari Nordmann"))
    annas_desk.page.keyboard.press("Enter")
    annas_desk.switch.connect(annas_desk.agent)
    annas_desk.panel("talking")
    assert annas_desk.gateway.heard[-1].leg == card.leg
