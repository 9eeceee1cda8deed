"""axe-core judges every state of the desk: WCAG 2.2, levels A and AA, light and dark, in both languages."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from apps.switch import board, requests
from tests.desk.conftest import Desk

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL = {"type": "tag", "values": RULES}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # nothing else depends on the scheme
SCHEMES = (("light", ALL), ("dark", COLOURS))
CHOICES = (board.DispositionChoice(7, "Sold"), board.DispositionChoice(8, "Not sold"), board.DispositionChoice(9, "Calls again"))
AXE = Axe()


def faults(page: Page, rules: dict[str, Any] = ALL) -> list[str]:
    """What axe finds serious or critical on `page` as it is now, by `rules`: rule, element, and what to do, a line for each."""
    found: list[dict[str, Any]] = AXE.run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']} {node['target']}: {node['failureSummary']}" for rule in grave for node in rule["nodes"]]


def change_card(desk: Desk, **fields: object) -> None:
    desk.switch.change(desk.agent, card=msgspec.structs.replace(desk.switch.agents[desk.agent].card, **fields))


def logged_off(desk: Desk) -> None:
    desk.panel("logged_off")


def external_phone(desk: Desk) -> None:
    desk.page.locator("[name=phone][value=external]").check()
    expect(desk.page.locator("#external")).to_be_visible()


def idle(desk: Desk) -> None:
    desk.page.locator("[name=phone][value=softphone]").check()
    desk.log_on()
    expect(desk.page.locator("#queues [data-queue='2'] .waiting")).to_have_text("2")


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


def ringing(desk: Desk) -> None:
    desk.switch.change(desk.agent, status="ready")
    desk.switch.ring(desk.agent, caller="+4790123456")
    desk.panel("ringing")
    expect(desk.page.locator("#contacts li")).to_have_count(1)


def talking(desk: Desk) -> None:
    desk.switch.dispositions = CHOICES
    desk.switch.demands = True
    desk.page.keyboard.press("Enter")
    desk.switch.connect(desk.agent)
    change_card(desk, recording="on", recording_since=time.time())
    desk.panel("talking")
    expect(desk.page.locator("#dispositions button")).to_have_count(3)


def keypad(desk: Desk) -> None:
    desk.page.keyboard.press("k")
    desk.page.locator("[data-key='4']").click()
    expect(desk.page.locator("#keypad output")).to_have_text("4")


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


def consult(state: str, panel: str) -> Callable[[Desk], None]:
    """Somebody else is asked: `state` of the consult, and the panel that it shows."""

    def consulting(desk: Desk) -> None:
        change_card(desk, state=panel, consult=board.ConsultCard("agent", "Ola Lie", "", state, time.time()))
        desk.panel(panel)
        expect(desk.page.locator("#consult")).to_be_visible()

    return consulting


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
    ("external phone", external_phone),
    ("idle", idle),
    ("menu of statuses", menu("#status")),
    ("menu of the phone", menu(".phone")),
    ("menu of the person", menu(".user")),
    ("directory with hits", directory),
    ("directory without", nothing_found),
    ("call somebody", number_found),
    ("keys", keys),
    ("pause", pause),
    ("ringing", ringing),
    ("talking", talking),
    ("keypad", keypad),
    ("a refusal", refused),
    ("transfer", transferring),
    ("held", held),
    ("colleague rings", consult("ringing", "held")),
    ("consulting", consult("talking", "consulting")),
    ("three-party", consult("three_party", "three_party")),
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


@pytest.mark.parametrize(("user", "language"), [("anna", "en"), ("per", "nb")])
def test_axe_finds_no_serious_fault_in_any_state_of_the_desk(desk: Desk, user: str, language: str) -> None:
    page = desk.log_in(user).page
    expect(page.locator("html")).to_have_attribute("lang", language)
    found = []
    with others_at_work(desk):
        for name, reach in STATES:
            reach(desk)
            for scheme, rules in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found += [f"{name}, {scheme}: {fault}" for fault in faults(page, rules)]
    assert not found, "\n".join(found)


def test_axe_judges_contrast_and_names_of_this_page(annas_desk: Desk) -> None:
    """The judge is not blind: what is put in is found, in both schemes."""
    annas_desk.panel("logged_off")
    page = annas_desk.page
    page.add_style_tag(content="#log-on h1 { color: light-dark(#ccc, #333); }")
    page.locator("#theme").evaluate("(button) => { button.removeAttribute('aria-label'); button.removeAttribute('title'); }")
    for (scheme, rules), expected in zip(SCHEMES, ({"color-contrast", "button-name"}, {"color-contrast"}), strict=True):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert {fault.split()[0] for fault in faults(page, rules)} == expected
