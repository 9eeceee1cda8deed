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
from tests.desk.conftest import Desk
from tests.product import until

pytestmark = pytest.mark.browser


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
