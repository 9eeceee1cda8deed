"""The server lives, and has more to do than it can: agents who talk come back to their calls all the same."""

import pytest
from playwright.sync_api import expect

from tests.desk.conftest import Desk, sign_in
from tests.desk.slow_door import SlowDoor
from tests.desk.test_desk import talking

pytestmark = [pytest.mark.browser]

SLOWER_THAN_PATIENCE = 2.0  # seconds; URGENT.connect in static/live/socket.js is 1.2


def test_a_socket_that_is_taken_late_is_waited_for_in_a_call(desk: Desk) -> None:
    """PF-08: if it were given up as one in a dead network is, the next would be as late, for ever."""
    with SlowDoor(desk.web.port, 0.0) as door:
        sign_in(desk.page, desk.web, "anna", url=door.url)
        talking(desk)
        door.seconds = SLOWER_THAN_PATIENCE
        desk.page.evaluate("dispatchEvent(new Event('offline'))")
        expect(desk.page.locator("body")).to_have_attribute("data-link", "offline")
        expect(desk.page.locator("body")).to_have_attribute("data-link", "online", timeout=4 * 1000 * SLOWER_THAN_PATIENCE)
