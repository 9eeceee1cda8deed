"""Calendars as an administrator saves them."""

from datetime import time

import pytest

from apps.hours import services
from apps.hours.models import Calendar


@pytest.fixture
def service(db) -> Calendar:
    """Customer service in Norway: weekdays 08:00 to 15:59 with lunch, closed on public holidays."""
    calendar = Calendar.objects.create(name="Customer service", time_zone="Europe/Oslo", country="NO")
    calendar.weekly.create(days="mon_fri", begin=time(8), end=time(15, 59), exit="Open")
    calendar.weekly.create(days="mon_fri", begin=time(11, 30), end=time(11, 59), exit="Lunch")
    services.settle(calendar)
    return calendar
