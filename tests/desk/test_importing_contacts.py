"""Contacts are imported in admin by keyboard, while a worker reads and writes (OB-04)."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium
from tests.desk.conftest import ROOT, Web, sign_in

pytestmark = pytest.mark.browser
PLACE = "/admin/directory/contact/import/"
WORKED = 30_000  # ms: a worker starts a process for each job


@pytest.fixture(scope="module")
def worker(web: Web) -> Iterator[None]:
    worker = subprocess.Popen([sys.executable, "manage.py", "rqworker", "default", "-v", "0"], cwd=ROOT, env=web.environment)
    yield
    worker.terminate()
    worker.wait(20)


@pytest.fixture
def page(worker: None, chromium: Chromium, web: Web) -> Page:
    page = chromium.context.new_page()
    sign_in(page, web, "ingrid", PLACE)
    return page


def hands_in(page: Page, file: Path, text: str) -> None:
    file.write_text(text, encoding="cp1252")
    page.locator("#id_file").set_input_files(file)
    page.locator("#id_file").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PLACE}*/")


def test_a_file_is_uploaded_looked_at_and_imported_by_keyboard(page: Page, tmp_path: Path) -> None:
    """OB-04: the page follows the worker without a key; nothing is changed before somebody says yes."""
    rows = "".join(f"Importert {number};Ålesund Bygg;9{number:07}\r\n" for number in range(1500))
    hands_in(page, tmp_path / "kontakter.csv", f"Navn;Firma;Mobil\r\n{rows}")
    button = page.get_by_role("button", name="Import 1500 contacts")
    expect(button).to_be_visible(timeout=WORKED)
    expect(page.locator(".cc-rows ins", has_text="Ålesund Bygg")).to_have_count(50)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cc-state")).to_have_text("Imported.", timeout=WORKED)
    page.goto(page.url.split("import/")[0] + "?q=importert 1499")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    with page.expect_download() as export:
        page.get_by_role("link", name="Export 1 contact").click()
    assert "'+4790001499" in export.value.path().read_text(encoding="utf-8-sig")


def test_faults_are_shown_by_row_and_column(page: Page, tmp_path: Path) -> None:
    hands_in(page, tmp_path / "faults.csv", "Name;Mobile;Shoe size\nKari;no number;38\n;;\n;90111111;\n")
    expect(page.locator(".cc-state")).to_have_text("There are faults in the file. Nothing was imported.", timeout=WORKED)
    cells = page.locator(".cc-rows tbody tr")
    expect(cells.nth(0)).to_contain_text("“no number” is no telephone number")
    expect(cells.nth(1).locator("td")).to_have_text(["4", "Name", "The name is missing."])
    expect(page.locator(".cc-warning")).to_contain_text("Shoe size")
