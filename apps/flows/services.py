"""The only way in which flows are written: drafts are made, edited and published; versions in use never change (IV-06)."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audio.models import Prompt
from apps.calls.models import Call
from apps.events.models import announce_configuration
from apps.flows.compile import Problem, compile_version, read_graphs
from apps.flows.graph import FlowGraph
from apps.flows.known import Known
from apps.flows.models import (
    PARTS,
    TABLES,
    ConditionBranch,
    ConditionStep,
    Exit,
    Flow,
    FlowVersion,
    MenuChoice,
    MenuStep,
    MessageSound,
    MessageStep,
    Step,
    StepOfKind,
    VersionIsFrozen,
)
from apps.hours import services as hours
from apps.numbers import services as numbers
from apps.queues import services as queues

ARCHIVED_KEPT = 10

Row = TypeVar("Row", bound=models.Model)


class PublishRefused(Exception):
    """IV-06: the version has problems, all of them in `problems`."""

    code = "publish_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.text for problem in problems))
        self.problems = tuple(problems)


class DraftExists(Exception):
    """A flow has one draft at a time; this one is in `draft`."""

    code = "draft_exists"

    def __init__(self, draft: FlowVersion) -> None:
        super().__init__(str(draft))
        self.draft = draft


# -- editing a draft


@transaction.atomic
def create_flow(*, name: str, language: str = "nb") -> Flow:
    """A flow with an empty draft."""
    flow = Flow.objects.create(name=name, language=language)
    empty_draft(flow)
    return flow


@transaction.atomic
def empty_draft(flow: Flow) -> FlowVersion:
    """A draft without steps. Errors: DraftExists."""
    _hold(flow.pk)
    for draft in FlowVersion.objects.filter(flow=flow, state="draft"):
        raise DraftExists(draft)
    newest = FlowVersion.objects.filter(flow=flow).aggregate(models.Max("number"))["number__max"]
    return FlowVersion.objects.create(flow=flow, number=(newest or 0) + 1)


def draft_of(flow: Flow) -> FlowVersion:
    """Errors: FlowVersion.DoesNotExist where none is being made."""
    return FlowVersion.objects.select_related("flow").get(flow=flow, state="draft")


@transaction.atomic
def add_step(
    version: FlowVersion,
    kind: str,
    name: str,
    *,
    sounds: Iterable[Prompt] = (),
    choices: Mapping[str, str] | None = None,
    branches: Iterable[Mapping[str, Any]] = (),
    **fields: Any,
) -> StepOfKind:
    """A step of `kind` (see kinds.KINDS).

    `fields` are the columns of its table; `sounds` are a message's, `choices` (digit -> label) a menu's,
    `branches` (columns of each) a condition's.
    """
    step = TABLES[kind].objects.create(version=version, name=name, **fields)
    if isinstance(step, MessageStep):
        set_sounds(step, sounds)
    if isinstance(step, MenuStep):
        set_choices(step, choices or {})
    if isinstance(step, ConditionStep):
        set_branches(step, branches)
    return step


def free_name(version: FlowVersion, wish: str) -> str:
    """`wish`, or `wish 2`, `wish 3` …, whichever no step of `version` has."""
    taken = set(Step.objects.filter(version=version, name__startswith=wish).values_list("name", flat=True))
    return next(name for number in itertools.count(1) if (name := wish if number == 1 else f"{wish} {number}") not in taken)


@transaction.atomic
def set_sounds(step: MessageStep, sounds: Iterable[Prompt]) -> None:
    """The sounds of a message, instead of those it had."""
    _refuse_unless_draft(step.version)
    step.sounds.all().delete()
    MessageSound.objects.bulk_create(MessageSound(step=step, prompt=prompt, position=position) for position, prompt in enumerate(sounds))


@transaction.atomic
def set_choices(step: MenuStep, choices: Mapping[str, str]) -> None:
    """The choices of a menu (digit -> label), instead of those it had; the exits of digits that are left out go with them."""
    _refuse_unless_draft(step.version)
    step.choices.all().delete()
    MenuChoice.objects.bulk_create(MenuChoice(step=step, digit=digit, label=label) for digit, label in choices.items())
    drop_stale_exits(step)


@transaction.atomic
def set_branches(step: ConditionStep, branches: Iterable[Mapping[str, Any]]) -> None:
    """The branches of a condition (columns of each), instead of those it had: their exits are branch_1, branch_2 … in this order."""
    _refuse_unless_draft(step.version)
    step.branches.all().delete()
    ConditionBranch.objects.bulk_create(
        ConditionBranch(step=step, slot=number, position=number, **columns) for number, columns in enumerate(branches, start=1)
    )
    drop_stale_exits(step)


@transaction.atomic
def wire(step: Step, exits: Mapping[str, Step | None]) -> None:
    """Lead the named exits of `step` to other steps of its version; None: nowhere. Exits not named stay. Errors: ValueError."""
    _refuse_unless_draft(step.version)
    for target in exits.values():
        if target and target.version_id != step.version_id:
            raise ValueError(f"{target} belongs to another version than {step}")
    now = dict(step.exits.values_list("name", "target_id"))
    step.exits.filter(name__in=[name for name, target in exits.items() if target is None and name in now]).delete()
    for name, target in exits.items():
        if target and now.get(name) != target.pk:
            Exit.objects.update_or_create(step_id=step.pk, name=name, defaults={"target_id": target.pk})


@transaction.atomic
def rename_step(step: Step, name: str) -> None:
    """Errors: ValidationError with the reason in words; VersionIsFrozen."""
    step.name = name.strip()
    step.full_clean()
    step.save(update_fields=["name"])


@transaction.atomic
def remove_step(step: Step) -> None:
    """The exits that lead to it lead nowhere then. Errors: VersionIsFrozen."""
    step.delete()


def drop_stale_exits(step: StepOfKind) -> None:
    """Unwire exits that the step does not have any more."""
    names = [way.name for way in TABLES[step.kind].objects.get(pk=step.pk).frozen({}).ways_out()]
    Exit.objects.filter(step_id=step.pk).exclude(name__in=names).delete()


@transaction.atomic
def set_entrances(version: FlowVersion, *, start: Step | None, default_exit: Step | None) -> None:
    """The first step, and the step after a fault."""
    _refuse_unless_draft(version)
    version.start_id = start.pk if start else None
    version.default_exit_id = default_exit.pk if default_exit else None
    version.save(update_fields=["start", "default_exit"])


def _refuse_unless_draft(version: FlowVersion) -> None:
    if not FlowVersion.objects.filter(pk=version.pk, state="draft").exists():
        raise VersionIsFrozen(str(version))


# -- versions


@transaction.atomic
def new_draft(version: FlowVersion) -> FlowVersion:
    """A draft with the steps of `version`. Errors: DraftExists."""
    draft = empty_draft(version.flow)
    twins = _copy_steps(version, draft)
    for part in PARTS:
        rows = part.objects.filter(step__version=version)
        part.objects.bulk_create(_copy(row, step_id=twins[row.step_id]) for row in rows)
    exits = Exit.objects.filter(step__version=version)
    Exit.objects.bulk_create(_copy(row, step_id=twins[row.step_id], target_id=twins[row.target_id]) for row in exits)
    draft.start_id, draft.default_exit_id = twins.get(version.start_id or 0), twins.get(version.default_exit_id or 0)
    draft.save(update_fields=["start", "default_exit"])
    return draft


def _copy_steps(version: FlowVersion, draft: FlowVersion) -> dict[int, int]:
    """Step of `version` -> its twin in `draft`."""
    old = list(Step.objects.filter(version=version))
    new = Step.objects.bulk_create(Step(version=draft, kind=step.kind, name=step.name) for step in old)
    twins = {step.pk: twin.pk for step, twin in zip(old, new, strict=True)}
    for table in TABLES.values():
        for row in table.objects.filter(version=version):
            row.pk = row.id = twins[row.pk]
            row.save_base(
                raw=True, force_insert=True
            )  # only the kind's own table: the parent row is there, and bulk_create refuses children
    return twins


def _copy(row: Row, **changes: Any) -> Row:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    return type(row)(**fields | changes)


@transaction.atomic
def publish(version: FlowVersion, by: User | None = None) -> FlowVersion:
    """Make `version` the one that new calls get, and archive the one before. Errors: PublishRefused; VersionIsFrozen: it is active already.

    Calls that go on keep the version they began with. Of archived versions the newest are kept.
    """
    _hold(version.flow_id)
    version = FlowVersion.objects.select_related("flow").get(pk=version.pk)
    refuse_with_problems(version)
    FlowVersion.objects.filter(flow=version.flow, state="active").exclude(pk=version.pk).update(state="archived")
    changes = {"state": "active", "published_at": timezone.now(), "published_by": by}
    if FlowVersion.objects.filter(pk=version.pk, state__in=["draft", "archived"]).update(**changes) != 1:
        raise VersionIsFrozen(str(version))
    version.changes.all().delete()
    prune(version.flow)
    transaction.on_commit(announce_configuration)
    version.refresh_from_db()
    return version


def _hold(flow: int) -> None:
    """Until the transaction ends, nobody else makes drafts of the flow or publishes them."""
    Flow.objects.select_for_update().get(pk=flow)


def refuse_with_problems(version: FlowVersion) -> None:
    """Errors: PublishRefused. Warnings alone refuse nothing."""
    problems = compile_version(version)[1]
    if any(not problem.warning for problem in problems):
        raise PublishRefused(problems)


def roll_back(version: FlowVersion, by: User | None = None) -> FlowVersion:
    """Publish an archived version again; it is checked anew. Errors: as `publish`, and VersionIsFrozen for any but an archived one."""
    if not FlowVersion.objects.filter(pk=version.pk, state="archived").exists():
        raise VersionIsFrozen(str(version))
    return publish(version, by)


def prune(flow: Flow) -> int:
    """Delete archived versions beyond the newest ARCHIVED_KEPT, except those that calls are still in. Returns how many went."""
    archived = FlowVersion.objects.filter(flow=flow, state="archived").order_by("-published_at", "-number")
    kept = set(archived.values_list("pk", flat=True)[:ARCHIVED_KEPT])
    kept |= set(Call.objects.filter(ended_at=None, flow_version__flow=flow).values_list("flow_version_id", flat=True))
    gone = archived.exclude(pk__in=kept)
    number = gone.count()
    gone.delete()
    return number


# -- reading


def load() -> dict[int, FlowGraph]:
    """What new calls get: flow id -> graph of its active version. One query per table."""
    graphs = read_graphs(FlowVersion.objects.filter(state="active").select_related("flow"))
    return {graph.flow: graph for graph in graphs.values()}


def load_versions(versions: Iterable[int]) -> dict[int, FlowGraph]:
    """Version id -> graph, in any state; those that are gone are absent."""
    return read_graphs(FlowVersion.objects.filter(pk__in=list(versions)).select_related("flow"))


def load_known() -> Known:
    """All that steps look up when a call comes to them, as it is now."""
    return Known(calendars=hours.load(), lists=numbers.load_lists(), queue_hours=queues.load_hours())
