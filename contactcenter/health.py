"""Health (is this process alive?) and readiness (can a call be handled?), for load balancers and `make run` (PF-06).

An answer comes within `ANSWER_SECONDS`, also when Redis or the database takes connections and then says nothing.
"""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import redis
import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import HttpRequest, JsonResponse

from apps.events import journal, writer
from apps.flows.web import fetcher
from apps.switch import store
from apps.telephony import leases, load
from contactcenter import worker
from contactcenter.readiness import Found, Part, disk, judge

ANSWER_SECONDS = 1.0
QUESTION = "SELECT 1"


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


async def ready(request: HttpRequest) -> JsonResponse:
    """200 when all parts answer, else 503; `missing` names those that do not, `parts` says of each how it is and why."""
    there, room, found = await asyncio.gather(_database.ask(), _disk.ask(), _look())
    answers = Part() if found else Part("missing", f"Redis does not answer within {ANSWER_SECONDS:.0f} s")
    parts = {"database": there, "redis": answers, **judge(found), "disk": room}
    missing = [name for name, part in parts.items() if part.state == "missing"]
    return JsonResponse({"missing": missing, "parts": msgspec.to_builtins(parts)}, status=503 if missing else 200)


async def _look() -> Found | None:
    """One question to Redis, over a connection of its own: nothing else waits behind it. None: no answer in time."""
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
    try:
        async with asyncio.timeout(ANSWER_SECONDS), client, client.pipeline(transaction=False) as pipe:
            pipe.exists(store.LEASE).get(load.KEY).exists(writer.LEASE).eval(*journal.BACKLOG).eval(*leases.SEEN).exists(worker.ALIVE)
            pipe.exists(fetcher.ALIVE)
            switch, document, lease, backlog, seen, works, fetches = await pipe.execute()
    except (redis.RedisError, OSError, TimeoutError):
        return None
    how_far = load.decode(document) if document else None
    return Found(bool(switch), how_far, bool(lease), journal.backlog_of(backlog), leases.Seen(*seen), bool(works), bool(fetches))


class _Asked:
    """One question at a time, in a thread of its own: however often one asks, a database that hangs holds one connection."""

    def __init__(self, question: Callable[[], Part], without_answer: Part) -> None:
        self._thread = ThreadPoolExecutor(1, "health")
        self._question, self._without_answer = question, without_answer
        self._asked: Future[Part] | None = None

    async def ask(self) -> Part:
        if self._asked is None or self._asked.done():
            self._asked = self._thread.submit(self._question)
        answered, _ = await asyncio.wait([asyncio.wrap_future(self._asked)], timeout=ANSWER_SECONDS)
        return answered.pop().result() if answered else self._without_answer


def _write_nothing() -> Part:
    """A transaction, which on SQLite waits for the right to write, as the journal writer must."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(QUESTION)
    except (DatabaseError, InterfaceError) as fault:
        return Part("missing", f"the database cannot be written ({type(fault).__name__})")
    finally:
        connection.close()
    return Part()


def _room() -> Part:
    try:
        return disk(shutil.disk_usage(settings.VAR_DIR).free)
    except OSError as fault:
        return Part("warning", f"how full the disk is cannot be read ({type(fault).__name__})")


_database = _Asked(_write_nothing, Part("missing", f"the database does not answer within {ANSWER_SECONDS:.0f} s"))
_disk = _Asked(_room, Part("warning", f"the disk does not answer within {ANSWER_SECONDS:.0f} s"))
