"""How each fact changes a call and its legs, in memory. The rows come from services.py and go back there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Model

from apps.calls.models import Call, Leg
from apps.events import vocabulary as v
from contactcenter.lib import mos
from contactcenter.lib.clock import as_datetime

UNKNOWN = "unknown"  # role of a leg whose start nobody wrote down


@dataclass(slots=True)
class Story:
    """One call as it is told: its row and its legs, by id. `known` tells of a reference (field, id) whether its row is there."""

    call: Call
    known: Callable[[str, int | None], int | None]
    legs: dict[str, Leg] = field(default_factory=dict)

    def leg(self, leg_id: str, at: float) -> Leg:
        """A fact about a leg may come without the leg's start."""
        leg = self.legs.get(leg_id)
        if leg is None:
            leg = self.legs[leg_id] = Leg(id=leg_id, call=self.call, role=UNKNOWN, started_at=as_datetime(at))
        return leg


def fold(story: Story, entry: v.Entry) -> bool:
    """Take in one fact; False: it was in already."""
    if entry.seq <= story.call.last_seq:
        return False
    story.call.last_seq = entry.seq
    if change := _CHANGES.get(type(entry.event)):
        change(story, entry.event)
    return True


def fitting(model: type[Model], **values: Any) -> dict[str, Any]:
    """Texts cut to what their columns hold: SIP headers have no limit, and a fact that cannot be written would stop all others."""
    return {name: value[: column.max_length] if (column := _text(model, name)) else value for name, value in values.items()}


def _text(model: type[Model], name: str) -> CharField | None:
    column = model._meta.get_field(name)
    return column if isinstance(column, CharField) else None


def _set(row: Model, **values: Any) -> None:
    for name, value in fitting(type(row), **values).items():
        setattr(row, name, value)


def _arrived(story: Story, event: v.CallArrived) -> None:
    _set(
        story.call,
        started_at=as_datetime(event.at), caller=event.caller, caller_name=event.caller_name, dialled=event.dialled,
        forwarded_from=event.forwarded_from, test=event.test,
        access_number_id=story.known("access_number", event.access_number), trunk_id=story.known("trunk", event.trunk),
        flow_version_id=story.known("flow_version", event.flow_version), kind=_kind(event),
    )  # fmt: skip
    if event.agent is not None:  # he made it, whether or not anybody answers
        story.call.agent_id = story.known("agent", event.agent)
    _set(story.leg(event.leg, event.at), role="caller", number=event.caller, connected_at=None)


def _kind(event: v.CallArrived) -> str:
    if event.agent is not None:
        return "outbound"
    return "system" if event.placed else "inbound"


def _ended(story: Story, event: v.CallEnded) -> None:
    _set(story.call, ended_at=as_datetime(event.at), cause=event.cause)
    for leg in story.legs.values():
        leg.ended_at = leg.ended_at or as_datetime(event.at)


def _leg_started(story: Story, event: v.LegStarted) -> None:
    agent = story.known("agent", event.agent)
    _set(story.leg(event.leg, event.at), role=event.role, number=event.number, agent_id=agent, started_at=as_datetime(event.at))


def _leg_connected(story: Story, event: v.LegConnected) -> None:
    story.leg(event.leg, event.at).connected_at = as_datetime(event.at)


def _leg_finished(story: Story, event: v.LegFinished) -> None:
    sent = max(0, event.sent)
    lost = min(sent, max(0, event.sent_lost))
    _set(
        story.leg(event.leg, event.at),
        ended_at=as_datetime(event.at), code=event.code, received=max(0, event.received), lost=max(0, event.lost),
        jitter_ms=event.jitter_ms, rtt_ms=event.rtt_ms, sent=sent, sent_lost=lost, sent_jitter_ms=event.sent_jitter_ms,
        mos=mos.of_packets(received=event.received, lost=event.lost, jitter_ms=event.jitter_ms, rtt_ms=event.rtt_ms),
        sent_mos=mos.of_loss(100 * lost / sent, jitter_ms=event.sent_jitter_ms, rtt_ms=event.rtt_ms) if sent else None,
    )  # fmt: skip


def _queue_entered(story: Story, event: v.QueueEntered) -> None:
    story.call.queue_id = story.known("queue", event.queue)


def _queue_left(story: Story, event: v.QueueLeft) -> None:
    story.call.waited += event.waited


def _conversation_started(story: Story, event: v.ConversationStarted) -> None:
    story.call.answered_at = story.call.answered_at or as_datetime(event.at)
    if event.agent is not None or story.call.agent_id is None:  # transferred to a number: the last agent is whose call it was
        story.call.agent_id = story.known("agent", event.agent)


def _conversation_ended(story: Story, event: v.ConversationEnded) -> None:
    """TR-05"""
    call = story.call
    call.talked += event.seconds
    call.holds, call.held, call.consults = call.holds + event.holds, call.held + event.held, call.consults + event.consults
    call.transferred = call.transferred or event.transferred
    leg = story.leg(event.leg, event.at)
    _set(leg, talked=(leg.talked or 0.0) + event.seconds, agent_id=leg.agent_id or story.known("agent", event.agent))


def _disposition_chosen(story: Story, event: v.DispositionChosen) -> None:
    """The newest counts; the time line has all."""
    story.call.disposition_id = story.known("disposition", event.disposition)


_CHANGES: dict[type, Callable[[Story, Any], None]] = {
    v.CallArrived: _arrived,
    v.CallEnded: _ended,
    v.LegStarted: _leg_started,
    v.LegConnected: _leg_connected,
    v.LegFinished: _leg_finished,
    v.QueueEntered: _queue_entered,
    v.QueueLeft: _queue_left,
    v.ConversationStarted: _conversation_started,
    v.ConversationEnded: _conversation_ended,
    v.DispositionChosen: _disposition_chosen,
}
