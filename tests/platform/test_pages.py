"""Log lines, headers, the admin's menu and its home page (PF-01, PF-06)."""

import json
import logging

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

from apps.accounts.models import Profile, ProfileSkill, Role, Skill, Team, User
from apps.audio.models import Prompt, PromptVersion
from apps.flows.models import Flow, FlowVersion
from apps.numbers.models import AccessNumber, Trunk
from apps.queues.models import Queue, QueueSkill
from contactcenter import problems
from contactcenter.admin_menu import navigation
from contactcenter.lib.logs import JsonLines, TextLines


def record(**extra: object) -> logging.LogRecord:
    line = logging.getLogger("apps.switch").makeRecord("apps.switch", logging.WARNING, "f.py", 1, "offer refused", (), None, extra=extra)
    line.created = 0.0
    return line


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_what_belongs_to_a_person_is_never_written(lines: logging.Formatter):
    """PF-06"""
    written = lines.format(record(queue=3, pii="+4722334455"))
    assert "offer refused" in written and "3" in written and "4722334455" not in written


def test_a_log_collector_gets_one_object_per_line(monkeypatch):
    """PF-06"""
    monkeypatch.setenv("CC_PROCESS", "switch")
    document = json.loads(JsonLines().format(record(queue=3)))
    assert document.pop("pid") > 0
    assert document == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "WARNING",
        "process": "switch",
        "logger": "apps.switch",
        "text": "offer refused",
        "queue": 3,
    }


def test_pages_may_load_only_our_own_things(client: Client, db):
    policy = client.get("/log-in/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-eval" not in policy and "frame-ancestors 'none'" in policy


@pytest.fixture
def administration(db) -> Team:
    return Team.objects.create(name="Administration")


@pytest.fixture
def administrator(administration: Team) -> User:
    return User.objects.create(username="admin", role=Role.ADMINISTRATOR, team=administration, language="en")


def menu_of(user: User) -> list[str]:
    request = RequestFactory().get("/admin/")
    request.user = user
    return [str(item["title"]) for group in navigation(request) for item in group["items"]]


def test_the_menu_shows_each_role_what_it_may_see(administrator: User):
    """PF-02"""
    leader = User.objects.create(username="kari", role=Role.TEAM_LEADER, team=administrator.team)
    assert {"Trunks", "Access numbers", "Call flows", "Queues", "Calls", "Recordings", "Teams"} <= set(menu_of(administrator))
    assert "Trunks" not in menu_of(leader) and {"Calls", "Recordings", "Queues"} <= set(menu_of(leader))


def test_of_a_page_inside_another_ones_address_only_the_inner_one_is_marked(administrator: User):
    def marked(path: str) -> list[str]:
        request = RequestFactory().get(path)
        request.user = administrator
        return [str(item["title"]) for group in navigation(request) for item in group["items"] if item["active"]]

    assert marked("/admin/numbers/trunk/health/") == ["Trunk health"]
    assert marked("/admin/numbers/trunk/7/change/") == ["Trunks"]
    assert marked("/admin/") == ["Home"]


def texts() -> str:
    return " ".join(str(problem.text) for problem in problems.found())


def test_an_empty_installation_is_told_what_to_begin_with(client: Client, administrator: User):
    """PF-01"""
    client.force_login(administrator)
    page = client.get("/admin/").content.decode()
    assert "There is no active trunk." in page and "There is no active access number." in page
    assert 'href="/admin/numbers/trunk/add/"' in page


def test_a_number_whose_flow_is_not_published_is_named_until_it_is(db):
    """PF-01"""
    flow = Flow.objects.create(name="Main")
    draft = FlowVersion.objects.create(flow=flow, number=1)
    AccessNumber.objects.create(number="+4722334455", flow=flow)
    assert "+4722334455 leads to the call flow Main, which is not published." in texts()
    draft.state = "active"
    draft.save()
    assert "not published" not in texts()


def test_a_queue_that_nobody_has_the_skills_for_is_named(db, administration: Team):
    """PF-01, QU-02: one profile must have them all."""
    support, english = Skill.objects.create(name="Support"), Skill.objects.create(name="English")
    queue = Queue.objects.create(name="Support")
    for skill in (support, english):
        QueueSkill.objects.create(queue=queue, skill=skill, minimum_level=4)
    User.objects.create(username="anna", team=administration)
    for name, skill in (("one", support), ("other", english)):
        ProfileSkill.objects.create(profile=Profile.objects.create(name=name, team=administration), skill=skill, level=5)
    assert "Nobody has the skills for the queue Support." in texts()
    ProfileSkill.objects.create(profile=Profile.objects.get(name="one"), skill=english, level=3)
    assert "Nobody has the skills" in texts(), "a level below the minimum does not serve"
    ProfileSkill.objects.filter(level=3).update(level=4)
    assert "Nobody has the skills" not in texts()


def test_an_empty_sound_is_named(db):
    """PF-01"""
    prompt = Prompt.objects.create(name="Welcome")
    assert "The sound Welcome is empty." in texts()
    PromptVersion.objects.create(prompt=prompt, active=True, file="audio/x.wav")
    assert "is empty" not in texts()


def test_a_password_whose_key_was_changed_is_named_and_survives_a_change_of_the_row(db):
    """AN-03"""
    Trunk.objects.create(name="Operator", sources="192.0.2.1", password="told by the operator")
    with override_settings(SECRET_KEY="another key"):
        assert "The password of the trunk Operator cannot be read." in texts()
        Trunk.objects.get().save()
    assert "cannot be read" not in texts()
    assert Trunk.objects.get().password == "told by the operator"


def test_nothing_wrong_is_said_too(client: Client, administrator: User):
    Trunk.objects.create(name="Operator", sources="192.0.2.1")
    flow = Flow.objects.create(name="Main")
    FlowVersion.objects.create(flow=flow, number=1, state="active")
    AccessNumber.objects.create(number="+4722334455", flow=flow)
    assert problems.found() == []
    client.force_login(administrator)
    assert "fit together" in client.get("/admin/").content.decode()


def test_every_app_with_addresses_is_included():
    from pathlib import Path

    base = Path(__file__).parents[2]
    included = (base / "contactcenter" / "urls.py").read_text()
    for module in base.glob("apps/*/urls.py"):
        assert f'include("apps.{module.parent.name}.urls")' in included


def test_who_logs_out_of_admin_comes_to_the_log_in_page(client: Client, administrator: User):
    client.force_login(administrator)
    assert client.post("/admin/logout/").headers["Location"] == "/log-in/"
    assert client.get("/admin/").status_code == 302


def test_the_groups_of_admin_pages_have_names_in_norwegian():
    """They stand above every page. Those of Django and its libraries are not ours."""
    groups = {model._meta.app_config for model in admin.site._registry if model.__module__.startswith("apps.")}
    with translation.override("nb"):
        names = {group.label: str(group.verbose_name) for group in groups}
    assert names.keys() >= {"flows", "recordings", "audio"}
    assert [label for label, name in names.items() if name == label.title()] == []
