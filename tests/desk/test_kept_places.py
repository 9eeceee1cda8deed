"""Queues move many times a minute. Whoever is at something on the desk meanwhile keeps his place: focus, mouse, selected text."""

import pytest
import redis as redis_library
from playwright.sync_api import Locator, expect

from apps.switch import board, requests
from apps.telephony import leases
from tests.desk.conftest import Desk
from tests.product import until

pytestmark = pytest.mark.browser
KARI, NILS = "+4790123456", "+4722000001"  # of the calls that the company has today
SELECT = """(element) => {
  getSelection().selectAllChildren(element);
  return String(getSelection());
}"""


@pytest.fixture
def at_work(annas_desk: Desk, desk_redis) -> Desk:
    """Logged on, with calls of today, and with a cell that is free."""
    annas_desk.log_on()
    expect(annas_desk.page.locator("#day-calls li")).to_have_count(4)
    queues_move(annas_desk)
    leases.offer(redis_library.Redis.from_url(desk_redis.url), "cell-1", "127.0.0.1:9")
    return annas_desk


def call_back(desk: Desk, number: str) -> Locator:
    return desk.page.locator(f"#day-calls [data-number='{number}']")


def queues_move(desk: Desk) -> None:
    """And the page has drawn it, twice."""
    move = desk.page.locator("#queues [data-queue='2'] .waiting")
    for waiting in (7, 8):
        desk.switch.put(board.queue_topic(2), board.QueueDocument(2, "Sales", waiting=waiting, logged_on=3, ready=waiting % 2))
        expect(move).to_have_text(str(waiting))


def called(desk: Desk) -> list[str]:
    return [asked.number for asked in desk.switch.asked(requests.CallOut)]


def test_who_is_on_a_call_back_button_by_keyboard_stays_there_while_queues_move(at_work: Desk) -> None:
    """OB-01: and calls the number that he was on."""
    button = call_back(at_work, NILS)
    button.focus()
    queues_move(at_work)
    expect(button).to_be_focused()
    at_work.page.keyboard.press("Enter")
    at_work.panel("calling")
    assert called(at_work) == [NILS]


def test_a_press_of_the_mouse_counts_though_queues_move_before_the_button_is_released(at_work: Desk) -> None:
    """OB-01"""
    call_back(at_work, KARI).hover()
    at_work.page.mouse.down()
    queues_move(at_work)
    at_work.page.mouse.up()
    at_work.panel("calling")
    assert called(at_work) == [KARI]


def test_text_that_is_selected_stays_so_while_queues_move(at_work: Desk) -> None:
    """SP-04: a customer's company, the note of an earlier call, a name of a call of today: to be copied."""
    at_work.switch.ring(at_work.agent, caller=KARI)
    at_work.panel("ringing")
    for place in ("#contacts li", "#day-calls li", "#path"):
        selected = at_work.page.locator(place).first.evaluate(SELECT)
        queues_move(at_work)
        assert selected and at_work.page.evaluate("String(getSelection())") == selected, place


def test_a_target_is_chosen_though_its_queue_moves_while_the_mouse_is_down(at_work: Desk) -> None:
    """TR-01: the list of targets is asked for anew every three seconds."""
    at_work.switch.ring(at_work.agent)
    at_work.panel("ringing")
    at_work.page.keyboard.press("Enter")
    until(lambda: at_work.chromium.has_media(at_work.page), "there is sound")
    at_work.switch.connect(at_work.agent)
    at_work.panel("talking")
    queues_move(at_work)
    at_work.page.keyboard.press("t")
    target = at_work.page.locator("#targets [data-target='queue:2']")
    target.hover()
    at_work.page.mouse.down()
    at_work.switch.put(board.queue_topic(2), board.QueueDocument(2, "Sales", waiting=9, logged_on=3, ready=1))
    expect(target).to_contain_text("9 waiting")
    at_work.page.mouse.up()
    expect(target).to_have_attribute("aria-selected", "true")
