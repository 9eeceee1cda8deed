"""AU-02: the code that people record sounds with by telephone: shown once, kept as a digest, only of those who may."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from apps.accounts import codes, phone_codes
from apps.accounts.models import PhoneCode, Role, User
from apps.events import models as events
from apps.events.models import Event

pytestmark = pytest.mark.django_db


def makes(client: Client, user: User):
    return client.post(f"/admin/accounts/user/{user.pk}/telephone-code/")


def shown(answer) -> str:
    assert answer.status_code == 200
    return re.search(r"data-code>(\d{8})<", answer.content.decode())[1]


@pytest.fixture
def ada(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def test_the_code_is_shown_once_and_only_its_digest_is_kept(ada, administrator):
    answer = makes(ada, administrator)
    code = shown(answer)
    assert "no-store" in answer["Cache-Control"]
    row = PhoneCode.objects.get()
    assert row.user == administrator and len(row.digest) == 64 and code not in str(vars(row)) and code not in str(LogEntry.objects.values())
    assert phone_codes.load().user_of(code) == administrator.pk
    page = ada.get(f"/admin/accounts/user/{administrator.pk}/change/").content.decode()
    assert code not in page and "New telephone code" in page and "Remove the code" in page


def test_a_new_code_ends_the_old_one_and_it_can_be_removed(ada, administrator):
    first, second = shown(makes(ada, administrator)), shown(makes(ada, administrator))
    known = phone_codes.load()
    assert known.user_of(first) is None and known.user_of(second) == administrator.pk
    assert ada.post(f"/admin/accounts/user/{administrator.pk}/telephone-code/remove/").status_code == 302
    assert not PhoneCode.objects.exists() and phone_codes.load().user_of(second) is None


def test_it_is_made_by_a_button_and_not_by_a_link(ada, administrator):
    assert ada.get(f"/admin/accounts/user/{administrator.pk}/telephone-code/").status_code == 405
    assert ada.get(f"/admin/accounts/user/{administrator.pk}/telephone-code/remove/").status_code == 405


def test_enter_in_a_field_of_the_person_does_not_make_a_code(ada, administrator):
    """A browser presses the first button of the form that the field belongs to."""
    page = ada.get(f"/admin/accounts/user/{administrator.pk}/change/").content.decode()
    own = re.search(r'<form[^>]*id="user_form".*?</form>', page, re.DOTALL)[0]
    assert "telephone-code" not in own and "telephone-code" in page


@pytest.mark.parametrize("who", ["anna", "leader"])
def test_who_may_not_change_sounds_gets_none(ada, request, who):
    person = request.getfixturevalue(who)
    assert makes(ada, person).status_code == 403
    assert "New telephone code" not in ada.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()


def test_who_may_not_change_people_makes_none(client, leader, administrator):
    client.force_login(leader)
    assert makes(client, leader).status_code == 403
    assert makes(client, administrator).status_code == 403
    assert not PhoneCode.objects.exists()


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.TEAM_LEADER}])
def test_it_is_worth_nothing_without_the_right(administrator, change, monkeypatch):
    code = phone_codes.renew(administrator)
    told: list[bool] = []
    monkeypatch.setattr(events, "announce_after_commit", lambda: told.append(True))
    for name, value in change.items():
        setattr(administrator, name, value)
    administrator.save()
    assert told, "the switch reads the configuration anew"
    assert phone_codes.load().user_of(code) is None


def test_the_switch_is_told_of_new_codes_and_of_those_that_are_removed(administrator, monkeypatch):
    told: list[bool] = []
    monkeypatch.setattr(events, "announce_after_commit", lambda: told.append(True))
    phone_codes.renew(administrator)
    phone_codes.remove(administrator)
    assert len(told) == 2


def test_it_is_another_one_when_somebody_has_it_already(administrator, leader, monkeypatch):
    drawn = iter([7, 7, 8])
    monkeypatch.setattr(phone_codes.secrets, "randbelow", lambda most: next(drawn))
    assert phone_codes.renew(administrator) == "00000007"
    assert phone_codes.renew(leader) == "00000008"


def test_after_a_change_of_the_secret_key_old_codes_are_recognised(administrator, settings):
    code = phone_codes.renew(administrator)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret key", [settings.SECRET_KEY]
    assert phone_codes.load().user_of(code) == administrator.pk
    settings.SECRET_KEY_FALLBACKS = []
    assert phone_codes.load().user_of(code) is None


def refused(number: int, minutes: float, reason: str = "wrong") -> None:
    at = timezone.now() - timedelta(minutes=minutes)
    data = {"type": "PhoneCodeRefused", "at": at.timestamp(), "call": f"c{number}", "reason": reason, "within_hour": 1}
    Event.objects.create(seq=number, at=at, kind="PhoneCodeRefused", call=f"c{number}", data=data)


def test_wrong_codes_of_the_last_hour_are_read_and_the_page_tells_when_all_are_blocked(ada, administrator):
    refused(1, 61)
    refused(2, 1, "blocked")
    for number in range(3, 3 + codes.MOST_WRONG - 1):
        refused(number, 59)
    assert len(phone_codes.load().wrong) == codes.MOST_WRONG - 1 and not phone_codes.all_blocked()
    refused(99, 0)
    assert phone_codes.load().wrong[-1][1] == "c99"
    assert "no code is accepted just now" in ada.get(f"/admin/accounts/user/{administrator.pk}/change/").content.decode()
