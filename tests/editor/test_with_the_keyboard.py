"""Everything that the mouse does, the keyboard does too, and focus is never lost (IV-07, WCAG 2.1.1)."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.editor.conftest import Editor
from tests.product import until

pytestmark = pytest.mark.browser


def test_a_flow_is_changed_with_the_keyboard_alone(editor: Editor) -> None:
    """From the beginning of the page: into the diagram, along the lines, into a form and back, a new step, undo."""
    page = editor.page
    for _ in range(60):
        editor.presses("Tab")
        if page.evaluate("document.activeElement.matches('.flow-box')"):
            break
    editor.has_focus("Opening message")
    editor.presses("ArrowRight")
    editor.has_focus("Main menu")
    editor.presses("ArrowRight", "ArrowDown")
    editor.has_focus("Sales")
    editor.presses("ArrowLeft")
    editor.has_focus("Main menu")
    editor.presses("Enter")
    expect(editor.field("Name")).to_be_focused()
    editor.presses("End")
    page.keyboard.type(" today")
    editor.presses("Escape")
    expect(editor.box("Main menu today")).to_be_focused()
    editor.is_saved()
    editor.presses("a")
    expect(page.locator("#palette button").first).to_be_focused()
    editor.presses("Enter")
    expect(page.locator("#side-title")).to_have_text("Message")
    expect(editor.field("Name")).to_be_focused()
    then = page.locator("#step-form select[name='exit_next']")
    then.focus()
    page.keyboard.type("Good")
    editor.presses("Tab", "Escape")
    editor.has_focus("Message")
    until(lambda: editor.leads_to("Message") == {"next": "Goodbye"}, "the exit leads there")
    editor.presses("Delete")
    expect(editor.box("Message")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('.flow-box')")
    editor.presses("Control+z")
    expect(editor.box("Message")).to_have_count(1)
    editor.presses("Control+y")
    expect(editor.box("Message")).to_have_count(0)
    assert editor.steps() == {"Opening message", "Main menu today", "Support", "Sales", "Goodbye"}


def test_an_exit_is_led_elsewhere_with_its_select(editor: Editor) -> None:
    page = editor.page
    editor.box("Support").focus()
    editor.presses("Enter")
    page.locator("#step-form select[name='exit_full']").focus()
    page.keyboard.type("Sales")
    editor.presses("Tab")
    until(lambda: editor.leads_to("Support") == {"no_agents": "Goodbye", "full": "Sales"}, "the exit leads there")


def test_the_question_mark_shows_the_keys_and_escape_closes_them(editor: Editor) -> None:
    editor.box("Main menu").focus()
    editor.presses("?")
    expect(editor.page.locator("#keys")).to_be_visible()
    editor.presses("Escape")
    expect(editor.page.locator("#keys")).to_be_hidden()
    editor.has_focus("Main menu")


def test_problems_are_reached_with_a_key_and_opened_from_their_list(editor: Editor) -> None:
    page = editor.page
    editor.box("Support").focus()
    editor.presses("Delete")
    expect(page.locator("#editor-notice")).to_contain_text("Exits that lead nowhere now: 1.")
    editor.presses("p")
    editor.has_focus("Main menu")
    expect(page.locator("#step-problems")).to_contain_text("The exit “1 Support” leads nowhere.")
    editor.presses("Escape")
    page.locator("[data-do=problems]").focus()
    editor.presses("Enter")
    expect(page.locator("#problems button").first).to_be_focused()
    editor.presses("Enter")
    expect(page.locator("#side-title")).to_have_text("Main menu")


@pytest.fixture
def slow_network(editor: Editor) -> list[Route]:
    """The forms that the page has asked for; none comes by itself."""
    held: list[Route] = []
    editor.page.route(re.compile(r"/admin/flows/\w+step/\d+/"), lambda route: held.append(route))
    return held


def forms_come(editor: Editor, held: list[Route]) -> None:
    until(lambda: editor.page.title() and held, "the page has asked for a form")
    for route in held:
        route.continue_()
    editor.page.unroute_all()
    editor.page.locator("#step-form form").wait_for(state="attached")


def test_a_form_that_comes_late_takes_the_keyboard_from_nobody(editor: Editor, slow_network: list[Route]) -> None:
    search = editor.page.locator("#find-step")
    editor.box("Main menu").locator(".box-face").click()
    editor.has_focus("Main menu")
    editor.box("Support").focus()
    editor.presses("Enter")
    search.focus()
    forms_come(editor, slow_network)
    expect(editor.field("Name")).to_have_value("Support")
    expect(search).to_be_focused()


def test_who_removes_the_first_step_stands_on_the_one_that_it_led_to(editor: Editor) -> None:
    editor.box("Opening message").focus()
    editor.presses("Delete")
    expect(editor.box("Opening message")).to_have_count(0)
    editor.has_focus("Main menu")


def test_the_step_with_the_focus_is_removed_whatever_is_opened_meanwhile(editor: Editor, slow_network: list[Route]) -> None:
    editor.box("Support").focus()
    editor.presses("Delete")
    editor.box("Sales").locator(".box-face").click()
    forms_come(editor, slow_network)
    expect(editor.box("Support")).to_have_count(0)
    editor.has_focus("Sales")
    assert editor.steps() == {"Opening message", "Main menu", "Sales", "Goodbye"}
