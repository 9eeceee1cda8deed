"""What the switch and the front door must know of trunks and access numbers: a frozen picture, read in one go."""

from msgspec import Struct

from apps.numbers.models import AccessNumber, Trunk


class TrunkRecord(Struct, frozen=True):
    """`sources`: addresses and networks that calls may come from. `host`: host or host:port for calls out; empty: none."""

    id: int
    name: str
    host: str
    sources: tuple[str, ...]
    transport: str
    maximum_calls: int
    caller_id: str


class AccessNumberRecord(Struct, frozen=True):
    """`number`: E.164, or a short number as it is dialled. `flow`: id."""

    id: int
    number: str
    name: str
    flow: int


class NumberPlan(Struct, frozen=True):
    trunks: tuple[TrunkRecord, ...]
    numbers: dict[str, AccessNumberRecord]  # by number


def load() -> NumberPlan:
    """The active ones, in two queries."""
    return NumberPlan(
        trunks=tuple(_trunk(trunk) for trunk in Trunk.objects.filter(active=True)),
        numbers={
            row.number: AccessNumberRecord(id=row.id, number=row.number, name=row.name, flow=row.flow_id)
            for row in AccessNumber.objects.filter(active=True)
        },
    )


def _trunk(trunk: Trunk) -> TrunkRecord:
    return TrunkRecord(
        id=trunk.id,
        name=trunk.name,
        host=trunk.host,
        sources=tuple(trunk.sources.split()),
        transport=trunk.transport,
        maximum_calls=trunk.maximum_calls,
        caller_id=trunk.caller_id,
    )
