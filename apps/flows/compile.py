"""Rows become frozen graphs, and findings become problems in the administrator's words, each with a link.

However many versions and steps, this takes one query per table.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from apps.audio.models import Prompt, PromptVersion
from apps.flows.check import check
from apps.flows.graph import FlowGraph
from apps.flows.kinds import AnyStep
from apps.flows.kinds.step import Finding, Label, QueueFacts, Surroundings
from apps.flows.models import TABLES, Exit, FlowVersion
from apps.queues.models import Queue


class Problem(Struct, frozen=True):
    """`step` None: of the flow as a whole. `link`: the admin page where it is put right. A warning does not hinder publishing."""

    step: int | None
    step_name: str
    code: str
    text: str
    link: str
    warning: bool = False


def compile_version(version: FlowVersion) -> tuple[FlowGraph, list[Problem]]:
    """The graph of `version` and what is wrong with it; nothing wrong: an empty list."""
    return compile_versions([version])[version.pk]


def compile_versions(versions: Iterable[FlowVersion]) -> dict[int, tuple[FlowGraph, list[Problem]]]:
    """By version id."""
    graphs = read_graphs(versions)
    sounds, queues = _sounds(), _queues()
    names = dict(Prompt.objects.values_list("id", "name"))
    compiled = {}
    for graph in graphs.values():
        around = Surroundings(sounds=sounds[graph.language], queues=queues, sound_names=names)
        compiled[graph.version] = (graph, [problem(graph, finding) for finding in check(graph, around)])
    return compiled


def read_graphs(versions: Iterable[FlowVersion]) -> dict[int, FlowGraph]:
    """Graphs by version id, unchecked. `versions` should come with their `flow`."""
    versions = list(versions)
    steps = _steps([version.pk for version in versions])
    return {version.pk: _graph(version, steps[version.pk]) for version in versions}


def problem(graph: FlowGraph, finding: Finding) -> Problem:
    """`finding` in the language of the one who reads it."""
    values = {name: gettext(value) if isinstance(value, Label) else value for name, value in finding.values.items()}
    step = graph.steps.get(finding.step or 0)
    link = step_link(graph.version, step.id if step else None)
    return Problem(finding.step, step.name if step else "", finding.code, gettext(finding.text) % values, link, finding.warning)


def step_link(version: int, step: int | None) -> str:
    """The editor, with the step chosen."""
    return reverse("admin:flows_flowversion_change", args=[version]) + (f"#step-{step}" if step else "")


def _graph(version: FlowVersion, steps: dict[int, AnyStep]) -> FlowGraph:
    return FlowGraph(
        version=version.pk,
        flow=version.flow_id,
        name=version.flow.name,
        language=version.flow.language,
        start=version.start_id or 0,
        default_exit=version.default_exit_id,
        steps=steps,
    )


def _steps(versions: list[int]) -> Mapping[int, dict[int, AnyStep]]:
    """Version id -> step id -> step, in the order in which the steps were made."""
    exits = _exits(versions)
    rows = [row for table in TABLES.values() for row in table.objects.filter(version__in=versions).prefetch_related(*table.PARTS)]
    steps: dict[int, dict[int, AnyStep]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row.pk):
        steps[row.version_id][row.pk] = row.frozen(exits[row.pk])
    return steps


def _exits(versions: list[int]) -> Mapping[int, dict[str, int]]:
    """An exit into another version counts as unwired: there, its target may change or go."""
    exits: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Exit.objects.filter(step__version__in=versions, target__version=models.F("step__version"))
    for step, name, target in rows.values_list("step_id", "name", "target_id"):
        exits[step][name] = target
    return exits


def _sounds() -> Mapping[str, frozenset[int]]:
    """Language -> prompts that can be heard in it."""
    sounds: dict[str, set[int]] = defaultdict(set)
    for language, prompt in PromptVersion.objects.filter(active=True).values_list("language", "prompt_id"):
        sounds[language].add(prompt)
    return defaultdict(frozenset, {language: frozenset(prompts) for language, prompts in sounds.items()})


def _queues() -> dict[int, QueueFacts]:
    return {
        queue.pk: QueueFacts(
            name=queue.name,
            active=queue.active,
            maximum_callers=queue.maximum_callers,
            maximum_wait=queue.maximum_wait,
            opening_hours=queue.calendar_id is not None,
            sounds=frozenset({queue.welcome_id} if queue.welcome_id else ()),
        )
        for queue in Queue.objects.all()
    }
