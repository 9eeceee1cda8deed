"""People in admin (PF-01)."""

import pytest
from django.test import Client

from apps.accounts.models import Role, Team, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["user/", "user/add/", "team/", "team/add/", "skill/", "profile/", "profile/add/", "pausereason/"])
def test_every_page_opens(client: Client, administrator: User, page: str):
    client.force_login(administrator)
    assert client.get(f"/admin/accounts/{page}").status_code == 200


def test_an_administrator_adds_an_agent_who_can_then_log_in(client: Client, administrator: User, team: Team):
    """PF-01, AS-06"""
    client.force_login(administrator)
    fields = {"username": "ola", "first_name": "Ola", "last_name": "Lie", "role": Role.AGENT, "team": team.pk, "language": "nb"}
    fields |= {"usable_password": "true", "password1": "eight green boats", "password2": "eight green boats"}
    answer = client.post("/admin/accounts/user/add/", fields)
    assert answer.status_code == 302, answer.context["adminform"].errors
    assert Client().login(username="ola", password="eight green boats")


def test_a_short_password_is_refused_beside_the_field(client: Client, administrator: User, team: Team):
    client.force_login(administrator)
    fields = {"username": "ola", "role": Role.AGENT, "team": team.pk, "language": "nb"}
    fields |= {"usable_password": "true", "password1": "short", "password2": "short"}
    page = client.post("/admin/accounts/user/add/", fields)
    assert page.status_code == 200 and "at least 10 characters" in page.content.decode()


def test_the_list_of_people_asks_a_bounded_number_of_queries(
    client: Client, administrator: User, team: Team, django_assert_max_num_queries
):
    for number in range(30):
        User.objects.create(username=f"agent{number}", team=team)
    client.force_login(administrator)
    with django_assert_max_num_queries(12):
        client.get("/admin/accounts/user/")
