"""What an agent says about his call while he talks and afterwards: its disposition. PURE.

The note is text of people and of no interest to any decision: it goes straight to its row (apps/notes).
"""

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.queues.acd.state import QueueRules
from apps.switch import presences
from apps.switch import requests as r
from apps.switch.state import AgentState, Call, Conversation, Talked
from apps.switch.world import World


def remember(world: World, call: Call, talk: Conversation) -> bool:
    """`talk` of an agent is over; whether a disposition is owed."""
    if talk.agent is None:
        return False
    talked = about(world, world.agent(talk.agent), call, talk)
    world.put_agent(world.agent(talk.agent), talked=talked)
    return talked.disposition is None and required(world, talked.queue)


def about(world: World, state: AgentState, call: Call, talk: Conversation) -> Talked:
    """A customer who came back to him (TR-04): what he said of the call before still holds."""
    before = state.talked.disposition if state.talked and state.talked.call == call.id else None
    return Talked(call.id, _queue(world, call, talk), call.caller, call.caller_name, talk.disposition or before)


def _queue(world: World, call: Call, talk: Conversation) -> int | None:
    """Whose dispositions: of the queue that he came from; of a call that an agent made, as the number that it shows says (decision 59)."""
    if talk.queue is not None or call.run is not None:
        return talk.queue
    return world.configuration.calls_out.queue_of(call.dialled)


def required(world: World, queue: int | None) -> bool:
    """Not if there is nothing to choose."""
    rules = rules_of(world, queue)
    return rules is not None and rules.disposition_required and bool(rules.dispositions)


def rules_of(world: World, queue: int | None) -> QueueRules | None:
    """None also if it was deactivated meanwhile."""
    return world.configuration.acd.queues.get(queue or 0)


def choose(world: World, request: r.ChooseDisposition) -> r.RefusalCode:
    """While he talks, in wrap-up, and until his next conversation."""
    call, talked = world.calls.get(request.call), world.agent(request.agent).talked
    talk = call.talk if call and call.talk and call.talk.agent == request.agent else None
    subject = about(world, world.agent(request.agent), call, talk) if call and talk else talked
    if subject is None or subject.call != request.call:
        return "no_call"
    rules = rules_of(world, subject.queue)
    chosen = next((one for one in rules.dispositions if one.id == request.disposition), None) if rules else None
    if rules is None or chosen is None:
        return "unknown_disposition"
    if subject.disposition != chosen.id:
        fact = v.DispositionChosen(
            at=world.now, call=request.call, agent=request.agent, queue=rules.id, disposition=chosen.id, name=chosen.name
        )
        world.fact(fact)
    if call and talk:
        world.put(call, talk=replace(talk, disposition=chosen.id))
    elif talked:
        world.put_agent(world.agent(request.agent), talked=replace(talked, disposition=chosen.id))
        _pay(world, request.agent)
    world.outcome.agents.add(request.agent)
    return ""


def _pay(world: World, agent: int) -> None:
    if world.agent(agent).presence.owes:
        presences.tell(world, agent, p.DispositionChosen())


def is_owed(world: World, agent: int) -> bool:
    """He is kept in wrap-up, and can choose."""
    state = world.agent(agent)
    return state.presence.owes and state.talked is not None and required(world, state.talked.queue)


def forgive(world: World) -> None:
    """New configuration: nobody is kept in wrap-up for what is not demanded any more."""
    for agent, state in list(world.agents.items()):
        if state.presence.owes and not is_owed(world, agent):
            _pay(world, agent)
