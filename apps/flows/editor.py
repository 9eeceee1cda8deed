"""What the editor's page asks for: the picture of a version, and small changes of a draft. Thin: services and drafts do it.

Each answer carries the picture as it is then. A change names the revision that the page knew, and itself (`request`), so that
one whose answer was lost can be sent again.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import JsonResponse, QueryDict
from django.utils.translation import gettext

from apps.accounts.models import User
from apps.flows import drafts, services
from apps.flows.drafts import AlreadyDone, ChangedMeanwhile, changing
from apps.flows.kinds import KINDS
from apps.flows.models import TABLES, FlowVersion, Step, VersionIsFrozen
from apps.flows.overview import Overview, label_of
from apps.flows.picture import picture


class Gone(Exception):
    """What was named is not there (any more)."""


class Request:
    """One request of the page, read."""

    def __init__(self, version: FlowVersion, by: User, post: QueryDict) -> None:
        self.version, self.by, self.post = version, by, post
        self.known = number(post.get("revision"))
        self.request = post.get("request", "")[:40]

    def step(self, name: str = "step") -> Step:
        step = Step.objects.filter(version=self.version, pk=number(self.post.get(name))).first()
        if step is None:
            raise Gone
        step.version = self.version
        return step

    def step_or_none(self, name: str) -> Step | None:
        return self.step(name) if self.post.get(name) else None

    def unchanged(self, step: Step) -> Step:
        """Errors: ChangedMeanwhile, if the page says what it knows and that is old."""
        if "revision" in self.post:
            drafts.refuse_if_changed(self.version.pk, step.pk, self.known, page_of(self.request))
        return step

    def changing(self, what: str, only: int | None = None, **words: str) -> Any:
        return changing(self.version.pk, self.by, what, self.request, only, **words)


def number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def page_of(request: str) -> str:
    """The page that made a request: they name themselves <page>.<number>."""
    return request.partition(".")[0]


def answer(request: Request, **more: Any) -> JsonResponse:
    return JsonResponse({**more, **_now(request)})


def refused(code: str, text: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"code": code, "text": text, **more}, status=status)


def do(version: FlowVersion, by: User, post: QueryDict) -> JsonResponse:
    """One change; `op` says which."""
    request = Request(version, by, post)
    op = OPS.get(post.get("op", ""))
    if op is None:
        return refused("unknown_op", gettext("This page is older than the server. Reload it."), 400)
    return carefully(request, lambda: op(request))


def carefully(request: Request, work: Callable[[], dict[str, Any]]) -> JsonResponse:
    """The one place where a change may be refused. `work`: what its answer tells besides the picture."""
    try:
        return answer(request, **work())
    except AlreadyDone:
        return answer(request, again=True)
    except Gone:
        return refused("gone", gettext("The step is not there any more."), 404, **_now(request))
    except VersionIsFrozen:
        return refused("frozen", gettext("This version has been published meanwhile and cannot be changed any more."), 409)
    except ChangedMeanwhile as changed:
        text = gettext("%(who)s has changed this step meanwhile.") % {"who": changed.by or gettext("Somebody")}
        return refused(changed.code, text, 409, **_now(request))
    except ValidationError as invalid:
        return refused("invalid", " ".join(invalid.messages), 422)


def _now(request: Request) -> dict[str, Any]:
    version = FlowVersion.objects.select_related("flow").get(pk=request.version.pk)
    return {"touched": drafts.touched_since(version.pk, request.known), "picture": picture(Overview(version), request.by)}


# -- changes


def _add(request: Request) -> dict[str, Any]:
    """A step of `kind`; the exit `exit` of the step `source` then leads to it. A draft's first one is where callers begin."""
    kind = request.post.get("kind", "")
    if kind not in TABLES:
        raise Gone
    source = request.step_or_none("source")
    name = services.free_name(request.version, gettext(KINDS[kind].title))
    with request.changing("added", step=name) as version:
        step = services.add_step(version, kind, name)
        if source:
            services.wire(source, {_exit(source, request.post.get("exit", "")): step})
        if version.start_id is None and version.steps.count() == 1:
            services.set_entrances(version, start=step, default_exit=version.default_exit)
    return {"step": step.pk}


def _wire(request: Request) -> dict[str, Any]:
    """The exit `exit` of `step` leads to `target`; without one, nowhere."""
    step, target = request.step(), request.step_or_none("target")
    name = _exit(step, request.post.get("exit", ""))
    with request.changing("wired", step.pk, step=step.name, exit=_label(step, name)):
        services.wire(request.unchanged(step), {name: target})
    return {}


def _rename(request: Request) -> dict[str, Any]:
    step = request.step()
    with request.changing("renamed", step.pk, step=step.name):
        services.rename_step(request.unchanged(step), request.post.get("name", ""))
    return {}


def _remove(request: Request) -> dict[str, Any]:
    step = request.step()
    with request.changing("removed", step=step.name):
        services.remove_step(request.unchanged(step))
    return {}


def _entrance(request: Request) -> dict[str, Any]:
    """`start` or `default_exit`: what is not named stays."""
    with request.changing("entrances") as version:
        chosen = {
            name: request.step_or_none(name) if name in request.post else getattr(version, name) for name in ("start", "default_exit")
        }
        services.set_entrances(version, **chosen)
    return {}


def _undo(request: Request) -> dict[str, Any]:
    drafts.undo(request.version.pk, request.request)
    return {}


def _redo(request: Request) -> dict[str, Any]:
    drafts.redo(request.version.pk, request.request)
    return {}


OPS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "add": _add, "wire": _wire, "rename": _rename, "remove": _remove, "entrance": _entrance, "undo": _undo, "redo": _redo,
}  # fmt: skip


def _exit(step: Step, name: str) -> str:
    """Errors: Gone, the step has no such exit."""
    if all(way.name != name for way in _ways(step)):
        raise Gone
    return name


def _label(step: Step, name: str) -> str:
    return next(label_of(way) for way in _ways(step) if way.name == name)


def _ways(step: Step) -> Any:
    return TABLES[step.kind].objects.get(pk=step.pk).frozen({}).ways_out()
