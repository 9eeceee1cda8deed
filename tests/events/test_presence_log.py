"""AS-05: every status change is stored with time, reason, profile and phone."""

import pytest

from apps.accounts import presence_log
from apps.accounts.models import PresenceEntry, Profile, Team, User
from apps.events.vocabulary import CallEnded, Entry, PresenceChanged
from contactcenter.lib.clock import as_datetime

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", team=Team.objects.create(name="Customer service"))


def test_a_status_change_is_stored_once(anna):
    profile = Profile.objects.create(name="Support", team=anna.team)
    change = PresenceChanged(at=100.0, agent=anna.pk, status="pause", before="ready", reason="Lunch", profile=profile.pk, phone="softphone")
    for _ in range(2):
        presence_log.read([Entry(7, change), Entry(8, CallEnded(at=101.0, cause="error"))])
    row = PresenceEntry.objects.get()
    assert (row.seq, row.agent, row.at, row.status, row.reason) == (7, anna, as_datetime(100.0), "pause", "Lunch")
    assert (row.profile, row.phone) == (profile, "softphone")


def test_people_and_profiles_that_are_gone_stop_nobody(anna):
    gone = PresenceChanged(at=100.0, agent=anna.pk + 1, status="ready", before="logged_off")
    stays = PresenceChanged(at=100.0, agent=anna.pk, status="ready", before="logged_off", profile=999, reason="r" * 200)
    presence_log.read([Entry(1, gone), Entry(2, stays)])
    row = PresenceEntry.objects.get()
    assert (row.agent, row.profile, len(row.reason)) == (anna, None, 80)
