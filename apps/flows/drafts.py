"""Drafts that several people edit at once, each change kept so that it can be undone (IV-07).

Whoever changes a draft does it inside `changing`. That holds the draft, so that changes come one after the other, and keeps what
has become different. A page says which revision it knows (`refuse_if_changed`): two people may work on different steps, but
nobody writes over a step that somebody else has changed meanwhile without having seen it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.accounts.models import User
from apps.flows import states
from apps.flows.changes import DraftChange
from apps.flows.models import FlowVersion, VersionIsFrozen
from contactcenter.lib.secret_field import Unreadable

KEPT = 100  # changes that can be undone, the newest of a draft


class ChangedMeanwhile(Exception):
    """Somebody has changed the step since the page looked at it; `by`: who, as people know him."""

    code = "changed_meanwhile"

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class AlreadyDone(Exception):
    """The request was done before; its answer was lost."""


@contextmanager
def changing(version: int, by: User | None, what: str, request: str = "", only: int | None = None, **words: str) -> Iterator[FlowVersion]:
    """Whatever is done inside is one change. `what` and `words` tell it to people (see picture.py). `only`: nothing but that step changes.

    Errors: VersionIsFrozen; AlreadyDone, by the name of the `request`.
    """
    with transaction.atomic():
        held = _hold(version, request)
        before = states.read(version, only)
        yield held
        changed = states.difference(before, states.read(version, only))
        if changed:
            _keep(version, changed, by, what, request, words)


def refuse_if_changed(version: int, step: int, known: int, page: str = "") -> None:
    """Errors: ChangedMeanwhile, if `step` has been changed since the draft's revision `known` by another page than `page`."""
    for change in _since(version, known).select_related("by").order_by("-revision"):
        if step in change.steps and not (page and change.request.startswith(f"{page}.")):
            raise ChangedMeanwhile(str(change.by or ""))


def touched_since(version: int, known: int) -> list[int]:
    """Steps that have been changed since the revision `known`."""
    return sorted({step for steps in _since(version, known).values_list("steps", flat=True) for step in steps})


def _since(version: int, known: int) -> QuerySet[DraftChange]:
    return DraftChange.objects.filter(version=version, revision__gt=known).defer("rows")


def undo(version: int, request: str = "") -> DraftChange | None:
    """Take the newest change back; None: there is none. Errors: as `changing`."""
    with transaction.atomic():
        _hold(version, request)
        return _turn(to_undo(version), "before", "undone", request)


def redo(version: int, request: str = "") -> DraftChange | None:
    """Do again what was undone last; None: nothing was. Errors: as `changing`."""
    with transaction.atomic():
        _hold(version, request)
        return _turn(to_redo(version), "after", "done", request)


def to_undo(version: int) -> DraftChange | None:
    return DraftChange.objects.filter(version=version, state="done").defer("rows").select_related("by").last()


def to_redo(version: int) -> DraftChange | None:
    return DraftChange.objects.filter(version=version, state="undone").defer("rows").select_related("by").first()


def newest(version: int) -> DraftChange | None:
    """What gave the draft its revision."""
    return DraftChange.objects.filter(version=version).defer("rows").select_related("by").order_by("-revision").first()


def _hold(version: int, request: str) -> FlowVersion:
    """The draft, for nobody else until the transaction ends."""
    held = FlowVersion.objects.select_for_update(of=("self",)).select_related("flow").get(pk=version)
    if not held.editable:
        raise VersionIsFrozen(str(held))
    if request and DraftChange.objects.filter(Q(request=request) | Q(turned=request), version=version).exists():
        raise AlreadyDone
    return held


def _keep(version: int, changed: list[states.Changed], by: User | None, what: str, request: str, words: dict[str, str]) -> None:
    changes = DraftChange.objects.filter(version=version)
    changes.filter(state="undone").update(state="dropped")
    DraftChange.objects.create(
        version_id=version, revision=_next_revision(version), what=what, words=words, steps=states.steps_in(changed),
        rows=json.dumps(changed, cls=DjangoJSONEncoder), by=by, request=request,
    )  # fmt: skip
    old = changes.order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 1]
    changes.filter(id__lte=next(iter(old), 0)).delete()


def _turn(change: DraftChange | None, side: states.Side, state: str, request: str) -> DraftChange | None:
    """None: there is nothing to turn, or it was kept under a key that was changed meanwhile."""
    if change is None or isinstance(change.rows, Unreadable):
        return None
    states.restore(change.version_id, [tuple(row) for row in json.loads(change.rows)], side)
    change.state, change.revision, change.turned = state, _next_revision(change.version_id), request
    change.save(update_fields=["state", "revision", "turned"])
    return change


def _next_revision(version: int) -> int:
    FlowVersion.objects.filter(pk=version).update(revision=F("revision") + 1)
    return FlowVersion.objects.values_list("revision", flat=True).get(pk=version)
