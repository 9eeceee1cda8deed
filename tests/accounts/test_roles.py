"""The role alone says what somebody may do (PF-02, AS-06)."""

import pytest
from django.core.management import call_command
from django.test import Client

from apps.accounts.models import Role, Team, User
from apps.accounts.rights import RIGHTS, of_own_team
from tests.accounts.conftest import person

pytestmark = pytest.mark.django_db


def test_an_administrator_may_do_everything(administrator: User):
    """PF-02"""
    assert administrator.is_staff and administrator.has_perm("accounts.delete_user")


def test_a_team_leader_reads_calls_and_changes_nothing(leader: User):
    """PF-02"""
    assert leader.is_staff and not leader.is_superuser
    assert leader.has_perm("calls.view_call") and leader.has_module_perms("calls")
    assert not leader.has_perm("accounts.change_user") and not leader.has_module_perms("numbers")


def test_every_right_in_the_table_exists():
    from django.contrib.auth.models import Permission

    known = {f"{right.content_type.app_label}.{right.codename}" for right in Permission.objects.select_related("content_type")}
    assert set().union(*RIGHTS.values()) <= known


def test_an_agent_who_becomes_administrator_and_back_loses_the_rights_again(anna: User):
    """PF-02: the two flags of Django follow the role."""
    anna.role = Role.ADMINISTRATOR
    anna.save()
    assert User.objects.get(pk=anna.pk).is_superuser
    anna.role = Role.AGENT
    anna.save()
    assert not User.objects.get(pk=anna.pk).is_staff and not anna.has_perm("calls.view_call")


def test_an_inactive_team_leader_may_do_nothing(leader: User):
    leader.is_active = False
    leader.save()
    assert not leader.has_perm("calls.view_call") and not leader.has_module_perms("calls")


def test_a_team_leader_sees_the_people_of_his_own_team(leader: User, anna: User):
    """PF-02: rights per team"""
    person(Team.objects.create(name="Another"), "stranger")
    assert set(of_own_team(User.objects.all(), leader, "team")) == {leader, anna}
    assert not of_own_team(User.objects.all(), anna, "team").exists()


def test_a_team_leader_finds_no_stranger_in_admin(client: Client, leader: User, anna: User):
    stranger = person(Team.objects.create(name="Another"), "stranger")
    client.force_login(leader)
    page = client.get("/admin/accounts/user/").content.decode()
    assert "anna" in page and "stranger" not in page
    assert client.get(f"/admin/accounts/user/{stranger.pk}/change/").status_code == 302


def test_an_agent_has_no_admin(client: Client, anna: User):
    client.force_login(anna)
    assert client.get("/admin/").status_code == 302


def test_createsuperuser_needs_no_team(db, monkeypatch):
    """A fresh installation without the demo company gets its first administrator."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long pass phrase")
    call_command("createsuperuser", interactive=False, username="root", email="root@example.com")
    first = User.objects.get(username="root")
    assert first.role == Role.ADMINISTRATOR and first.is_superuser and first.team.name == "Administration"
