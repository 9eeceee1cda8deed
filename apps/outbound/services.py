"""The rules for calls out as the switch gets them: a frozen picture, read in one go; and what counts for the limit of a day."""

from datetime import datetime

from django.db.models import Count, Q

from apps.events.models import Event
from apps.outbound.models import CallerId, PrefixRule
from apps.outbound.rules import CallerId as CallerIdRules
from apps.outbound.rules import OutboundRules


def load() -> OutboundRules:
    """In four queries."""
    callers = CallerId.objects.prefetch_related("teams", "profiles")
    return OutboundRules(
        prefixes=dict(PrefixRule.objects.values_list("prefix", "allowed")),
        callers=tuple(_caller(caller) for caller in callers),
    )


def _caller(caller: CallerId) -> CallerIdRules:
    return CallerIdRules(
        id=caller.pk,
        number=caller.number,
        name=caller.name,
        everybody=caller.everybody,
        teams=frozenset(team.pk for team in caller.teams.all()),
        profiles=frozenset(profile.pk for profile in caller.profiles.all()),
        queue=caller.queue_id,
    )


def begun_since(instant: datetime) -> dict[int, int]:
    """OB-02: agent -> calls out that he has begun; a number that he asked, or transferred to, is one too. In one query."""
    to_number = Q(data__kind="number")
    counts = Q(kind="CallArrived") | Q(kind="ConsultBegan") & to_number | Q(kind="TransferBegan", data__consulted=False) & to_number
    begun = Event.objects.filter(counts, at__gte=instant).values_list("agent").annotate(calls=Count("seq")).order_by("agent")
    return {agent: calls for agent, calls in begun if agent is not None}
