"""An administrator changes a flow in its diagram with the mouse (IV-06, IV-07)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium
from tests.desk.conftest import Web, sign_in
from tests.editor.conftest import HOME, Editor
from tests.product import until

pytestmark = pytest.mark.browser
TOUCHED = """
() => {
  window.touched = [];
  const nameOf = (element) => element.closest('.flow-box')?.querySelector('.flow-name').textContent ?? element.tagName;
  new MutationObserver((changes) => {
    for (const { type, target, attributeName } of changes) window.touched.push(`${attributeName ?? type} of ${nameOf(target)}`);
  }).observe(document.querySelector('#canvas svg'), { subtree: true, childList: true, attributes: true });
}
"""
REPEAT = "SELECT repeat FROM flows_menustep m JOIN flows_step s ON s.id = m.step_ptr_id WHERE s.version_id = ?"


def test_the_opening_message_is_changed_and_published(editor: Editor) -> None:
    """The morning of a strike: another sound, which saves itself, then Publish."""
    page = editor.page
    editor.clicks("Opening message")
    page.locator("#step-form select[name$='-prompt']").select_option(label="Strike today")
    editor.plays("Strike today")
    editor.is_saved()
    page.get_by_role("link", name="Publish …").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/flows/flow/*/change/")
    assert editor.rows("SELECT state FROM flows_flowversion WHERE id = ?", editor.version) == [("active",)]


def test_an_exit_is_dragged_to_a_step_and_undone(editor: Editor) -> None:
    editor.drags(editor.port("Opening message", "next"), to=editor.box("Sales"))
    expect(editor.box("Opening message")).to_have_attribute("aria-label", "Message: Opening message. first step. Then leads to Sales")
    assert editor.leads_to("Opening message") == {"next": "Sales"}
    expect(editor.page.locator("#problems")).to_contain_text("No step leads here.")
    editor.page.locator("[data-do=undo]").click()
    expect(editor.page.locator("#problems")).to_contain_text("No problems")
    assert editor.leads_to("Opening message") == {"next": "Main menu"}


def test_an_exit_that_is_dragged_to_nowhere_makes_a_new_step(editor: Editor) -> None:
    """From the handle of the spare exits: first which exit, then which kind."""
    page = editor.page
    editor.drags(editor.port("Main menu", ""), by=(60, 220))
    page.get_by_role("menuitem", name="Invalid").click()
    page.get_by_role("menuitem", name="Message").click()
    expect(editor.box("Message")).to_be_visible()
    until(lambda: editor.leads_to("Main menu").get("invalid") == "Message", "the exit leads to the new step")
    expect(page.locator("#side-title")).to_have_text("Message")


def test_a_new_menu_choice_leads_to_a_new_step(editor: Editor) -> None:
    page = editor.page
    editor.clicks("Main menu")
    page.get_by_role("button", name="Add choice").click()
    row = page.locator("#step-form .row").last
    expect(row.locator("select[name$='-digit']")).to_have_value("3")  # the next one that is free
    row.locator("input[name$='-label']").fill("Opening hours")
    row.locator("select[name$='-target']").select_option(label="Message")
    expect(editor.box("Message")).to_be_visible()
    editor.is_saved()
    until(lambda: editor.leads_to("Main menu").get("3") == "Message", "the choice leads to the new step")
    row.locator("input[name$='-label']").fill("When we are here")
    page.locator("#side-title").click()
    editor.is_saved()
    query = "SELECT digit, label FROM flows_menuchoice c JOIN flows_step s ON s.id = c.step_id WHERE s.version_id = ? ORDER BY c.id"
    until(lambda: editor.rows(query, editor.version) == [("1", "Support"), ("2", "Sales"), ("3", "When we are here")], "the label")


def test_sounds_are_moved_and_removed(editor: Editor) -> None:
    page = editor.page
    editor.clicks("Opening message")
    page.get_by_role("button", name="Add sound").click()
    page.locator("#step-form select[name='sounds-1-prompt']").select_option(label="Opening hours")
    editor.is_saved()
    page.locator("#step-form .row").last.get_by_role("button", name="Move up").click()
    editor.plays("Opening hours", "Welcome")
    editor.drags(page.locator("#step-form .row-handle").first, to=page.locator("#step-form .row").last.locator(".row-buttons button").last)
    editor.plays("Welcome", "Opening hours")
    page.locator("#step-form .row").first.get_by_role("button", name="Remove").click()
    editor.plays("Opening hours")


def test_what_is_filled_in_wrongly_is_said_at_its_field_and_kept(editor: Editor) -> None:
    page = editor.page
    editor.clicks("Main menu")
    editor.field("Repeats").fill("99")
    editor.field("Name").fill("Goodbye")
    page.locator("#side-title").click()
    expect(page.locator("#step-form [data-errors='repeat']")).to_contain_text("less than or equal to 9")
    expect(page.locator("#editor")).to_have_attribute("data-saved", "unsaved")
    editor.clicks("Sales").clicks("Main menu")
    expect(editor.field("Repeats")).to_have_value("99")
    editor.field("Repeats").fill("1")
    editor.field("Name").fill("Choices")
    page.locator("#side-title").click()
    until(lambda: "Choices" in editor.steps(), "the new name")
    editor.is_saved()


def test_what_is_changed_without_a_connection_is_kept_and_saved_later(editor: Editor, chromium: Chromium) -> None:
    page = editor.page
    editor.clicks("Main menu")
    chromium.context.set_offline(True)
    try:
        editor.field("Name").fill("Choices")
        page.locator("#side-title").click()
        expect(page.locator(".editor-saved")).to_contain_text("No connection.")
        editor.drags(editor.port("Sales", "no_agents"), to=editor.box("Support"))
        assert editor.steps() == {"Opening message", "Main menu", "Support", "Sales", "Goodbye"}
    finally:
        chromium.context.set_offline(False)
    editor.is_saved()
    expect(page.locator("#say")).not_to_be_empty()
    until(lambda: "Choices" in editor.steps() and editor.leads_to("Sales") == {"no_agents": "Support"}, "both changes")


def test_two_people_do_not_write_over_each_other_unseen(editor: Editor, chromium: Chromium, web: Web) -> None:
    page = editor.page
    page.route("**/picture/?*", lambda route: route.abort())  # she has not looked meanwhile
    editor.clicks("Main menu")
    other = chromium.somebody_else()
    nils = Editor(other.context.new_page(), web, editor.flow)
    sign_in(nils.page, web, "nils", HOME)
    nils.open().clicks("Main menu")
    nils.page.locator("#step-form [name='repeat']").fill("7")
    nils.page.locator("#side-title").click()
    until(lambda: editor.rows(REPEAT, editor.version) == [(7,)], "his")
    editor.field("Repeats").fill("3")
    page.locator("#side-title").click()
    expect(page.locator("#editor-notice")).to_contain_text("Nils Moen has changed this step meanwhile.")
    assert editor.rows(REPEAT, editor.version) == [(7,)]
    page.get_by_role("button", name="Keep mine").click()
    until(lambda: editor.rows(REPEAT, editor.version) == [(3,)], "mine")
    other.context.close()


def test_a_published_version_is_shown_and_edit_makes_a_draft_of_it(page: Page, web: Web) -> None:
    editor = Editor(page, web, "Main number", "active").open()
    editor.box("Main menu").locator(".box-face").click()
    expect(page.locator("#step-form")).to_contain_text("Maximum tries")
    assert page.locator("#step-form select").count() == 0
    assert page.locator(".port-hand").count() == 0
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator(".editor-bar")).to_contain_text("v2 · Draft")


def test_the_wheel_and_the_buttons_zoom(editor: Editor) -> None:
    page = editor.page
    box = editor.box("Main menu").bounding_box()
    page.locator("[data-do=zoom-in]").click()
    assert editor.box("Main menu").bounding_box()["width"] > box["width"]
    page.locator("[data-do=zoom-fit]").click()
    page.mouse.move(500, 500)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    assert editor.box("Main menu").bounding_box()["width"] > box["width"]


def test_saving_a_step_leaves_the_rest_of_the_diagram_alone(editor: Editor) -> None:
    """Each change of an element is told to all who watch the document, and may lay out every text of the diagram again."""
    page = editor.page
    editor.clicks("Main menu")
    page.evaluate(TOUCHED)
    editor.field("Repeats").fill("7")
    page.locator("#side-title").click()
    until(lambda: editor.rows(REPEAT, editor.version) == [(7,)], "saved")
    editor.is_saved()
    assert set(page.evaluate("window.touched")) <= {"class of Main menu"}
    canvas, room = (page.locator(place).bounding_box() for place in ("#canvas svg", "#canvas"))
    page.evaluate("document.querySelector('#side').style.width = '600px'")
    assert page.locator("#canvas").bounding_box()["width"] < room["width"]
    assert page.locator("#canvas svg").bounding_box() == canvas
