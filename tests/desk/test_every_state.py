"""Every state of the desk: axe-core judges it by WCAG 2.2, levels A and AA, and nothing is cut off, from an upright tablet to a laptop.

And no state is drawn anew where nothing is another: the focus, a press of the mouse and selected text outlive each update of a queue.

What can differ is judged, and nothing twice: names, order and size where there is most room in English, and where there is least in
Norwegian, whose words are longer; contrast in both schemes.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.desk.conftest import Desk
from tests.desk.redrawing import NOTE_SOCKETS, redrawn
from tests.desk.states import STATES, others_at_work

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL = {"type": "tag", "values": RULES}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # nothing else depends on the scheme
LAPTOP, UPRIGHT = (1280, 720), (768, 1024)
SIZES = (LAPTOP, (1024, 768), (961, 700), (880, 700), UPRIGHT)  # 961: the narrowest window with three columns (desk.css)
CUT = """
() => {
  const page = document.documentElement;
  const said = page.scrollWidth > page.clientWidth ? ['the page is wider than the window'] : [];
  for (const element of document.body.querySelectorAll('*')) {
    const { left, right, width } = element.getBoundingClientRect();
    const outside = left < -0.5 || right > page.clientWidth + 0.5;
    const hidden = element.scrollWidth - element.clientWidth;
    if (width <= 1 || (!outside && hidden <= 0) || element.closest('.visually-hidden, svg, option')) continue; // 1: for screen readers
    const { overflowX, textOverflow, visibility } = getComputedStyle(element);
    const name = `${element.tagName.toLowerCase()}.${element.className}#${element.id}`;
    if (visibility !== 'visible') continue;
    if (outside) said.push(`${name} is at ${Math.round(left)} to ${Math.round(right)}`);
    else if (overflowX !== 'visible' && textOverflow !== 'ellipsis') said.push(`${name} hides ${hidden} px of what is in it`);
  }
  return said;
}
"""


def begin_judging(page: Page) -> None:
    """Once a page: to bring axe-core into it takes half as long as a judgement."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(Axe().axe_script)


def faults(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds serious or critical on `page` as it is now, by `rules`: rule, element, and what to do, a line for each."""
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']} {node['target']}: {node['failureSummary']}" for rule in grave for node in rule["nodes"]]


def faults_in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = faults(page, COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def cut_off(page: Page) -> list[str]:
    """What reaches beyond the window or the box that it is in, at each size; the page has its own size again afterwards."""
    own, found = page.viewport_size, []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width} px wide: {cut}" for cut in page.evaluate(CUT)]
    page.set_viewport_size(own)
    return found


def judge(page: Page) -> list[str]:
    return cut_off(page) + faults(page, ALL) + (faults_in_the_dark(page) if page.viewport_size["width"] == LAPTOP[0] else [])


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("user", "language", "size"), [("anna", "en", LAPTOP), ("per", "nb", UPRIGHT)], ids=["en", "nb"])
def test_no_state_of_the_desk_has_a_serious_fault_or_is_cut_off_or_drawn_without_need(
    desk: Desk, user: str, language: str, size: tuple[int, int]
) -> None:
    desk.page.add_init_script(NOTE_SOCKETS)
    page = desk.log_in(user).page
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    begin_judging(page)
    found = []
    with others_at_work(desk):
        for name, reach in STATES:
            reach(desk)
            found += [f"{name}, {fault}" for fault in judge(page) + (redrawn(page) if name != "offline" else [])]
    assert not found, "\n".join(found)


def test_the_judges_see_contrast_names_and_edges_of_this_page(annas_desk: Desk) -> None:
    """They are not blind: what is put in is found, contrast in both schemes, the edge at each size."""
    annas_desk.panel("logged_off")
    page = annas_desk.page
    begin_judging(page)
    assert judge(page) == []
    page.add_style_tag(content="#log-on h1 { color: light-dark(#ccc, #333); width: 3000px; }")
    page.locator("#theme").evaluate("(button) => { button.removeAttribute('aria-label'); button.removeAttribute('title'); }")
    assert {fault.split()[0] for fault in faults(page, ALL)} == {"color-contrast", "button-name"}
    assert {fault.split()[0] for fault in faults_in_the_dark(page)} == {"color-contrast"}
    for width, _ in SIZES:
        assert any(cut.startswith(f"{width} px wide: h1") for cut in cut_off(page))
