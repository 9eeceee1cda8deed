"""What the board shows of agents and queues (board.py), made from the switch's memory. PURE."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Literal

from msgspec import Raw, Struct
from msgspec.structs import astuple

from apps.queues.acd.state import QueueRules
from apps.switch import board as b
from apps.switch.state import AgentState, Call, Softphone, Taping
from apps.switch.world import Outcome, World


class Documents:
    """Remembers what stands on the board, so that only what has changed is written."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._standing: dict[str, bytes] = {}

    def changed(self, outcome: Outcome) -> list[tuple[str, Raw]]:
        """(topic, document) of all that reads differently since the last call."""
        world, rules = self._world, self._world.configuration.acd.queues
        agents = outcome.agents | {agent for call in outcome.calls if (agent := _agent_of(world.calls.get(call))) is not None}
        wanted: list[tuple[str, Callable[[], Struct]]]
        wanted = [(b.agent_topic(agent), partial(agent_document, world, agent)) for agent in sorted(agents)]
        wanted += [(b.queue_topic(queue), partial(queue_document, world, rules[queue])) for queue in sorted(outcome.queues & rules.keys())]
        made = [(topic, document) for topic, make in wanted if (document := _made(make, outcome)) is not None]
        news = [(topic, document) for topic, document in made if self._standing.get(topic) != document]
        self._standing.update(news)
        return [(topic, Raw(document)) for topic, document in news]


def _made(make: Callable[[], Struct], outcome: Outcome) -> bytes | None:
    """None: a fault, which must not keep what was decided from being written. The page goes on showing what stood there."""
    try:
        return b.encode(make())
    except Exception as fault:
        outcome.faults.append(fault)
        return None


def _agent_of(call: Call | None) -> int | None:
    if call is None:
        return None
    if call.offer:
        return call.offer.agent
    if call.talk:
        return call.talk.agent
    return call.out.agent if call.out else None


def agent_document(world: World, agent: int) -> b.AgentDocument:
    state = world.agent(agent)
    presence, softphone = state.presence, state.softphone
    return b.AgentDocument(
        agent=agent, status=presence.status, since=presence.since, until=presence.until, reason=presence.reason, profile=presence.profile,
        phone=presence.phone, pending=presence.pending, softphone=_reached(softphone), connection=softphone.connection,
        card=_card(world, state), calls_today=state.calls_today, talked_today=state.talked_today, callers=_callers(world, state),
        called_out=b.CalledOut(*astuple(state.called_out)) if state.called_out else None,
    )  # fmt: skip


def _callers(world: World, state: AgentState) -> tuple[b.CallerChoice, ...]:
    known = world.configuration.agents.get(state.presence.agent)
    if known is None or state.presence.status == "logged_off":
        return ()
    callers = world.configuration.calls_out.callers_of(known.team, state.presence.profile)
    return tuple(b.CallerChoice(caller.id, caller.number, caller.name) for caller in callers)


def _reached(softphone: Softphone) -> Literal["offline", "online", "not_ready"]:
    if not softphone.connection:
        return "offline"
    return "online" if softphone.ready else "not_ready"


def _card(world: World, state: AgentState) -> b.CallCard | None:
    call = world.calls.get(state.call)
    if call is None or _agent_of(call) != state.presence.agent:
        return None
    if call.offer:
        offer = call.offer
        entered = call.place.entered_at if call.place else offer.made_at
        return _fill(world, call, offer.leg, "ringing", offer.made_at, offer.queue, entered, offer.waited)
    if call.out and not call.talk:
        return _fill(world, call, call.out.leg, call.out.state, call.out.since, None, call.out.since, 0.0)
    assert call.talk is not None  # _agent_of
    talk = call.talk
    since = talk.hold_since or talk.started_at
    return _fill(world, call, talk.leg, call.session.state, since, talk.queue, talk.entered_at, talk.waited)


def _fill(world: World, call: Call, leg: str, state: str, since: float, queue: int | None, entered_at: float, waited: float) -> b.CallCard:
    rules = world.configuration.acd.queues.get(queue or 0)
    taping = call.taping
    path = tuple(b.PassedStep(passed.name, passed.label) for passed in call.run.path) if call.run else ()
    return b.CallCard(
        call=call.id, leg=leg, state=state, since=since, caller=call.caller, caller_name=call.caller_name,  # type: ignore[arg-type]  # the table's states
        dialled=call.dialled, number_name=call.number.name if call.number else "", queue=queue, queue_name=rules.name if rules else "",
        entered_at=entered_at, waited=waited, path=path, answered_at=call.talk.started_at if call.talk else None,
        muted=leg in call.session.muted,
        recording=_recorded(taping), recording_mode=taping.mode if taping else "off",
        recorded_seconds=taping.seconds if taping else 0.0, recording_since=taping.since if taping else None, test=call.test,
        out=call.out is not None, confirming=_confirms(call),
    )  # fmt: skip


def _confirms(call: Call) -> bool:
    return bool(call.offer and call.offer.asked) or bool(call.out and call.out.confirm_until is not None)


def _recorded(taping: Taping | None) -> Literal["off", "on", "paused", "failed"]:
    if taping is None:
        return "off"
    if taping.failed:
        return "failed"
    return "paused" if taping.since is None else "on"


def queue_document(world: World, queue: QueueRules) -> b.QueueDocument:
    """Callers whose agent's phone rings still wait."""
    waiting = world.engine.waiting(queue.id)
    tally = world.tally.get(queue.id, Counter())
    return b.QueueDocument(
        queue=queue.id, name=queue.name, waiting=len(waiting), oldest=min((request.entered_at for request in waiting), default=None),
        logged_on=sum(count for status, count in tally.items() if status != "logged_off"),
        ready=tally["ready"], connected=tally["connected"] + tally["wrap_up"], paused=tally["pause"],
    )  # fmt: skip
