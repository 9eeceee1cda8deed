"""What is wrong with the configuration: shown on the admin's home page, with the way to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.apps import apps
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.flows.compile import compile_versions
from apps.flows.models import FlowVersion
from apps.numbers import health
from apps.telephony import trunk_health
from contactcenter.lib import bus
from contactcenter.lib.secret_field import Unreadable

SOUNDS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """`means`: what it does to callers. `link` leads to where it is mended; empty: nowhere."""

    text: str | Promise
    means: str | Promise
    link: str = ""


def _link(name: str, *args: object) -> str:
    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""


def _trunks() -> Iterator[Problem]:
    if not apps.get_model("numbers.Trunk").objects.filter(active=True).exists():
        yield Problem(
            _("There is no active trunk."), _("Nobody can call in from the telephone network; test calls work."), _link("numbers_trunk_add")
        )


def _trunk_health() -> Iterator[Problem]:
    """What the front doors say of the trunks that can be asked. Redis away: other signs tell that."""
    asked = apps.get_model("numbers.Trunk").objects.filter(active=True).exclude(host="", register=False).defer("password")
    try:
        found = trunk_health.healths(bus.client()) if asked else {}
    except redis.RedisError:
        return
    for trunk in asked:
        for mark in health.marks(trunk, found.get(str(trunk.pk), [])):
            if mark.tone == "bad":
                yield Problem(
                    _("The trunk %(trunk)s: %(what)s") % {"trunk": trunk, "what": mark.text}, mark.means, _link("numbers_trunk_health")
                )


def _secrets() -> Iterator[Problem]:
    """Whose key was changed (contactcenter/lib/secrets.py). Trunks that register say so themselves."""
    means = _("Enter it anew: the key of this installation was changed.")
    for trunk in apps.get_model("numbers.Trunk").objects.filter(active=True, register=False).only("name", "password"):
        if isinstance(trunk.password, Unreadable):
            yield Problem(
                _("The password of the trunk %(trunk)s cannot be read.") % {"trunk": trunk}, means, _link("numbers_trunk_change", trunk.pk)
            )
    asking = apps.get_model("flows.WebRequestStep").objects.filter(version__state="active").select_related("version__flow")
    for step in asking:
        if isinstance(step.header_value, Unreadable):
            yield Problem(
                _("%(flow)s, %(step)s: the header of the web request cannot be read.") % {"flow": step.version.flow, "step": step.name},
                means,
                _link("flows_flowversion_change", step.version_id),
            )


def _numbers() -> Iterator[Problem]:
    numbers = apps.get_model("numbers.AccessNumber").objects.filter(active=True)
    if not numbers.exists():
        yield Problem(_("There is no active access number."), _("Callers have nothing to dial."), _link("numbers_accessnumber_add"))
    for number in numbers.exclude(flow__versions__state="active").select_related("flow"):
        yield Problem(
            _("%(number)s leads to the call flow %(flow)s, which is not published.") % {"number": number, "flow": number.flow},
            _("Its callers are refused: the number cannot be reached."),
            _link("flows_flow_change", number.flow_id),
        )


def _opening_hours() -> Iterator[Problem]:
    """A calendar got a new exit after the flows that ask it were published."""
    asking = FlowVersion.objects.filter(state="active", steps__kind="opening_hours").select_related("flow").distinct()
    for graph, found in compile_versions(asking).values() if asking else ():
        for problem in found:
            if problem.code == "unwired" and graph.steps[problem.step or 0].kind == "opening_hours":
                parts = {"flow": graph.name, "step": problem.step_name, "problem": problem.text}
                yield Problem(
                    _("%(flow)s, %(step)s: %(problem)s") % parts,
                    _("Its callers then go to the step after a fault."),
                    _link("flows_flowversion_change", graph.version),
                )


def _queues() -> Iterator[Problem]:
    queues = apps.get_model("queues.Queue").objects.filter(active=True)
    for queue in queues.prefetch_related("skills"):
        if not _served(queue):
            yield Problem(
                _("Nobody has the skills for the queue %(queue)s.") % {"queue": queue},
                _("Its callers wait in vain."),
                _link("queues_queue_change", queue.pk),
            )


def _served(queue) -> bool:
    """Is there a profile with every skill that the queue needs?"""
    profiles = apps.get_model("accounts.Profile").objects.filter(Q(user__is_active=True) | Q(team__users__is_active=True))
    for needed in queue.skills.all():
        profiles = profiles.filter(skills__skill_id=needed.skill_id, skills__level__gte=needed.minimum_level)
    return profiles.exists()


def _sounds() -> Iterator[Problem]:
    empty = list(apps.get_model("audio.Prompt").objects.exclude(versions__active=True))
    means = _("Callers hear silence in its place.")
    for prompt in empty[:SOUNDS_NAMED]:
        yield Problem(_("The sound %(sound)s is empty.") % {"sound": prompt}, means, _link("audio_prompt_change", prompt.pk))
    if more := len(empty[SOUNDS_NAMED:]):
        yield Problem(
            ngettext("One more sound is empty.", "%(count)s more sounds are empty.", more) % {"count": more},
            means,
            _link("audio_prompt_changelist"),
        )


def found() -> list[Problem]:
    """All of them, the gravest first; a bounded number of queries per queue."""
    return [problem for kind in (_trunks, _trunk_health, _secrets, _numbers, _opening_hours, _queues, _sounds) for problem in kind()]
