"""To whom an agent can bring his customer (TR-01): agents with their status, queues and flows. Read only, bounded."""

from typing import Any, TypeVar

import msgspec
from channels.db import database_sync_to_async

from apps.accounts.models import User
from apps.flows.models import FlowVersion
from apps.live.audience import DESK_ROLES
from apps.live.page import Page
from apps.queues.models import Queue
from apps.switch import board

MOST = 500  # of each kind
T = TypeVar("T", bound=msgspec.Struct)


async def targets(page: Page) -> dict[str, list[dict[str, Any]]]:
    """Agents: those who are logged on, the free ones first. Errors: redis.RedisError."""
    people, queues, flows = await database_sync_to_async(_names)(page.user)
    found = await page.follower.read([*map(board.agent_topic, people), *map(board.queue_topic, queues)])
    documents = {entry.topic: entry.document for entry in found}
    return {
        "agents": sorted(_agents(people, documents), key=lambda agent: (not agent["free"], agent["name"].casefold())),
        "queues": [_queue(queue, name, documents) for queue, name in queues.items()],
        "flows": [{"id": flow, "name": name} for flow, name in flows.items()],
    }


def _names(user: User) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    people = User.objects.filter(is_active=True, role__in=DESK_ROLES).exclude(pk=user.pk).order_by("first_name", "last_name")[:MOST]
    queues = Queue.objects.filter(active=True).order_by("name").values_list("pk", "name")[:MOST]
    flows = FlowVersion.objects.filter(state="active").order_by("flow__name").values_list("flow_id", "flow__name")[:MOST]
    return {one.pk: str(one) for one in people}, dict(queues), dict(flows)


def _agents(people: dict[int, str], documents: dict[str, msgspec.Raw]) -> list[dict[str, Any]]:
    shown = []
    for agent, name in people.items():
        document = _decode(documents.get(board.agent_topic(agent)), board.AgentDocument)
        if document is None or document.status == "logged_off":
            continue
        reached = document.phone != "softphone" or document.softphone == "online"
        free = document.status == "ready" and reached
        shown.append({"id": agent, "name": name, "status": document.status, "reason": document.reason, "free": free})
    return shown


def _queue(queue: int, name: str, documents: dict[str, msgspec.Raw]) -> dict[str, Any]:
    document = _decode(documents.get(board.queue_topic(queue)), board.QueueDocument)
    waiting, ready, logged_on = (document.waiting, document.ready, document.logged_on) if document else (0, 0, 0)
    return {"id": queue, "name": name, "waiting": waiting, "ready": ready, "served": logged_on > 0}


def _decode(raw: msgspec.Raw | None, kind: type[T]) -> T | None:
    """A document that was taken away again stands there as null."""
    return msgspec.json.decode(raw, type=kind | None) if raw is not None else None
