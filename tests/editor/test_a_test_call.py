"""A draft is called from its own page, at a chosen time, and the way through it is drawn while the call goes on (IV-07).

Gateway and switch are fakes that speak their protocol; the browser's sound is real.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import pytest
import redis as redis_library
from playwright.sync_api import WebSocketRoute, expect

from apps.events import vocabulary as v
from apps.switch import requests
from apps.telephony import protocol
from contactcenter.lib import bus
from tests.browser.chromium import Chromium
from tests.conftest import RedisServer
from tests.desk.peer import Peer
from tests.editor.conftest import Editor
from tests.fakes.pages_gateway import PagesGateway
from tests.fakes.pages_switch import PagesSwitch

pytestmark = pytest.mark.browser


@pytest.fixture
def behind(chromium: Chromium, editor_redis: RedisServer) -> Iterator[tuple[PagesSwitch, PagesGateway]]:
    peer = Peer(chromium.context.new_page())
    with PagesSwitch(editor_redis.url) as switch, PagesGateway(editor_redis.url, peer.answers) as gateway:
        yield switch, gateway
    peer.stop()


def test_who_writes_before_the_numbers_have_come_is_not_disturbed(editor: Editor, behind) -> None:
    page = editor.page
    late: list[Callable[[], None]] = []

    def slowly(socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(lambda message: late.append(partial(socket.send, message)))

    page.route_web_socket("**/*", slowly)
    page.get_by_role("button", name="Test call").click()
    page.locator("#test-caller").fill("22 33")
    while not late:
        page.wait_for_timeout(20)
    for go in late:
        go()
    expect(page.locator("#test-number")).to_have_value("+4780012345")
    page.keyboard.type(" 44 55")
    expect(page.locator("#test-caller")).to_have_value("22 33 44 55")
    expect(page.locator("#test-caller")).to_be_focused()


def test_the_way_of_a_test_call_is_drawn_live_and_stays(editor: Editor, behind, editor_redis: RedisServer) -> None:
    switch, gateway = behind
    page = editor.page
    page.get_by_role("button", name="Test call").click()
    number = page.locator("#test-number")
    expect(number).to_have_value("+4780012345")
    page.locator("#test-caller").fill("22 33 44 55")
    page.locator("#test-clock").fill(f"{date.today().year + 1}-12-24T15:30")
    page.locator("#test-call").click()
    expect(page.locator("#test-state")).to_have_text("Connected")
    (asked,) = gateway.asked(protocol.TestCall)
    assert (asked.number, asked.caller, asked.draft) == ("+4780012345", "+4722334455", editor.version)
    assert asked.shift > 86_400
    (brought,) = switch.asked(requests.TestDraft)
    assert {step.name for step in brought.graph.steps.values()} == editor.steps()

    journal = redis_library.Redis.from_url(editor_redis.url)
    ids = {name: pk for pk, name in editor.rows("SELECT id, name FROM flows_step WHERE version_id = ?", editor.version)}
    opening, menu = ids["Opening message"], ids["Main menu"]
    for event in (
        v.CallArrived(at=1, call="c", leg="test-leg", caller="", dialled="+4780012345", test=True),
        v.StepEntered(at=2, call="c", step=opening, kind="message", name="Opening message"),
        v.StepLeft(at=6, call="c", step=opening, exit="next", result="played", seconds=4.2),
        v.StepEntered(at=6, call="c", step=menu, kind="menu", name="Main menu"),
    ):
        bus.post(journal, bus.JOURNAL, event)
    expect(page.locator(".flow-box.here")).to_have_attribute("data-step", str(menu))
    expect(editor.box("Opening message").locator(".passed-text")).to_have_text("Played to the end · 4.2 s")
    expect(page.locator(f".flow-line.passed[data-from='{opening}'][data-to='{menu}']")).to_have_count(1)
    for event in (
        v.StepLeft(at=9, call="c", step=menu, exit="1", result="choice", value="1", label="Support", seconds=3.0),
        v.CallEnded(at=9, call="c", cause="caller_hung_up"),
    ):
        bus.post(journal, bus.JOURNAL, event)
    expect(page.locator("#test-state")).to_have_text("The call is over")
    expect(page.locator(".flow-box.here")).to_have_count(0)
    expect(editor.box("Main menu").locator(".passed-text")).to_have_text("Chosen: Support · 3 s")
    page.locator("#test-clear").click()
    expect(page.locator(".flow-box.passed")).to_have_count(0)
