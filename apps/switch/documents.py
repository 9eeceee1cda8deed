"""What the board shows of agents and queues (board.py), made from the switch's memory. PURE."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Literal

from msgspec import Raw, Struct
from msgspec.structs import astuple

from apps.queues.acd.state import QueueRules
from apps.switch import board as b
from apps.switch import cards, summing_up
from apps.switch.state import AgentState, Softphone, Talked
from apps.switch.world import Outcome, World


class Documents:
    """Remembers what stands on the board, so that only what has changed is written."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._standing: dict[str, bytes] = {}

    def changed(self, outcome: Outcome) -> list[tuple[str, Raw]]:
        """(topic, document) of all that reads differently since the last call."""
        world, rules = self._world, self._world.configuration.acd.queues
        agents = outcome.agents.union(*(cards.agents_of(world.calls.get(call)) for call in outcome.calls))
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


def agent_document(world: World, agent: int) -> b.AgentDocument:
    state = world.agent(agent)
    presence, softphone = state.presence, state.softphone
    return b.AgentDocument(
        agent=agent, status=presence.status, since=presence.since, until=presence.until, reason=presence.reason, profile=presence.profile,
        phone=presence.phone, pending=presence.pending, softphone=_reached(softphone), connection=softphone.connection,
        card=cards.card(world, state), calls_today=state.calls_today, talked_today=state.talked_today, callers=_callers(world, state),
        called_out=b.CalledOut(*astuple(state.called_out)) if state.called_out else None,
        summary=_summary(world, state), owes=presence.owes, extendable=presence.extendable, extended=presence.extended,
    )  # fmt: skip


def _callers(world: World, state: AgentState) -> tuple[b.CallerChoice, ...]:
    known = world.configuration.agents.get(state.presence.agent)
    if known is None or state.presence.status == "logged_off":
        return ()
    callers = world.configuration.calls_out.callers_of(known.team, state.presence.profile)
    return tuple(b.CallerChoice(caller.id, caller.number, caller.name) for caller in callers)


def _summary(world: World, state: AgentState) -> b.Summary | None:
    call = world.calls.get(state.call)
    if call and call.talk and call.talk.agent == state.presence.agent:
        return _about(world, summing_up.about(world, state, call, call.talk))
    return _about(world, state.talked) if state.talked else None


def _about(world: World, talked: Talked) -> b.Summary:
    """What was chosen and has been withdrawn since is not among the choices, and stays chosen."""
    rules = summing_up.rules_of(world, talked.queue)
    return b.Summary(
        call=talked.call, caller=talked.caller, caller_name=talked.caller_name, queue_name=rules.name if rules else "",
        dispositions=tuple(b.DispositionChoice(one.id, one.name) for one in rules.dispositions) if rules else (),
        required=summing_up.required(world, talked.queue), disposition=talked.disposition,
    )  # fmt: skip


def _reached(softphone: Softphone) -> Literal["offline", "online", "not_ready"]:
    if not softphone.connection:
        return "offline"
    return "online" if softphone.ready else "not_ready"


def queue_document(world: World, queue: QueueRules) -> b.QueueDocument:
    """Callers whose agent's phone rings still wait."""
    waiting = world.engine.waiting(queue.id)
    tally = world.tally.get(queue.id, Counter())
    return b.QueueDocument(
        queue=queue.id, name=queue.name, waiting=len(waiting), oldest=min((request.entered_at for request in waiting), default=None),
        logged_on=sum(count for status, count in tally.items() if status != "logged_off"),
        ready=tally["ready"], connected=tally["connected"] + tally["wrap_up"], paused=tally["pause"],
    )  # fmt: skip
