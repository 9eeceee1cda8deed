"""What the switch and the front door must know of trunks and access numbers: a frozen picture, read in one go."""

from functools import lru_cache

from django.db.models import TextField
from django.db.models.functions import Cast
from msgspec import Struct

from apps.numbers.lists import NumberSet
from apps.numbers.models import AccessNumber, NumberList, Trunk


class AccountRecord(Struct, frozen=True):
    """What we are at the operator. `sealed`: the password, see contactcenter/lib/secrets.py. `registrar`: empty: we do not register."""

    user: str
    auth_user: str
    sealed: str
    domain: str
    registrar: str
    seconds: int


class TrunkRecord(Struct, frozen=True):
    """`sources`: addresses and networks that calls may come from. `host`: host or host:port for calls out; empty: none.
    `codecs`: in order; empty: all. `number_format`: see contactcenter/lib/phone.py. `account`: None: we are known by our address.
    """

    id: int
    name: str
    host: str
    sources: tuple[str, ...]
    transport: str
    maximum_calls: int
    caller_id: str
    codecs: tuple[str, ...]
    number_format: str
    ping: bool
    account: AccountRecord | None


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
    """The active ones, in two queries. Passwords stay sealed."""
    trunks = (
        Trunk.objects.filter(active=True).order_by("preference", "name").defer("password").annotate(sealed=Cast("password", TextField()))
    )
    return NumberPlan(
        trunks=tuple(_trunk(trunk, trunk.sealed) for trunk in trunks),
        numbers={
            row.number: AccessNumberRecord(id=row.id, number=row.number, name=row.name, flow=row.flow_id)
            for row in AccessNumber.objects.filter(active=True)
        },
    )


def _trunk(trunk: Trunk, sealed: str) -> TrunkRecord:
    return TrunkRecord(
        id=trunk.id,
        name=trunk.name,
        host=trunk.host,
        sources=tuple(trunk.sources.split()),
        transport=trunk.transport,
        maximum_calls=trunk.maximum_calls,
        caller_id=trunk.caller_id,
        codecs=tuple(trunk.codecs.split()),
        number_format=trunk.number_format,
        ping=trunk.ping,
        account=_account(trunk, sealed) if trunk.user or trunk.auth_user else None,
    )


def _account(trunk: Trunk, sealed: str) -> AccountRecord:
    registrar = trunk.registrar or trunk.host
    return AccountRecord(
        user=trunk.user or trunk.auth_user,
        auth_user=trunk.auth_user or trunk.user,
        sealed=sealed,
        domain=trunk.domain or _without_port(registrar),
        registrar=registrar if trunk.register else "",
        seconds=trunk.register_seconds,
    )


def _without_port(host: str) -> str:
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def load_lists() -> dict[int, NumberSet]:
    """By database id, in one query."""
    return {pk: _number_set(entries) for pk, entries in NumberList.objects.values_list("pk", "entries")}


@lru_cache(maxsize=64)
def _number_set(entries: str) -> NumberSet:
    """Kept: the configuration is read again whenever anything is saved, and a long list takes 50 ms."""
    return NumberSet.of(entries.splitlines())
