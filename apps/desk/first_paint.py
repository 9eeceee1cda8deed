"""The desk's first paint: the agent's true state as the board has it now, so that the page is right before its scripts run."""

import logging
from typing import Any

import msgspec
import redis

from apps.accounts.models import PauseReason, User
from apps.desk.words import words
from apps.live import audience, consumer, record
from apps.live.modules import summary
from apps.switch import board
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)


def read_board(topics: list[str]) -> list[board.BoardEntry]:
    """Documents of `topics`. Redis away: none; the page then says that it is not connected."""
    try:
        found = bus.client().hmget(bus.BOARD, topics)
    except redis.RedisError:
        log.warning("the board could not be read for a first paint")
        return []
    return [board.decode_entry(entry) for entry in found if entry]


def agent_of(entries: list[board.BoardEntry]) -> board.AgentDocument | None:
    own = [entry for entry in entries if entry.topic.startswith("agent:")]
    return msgspec.json.decode(own[0].document, type=board.AgentDocument | None) if own else None


def panel_of(document: board.AgentDocument | None) -> str:
    """Which of the centre panel's states is shown; static/desk/panel.js says the same."""
    if document is None or document.status == "logged_off":
        return "logged_off"
    if document.card:
        return "calling" if document.card.state in ("phone", "dialling", "alerting") else document.card.state
    return "wrap_up" if document.status == "wrap_up" else "idle"


def context(user: User) -> dict[str, Any]:
    """For the template: `document` and what it is called, and `state` for the scripts."""
    (own,) = read_board([board.agent_topic(user.pk)]) or (None,)
    document = agent_of([own] if own else [])
    profile = document.profile if document and document.status != "logged_off" else None
    topics = audience.topics_of(user, profile)
    entries = [*([own] if own else []), *read_board(topics[1:])]
    said = words()
    status = document.status if document else "logged_off"
    card = document.card if document else None
    customer = record.customer(card.caller) if card else None
    return {
        "panel": panel_of(document),
        "status": status,
        "status_word": document.reason if status == "pause" and document else said[f"status.{status}"],
        "card": card,
        "caller": record.pretty(card.caller) or said["caller.withheld"] if card else "",
        "caller_name": (customer and customer["name"]) or card.caller_name if card else "",
        "profiles": list(audience.profiles_of(user)),
        "reasons": _reasons(),
        "queues": [msgspec.json.decode(entry.document, type=board.QueueDocument) for entry in entries if entry.topic.startswith("queue:")],
        "state": _state(user, topics, entries, customer) | {"note": _note(user, document)},
    }


def _note(user: User, document: board.AgentDocument | None) -> dict[str, Any] | None:
    """What he has written about the call that he is in, or has been in last."""
    call = document.summary.call if document and document.summary else ""
    return {"call": call, **summary.read(call, user)} if call else None


def _reasons() -> list[str]:
    return list(PauseReason.objects.filter(active=True).values_list("name", flat=True))


def _state(user: User, topics: list[str], entries: list[board.BoardEntry], customer: dict[str, Any] | None) -> dict[str, Any]:
    state = {
        "agent": user.pk,
        "autoAnswer": user.auto_answer,
        "now": clock.now(),
        "topics": topics,
        "entries": [consumer.shown(entry) for entry in entries],
        "profiles": {str(profile.pk): profile.name for profile in audience.profiles_of(user)},
        "reasons": _reasons(),
        "day": record.my_day(user),
        "customer": customer,
        "words": words(),
    }
    return msgspec.json.decode(msgspec.json.encode(state))
