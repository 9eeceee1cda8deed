"""Builds the demo company from fixtures/demo.json, through the services that admin uses. What is there already stays as it is."""

import json
from collections.abc import Callable
from datetime import date, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from apps.accounts.models import PauseReason, Profile, ProfileSkill, Skill, Team, User
from apps.audio.models import Playlist, Prompt
from apps.directory import services as directory
from apps.directory.models import Contact
from apps.flows import services as flows
from apps.flows.models import Flow, FlowVersion, Step
from apps.hours import services as hours
from apps.hours.models import Calendar
from apps.numbers.models import AccessNumber, Trunk
from apps.queues.models import Disposition, Queue, QueueSkill
from contactcenter.demo import sounds

Document = dict[str, Any]
Show = Callable[[str], None]


def document() -> Document:
    return json.loads((settings.BASE_DIR / "fixtures" / "demo.json").read_text())


@transaction.atomic
def build(show: Show = lambda line: None) -> None:
    """Everything that is missing, or nothing at all; running it twice changes nothing. `show` hears what is being made."""
    plan = document()
    show("people")
    _people(plan)
    _contacts(plan)
    show("sounds and music")
    sounds.build(plan)
    show("queues, opening hours, call flows, numbers")
    _queues(plan)
    for calendar in plan["calendars"]:
        _calendar(calendar)
    for flow in plan["flows"]:
        _flow(flow, plan["flow_plans"][flow["plan"]])
    _numbers(plan)


def _people(plan: Document) -> None:
    for team in plan["teams"]:
        Team.objects.get_or_create(name=team["name"])
    for name in plan["skills"]:
        Skill.objects.get_or_create(name=name)
    for position, name in enumerate(plan["pause_reasons"]):
        PauseReason.objects.get_or_create(name=name, defaults={"position": position})
    for profile in plan["profiles"]:
        _profile(profile)
    for user in plan["users"]:
        _user(user)


def _profile(plan: Document) -> None:
    profile, created = Profile.objects.get_or_create(name=plan["name"], team=Team.objects.get(name=plan["team"]))
    if created:
        for skill, level in plan["levels"].items():
            ProfileSkill.objects.create(profile=profile, skill=Skill.objects.get(name=skill), level=level)


def _user(plan: Document) -> None:
    if User.objects.filter(username=plan["username"]).exists():
        return
    fields = {name: value for name, value in plan.items() if name != "team"}
    user = User(**fields, team=Team.objects.get(name=plan["team"]), email=f"{plan['username']}@example.com")
    user.set_password(settings.DEMO_PASSWORD)
    user.save()


def _contacts(plan: Document) -> None:
    """Only into an empty directory: whoever has contacts of his own wants no others."""
    if Contact.objects.exists():
        return
    for row in plan["contacts"]:
        contact = Contact.objects.create(**{name: value for name, value in row.items() if name != "numbers"})
        for number, kind in row["numbers"].items():
            contact.numbers.create(number=number, kind=kind)
        directory.index([contact.pk])


def _queues(plan: Document) -> None:
    for row in plan["queues"]:
        fields = {name: value for name, value in row.items() if name not in ("name", "skill", "music", "welcome", "dispositions")}
        fields |= {"music": Playlist.objects.get(name=row["music"]), "welcome": Prompt.objects.get(name=row["welcome"])}
        queue, created = Queue.objects.get_or_create(name=row["name"], defaults=fields)
        if created:
            QueueSkill.objects.create(queue=queue, skill=Skill.objects.get(name=row["skill"]))
            for position, name in enumerate(row["dispositions"]):
                Disposition.objects.create(queue=queue, name=name, position=position)


def _calendar(plan: Document) -> None:
    fields = {name: value for name, value in plan.items() if name not in ("name", "weekly", "dates")}
    calendar, created = Calendar.objects.get_or_create(name=plan["name"], defaults=fields)
    if created:
        for row in plan["weekly"]:
            calendar.weekly.create(**_times(row))
        for row in plan["dates"]:
            calendar.dates.create(**_times(row) | {"first": date.fromisoformat(row["first"])})
        hours.settle(calendar)


def _times(row: Document) -> Document:
    return row | {name: time.fromisoformat(row[name]) for name in ("begin", "end")}


def _flow(row: Document, plan: Document) -> None:
    if Flow.objects.filter(name=row["name"]).exists():
        return
    version = flows.draft_of(flows.create_flow(name=row["name"], language=row["language"]))
    steps = {step["name"]: _step(version, step) for step in plan["steps"]}
    for step in plan["steps"]:
        flows.wire(steps[step["name"]], {name: steps[target] for name, target in step["exits"].items()})
    flows.set_entrances(version, start=steps[plan["start"]], default_exit=steps[plan["default_exit"]])
    flows.publish(version)


NAMED: dict[str, type[Model]] = {"prompt": Prompt, "wrong": Prompt, "queue": Queue, "calendar": Calendar, "team": Team}


def _step(version: FlowVersion, plan: Document) -> Step:
    """What has a name of its own is named."""
    fields = {name: _named(name, value) for name, value in plan.items() if name not in ("kind", "name", "exits")}
    if "sounds" in plan:
        fields["sounds"] = [_named("prompt", name) for name in plan["sounds"]]
    return flows.add_step(version, plan["kind"], plan["name"], **fields)


def _named(field: str, value: Any) -> Any:
    return NAMED[field]._default_manager.get(name=value) if field in NAMED else value


def _numbers(plan: Document) -> None:
    for row in plan["trunks"]:
        Trunk.objects.get_or_create(name=row["name"], defaults=row)
    for row in plan["access_numbers"]:
        AccessNumber.objects.get_or_create(number=row["number"], defaults=row | {"flow": Flow.objects.get(name=row["flow"])})
