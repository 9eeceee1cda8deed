"""The only way in which callback orders are written. The switch is told of every change: it refuses a number that waits already."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.callbacks.models import CallbackRequest
from apps.calls.models import Call
from apps.events import vocabulary as v
from apps.events.models import announce_configuration
from apps.queues.models import Queue
from contactcenter.lib.clock import as_datetime


def read(entries: list[v.Entry]) -> None:
    """The reader "callbacks"."""
    for entry in entries:
        if isinstance(entry.event, v.CallbackOrdered):
            _ordered(entry.event)


def _ordered(event: v.CallbackOrdered) -> None:
    """The same number twice within a moment, or the same fact again: one order."""
    call = Call.objects.filter(pk=event.call).first()
    queue = Queue.objects.filter(pk=event.queue or 0).first()
    try:
        with transaction.atomic():
            CallbackRequest.objects.create(number=event.number, ordered_at=as_datetime(event.at), call=call, queue=queue)
    except IntegrityError:
        return
    transaction.on_commit(announce_configuration, robust=True)


def close(orders: QuerySet[CallbackRequest], *, state: str, by: User | None) -> int:
    """`state`: done or cancelled. Those that are closed already stay as they are. Returns how many were closed."""
    closed = orders.filter(state="waiting").update(state=state, closed_at=timezone.now(), closed_by=by)
    transaction.on_commit(announce_configuration, robust=True)
    return closed


def waiting_numbers() -> frozenset[str]:
    return frozenset(CallbackRequest.objects.filter(state="waiting").values_list("number", flat=True))
