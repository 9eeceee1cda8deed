"""Sounds in a folder of the test."""

from pathlib import Path

import pytest
from django.test import Client

from apps.accounts.models import Role, Team, User
from apps.audio import conversions
from apps.audio.models import Conversion, Prompt
from contactcenter.lib import bus


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "audio"


@pytest.fixture
def welcome(db) -> Prompt:
    return Prompt.objects.create(name="Welcome")


@pytest.fixture
def administrator(db, client: Client) -> Client:
    """The browser of an administrator."""
    user = User.objects.create(username="admin", role=Role.ADMINISTRATOR, team=Team.objects.create(name="Administration"), language="en")
    client.force_login(user)
    return client


@pytest.fixture
def agent(db) -> Client:
    """The browser of an agent, who has no business in the sound library."""
    user = User.objects.create(username="ola", role=Role.AGENT, team=Team.objects.create(name="Support"), language="en")
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def jobs(redis, monkeypatch):
    """The worker, when the test says so: does what was handed in."""
    monkeypatch.setattr(bus, "client", lambda: redis)

    def do() -> None:
        for conversion in Conversion.objects.filter(state="waiting").order_by("id"):
            conversions.work(conversion.pk)

    return do
