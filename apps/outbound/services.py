"""The rules for calls out as the switch gets them: a frozen picture, read in one go."""

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
