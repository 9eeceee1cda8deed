"""The states that an agent's desk can be in, each reached from the one before, as an agent reaches it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from playwright.sync_api import expect

from apps.switch import board, requests
from tests.desk.conftest import Desk
from tests.sip.door import cell_waits

CHOICES = (board.DispositionChoice(7, "Sold"), board.DispositionChoice(8, "Not sold"), board.DispositionChoice(9, "Calls again"))
FOUND = (
    board.ShownValue("Customer number", "4711"), board.ShownValue("Level", "Gold"),
    board.ShownValue("In the shop", "https://shop.example/customers/4711?order=20261128", link=True),
    *(board.ShownValue(f"Order {number}", "On its way since Thursday, to be delivered at the back door") for number in range(5)),
)  # fmt: skip
SOUNDS = """
async (grade) => {
  const { Looks } = await import('/static/softphone/quality.js');
  Looks.prototype.add = () => ({ grade, cause: 'loss', lossPercent: 4.2, jitterMs: 31, rttMs: 180, mos: 3.1 });
}
"""  # on this machine nothing is lost on the way


def change_card(desk: Desk, **fields: object) -> None:
    desk.switch.change(desk.agent, card=msgspec.structs.replace(desk.switch.agents[desk.agent].card, **fields))


def logged_off(desk: Desk) -> None:
    desk.panel("logged_off")


def sound_test(desk: Desk) -> None:
    desk.page.locator(".phone").click()
    desk.page.locator("[data-do=test_sound]").click()
    expect(desk.page.locator("#sound-test .bar-level i.on").first).to_be_visible()


def sound_trouble(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    desk.peer.refuse = "busy"
    desk.page.locator(".phone").click()
    desk.page.locator("[data-do=test_sound]").click()
    expect(desk.page.locator("#sound-test")).to_have_attribute("data-sound", "trouble")
    desk.peer.refuse = ""


def external_phone(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    desk.page.locator("#log-on [value=external]").check()
    expect(desk.page.locator("#log-on .number-label")).to_be_visible()


def idle(desk: Desk) -> None:
    desk.page.locator("#log-on [value=softphone]").check()
    desk.log_on()
    expect(desk.page.locator("#queues [data-queue='2'] .waiting")).to_have_text("2")


def change_of_log_on(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("l")
    desk.page.locator("#log-on-change [value=external]").check()
    expect(desk.page.locator("#log-on-change .number-label")).to_be_visible()


def menu(name: str) -> Callable[[Desk], None]:
    """The menu of the top line that `name` (a selector) opens."""

    def opened(desk: Desk) -> None:
        desk.page.locator(name).click()
        expect(desk.page.locator(name)).to_have_attribute("aria-expanded", "true")

    return opened


def directory(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("kari")
    expect(desk.page.locator("#directory [role=option]").first).to_be_visible()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator("#directory [aria-selected=true]")).to_be_visible()


def nothing_found(desk: Desk) -> None:
    desk.page.locator("#directory input").fill("nobody")
    expect(desk.page.locator("#directory [role=listbox]")).to_be_hidden()


def number_found(desk: Desk) -> None:
    desk.page.locator("#directory input").fill("")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("c")
    desk.page.keyboard.type("siri")
    expect(desk.page.locator("#call-out [role=option]")).to_have_count(1)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#call-out [aria-selected=true]")).to_be_visible()


def keys(desk: Desk) -> None:
    for _ in range(2):  # the list, then the field
        desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("?")
    expect(desk.page.locator("#keys")).to_be_visible()


def pause(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("p")
    desk.page.keyboard.press("1")
    desk.status("Lunch")


def calling(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    cell_waits(desk.switch.redis, "cell-1", "127.0.0.1:9")
    desk.page.keyboard.press("c")
    desk.page.keyboard.type("22334455")
    desk.page.keyboard.press("Enter")
    desk.panel("calling")
    change_card(desk, state="alerting")


def called(desk: Desk) -> None:
    """After a call out, and without anything to choose."""
    desk.page.keyboard.press("Escape")
    desk.panel("wrap_up")


def ringing(desk: Desk) -> None:
    desk.switch.change(desk.agent, status="ready")
    desk.switch.ring(desk.agent, caller="+4790123456", shown=FOUND)
    desk.panel("ringing")
    expect(desk.page.locator("#contacts li")).to_have_count(1)


def talking(desk: Desk) -> None:
    desk.switch.dispositions = CHOICES
    desk.switch.demands = True
    desk.page.keyboard.press("Enter")
    desk.switch.connect(desk.agent)
    desk.page.evaluate(SOUNDS, "fair")  # seen at the next look, some states from now
    change_card(desk, recording="on", recording_mode="pausable", recording_since=time.time())
    desk.panel("talking")
    expect(desk.page.locator("#dispositions button")).to_have_count(3)


def keypad(desk: Desk) -> None:
    desk.page.keyboard.press("k")
    desk.page.locator("[data-key='4']").click()
    desk.page.keyboard.press("x")
    expect(desk.page.locator("#keypad output")).to_have_text("4")
    expect(desk.page.locator("[data-do=mask]")).to_have_attribute("aria-pressed", "true")


def refused(desk: Desk) -> None:
    desk.page.keyboard.press("k")
    desk.switch.refuse[requests.Hold] = "no_call"
    desk.page.keyboard.press("h")
    expect(desk.page.locator("#notice")).to_be_visible()
    desk.switch.refuse.clear()


def transferring(desk: Desk) -> None:
    """With one who can be chosen, one who cannot, a queue with agents, one without, and a flow."""
    desk.page.keyboard.press("t")
    expect(desk.page.locator("#targets .target")).to_have_count(5)
    expect(desk.page.locator("#targets [aria-selected=true]")).to_be_visible()


def held(desk: Desk) -> None:
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("h")
    desk.panel("held")


def fair_sound(desk: Desk) -> None:
    """With its figures. It will be poor at the next look, in some states from now."""
    expect(desk.page.locator(".quality")).to_have_attribute("data-quality", "fair")
    desk.page.locator(".quality summary").click()
    expect(desk.page.locator(".quality-figures")).to_be_visible()
    desk.page.evaluate(SOUNDS, "poor")


def consult(state: str, panel: str) -> Callable[[Desk], None]:
    """Somebody else is asked: `state` of the consult, and the panel that it shows."""

    def consulting(desk: Desk) -> None:
        change_card(desk, state=panel, consult=board.ConsultCard("agent", "Ola Lie", "", state, time.time()))
        desk.panel(panel)
        expect(desk.page.locator("#consult")).to_be_visible()

    return consulting


def poor_sound(desk: Desk) -> None:
    desk.page.locator(".quality summary").click()
    expect(desk.page.locator(".quality")).to_have_attribute("data-quality", "poor")
    expect(desk.page.locator("[data-text=quality-advice]")).to_be_visible()


def lost(desk: Desk) -> None:
    change_card(desk, state="lost", consult=None)
    desk.panel("lost")


def wrap_up(desk: Desk) -> None:
    change_card(desk, state="talking", consult=None)
    desk.panel("talking")
    desk.page.locator("#note").fill("Wants the blue one")
    expect(desk.page.locator("[data-text=note-state]")).to_have_attribute("data-note", "saved")
    desk.switch.caller_hangs_up(desk.agent)
    desk.panel("wrap_up")
    expect(desk.page.locator(".owes")).to_be_visible()


def disposed(desk: Desk) -> None:
    desk.page.locator("#dispositions button").first.click()
    expect(desk.page.locator("#dispositions [aria-pressed=true]")).to_be_visible()


def asked_by_a_colleague(desk: Desk) -> None:
    desk.page.locator(".wrap-up [data-do=ready]").click()
    desk.panel("idle")
    desk.switch.ring(desk.agent, asked_by="Ola Lie", consulted=True)
    desk.panel("ringing")
    expect(desk.page.locator("[data-text=call-state]")).to_contain_text("Ola Lie")


def colleague_talking(desk: Desk) -> None:
    desk.page.keyboard.press("Enter")
    desk.switch.connect(desk.agent)
    change_card(desk, state="consulting")
    desk.panel("consulting")


def offline(desk: Desk) -> None:
    desk.chromium.context.set_offline(True)
    desk.page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(desk.page.locator("body")).to_have_attribute("data-link", "offline")


STATES: tuple[tuple[str, Callable[[Desk], None]], ...] = (
    ("logged off", logged_off),
    ("test of the sound", sound_test),
    ("test of the sound fails", sound_trouble),
    ("external phone", external_phone),
    ("idle", idle),
    ("menu of statuses", menu("#status")),
    ("menu of the phone", menu(".phone")),
    ("menu of the person", menu(".user")),
    ("change of profile or phone", change_of_log_on),
    ("directory with hits", directory),
    ("directory without", nothing_found),
    ("call somebody", number_found),
    ("keys", keys),
    ("pause", pause),
    ("calls somebody", calling),
    ("has called", called),
    ("ringing", ringing),
    ("talking", talking),
    ("keypad", keypad),
    ("a refusal", refused),
    ("transfer", transferring),
    ("held", held),
    ("fair sound", fair_sound),
    ("colleague rings", consult("ringing", "held")),
    ("consulting", consult("talking", "consulting")),
    ("three-party", consult("three_party", "three_party")),
    ("poor sound", poor_sound),
    ("lost", lost),
    ("wrap-up that owes", wrap_up),
    ("wrap-up", disposed),
    ("asked by a colleague", asked_by_a_colleague),
    ("answers a colleague", colleague_talking),
    ("offline", offline),
)


@contextmanager
def others_at_work(desk: Desk) -> Iterator[None]:
    """Of the two others one is ready and one has a pause; queue Sales is served. The web process remembers, so they leave at the end."""
    ready, away = {1, 2, 3} - {desk.agent}
    desk.switch.change(ready, status="ready", phone="softphone")
    desk.switch.change(away, status="pause", reason="Lunch", phone="softphone")
    desk.switch.put(board.queue_topic(1), board.QueueDocument(1, "Support"))
    desk.switch.put(board.queue_topic(2), board.QueueDocument(2, "Sales", waiting=2, logged_on=3, ready=1))
    yield
    for agent in (1, 2, 3):
        desk.switch.change(agent, status="logged_off", phone="", card=None, summary=None)
    for queue in (1, 2):
        desk.switch.put(board.queue_topic(queue), None)
