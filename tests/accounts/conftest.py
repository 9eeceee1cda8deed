"""The people of these tests."""

import pytest

from apps.accounts.models import Role, Team, User


@pytest.fixture
def team(db) -> Team:
    return Team.objects.create(name="Customer service")


def person(team: Team, username: str, role: str = Role.AGENT, password: str = "a long pass phrase", **fields) -> User:
    user = User(username=username, role=role, team=team, **{"language": "en"} | fields)
    user.set_password(password)
    user.save()
    return user


@pytest.fixture
def anna(team: Team) -> User:
    return person(team, "anna", first_name="Anna", last_name="Berg")


@pytest.fixture
def leader(team: Team) -> User:
    return person(team, "kari", Role.TEAM_LEADER)


@pytest.fixture
def administrator(team: Team) -> User:
    return person(team, "admin", Role.ADMINISTRATOR)
