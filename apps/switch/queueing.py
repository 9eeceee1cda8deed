"""Callers stand in queues: they come, they have a place, they leave. PURE.

What they are offered there is the matter of `offering`; what comes after a queue, of whoever put them into it: their flow, or the
agent who brought them.
"""

from apps.events import vocabulary as v
from apps.queues.acd.state import QueueRules, Request
from apps.switch import session
from apps.switch.state import Call, Place
from apps.switch.world import World

BROUGHT = frozenset({"no_agents"})  # exits of those whom an agent brings: nobody there is as good as nobody in time


def join(world: World, call: Call, queue: int, exits: frozenset[str]) -> str:
    """Put the caller into the queue. The exit that refuses him (QU-08); empty: he stands there."""
    rules = world.configuration.acd.queues.get(queue)
    if rules is None:
        return "error"
    refusal = _refusal(world, rules, exits)
    if refusal:
        world.fact(v.QueueLeft(at=world.now, call=call.id, queue=queue, exit=refusal, waited=0.0))
    else:
        _welcome(world, enter(world, call, Place(queue, world.now, tuple(sorted(exits)))), rules)
    return refusal


def bring(world: World, call: Call, queue: int) -> None:
    """For an agent, who has not been refused (`targets.refusal`); he himself hears no welcome."""
    _welcome(world, enter(world, call, Place(queue, world.now, tuple(BROUGHT))), world.engine.rules(queue))


def _welcome(world: World, call: Call, rules: QueueRules) -> None:
    files = rules.welcome_by_language.get(_language(world, call), rules.welcome)
    if files and call.session.state == "alone":
        world.media(call, session.PlayPrompt(world.configuration.as_of(files, call.arrived_at), barge_in=False))


def come_back(world: World, call: Call, place: Place) -> None:
    """As one who has waited since `place.entered_at`. Whether anybody is left there is looked at: his exits may lead on at once."""
    enter(world, call, place)
    world.fewer = True


def enter(world: World, call: Call, place: Place) -> Call:
    """With music, for an agent who consults a queue too."""
    world.engine.enter(request(call.id, place))
    call = world.put(call, place=place)
    world.fact(v.QueueEntered(at=world.now, call=call.id, queue=place.queue, position=world.engine.position(call.id)))
    world.outcome.queues.add(place.queue)
    world.undecided = True
    music = world.configuration.as_of(world.engine.rules(place.queue).music, call.arrived_at)
    return world.media(call, session.SetMusic(music))


def request(call: str, place: Place) -> Request:
    """What the distribution knows of it."""
    return Request(id=call, queue=place.queue, entered_at=place.entered_at, endless=place.endless)


def _language(world: World, call: Call) -> str:
    graph = world.graphs.get(call.run.version) if call.run else None
    return graph.language if graph else ""


def _refusal(world: World, rules: QueueRules, exits: frozenset[str]) -> str:
    """Without a wired exit for it, callers wait for the first agent to log on."""
    if "no_agents" in exits and world.engine.refusal(rules.id) == "no_agents":
        return "no_agents"
    is_full = rules.maximum_callers is not None and len(world.engine.waiting(rules.id)) >= rules.maximum_callers
    return "full" if is_full else ""


def left(call: str, place: Place, exit: str, now: float) -> v.QueueLeft:  # noqa: A002
    """What has been told of his waiting is not told again."""
    return v.QueueLeft(at=now, call=call, queue=place.queue, exit=exit, waited=now - place.entered_at - place.told)


def leave(world: World, call: Call, exit: str) -> Call:  # noqa: A002 - the glossary's word
    """Out of the queue, for good. The flow is told by whoever calls this, if it is to go on."""
    place = call.place
    if place is None:
        return call
    world.engine.leave(call.id)
    world.fact(left(call.id, place, exit, world.now))
    world.outcome.queues.add(place.queue)
    return world.put(call, place=None)
