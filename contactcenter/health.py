"""Health (is this process alive?) and readiness (can a call be handled?), for load balancers and `make run` (PF-06)."""

from collections.abc import Callable

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from apps.events import writer
from apps.switch import store
from apps.telephony import leases
from contactcenter.lib import bus


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


def _database() -> bool:
    with connection.cursor() as cursor:
        return cursor.execute("SELECT 1") is not None


def _redis() -> bool:
    return bool(bus.client().ping())


def _switch() -> bool:
    return bool(bus.client().exists(store.LEASE))


def _journal() -> bool:
    return bool(bus.client().exists(writer.LEASE))


def _media() -> bool:
    return bool(bus.client().zcard(leases.OFFERS)) or bool(bus.client().hlen(leases.ROOM))


def _gateway() -> bool:
    return bool(leases.gateways(bus.client()))


PARTS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "redis": _redis,
    "switch": _switch,
    "journal": _journal,
    "media": _media,
    "gateway": _gateway,
}


def _is_there(part: Callable[[], bool]) -> bool:
    try:
        return part()
    except (DatabaseError, redis.RedisError):
        return False


def ready(request: HttpRequest) -> JsonResponse:
    """200 when all parts answer, else 503; `missing` names those that do not."""
    missing = [name for name, part in PARTS.items() if not _is_there(part)]
    return JsonResponse({"missing": missing}, status=503 if missing else 200)
