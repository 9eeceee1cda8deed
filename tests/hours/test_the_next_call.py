"""TM-05: what a team leader sets holds for the next call within two seconds, through the announcement and the running switch's core."""

import time
from collections.abc import Iterator
from datetime import time as clock_time
from queue import SimpleQueue

import pytest
import redis as redis_library
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, Team, User
from apps.events.vocabulary import StepLeft
from apps.hours.models import Calendar
from apps.numbers.models import AccessNumber
from apps.switch.core import Configured
from apps.switch.loading import Watcher
from contactcenter.lib import bus
from tests.flows.flow_builder import FlowBuilder, a_sound
from tests.switch.company import NUMBER, Company

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def announcements(redis_url, monkeypatch) -> None:
    client = redis_library.Redis.from_url(redis_url)
    monkeypatch.setattr(bus, "client", lambda: client)


@pytest.fixture
def around_the_clock(announcements) -> Calendar:
    calendar = Calendar.objects.create(name="Customer service", time_zone="Europe/Oslo")
    calendar.weekly.create(days="all", begin=clock_time(0), end=clock_time(23, 59), exit="Open")
    flow = (
        FlowBuilder("Line")
        .opening_hours("Hours", calendar, {"Open": "Hello", "Closed": "Sorry"})
        .message("Hello", a_sound("Hello"), next="Bye")
        .message("Sorry", a_sound("Sorry"), next="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
        .flow()
    )
    AccessNumber.objects.create(number=NUMBER, flow=flow)
    return calendar


@pytest.fixture
def kari(announcements) -> Client:
    """The browser of a team leader."""
    browser = Client()
    browser.force_login(User.objects.create(username="kari", team=Team.objects.create(name="Service"), role=Role.TEAM_LEADER))
    return browser


@pytest.fixture
def news(redis_url, around_the_clock, kari) -> Iterator[SimpleQueue]:
    """What the switch hears of saved configuration."""
    found: SimpleQueue = SimpleQueue()
    watcher = Watcher(redis_url, found)
    watcher.start()
    yield found
    watcher.stop()
    watcher.join()


def the_next_caller_leaves_by(company: Company) -> str:
    company.now = timezone.now().timestamp()
    caller = company.caller()
    company.passes(0.1)
    return next(fact.exit for fact in company.of(StepLeft, caller.id))


@pytest.mark.quiet
def test_closing_early_and_taking_it_back_hold_for_the_next_call(around_the_clock, kari, news):
    first = news.get(timeout=5)
    company = Company(first.configuration)
    assert the_next_caller_leaves_by(company) == "Open"
    for page, exit_name in (("close_early", "Closed"), ("back", "Open")):
        clicked = time.monotonic()
        kari.post(reverse(f"admin:hours_calendar_{page}", args=[around_the_clock.pk]))
        told = news.get(timeout=2)
        assert isinstance(told, Configured) and time.monotonic() - clicked < 2
        company.tell(told)
        assert the_next_caller_leaves_by(company) == exit_name
