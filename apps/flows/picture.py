"""A version of a flow as the editor's page gets it: boxes, lines, problems, what can be undone. One JSON object, always complete."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.flows import drafts
from apps.flows.changes import DraftChange
from apps.flows.compile import Problem
from apps.flows.diagram import Box
from apps.flows.kinds import KINDS
from apps.flows.overview import Overview, step_form_link

CHANGES = {
    "added": _("“%(step)s” was added"),
    "changed": _("“%(step)s” was changed"),
    "renamed": _("“%(step)s” was renamed"),
    "removed": _("“%(step)s” was removed"),
    "wired": _("“%(exit)s” of “%(step)s” was led elsewhere"),
    "entrances": _("first step or step after a fault"),
}


def picture(overview: Overview, reader: User) -> dict[str, Any]:
    """In the language of the request. `reader`: what he has changed himself is not told as somebody else's."""
    version = overview.version
    newest = drafts.newest(version.pk) if version.editable else None
    return {
        "revision": version.revision,
        "editable": version.editable,
        "by": str(newest.by) if newest and newest.by and newest.by_id != reader.pk else "",
        "width": overview.picture.width,
        "height": overview.picture.height,
        "boxes": [_box(overview, box) for box in overview.picture.boxes],
        "lines": [
            {"d": line.path, "from": line.source, "exit": line.exit, "to": line.target, "back": line.back} for line in overview.lines
        ],
        "problems": [_problem(problem) for problem in overview.problems],
        "undo": in_words(drafts.to_undo(version.pk), reader),
        "redo": in_words(drafts.to_redo(version.pk), reader),
    }


def palette() -> list[dict[str, str]]:
    """The kinds of steps, in their order."""
    return [
        {"kind": name, "title": gettext(kind.title), "purpose": _words(kind.purpose), "icon": kind.icon} for name, kind in KINDS.items()
    ]


def in_words(change: DraftChange | None, reader: User) -> str:
    """Empty: there is no change."""
    if change is None:
        return ""
    words = str(CHANGES[change.what]) % change.words
    return f"{words} ({change.by})" if change.by and change.by_id != reader.pk else words


def _words(text: str) -> str:
    """Nothing stays nothing: gettext("") is the catalogue's own heading."""
    return gettext(text) if text else ""


def _box(overview: Overview, box: Box) -> dict[str, Any]:
    problems = overview.of_step(box.step)
    return {
        "id": box.step,
        "kind": box.kind,
        "title": box.title,
        "icon": KINDS[box.kind].icon,
        "name": box.name,
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "first": box.first,
        "fault": box.after_fault,
        "ports": [{"name": p.name, "label": p.label, "y": p.y, "missing": p.missing, "to": p.target} for p in box.ports],
        "spare": [{"name": spare.name, "label": spare.label} for spare in box.spare],
        "problems": [_problem(problem) for problem in problems],
        "form": step_form_link(box.kind, box.step),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"step": problem.step, "name": problem.step_name, "text": problem.text, "warning": problem.warning}
