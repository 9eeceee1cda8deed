"""Note and disposition on the running product: over a network that is away for a while, and into the archive."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.page_lost.cable import Cable
from tests.page_lost.talk import Talk
from tests.product import ROOT, Product, until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(180)]

CHOSEN = "SELECT d.name FROM calls_call c JOIN queues_disposition d ON d.id = c.disposition_id WHERE c.id = ?"
DEMAND = """
from apps.queues.models import Queue
queue = Queue.objects.get(name="Support")
queue.disposition_required = {demanded}
queue.save()
"""


def demand(product: Product, demanded: bool) -> None:
    command = [sys.executable, "manage.py", "shell", "-c", DEMAND.format(demanded=demanded)]
    subprocess.run(command, cwd=ROOT, env=product.environment, check=True, timeout=60)


@pytest.fixture
def demanded(product: Product) -> Iterator[None]:
    demand(product, True)
    yield
    demand(product, False)


def test_a_note_survives_the_network_and_a_disposition_is_demanded(demanded: None, talk: Talk, cable: Cable) -> None:
    """AS-02: by keyboard alone."""
    page, keyboard = talk.agent.page, talk.agent.page.keyboard
    told = page.locator("[data-text=note-state]")
    keyboard.press("n")
    keyboard.type("Vil ha faktura")
    expect(told).to_have_text("Lagret")
    cable.pull(sound=False)
    keyboard.type(", igjen")
    expect(told).to_have_text("Ikke lagret ennå: det prøves igjen", timeout=15_000)
    cable.plug()
    expect(told).to_have_text("Lagret", timeout=15_000)
    keyboard.press("Escape")
    talk.caller.hang_up()
    talk.agent.sees_panel("wrap_up")
    expect(page.locator(".owes")).to_be_visible()
    keyboard.press("p")
    keyboard.press("p")
    expect(page.locator("#notice")).to_contain_text("Velg først hvordan samtalen gikk")
    keyboard.press("d")
    keyboard.press("Enter")
    expect(page.locator(".owes")).to_be_hidden()
    keyboard.press("p")
    keyboard.press("p")
    talk.agent.sees_panel("idle")
    until(lambda: talk.product.value(CHOSEN, talk.call) == "Solved", "the archive has the disposition")
    assert talk.product.value("SELECT text FROM notes_note WHERE call_id = ?", talk.call) == "Vil ha faktura, igjen"
    talk.product.time_line_with(talk.call, "DispositionChosen")
