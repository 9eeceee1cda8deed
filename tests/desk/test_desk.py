"""The agent's desk, driven as an agent does."""

import re
import time
from functools import partial

import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from apps.switch import board, requests
from apps.telephony import protocol
from tests.desk.company import PASSWORD
from tests.desk.conftest import Desk
from tests.product import until

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
    until(lambda: [asked.leg for asked in annas_desk.gateway.asked(protocol.AnswerOffer)] == [card.leg], "its leg is answered")
    annas_desk.switch.connect(annas_desk.agent)
    annas_desk.panel("talking")


def ringing(desk: Desk, **card: object) -> Desk:
    desk.log_on()
    desk.switch.ring(desk.agent, **card)
    desk.panel("ringing")
    return desk


def test_what_the_call_flow_has_found_out_is_on_the_card(annas_desk: Desk) -> None:
    """SP-04: as text, whatever it is; only an address of the web can be clicked, and it stays where it is while the call goes on."""
    crm = f"{annas_desk.web.url}/health/live"
    found = (board.ShownValue("Customer number", "4711"), board.ShownValue("Name", "<img src=x>"), board.ShownValue("CRM", crm, link=True))
    page = ringing(annas_desk, shown=found).page
    expect(page.locator("#shown dt")).to_have_text(["Customer number", "Name", "CRM"])
    expect(page.locator("#shown dd")).to_have_text(["4711", "<img src=x>", crm])
    expect(page.locator("#shown a")).to_have_count(1)
    page.locator("#shown a").focus()
    annas_desk.switch.change(annas_desk.agent, card=annas_desk.switch._card(annas_desk.agent, muted=True))
    expect(page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#shown a")).to_be_focused()
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    assert opened.value.url == crm and opened.value.evaluate("window.opener") is None
    opened.value.close()
    annas_desk.switch.caller_hangs_up(annas_desk.agent)
    annas_desk.switch.ring(annas_desk.agent)
    annas_desk.panel("ringing")
    expect(page.locator(".shown")).to_be_hidden()


def talking(desk: Desk, **card: object) -> Desk:
    ringing(desk, **card)
    desk.page.keyboard.press("Enter")
    until(lambda: desk.gateway.asked(protocol.AnswerOffer), "the gateway is asked to answer")
    desk.switch.connect(desk.agent)
    desk.panel("talking")
    return desk


def test_escape_rejects_a_ringing_call(annas_desk: Desk) -> None:
    """SP-04, AS-03: and the page counts the seconds until the next call may come."""
    ringing(annas_desk)
    annas_desk.page.keyboard.press("Escape")
    annas_desk.status("Busy")
    annas_desk.panel("idle")
    expect(annas_desk.page.locator("[data-text=why]")).to_have_text("You rejected a call.")
    annas_desk.page.locator(".panel [data-do=ready]:visible").click()
    annas_desk.status("Ready")


def test_keys_do_nothing_while_somebody_types(annas_desk: Desk) -> None:
    annas_desk.page.locator("#log-on [value=external]").check()
    annas_desk.page.locator("#log-on [name=number]").fill("22 33 44 55")
    annas_desk.page.locator("#log-on button.primary").click()
    annas_desk.panel("idle")
    annas_desk.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input id=\"own\">')")
    annas_desk.page.locator("#own").press_sequentially("p1")
    annas_desk.status("Ready")
    assert annas_desk.switch.asked(requests.Pause) == []


def test_ringing_ends_when_the_caller_hangs_up(annas_desk: Desk) -> None:
    """SP-08."""
    ringing(annas_desk)
    annas_desk.switch.caller_hangs_up(annas_desk.agent)
    annas_desk.panel("idle")
    expect(annas_desk.page).to_have_title(re.compile("^Ready"))


def test_mute_hold_keypad_and_hang_up(annas_desk: Desk) -> None:
    """SP-01, SP-05."""
    page = talking(annas_desk).page
    page.keyboard.press("m")
    expect(page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("h")
    annas_desk.panel("held")
    expect(page.locator(".call-state")).to_contain_text("the customer hears music")
    page.keyboard.press("h")
    annas_desk.panel("talking")
    page.keyboard.press("k")
    page.locator("[data-key='4']").click()
    page.keyboard.press("#")
    expect(page.locator("#keypad output")).to_have_text("4#")
    page.locator("button.hang-up").click()
    annas_desk.panel("wrap_up")
    assert [request.on for request in annas_desk.switch.asked(requests.Hold)] == [True, False]
    assert "".join(request.digits for request in annas_desk.switch.asked(requests.PressKeys)) == "4#"


def test_wrap_up_counts_down_and_can_be_extended_and_ended(annas_desk: Desk) -> None:
    """AS-02."""
    page = talking(annas_desk).page
    page.locator("button.hang-up").click()
    annas_desk.panel("wrap_up")
    expect(page.locator("[data-clock=wrap-up]")).to_have_text(re.compile("^(30|29|28)$"))
    page.locator("[data-do=extend]").click()
    expect(page.locator("[data-clock=wrap-up]")).to_have_text(re.compile("^5[0-9]$"))
    page.get_by_role("button", name="+10 s").click()  # the rest of what is allowed
    expect(page.locator("[data-clock=wrap-up]")).to_have_text(re.compile("^(70|6[0-9])$"))
    expect(page.locator("[data-do=extend]")).to_be_disabled()
    expect(page.locator("#extend-why")).to_have_text("It cannot be made longer than that.")
    page.locator(".wrap-up-actions [data-do=ready]").click()
    annas_desk.status("Ready")


def test_where_no_wrap_up_may_be_extended_there_is_no_button(annas_desk: Desk) -> None:
    """AS-02."""
    annas_desk.log_on()
    annas_desk.switch.change(annas_desk.agent, status="wrap_up", until=time.time() + 30)
    annas_desk.panel("wrap_up")
    expect(annas_desk.page.locator(".wrap-up-actions [data-do=ready]")).to_be_visible()
    expect(annas_desk.page.locator("[data-do=extend]")).to_be_hidden()


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


def test_p_and_a_digit_pause(annas_desk: Desk) -> None:
    """AS-04."""
    annas_desk.log_on()
    annas_desk.page.keyboard.press("p")
    annas_desk.page.keyboard.press("2")
    annas_desk.status("Coffee")
    annas_desk.page.keyboard.press("p")
    annas_desk.page.keyboard.press("p")
    annas_desk.status("Ready")


def test_the_recording_can_be_paused_where_the_queue_allows_it(annas_desk: Desk) -> None:
    """RC-02: in the mode forced there is no button at all."""
    page = talking(annas_desk, recording="on", recording_mode="pausable", recording_since=1.0).page
    page.keyboard.press("r")
    expect(page.locator(".recording")).to_contain_text("Recording paused")
    annas_desk.switch.change(annas_desk.agent, card=annas_desk.switch._card(annas_desk.agent, recording_mode="forced", recording="on"))
    expect(page.locator("[data-do=record]")).to_be_hidden()
    expect(page.locator(".recording")).to_be_visible()


def test_the_recording_is_masked_and_unmasked_by_a_key_in_every_mode(annas_desk: Desk) -> None:
    """SP-01, RC-03: what is not recorded cannot be masked."""
    page = talking(annas_desk, recording="on", recording_mode="forced", recording_since=1.0).page
    mask = page.locator("[data-do=mask]")
    expect(mask).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("x")
    expect(page.locator(".recording")).to_contain_text("Recording masked")
    expect(mask).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("x")
    expect(mask).to_have_attribute("aria-pressed", "false")
    for card in ({"recording": "failed"}, {"recording": "on", "consulted": True}):
        annas_desk.switch.change(annas_desk.agent, card=annas_desk.switch._card(annas_desk.agent, **card))
        expect(mask).to_be_hidden()
        expect(page.locator(".recording")).to_be_visible()
        page.keyboard.press("x")
    page.keyboard.press("m")
    until(lambda: annas_desk.switch.asked(requests.Mute), "the key after it has been heard")
    assert [asked.on for asked in annas_desk.switch.asked(requests.MaskRecording)] == [True, False]


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


SLOW_NETWORK = """
window.WebSocket = class extends WebSocket {
  send(data) { setTimeout(() => super.send(data), 1500); }
};
"""


def test_whoever_is_quicker_than_his_connection_logs_on_when_it_is_there(desk: Desk) -> None:
    desk.page.add_init_script(SLOW_NETWORK)
    desk.log_in("anna")
    desk.page.locator("#log-on [value=external]").check()
    desk.page.locator("#log-on [name=number]").fill("40 12 34 56")
    desk.log_on()


def test_a_refusal_is_told_in_words(annas_desk: Desk) -> None:
    ringing(annas_desk)
    annas_desk.peer.refuse = "gone"
    annas_desk.page.keyboard.press("Enter")
    expect(annas_desk.page.locator("#notice")).to_have_text(re.compile("The caller has hung up."))


def test_a_switch_that_does_not_answer_is_told_in_words(annas_desk: Desk) -> None:
    annas_desk.log_on()
    annas_desk.switch.silent = True
    annas_desk.page.keyboard.press("p")
    annas_desk.page.keyboard.press("1")
    expect(annas_desk.page.locator("#notice")).to_have_text(re.compile("The server did not answer"), timeout=8_000)
    annas_desk.status("Ready")


def test_the_page_says_when_it_is_offline_and_comes_back_by_itself(annas_desk: Desk) -> None:
    """PF-08: what happened meanwhile is there when the server is."""
    annas_desk.log_on()
    annas_desk.web.stop()
    expect(annas_desk.page.locator("#notice")).to_contain_text("No connection to the server")
    expect(annas_desk.page.locator("[data-text=phone]")).to_have_text("Softphone offline")
    annas_desk.switch.change(annas_desk.agent, status="pause", reason="Meeting")
    annas_desk.web.start()
    expect(annas_desk.page.locator("body")).to_have_attribute("data-link", "online", timeout=15_000)
    annas_desk.status("Meeting")
    expect(annas_desk.page.locator("#notice")).to_be_hidden()
    expect(annas_desk.page.locator("[data-text=phone]")).to_have_text("Softphone ready", timeout=15_000)


def test_after_a_reload_the_page_is_back_in_the_call(annas_desk: Desk) -> None:
    """SP-07: first paint shows the call, and the sound is attached anew."""
    leg = talking(annas_desk).switch.agents[annas_desk.agent].card.leg
    annas_desk.page.reload()
    annas_desk.panel("talking")
    until(lambda: [asked.leg for asked in annas_desk.gateway.asked(protocol.Reattach)] == [leg], "the leg is reattached")
    expect(annas_desk.page.locator("#notice")).to_be_hidden()


def test_the_first_paint_needs_no_script(annas_desk: Desk) -> None:
    """The server paints the true state."""
    talking(annas_desk, shown=(board.ShownValue("Customer", "<b>Kari</b>"),))
    answer = annas_desk.page.request.get(f"{annas_desk.web.url}/desk/").text()
    assert 'data-panel="talking" data-status="connected"' in answer
    assert "22 33 44 55" in answer and "<dt>Customer</dt><dd>&lt;b&gt;Kari&lt;/b&gt;</dd>" in answer


def test_a_second_tab_takes_the_phone_and_the_first_one_says_so(annas_desk: Desk) -> None:
    """SP-07."""
    annas_desk.log_on()
    second = annas_desk.chromium.context.new_page()
    second.goto(f"{annas_desk.web.url}/desk/")
    notice = annas_desk.page.locator("#notice")
    expect(notice).to_contain_text("that window has the phone")
    expect(second.locator("[data-text=phone]")).to_have_text("Softphone ready")
    annas_desk.switch.ring(annas_desk.agent)
    expect(second.locator(".ringing-actions [data-do=answer]")).to_be_visible()
    expect(annas_desk.page.locator(".ringing-actions [data-do=answer]")).to_be_hidden()
    notice.locator("button", has_text="Use the phone here").click()
    expect(annas_desk.page.locator(".ringing-actions [data-do=answer]")).to_be_visible()
    expect(second.locator("#notice")).to_contain_text("that window has the phone")


def test_auto_answer_is_honoured(desk: Desk) -> None:
    """SP-04."""
    desk.log_in("ola").log_on()
    card = desk.switch.ring(desk.agent)
    until(lambda: [asked.leg for asked in desk.gateway.asked(protocol.AnswerOffer)] == [card.leg], "the page answers by itself")


def test_an_agent_may_work_in_norwegian_and_change_the_language(desk: Desk) -> None:
    """PF-05: dates and the page's language follow the user; the choice is kept."""
    desk.log_in("per")
    expect(desk.page.locator("html")).to_have_attribute("lang", "nb")
    desk.status("Logget av")
    desk.page.locator(".language button[value=en]").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    desk.panel("logged_off")
    desk.page.locator(".language button[value=nb]").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "nb")


def test_the_colour_scheme_is_painted_by_the_server(annas_desk: Desk) -> None:
    page = annas_desk.page
    page.locator("#theme").click()
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert 'data-theme="dark"' in page.request.get(f"{annas_desk.web.url}/desk/").text()


def test_a_new_call_is_announced_and_gets_the_focus(annas_desk: Desk) -> None:
    """For screen readers and keyboards."""
    ringing(annas_desk)
    expect(annas_desk.page.locator("#announcement")).to_contain_text("Incoming call from Kari Nordmann, Support.")
    expect(annas_desk.page.locator(".ringing-actions [data-do=answer]")).to_be_focused()


def test_nothing_jumps_when_a_call_is_answered(annas_desk: Desk) -> None:
    """The call's head and its buttons stay where they were while it rang."""
    ringing(annas_desk)
    before = [annas_desk.page.locator(name).bounding_box() for name in ("#caller", ".ringing-actions")]
    annas_desk.page.keyboard.press("Enter")
    annas_desk.switch.connect(annas_desk.agent)
    annas_desk.panel("talking")
    after = [annas_desk.page.locator(name).bounding_box() for name in ("#caller", ".call-actions")]
    assert [(box["x"], box["y"]) for box in after] == [(box["x"], box["y"]) for box in before]


def test_no_button_moves_when_hold_becomes_resume(annas_desk: Desk) -> None:
    talking(annas_desk)
    places = [button.bounding_box() for button in annas_desk.page.locator(".call-actions button").all()]
    annas_desk.page.keyboard.press("h")
    annas_desk.panel("held")
    annas_desk.page.keyboard.press("m")
    expect(annas_desk.page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "true")
    assert [button.bounding_box() for button in annas_desk.page.locator(".call-actions button").all()] == places


def test_the_desk_is_for_people_with_a_profile(desk: Desk) -> None:
    desk.page.goto(f"{desk.web.url}/desk/")
    desk.page.locator("#id_username").fill("ingrid")
    desk.page.locator("#id_password").fill(PASSWORD)
    desk.page.locator("#id_password").press("Enter")
    expect(desk.page.locator("body")).to_contain_text("The desk is for people who have a profile")
    assert desk.page.request.get(f"{desk.web.url}/desk/").status == 403


def test_the_connection_is_for_pages_of_ours_only(annas_desk: Desk) -> None:
    """The session's cookie is sent along by pages of any site, and of any port of this host: the Origin decides, on the real server."""
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in annas_desk.chromium.context.cookies())
    web = annas_desk.web
    knock = partial(connect, f"ws://127.0.0.1:{web.port}/ws/live", additional_headers={"Cookie": cookies}, proxy=None)
    for origin in ("https://elsewhere.example", "http://127.0.0.1:9", f"http://localhost.evil.example:{web.port}", "null", None):
        with pytest.raises(InvalidStatus) as refused:
            knock(origin=origin)
        assert refused.value.response.status_code == 403, origin
    with knock(origin=web.url) as ours:
        ours.send('{"m": "live.start"}')
        assert '"live.hello"' in ours.recv(timeout=5)


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


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("rejected", "You rejected a call."),
        ("phone_busy", "Your phone was busy when a call came."),
        ("error", "A call could not reach your phone."),
    ],
)
def test_why_no_call_comes_now_is_told_apart(annas_desk: Desk, reason: str, words: str) -> None:
    """AS-03: busy, error and rejected have one status and three reasons."""
    annas_desk.log_on()
    annas_desk.switch.change(annas_desk.agent, status="busy", reason=reason, until=time.time() + 10)
    expect(annas_desk.page.locator("[data-text=why]")).to_have_text(words)


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
