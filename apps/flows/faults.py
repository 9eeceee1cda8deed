"""IV-09: steps that were broken when callers came to them, for the version's page."""

from collections import Counter
from datetime import datetime, timedelta

from django.utils.translation import gettext
from msgspec import Struct

from apps.events.models import Event
from apps.flows.compile import step_link
from apps.flows.graph import FlowGraph

DAYS = 7
NEWEST = 200  # facts that are looked at


class Fault(Struct, frozen=True):
    """`times` it happened, `last` of them."""

    step_name: str
    link: str
    reason: str
    times: int
    last: datetime


def recent_faults(graph: FlowGraph, now: datetime) -> list[Fault]:
    """Those of the last DAYS, the latest first, the same fault of a step once."""
    rows = Event.objects.filter(kind="StepFailed", at__gt=now - timedelta(days=DAYS), data__step__in=list(graph.steps))
    found = [((data["step"], data["reason"]), at) for data, at in rows.order_by("-seq").values_list("data", "at")[:NEWEST]]
    times = Counter(what for what, _ in found)
    last = dict(reversed(found))
    return [
        _fault(graph, step, reason, times[step, reason], last[step, reason]) for step, reason in dict.fromkeys(what for what, _ in found)
    ]


def _fault(graph: FlowGraph, step_id: int, reason: str, times: int, last: datetime) -> Fault:
    step = graph.steps[step_id]
    return Fault(step.name, step_link(graph.version, step.id), gettext(reason), times, last)
