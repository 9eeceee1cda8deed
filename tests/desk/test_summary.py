"""What an agent says about his call, by keyboard alone: a note that is saved as he types, and how it went."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from apps.switch import board, requests
from tests.desk.conftest import Desk, Web
from tests.product import until

pytestmark = pytest.mark.browser
CHOICES = (board.DispositionChoice(7, "Sold"), board.DispositionChoice(8, "Not sold"), board.DispositionChoice(9, "Calls again"))


def talking(desk: Desk, **card: object) -> board.CallCard:
    rung = desk.switch.ring(desk.agent, **card)
    desk.panel("ringing")
    desk.page.keyboard.press("Enter")
    desk.switch.connect(desk.agent)
    desk.panel("talking")
    return rung


@pytest.fixture
def talk(annas_desk: Desk) -> Desk:
    annas_desk.switch.dispositions = CHOICES
    annas_desk.log_on()
    talking(annas_desk)
    return annas_desk


def state(desk: Desk, word: str) -> None:
    expect(desk.page.locator("[data-text=note-state]")).to_have_text(word)


def test_a_note_is_typed_by_keyboard_saved_and_there_after_a_reload(talk: Desk) -> None:
    """Keys of the desk are letters while somebody types; Escape leaves the field."""
    keyboard = talk.page.keyboard
    keyboard.press("n")
    expect(talk.page.locator("#note")).to_be_focused()
    keyboard.type("Mmm, wants\nthe blue one")
    state(talk, "Saved")
    keyboard.press("Escape")
    expect(talk.page.locator("#note")).not_to_be_focused()
    expect(talk.page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "false")
    talk.page.reload()
    expect(talk.page.locator("#note")).to_have_value("Mmm, wants\nthe blue one")
    state(talk, "Saved")
    kept = talk.page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
    assert "blue" not in kept


def test_what_is_typed_while_the_server_is_away_is_saved_when_it_is_back(talk: Desk) -> None:
    keyboard = talk.page.keyboard
    keyboard.press("n")
    keyboard.type("before")
    state(talk, "Saved")
    talk.web.stop()
    try:
        expect(talk.page.locator("body")).to_have_attribute("data-link", "offline")
        keyboard.type(" and after")
        state(talk, "Not saved yet: it is tried again")
    finally:
        talk.web.start()
    expect(talk.page.locator("body")).to_have_attribute("data-link", "online", timeout=15_000)
    state(talk, "Saved")
    talk.page.reload()
    expect(talk.page.locator("#note")).to_have_value("before and after")


def test_leaving_with_something_unsaved_is_asked_about(talk: Desk) -> None:
    asked: list[str] = []
    talk.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    talk.page.evaluate("WebSocket.prototype.send = () => {}")  # a network that swallows everything
    talk.page.keyboard.press("n")
    talk.page.keyboard.type("precious")
    talk.page.reload()
    assert asked == ["beforeunload"]


def test_two_windows_lose_nothing_of_each_other(talk: Desk) -> None:
    """The second one has not seen what the first wrote since."""
    talk.page.keyboard.press("n")
    talk.page.keyboard.type("one")
    state(talk, "Saved")
    other = talk.chromium.context.new_page()
    other.goto(f"{talk.web.url}/desk/")
    field = other.locator("#note")
    expect(field).to_have_value("one")
    talk.page.locator("#note").press_sequentially(" more")
    state(talk, "Saved")
    field.press_sequentially(" other")
    expect(field).to_have_value("one more\none other")
    expect(other.locator("[data-text=note-state]")).to_have_text("Saved")


def test_what_was_saved_while_the_answer_was_lost_is_not_written_twice(talk: Desk) -> None:
    """The page sends it again with what it knows; the server has it already."""
    talk.page.keyboard.press("n")
    talk.page.keyboard.type("one")
    state(talk, "Saved")
    talk.page.evaluate("""() => {
      const real = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) {
        real.call(this, text);
        if (!text.includes('desk.write_note')) return;
        WebSocket.prototype.send = real;
        this.onmessage = null; // no answer comes through any more
        dispatchEvent(new Event('offline'));
      };
    }""")
    talk.page.keyboard.type(" more")
    state(talk, "Saved")
    expect(talk.page.locator("#note")).to_have_value("one more")
    talk.page.reload()
    expect(talk.page.locator("#note")).to_have_value("one more")


def test_the_next_call_has_an_empty_note_and_the_last_one_is_kept(talk: Desk) -> None:
    talk.page.keyboard.press("n")
    talk.page.keyboard.type("about Kari")
    talk.switch.caller_hangs_up(talk.agent)
    talk.panel("wrap_up")
    expect(talk.page.locator("#note")).to_be_focused()  # nobody is interrupted
    talk.page.keyboard.type(", who hung up")
    state(talk, "Saved")
    about = talk.switch.agents[talk.agent].summary
    talk.page.locator(".wrap-up [data-do=ready]").click()
    talking(talk, caller="+4799887766", caller_name="Ola Lie")
    expect(talk.page.locator("#note")).to_have_value("")
    talk.switch.change(talk.agent, status="wrap_up", card=None, summary=about)
    expect(talk.page.locator("#note")).to_have_value("about Kari, who hung up")


@pytest.fixture
def archive(web: Web) -> Iterator[sqlite3.Connection]:
    """The web process's database."""
    with contextlib.closing(sqlite3.connect(web.folder / "contactcenter.sqlite3", timeout=5, isolation_level=None)) as archive:
        yield archive
        for table in ("calls_leg", "notes_note"):
            archive.execute(f"DELETE FROM {table} WHERE call_id LIKE 'earlier-%'")


def arrives(archive: sqlite3.Connection, call: str, agent: int) -> None:
    """A leg of `agent`, who has just talked in `call`."""
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    row = {"id": f"{call}-l2", "call_id": call, "role": "agent", "agent_id": agent, "number": "", "started_at": now, "connected_at": now}
    row |= dict.fromkeys(("received", "lost", "jitter_ms", "rtt_ms", "sent", "sent_lost", "sent_jitter_ms"), 0)
    archive.execute(f"INSERT INTO calls_leg ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


HOLD_NOTES = """() => {
  const send = WebSocket.prototype.send;
  window.__go = () => { WebSocket.prototype.send = send; window.__held?.(); };
  WebSocket.prototype.send = function (text) {
    if (text.includes('desk.write_note')) window.__held = () => send.call(this, text);
    else send.call(this, text);
  };
}"""


def test_a_note_of_a_call_that_is_not_in_the_archive_yet_is_saved_when_it_is(talk: Desk, archive: sqlite3.Connection) -> None:
    """The database was away: the archive is some seconds behind, and the next call has come."""
    page = talk.page
    talk.switch.caller_hangs_up(talk.agent)
    talking(talk, call="earlier-0")
    page.evaluate(HOLD_NOTES)
    page.keyboard.press("n")
    page.keyboard.type("Wants the blue one")
    page.wait_for_function("window.__held !== undefined")
    talk.switch.caller_hangs_up(talk.agent)
    talking(talk, caller="+4799887766")
    with page.expect_console_message(lambda said: "not_your_call" in said.text):
        page.evaluate("__go()")
    arrives(archive, "earlier-0", talk.agent)
    saved = "SELECT text FROM notes_note WHERE call_id = 'earlier-0'"
    assert until(lambda: archive.execute(saved).fetchone(), "the note is saved") == ("Wants the blue one",)


def test_how_it_went_is_chosen_with_the_arrows_and_enter(talk: Desk) -> None:
    keyboard = talk.page.keyboard
    keyboard.press("d")
    expect(talk.page.get_by_role("button", name="Sold", exact=True)).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    assert talk.switch.asked(requests.ChooseDisposition) == []  # moving is not choosing
    keyboard.press("Enter")
    chosen = talk.page.get_by_role("button", name="Calls again")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(chosen).to_be_focused()
    until(lambda: [one.disposition for one in talk.switch.asked(requests.ChooseDisposition)] == [9], "the switch is told")
    talk.switch.caller_hangs_up(talk.agent)
    talk.panel("wrap_up")
    expect(chosen).to_have_attribute("aria-pressed", "true")


def test_ready_is_refused_in_words_until_what_the_queue_demands_is_chosen(talk: Desk) -> None:
    """AS-02"""
    talk.switch.demands = True
    talk.switch.connect(talk.agent)
    expect(talk.page.locator("#dispositions-title")).to_contain_text("(required)")
    talk.switch.caller_hangs_up(talk.agent)
    talk.panel("wrap_up")
    owes = talk.page.locator(".owes")
    expect(owes).to_have_text("Choose how it went: the wrap-up does not end before.")
    talk.page.keyboard.press("p")
    talk.page.keyboard.press("p")
    expect(talk.page.locator("#notice")).to_contain_text("Choose first how the call went (D)")
    talk.panel("wrap_up")
    talk.switch.change(talk.agent, until=None)
    expect(owes).to_have_text("The wrap-up is over as soon as you have chosen how it went.")
    talk.page.keyboard.press("d")
    talk.page.keyboard.press("Enter")
    expect(owes).to_be_hidden()
    talk.page.keyboard.press("p")
    talk.page.keyboard.press("p")
    talk.panel("idle")


def test_a_queue_without_dispositions_shows_none(annas_desk: Desk) -> None:
    annas_desk.log_on()
    talking(annas_desk)
    expect(annas_desk.page.locator("#note")).to_be_visible()
    expect(annas_desk.page.locator(".dispositions")).to_be_hidden()
    annas_desk.page.keyboard.press("d")
    annas_desk.panel("talking")


def test_a_long_note_is_bounded_and_says_so(talk: Desk) -> None:
    field = talk.page.locator("#note")
    field.fill("x" * 3_990)
    expect(talk.page.locator("[data-text=note-rest]")).to_have_text("10 characters left")
    field.press_sequentially("y" * 15)
    expect(field).to_have_value(re.compile("^x{3990}y{10}$"))
    state(talk, "Saved")
