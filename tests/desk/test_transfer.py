"""The panel of transfers and the strip of a consult, by keyboard alone, as three desks see them (TR-01 to TR-03)."""

import time

import msgspec
import pytest
from playwright.sync_api import expect

from apps.desk.words import words
from apps.switch import board, requests
from tests.desk.conftest import Desk
from tests.product import until

pytestmark = pytest.mark.browser


@pytest.fixture
def talking(annas_desk):
    """Anna talks to Kari. Per is free with an external phone, Ola has a pause; Support is served, Sales is not."""
    switch = annas_desk.switch
    annas_desk.log_on()
    switch.change(2, status="ready", phone="+4740000002")
    switch.change(3, status="pause", reason="Lunch", phone="softphone")
    switch.put(board.queue_topic(1), board.QueueDocument(1, "Support", waiting=2, logged_on=3, ready=1))
    switch.put(board.queue_topic(2), board.QueueDocument(2, "Sales"))
    switch.ring(1)
    switch.connect(1)
    annas_desk.panel("talking")
    yield annas_desk
    for agent in (2, 3):
        switch.change(agent, status="logged_off", phone="")
    for queue in (1, 2):
        switch.put(board.queue_topic(queue), None)


def targets(desk) -> list[str]:
    return desk.page.locator("#targets .target").all_inner_texts()


def consults(desk, state: str = "talking", name: str = "Per Dahl", **more) -> None:
    card = desk.switch.agents[1].card
    consult = board.ConsultCard("agent", name, "", state, time.time(), **more)
    shown = {"talking": "consulting", "three_party": "three_party"}.get(state, "held")
    desk.switch.change(1, card=msgspec.structs.replace(card, state=shown, consult=consult))
    expect(desk.page.locator("#consult")).to_be_visible()


def test_who_can_be_chosen_is_listed_with_his_status_and_asked_by_keyboard(talking):
    """TR-01, TR-02"""
    page = talking.page
    page.keyboard.press("t")
    expect(page.locator("#targets .target")).to_have_count(5)
    assert [" ".join(line.split()) for line in targets(talking)] == [
        "Per Dahl Ready", "Ola Lie Lunch", "Sales Queue: nobody is logged on", "Support Queue: 2 waiting, 1 ready", "Main flow Call flow",
    ]  # fmt: skip
    chosen = page.locator("#targets [aria-selected=true]")
    expect(chosen).to_contain_text("Per Dahl")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Support")  # who cannot be chosen is passed over
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Main flow")
    expect(page.locator("#ask-first")).to_be_disabled()
    page.keyboard.type("per d")
    expect(page.locator("#targets .target")).to_have_count(1)
    assert page.locator("[name=whom]").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("#transfer")).to_be_hidden()
    (asked,) = talking.switch.asked(requests.Consult)
    assert asked.to == requests.Target("agent", 2)


def test_a_contact_or_a_typed_number_is_transferred_to_at_once(talking):
    """TR-01: Ctrl+Enter does not ask."""
    page = talking.page
    page.keyboard.press("t")
    page.keyboard.type("40 00 00 40")
    expect(page.locator("#targets [aria-selected=true]")).to_contain_text("Call this number")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#transfer")).to_be_hidden()
    (asked,) = talking.switch.asked(requests.Transfer)
    assert asked.to == requests.Target("number", number="+4740000040")


def test_a_number_sees_the_one_that_the_agent_has_chosen_for_his_calls(annas_desk):
    """OB-01"""
    page, switch = annas_desk.page, annas_desk.switch
    annas_desk.log_on()
    switch.change(1, callers=(board.CallerChoice(1, "+4721000001", "Support"), board.CallerChoice(2, "+4721000002", "")))
    page.locator("#call-out select").select_option("2")
    switch.ring(1)
    switch.connect(1)
    annas_desk.panel("talking")
    for keys, kind in (("Enter", requests.Consult), ("Control+Enter", requests.Transfer)):
        page.keyboard.press("t")
        page.keyboard.type("40 00 00 40")
        page.keyboard.press(keys)
        expect(page.locator("#transfer")).to_be_hidden()
        (asked,) = switch.asked(kind)
        assert asked.to == requests.Target("number", number="+4740000040", caller_id=2)


def test_what_is_refused_is_said_at_the_field_and_nothing_is_lost(talking):
    page = talking.page
    talking.switch.refuse[requests.Consult] = "agent_not_free"
    page.keyboard.press("t")
    page.keyboard.type("per")
    page.keyboard.press("Enter")
    expect(page.locator("#transfer-reason")).to_contain_text("not free any more")
    expect(page.locator("[name=whom]")).to_have_value("per")
    page.keyboard.press("Escape")
    expect(page.locator("#transfer")).to_be_hidden()
    expect(page.locator("#main")).to_be_focused()


SLOW_TARGETS = """() => {
  const send = WebSocket.prototype.send;
  window.__held = []; // questions for the list, until `window.__go` brings the oldest of them to the server
  window.__go = () => window.__held.shift()();
  WebSocket.prototype.send = function (text) {
    if (text.includes('transfer.targets')) window.__held.push(() => send.call(this, text));
    else send.call(this, text);
  };
}"""


def test_a_panel_that_is_opened_again_knows_nothing_of_what_was_asked_before(talking):
    """TR-01. The key was pressed when nobody could be chosen and nothing was being asked: nobody is brought to anybody later."""
    page = talking.page
    talking.switch.change(2, status="pause", reason="Coffee")
    page.evaluate(SLOW_TARGETS)
    page.keyboard.press("t")
    page.wait_for_function("__held.length === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.wait_for_function("__held.length === 2")
    page.evaluate("__go()")
    talking.switch.change(2, status="pause", reason="Meeting")
    page.evaluate("__go()")
    page.keyboard.type("d")  # too short to look for contacts: nothing is asked now
    expect(page.locator("#targets .target")).to_contain_text("Meeting")
    page.keyboard.press("Control+Enter")
    talking.switch.change(2, status="ready")
    page.wait_for_function("__held.length > 0")  # the list is looked at anew
    page.evaluate("__go()")
    expect(page.locator("#targets [aria-selected=true]")).to_contain_text("Ready")
    expect(page.locator("#transfer")).to_be_visible()
    assert page.evaluate("__held.length") == 0, "once"
    assert talking.switch.asked(requests.Transfer) == []


def test_the_keys_of_a_consult(talking):
    """TR-02: three-party, back, complete."""
    consults(talking, "ringing")
    page = talking.page
    expect(page.locator("[data-text=consult]")).to_have_text("Ringing Per Dahl …")
    expect(page.locator("[data-do=hold]")).to_be_hidden()
    page.keyboard.press("j")  # not before somebody has answered
    consults(talking)
    expect(page.locator("[data-text=consult]")).to_have_text("You talk to Per Dahl")
    page.keyboard.press("j")
    asks(talking, requests.JoinAll)
    consults(talking, "three_party")
    expect(page.locator("[data-text=take-back]")).to_have_text("Go on without Per Dahl")
    page.keyboard.press("b")
    asks(talking, requests.JoinAll, requests.TakeBack)
    page.keyboard.press("t")
    asks(talking, requests.JoinAll, requests.TakeBack, requests.CompleteTransfer)


PASSING = (requests.JoinAll, requests.TakeBack, requests.CompleteTransfer)


def asks(desk: Desk, *kinds: type) -> None:
    """These have come to the switch, in this order, and no other of their kind."""
    until(lambda: [type(one) for one in desk.switch.heard if type(one) in PASSING] == list(kinds), f"{kinds} are asked")


def test_a_queue_is_waited_in_and_tells_whom_it_found(talking):
    """TR-03: not completed before somebody has answered."""
    consults(talking, "waiting", "Support")
    expect(talking.page.locator("[data-text=consult]")).to_have_text("You wait in Support")
    expect(talking.page.locator("[data-do=complete]")).to_be_hidden()
    consults(talking, "talking", "Support", found="Ola Lie")
    expect(talking.page.locator("[data-text=consult]")).to_have_text("You talk to Ola Lie, from Support")


def test_why_the_customer_is_back_stands_there_until_somebody_else_is_asked(talking):
    """TR-02"""
    consults(talking, "ringing")
    card, said = talking.switch.agents[1].card, talking.page.locator("[data-text=in-vain]")
    expect(said).to_be_empty()
    in_vain = board.InVainCard("", "+4740000040", "busy")
    talking.switch.change(1, card=msgspec.structs.replace(card, state="talking", consult=None, in_vain=in_vain))
    expect(said).to_have_text("40 00 00 40 is busy: you have the customer back.")
    consults(talking, "ringing", "Ola Lie")
    expect(said).to_be_empty()


RESULTS = ["busy", "no_answer", "rejected", "unreachable", "hung_up", "media_lost", "maximum_wait", "no_agents", "error"]


def test_each_way_in_which_a_consult_ends_has_words():
    assert all(f"in_vain.{result}" in words() for result in RESULTS)


def test_who_is_asked_sees_by_whom_and_for_which_customer(annas_desk):
    annas_desk.log_on()
    annas_desk.switch.ring(1, asked_by="Per Dahl", consulted=True)
    state = annas_desk.page.locator("[data-text=call-state]")
    expect(state).to_have_text("Per Dahl asks you about a customer")
    expect(annas_desk.page.locator("#announcement")).to_contain_text("Per Dahl asks you about a customer")
    annas_desk.switch.connect(1)
    annas_desk.panel("talking")
    card = annas_desk.switch.agents[1].card
    annas_desk.switch.change(1, card=msgspec.structs.replace(card, state="consulting"))
    expect(state).to_have_text("You talk to Per Dahl: the customer hears music")
    for name in ("hold", "transfer", "keypad"):
        expect(annas_desk.page.locator(f".call [data-do={name}]")).to_be_hidden()
    annas_desk.switch.change(1, card=msgspec.structs.replace(card, state="three_party"))
    expect(state).to_have_text("You, Per Dahl and the customer hear each other")


def test_a_transfer_that_failed_says_that_the_customer_is_back(annas_desk):
    """TR-04"""
    annas_desk.log_on()
    annas_desk.switch.ring(1, returned=True)
    expect(annas_desk.page.locator("[data-text=call-state]")).to_have_text("Your transfer failed: the customer is back")


def test_a_list_that_does_not_come_is_said_and_a_number_can_be_typed(talking):
    talking.switch.silent = False
    page = talking.page
    page.keyboard.press("t")
    expect(page.locator("#targets .target")).to_have_count(5)
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.keyboard.press("t")
    page.keyboard.type("40000040")
    expect(page.locator("#targets [aria-selected=true]")).to_contain_text("Call this number")
