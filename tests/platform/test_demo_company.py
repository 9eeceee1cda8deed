"""The demo company is a working installation (fixtures/demo.json, PF-07)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils.timezone import make_aware

from apps.accounts import services as accounts
from apps.accounts.models import Role, User
from apps.audio import prompts
from apps.audio.library import files_by_prompt
from apps.audio.models import Prompt, PromptVersion
from apps.audio.prompts import SystemSound
from apps.directory import services as directory
from apps.flows import services as flows
from apps.flows.graph import FlowGraph
from apps.flows.rehearsal import Rehearsal, flow_named, rehearse
from apps.numbers import services as numbers
from apps.queues import services as queues
from contactcenter import problems
from contactcenter.demo import company, music

CUSTOMER = ["Welcome", "Customer menu", "Customer number", "Support", "Satisfied", "Thank you"]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """Built once: each test begins with it, in a savepoint of its own. Where its sounds are."""
    folder = tmp_path_factory.mktemp("sounds")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder), transaction.atomic():
        company.build()
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def demo(built, db, settings):
    settings.MEDIA_ROOT = built


def test_nothing_is_wrong_with_it(demo):
    """PF-01: the admin's home page has nothing to complain of."""
    assert problems.found() == []


def test_its_contacts_are_found_on_the_desk(demo):
    """OB-04"""
    assert [contact.name for contact in directory.find("nordmann kar")] == ["Kari Nordmann"]
    assert directory.names_of(["+4722000123"]) == {"+4722000123": "Nordmann Regnskap AS"}


def test_its_numbers_lead_to_published_flows_with_a_sub_menu_in_both_languages(demo):
    """IV-02, IV-06, AN-01"""
    graphs = flows.load()
    reached = [graphs[number.flow] for number in numbers.load().numbers.values()]
    assert {graph.language for graph in reached if _has_sub_menu(graph)} == {"nb", "en"}


def _has_sub_menu(graph: FlowGraph) -> bool:
    menus = {step.id: step for step in graph.steps.values() if step.__struct_config__.tag == "menu"}
    return any(target in menus for menu in menus.values() for target in menu.exits.values())


@pytest.mark.parametrize(
    ("at", "digits", "outcomes", "passed"),
    [
        (
            "2026-12-23T09:30",
            "1 4821# 48213# # 5",
            {},
            CUSTOMER,
        ),
        ("2026-12-23T09:30", "2 1", {"queue": "no_agents"}, ["Welcome", "Customer menu", "Sales", "Callback", "Thank you"]),
        ("2026-12-23T11:45", "", {}, ["Lunch break", "Message", "Thank you"]),
        ("2026-12-24T09:30", "3", {}, ["Welcome", "Customer menu", "Message", "Thank you"]),
        ("2026-12-24T12:00", "", {}, ["We are closed", "Message", "Thank you"]),
        ("2026-05-14T10:00", "", {}, ["We are closed", "Message", "Thank you"]),
    ],
    ids=["member", "nobody at work", "lunch", "Christmas Eve morning", "Christmas Eve", "Ascension Day"],
)
def test_customer_service_goes_by_the_clock_asks_who_calls_and_how_it_was(demo, at, digits, outcomes, passed):
    """IV-01, IV-04, IV-08, TM-01, TM-02: hours, holidays, menu, customer number with confirmation, queue, callback, voicemail, survey."""
    for row in (*prompts.system_sounds(), SystemSound(prompts.BEEP, "Beep", {"nb": ""})):
        sound = Prompt.objects.create(name=row.name, key=row.key)
        PromptVersion.objects.create(prompt=sound, language="nb", active=True, file=f"audio/{row.key}.wav")
    wanted = Rehearsal(at=make_aware(datetime.fromisoformat(at)), caller="+4790000000", digits=digits, outcomes=outcomes)
    _, report = rehearse(flow_named("Kundeservice"), wanted)
    assert [line.name for line in report.lines] == ["Opening hours", *passed, "Hang up"]
    assert report.unused == "" and report.variables.get("customer_number", "48213") == "48213"


def test_every_prompt_speaks_both_languages_and_the_music_plays(demo):
    """AU-05, AU-06"""
    files = files_by_prompt()
    for prompt in Prompt.objects.filter(music=False, key=""):
        assert set(files[prompt.pk]) == {"nb", "en"}
    assert all(files[prompt.pk] for prompt in Prompt.objects.filter(music=True))
    assert all(queue.music for queue in queues.load().queues.values())


def test_every_agent_can_serve_a_queue(demo):
    """AS-06, QU-02"""
    roster = accounts.load()
    needed = {tuple(queue.skills) for queue in queues.load().queues.values()}
    assert len([agent for agent in roster.agents.values() if agent.profiles]) >= 3 and len(needed) == 2


def test_everybody_can_log_in_with_the_demo_password_and_comes_to_his_page(demo, settings):
    """PF-02"""
    for user in User.objects.all():
        client = Client()
        assert client.login(username=user.username, password=settings.DEMO_PASSWORD)
        assert client.get("/").headers["Location"] == ("/desk/" if user.role == Role.AGENT else "/admin/")


def test_making_it_again_changes_nothing_and_keeps_what_was_edited(demo):
    User.objects.filter(username="anna").update(first_name="Annette")
    Prompt.objects.filter(name="Welcome").first().versions.filter(language="en").update(text="Hello")
    before = (Prompt.objects.count(), User.objects.count(), len(flows.load()))
    call_command("demo")
    assert (Prompt.objects.count(), User.objects.count(), len(flows.load())) == before
    assert User.objects.get(username="anna").first_name == "Annette"


@pytest.mark.parametrize("name", music.PIECES)
def test_music_is_calm_and_loops_without_a_click(name: str):
    """AU-06: no sample jumps, at the seam least of all."""
    samples = music.compose(music.PIECES[name])
    steps = np.abs(np.diff(samples))
    assert np.abs(samples).max() < 1.0 and len(samples) > 20 * music.RATE
    assert abs(samples[0] - samples[-1]) <= steps.max() < 0.5
