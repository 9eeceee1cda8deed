"""The page "Trunk health" as an administrator uses it: it is true by itself, and its button tells step by step what it finds.

The front door and the operator (Kamailio) are real.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_library
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.sync_api import Page, expect

from apps.accounts.models import Role, Team, User
from apps.numbers.models import Trunk
from apps.switch.loading import load
from apps.telephony.frontdoor import published
from contactcenter.lib import bus
from tests.browser.chromium import ChromiumShell
from tests.sip.door import Door
from tests.sip.kamailio import HOST, REALM, USER, Kamailio

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.django_db(transaction=True)]


class Office:
    """An administrator before the page, a front door, and an operator who believes one password."""

    def __init__(self, page: Page, door: Door, operator: Kamailio, trunk: Trunk) -> None:
        self.page, self.door, self.operator, self.trunk = page, door, operator, trunk
        self.card = page.locator(f"[data-trunk='{trunk.pk}']")

    def password_is(self, password: str) -> None:
        """Saved in admin, and told by the switch."""
        in_the_database(lambda: Trunk.objects.filter(pk=self.trunk.pk).update(password=password))
        published.publish(self.door.redis, in_the_database(load)[1])


def in_the_database(work):
    """Playwright runs an event loop in the thread of the test."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        return work()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def logged_in_as_administrator() -> str:
    """The key of a session."""
    user = User.objects.create(username="admin", role=Role.ADMINISTRATOR, team=Team.objects.create(name="A"), language="en")
    session = SessionStore()
    session.update({"_auth_user_id": str(user.pk), "_auth_user_backend": "apps.accounts.rights.RoleBackend"})
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return session.session_key


@pytest.fixture
def office(live_server, redis_url: str, redis: redis_library.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(bus, "client", lambda: redis)
    key = logged_in_as_administrator()
    with Kamailio(tmp_path) as operator, Door(redis_url, tmp_path) as door:
        trunk = Trunk.objects.create(
            name="Telenor", sources=HOST, host=operator.address, user=USER, domain=REALM, password="wrong", register=True, maximum_calls=30
        )
        published.publish(redis, load()[1])
        connection.close()
        with ChromiumShell() as chromium:
            chromium.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
            page = chromium.open(f"{live_server.url}/admin/numbers/trunk/health/")
            yield Office(page, door, operator, trunk)


def test_a_wrong_password_is_seen_tested_mended_and_seen_to_be_right(office: Office):
    """AN-03, Trunk health; by keyboard."""
    facts, test = office.card.locator("[data-fact]"), office.card.locator("[data-test]")
    expect(facts).to_contain_text("Not registered: user name or password are wrong", timeout=15_000)
    office.card.get_by_role("button", name="Test").focus()
    office.page.keyboard.press("Enter")
    expect(test).to_contain_text("Its address is 127.0.0.2")
    expect(test).to_contain_text("Not registered: user name or password are wrong", timeout=10_000)
    office.password_is("s3cret")
    expect(facts).to_contain_text("Registered until", timeout=10_000)
    assert office.page.evaluate("document.activeElement.textContent") == "Test", "what is fetched anew leaves the focus where it is"
    office.page.keyboard.press("Enter")
    expect(test.locator("li")).to_have_count(3, timeout=10_000)
    expect(test.locator("li.trunk-good")).to_have_count(3)
