"""Logging on to the queues and off: profile, phone, and how one begins (SP-02, SP-03, AS-04)."""

import pytest
from playwright.sync_api import expect

from apps.switch import requests
from apps.telephony import protocol
from tests.desk.company import PASSWORD
from tests.desk.conftest import Desk
from tests.product import until

pytestmark = pytest.mark.browser
SLOW_NETWORK = """
window.WebSocket = class extends WebSocket {
  send(data) { setTimeout(() => super.send(data), 1500); }
};
"""


def test_one_button_logs_on_after_the_softphone_has_proved_itself(annas_desk: Desk) -> None:
    """SP-02, SP-03: the switch hears that the softphone is ready before it hears the log-on."""
    annas_desk.panel("logged_off")
    annas_desk.log_on()
    annas_desk.status("Ready")
    heard = [request for request in annas_desk.switch.heard if isinstance(request, requests.LogOn | requests.SoftphoneUp)]
    assert isinstance(heard[-1], requests.LogOn)
    assert [request.ready for request in heard[:-1]] == [False, True]


def test_who_begins_in_a_pause_is_never_ready_before_and_is_ready_next_time(annas_desk: Desk) -> None:
    """AS-04: the choice is one of the log-on; it is not remembered, so that nobody waits in a pause for calls."""
    begins = annas_desk.page.locator("#log-on [name=pause]")
    begins.select_option("Coffee")
    annas_desk.log_on()
    annas_desk.status("Coffee")
    annas_desk.switch.change(annas_desk.agent, status="logged_off")
    annas_desk.panel("logged_off")
    annas_desk.log_on()
    annas_desk.status("Ready")
    assert [asked.pause for asked in annas_desk.switch.asked(requests.LogOn)] == ["Coffee", ""]


def test_what_is_remembered_of_a_log_on_is_that_agents_own(desk: Desk) -> None:
    """SP-02: two agents at one computer; the second must not send his calls to the phone of the first."""
    profile, number = (desk.page.locator(f"#log-on [name={name}]") for name in ("profile", "number"))
    phone = desk.page.locator("#log-on [name=phone][value=external]")
    desk.log_in("anna")
    profile.select_option("Support and sales")
    phone.check()
    number.fill("40 12 34 56")
    desk.page.locator("#log-on button.primary").click()
    desk.status("Ready")
    desk.switch.change(desk.agent, status="logged_off")
    desk.panel("logged_off")
    desk.log_in("per")
    expect(profile.locator("option:checked")).not_to_have_text("Support and sales")
    expect(number).to_have_value("")
    expect(phone).not_to_be_checked()
    desk.log_in("anna")
    expect(profile.locator("option:checked")).to_have_text("Support and sales")
    expect(number).to_have_value("40 12 34 56")


def test_the_only_profile_there_is_is_the_one_that_is_asked_for(annas_desk: Desk) -> None:
    """SP-02: it cannot be chosen, so it is not replaced by the one that he is logged on with, which was taken from him meanwhile."""
    page = annas_desk.page
    page.locator("#log-on [name=profile]").select_option("Sales only")
    annas_desk.log_on()
    only = '<input type="hidden" name="profile" value="1">'  # as log_on_fields.html gives it
    page.locator("#log-on-change [name=profile]").evaluate("(field, only) => { field.outerHTML = only; }", only)
    page.keyboard.press("l")
    page.locator("#log-on-change button.primary").click()
    expect(page.locator("#log-on-dialog")).to_be_hidden()
    assert [asked.profile for asked in annas_desk.switch.asked(requests.LogOn)] == [2, 1]


def test_the_profile_is_changed_in_a_pause_by_keys_alone(annas_desk: Desk) -> None:
    """AS-05: the status stays, the top line names the new profile."""
    page = annas_desk.page
    page.locator("#log-on [name=profile]").select_option("Sales only")
    page.locator("#log-on [name=pause]").select_option("Coffee")
    annas_desk.log_on()
    page.keyboard.press("l")
    profile = page.locator("#log-on-change [name=profile]")
    expect(profile).to_be_focused()
    expect(profile.locator("option:checked")).to_have_text("Sales only")
    page.keyboard.type("Sup")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".profile")).to_have_text("Support and sales")
    expect(page.locator("#log-on-dialog")).to_be_hidden()
    annas_desk.status("Coffee")
    assert [(asked.profile, asked.pause) for asked in annas_desk.switch.asked(requests.LogOn)] == [(2, "Coffee"), (1, "")]


def test_the_phone_is_changed_while_logged_on_and_a_refusal_stands_in_the_dialog(annas_desk: Desk) -> None:
    """SP-02: by mouse, from the top line; the number can be mended where it stands."""
    annas_desk.log_on()
    page = annas_desk.page
    page.locator(".profile").click()
    page.locator("#log-on-change [value=external]").check()
    page.locator("#log-on-change [name=number]").fill("12")
    page.locator("#log-on-change button.primary").click()
    expect(page.locator("[data-text=log-on-change-reason]")).to_contain_text("no telephone number")
    page.locator("#log-on-change [name=number]").fill("40 12 34 56")
    page.locator("#log-on-change button.primary").click()
    expect(page.locator("[data-text=phone]")).to_contain_text("+4740123456")
    annas_desk.status("Ready")


def test_a_call_that_comes_while_profile_or_phone_is_chosen_has_the_keys(annas_desk: Desk) -> None:
    """SP-04: and in a call nothing of the two can be changed."""
    annas_desk.log_on()
    annas_desk.page.keyboard.press("l")
    expect(annas_desk.page.locator("#log-on-dialog")).to_be_visible()
    annas_desk.switch.ring(annas_desk.agent)
    expect(annas_desk.page.locator("#log-on-dialog")).to_be_hidden()
    expect(annas_desk.page.locator(".profile")).to_be_disabled()
    annas_desk.page.keyboard.press("Enter")
    until(lambda: annas_desk.gateway.asked(protocol.AnswerOffer), "Enter answers")


def test_log_on_is_refused_with_the_reason_until_sound_gets_through(annas_desk: Desk) -> None:
    """SP-03."""
    annas_desk.peer.broken = True
    annas_desk.page.reload()
    annas_desk.page.locator("#log-on button.primary").click()
    expect(annas_desk.page.locator("[data-text=log-on-reason]")).to_contain_text("sound does not get through", timeout=15_000)
    expect(annas_desk.page.locator("[data-text=phone]")).to_have_text("No media path")
    assert annas_desk.switch.asked(requests.LogOn) == []
    annas_desk.peer.broken = False
    annas_desk.log_on()


def test_an_external_phone_needs_no_microphone_and_is_answered_there(annas_desk: Desk) -> None:
    """SP-02, SP-04."""
    page = annas_desk.page
    page.locator("#log-on [value=external]").check()
    page.locator("#log-on [name=number]").fill("40 12 34 56")
    annas_desk.log_on()
    expect(page.locator("[data-text=phone]")).to_contain_text("+4740123456")
    annas_desk.switch.ring(annas_desk.agent)
    annas_desk.panel("ringing")
    expect(page.locator(".answer-there")).to_be_visible()
    expect(page.locator(".ringing-actions [data-do=answer]")).to_be_hidden()


def test_whoever_is_quicker_than_his_connection_logs_on_when_it_is_there(desk: Desk) -> None:
    desk.page.add_init_script(SLOW_NETWORK)
    desk.log_in("anna")
    desk.page.locator("#log-on [value=external]").check()
    desk.page.locator("#log-on [name=number]").fill("40 12 34 56")
    desk.log_on()


def test_the_desk_is_for_people_with_a_profile(desk: Desk) -> None:
    desk.page.goto(f"{desk.web.url}/desk/")
    desk.page.locator("#id_username").fill("ingrid")
    desk.page.locator("#id_password").fill(PASSWORD)
    desk.page.locator("#id_password").press("Enter")
    expect(desk.page.locator("body")).to_contain_text("The desk is for people who have a profile")
    assert desk.page.request.get(f"{desk.web.url}/desk/").status == 403


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no_answer_limit", "You were logged off: several calls in a row were not answered."),
        ("error_limit", "You were logged off: several calls in a row could not reach your phone."),
        ("midnight", "You were logged off at midnight."),
    ],
)
def test_who_is_logged_off_by_a_rule_is_told_why(annas_desk: Desk, reason: str, words: str) -> None:
    """AL-01, AL-02, AL-03: and it still stands there when he comes back."""
    annas_desk.log_on()
    annas_desk.switch.change(annas_desk.agent, status="logged_off", reason=reason, profile=None, phone="")
    annas_desk.panel("logged_off")
    told = annas_desk.page.locator("[data-text=logged-off-why]")
    expect(told).to_have_text(words)
    annas_desk.page.reload()
    expect(told).to_have_text(words)
    annas_desk.log_on()
    annas_desk.switch.change(annas_desk.agent, status="logged_off", reason="log_off", profile=None, phone="")
    annas_desk.panel("logged_off")
    expect(told).to_be_hidden()


def test_an_external_phone_that_must_confirm_says_so(annas_desk: Desk) -> None:
    """SP-02"""
    page = annas_desk.page
    page.locator("#log-on [value=external]").check()
    page.locator("#log-on [name=number]").fill("40 12 34 56")
    annas_desk.log_on()
    annas_desk.switch.ring(annas_desk.agent, confirming=True)
    annas_desk.panel("ringing")
    expect(page.locator("[data-text=call-state]")).to_have_text("Press 1 on your phone to take the call, 2 to refuse it")
    expect(page.locator(".answer-there")).to_be_hidden()
    annas_desk.switch.ring(annas_desk.agent, state="phone", out=True, confirming=True)
    expect(page.locator("[data-text=call-state]")).to_have_text("Press 1 on your phone, then the number is called")
