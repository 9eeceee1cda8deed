"""IV-08 by API: who may ask, what is answered, and how mistakes are told."""

import pytest
from rest_framework.authtoken.models import Token

from apps.accounts.models import Role, Team, User
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(settings):
    settings.TIME_ZONE = "Europe/Oslo"
    sound = a_sound("Sound")
    return (
        FlowBuilder("Main line")
        .menu("Menu", sound, {"1": ("Support", "Support"), "2": ("Bye", "Bye")}, maximum_tries="Bye")
        .queue("Support", a_queue("Support"), full="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
        .flow()
    )


def person(role: Role) -> User:
    team, _ = Team.objects.get_or_create(name="All")
    return User.objects.create_user(f"{role}", password="a long password", role=role, team=team, is_superuser=role == Role.ADMINISTRATOR)


def ask(client, flow, user: User | None = None, /, **body: object):
    headers = {"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"} if user else {}
    return client.post(f"/api/flows/{flow.pk}/dry-run", body, content_type="application/json", headers=headers)


def test_a_program_gets_the_steps_passed(client, flow):
    answer = ask(client, flow, person(Role.API), at="2026-12-24T09:30", **{"from": "90000000"}, digits="1", outcomes={"queue": "full"})
    assert answer.status_code == 200
    report = answer.json()
    assert (report["flow"], report["version"], report["state"], report["end"]) == ("Main line", 1, "active", "flow_ended")
    assert [(step["name"], step["exit"], step["result"], step["target"]) for step in report["steps"]] == [
        ("Menu", "1", "choice", "Support"),
        ("Support", "full", "full", "Bye"),
        ("Bye", "", "ended", ""),
    ]
    assert report["steps"][0]["at"] == "2026-12-24T09:30:00.000+01:00"
    assert report["variables"]["caller"] == "+4790000000"


@pytest.mark.parametrize(("role", "status"), [(Role.ADMINISTRATOR, 200), (Role.API, 200), (Role.TEAM_LEADER, 403), (Role.AGENT, 403)])
def test_the_rights_are_those_of_admin(client, flow, role, status):
    assert ask(client, flow, person(role), digits="2").status_code == status


def test_without_a_token_it_is_said_how_to_log_in(client, flow):
    answer = ask(client, flow)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Token")


def test_a_session_of_admin_serves_too_but_not_for_another_site(flow):
    """PF: a page of somebody else must not ask in an administrator's name."""
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person(Role.ADMINISTRATOR))
    assert browser.post(f"/api/flows/{flow.pk}/dry-run", {}, content_type="application/json").status_code == 403
    browser = Client()
    browser.force_login(User.objects.get())
    assert browser.post(f"/api/flows/{flow.pk}/dry-run", {"digits": "2"}, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"version": "draft"}, "version", "has no version “draft”. Did you mean: active, 1?"),
        ({"digits": "1", "outcomes": {"queue": "asleep"}}, "outcomes", "Support: asleep is none of answered"),
        ({"at": "half past nine"}, "at", "format"),
        ({"digits": "one"}, "digits", "pattern"),
    ],
)
def test_mistakes_are_told_at_their_field(client, flow, body, field, words):
    answer = ask(client, flow, person(Role.API), **body)
    assert answer.status_code == 400
    assert words in answer.json()[field][0]


def test_an_unknown_flow_is_404(client, flow):
    flow.pk += 1
    assert ask(client, flow, person(Role.API)).status_code == 404


def test_tokens_are_made_in_admin(client, flow):
    user = person(Role.API)
    client.force_login(person(Role.ADMINISTRATOR))
    client.post("/admin/authtoken/tokenproxy/add/", {"user": user.pk})
    token = Token.objects.get(user=user)
    assert token.key in client.get(f"/admin/authtoken/tokenproxy/{user.pk}/change/").content.decode()
