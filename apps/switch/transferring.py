"""A customer whose agent has left is brought to somebody who was not asked; and back, if that fails (TR-02, TR-04). PURE.

What fails brings him to the agent who sent him, if he is free or still in the wrap-up of this very call; else to the queue that he
came from, as one who has waited as long as he had. One whom an agent called has no flow that could lead on from there: he stands in
such a queue, or in the one to which he was brought, and waits for the agent as well. As long as he likes: he is never dropped.
"""

from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.flows.interpreter import Run
from apps.switch import agent_phones, queueing, session, talking, targets
from apps.switch import requests as r
from apps.switch.state import Call, Conversation, Place, Transfer
from apps.switch.world import Subject, World


def put(world: World, call: Call, transfer: Transfer | None) -> Call:
    world.timers.set(("transfer", call.id), transfer.until if transfer else None)
    world.outcome.agents |= {one.agent for one in (call.transfer, transfer) if one and one.agent is not None}
    return world.put(call, transfer=transfer)


def ring(world: World, call: Call, transfer: Transfer) -> None:
    to = r.Target("agent", transfer.by) if transfer.returning else transfer.to
    role: v.LegRole = "agent" if to.kind == "agent" else "external"
    summoned = targets.summon(world, call, to, transfer.by, role)
    if summoned is None:
        failed(world, put(world, call, transfer), "unreachable")
        return
    call, rung = summoned
    call = put(world, call, replace(transfer, since=world.now, leg=rung.leg, agent=rung.agent, until=rung.until))
    world.media(call, session.RingPartner(rung.dial), session.SetMusic(targets.ringing_tone(world, call)))


def answered(world: World, call: Call) -> None:
    """They hear each other."""
    transfer = call.transfer
    if transfer is not None:
        talking.begin(world, done(world, call), following(world, transfer.back, transfer.leg, transfer.agent))


def done(world: World, call: Call) -> Call:
    """Somebody has the customer, if he was on his way."""
    if call.transfer is None:
        return call
    _ended(world, call, call.transfer, "answered")
    return put(world, call, None)


def following(world: World, talk: Conversation, leg: str, agent: int | None) -> Conversation:
    """The conversation that follows `talk`: it counts for the queue that the customer came from."""
    queue = talk.queue if agent is not None else None
    return Conversation(leg, world.now, agent, queue, entered_at=talk.entered_at, waited=talk.waited, transferred=True)


def _ended(world: World, call: Call, transfer: Transfer, result: str) -> None:
    """Of a customer who is on his way back it has been told."""
    if not transfer.returning:
        seconds = world.now - transfer.began_at
        world.fact(v.TransferEnded(at=world.now, call=call.id, agent=transfer.by, result=result, seconds=seconds))


def withdraw(world: World, call: Call, result: str) -> Call:
    """Because of the customer: it costs nobody anything. The media are not told."""
    transfer = call.transfer
    if transfer is None:
        return call
    _ended(world, call, transfer, result)
    targets.dismiss(world, transfer.agent, "withdrawn")
    return put(world, call, None)


def failed(world: World, call: Call, result: str, *, over: bool = True) -> None:
    """TR-04. `over`: the leg that was rung is gone already."""
    transfer = call.transfer
    if transfer is None:
        return
    _ended(world, call, transfer, result)
    at_once = transfer.returning and result in ("busy", "rejected")
    targets.dismiss(world, transfer.agent, targets.ASKED_AGAIN if at_once else result)
    call = put(world, call, None)
    if call.session.ringing:
        call = world.media(call, session.StopRinging(over))
    call = world.media(call, session.SetMusic(talking.hold_music(world, call, transfer.back)))
    if transfer.returning or not _free_for(world, transfer):
        _back_to_queue(world, call, transfer)
    else:
        _back_to_agent(world, call, transfer)


def _free_for(world: World, transfer: Transfer) -> bool:
    """Ready, or in the wrap-up that the transfer began."""
    presence = world.agent(transfer.by).presence
    in_its_wrap_up = presence.status == "wrap_up" and presence.since == transfer.began_at
    return (presence.status == "ready" or in_its_wrap_up) and agent_phones.reachable(world, transfer.by)


def _back_to_agent(world: World, call: Call, transfer: Transfer) -> None:
    world.fact(v.TransferReturned(at=world.now, call=call.id, agent=transfer.by))
    ring(world, call, replace(transfer, leg="", agent=None, until=None, returning=True))


def _back_to_queue(world: World, call: Call, transfer: Transfer) -> None:
    """One who has no flow has no way out of a queue: it is endless for him, and the agent is looked for as well."""
    place = _place(world, transfer)
    if place is None or call.run is None or place.queue != transfer.back.queue:
        call = put(world, call, replace(transfer, leg="", agent=None, until=None, returning=True))
        place = place and replace(place, endless=True)
    else:
        place = replace(place, exits=_exits(world, call.run))
    if place is not None:
        world.fact(v.TransferReturned(at=world.now, call=call.id, queue=place.queue))
        queueing.come_back(world, call, place)


def _place(world: World, transfer: Transfer) -> Place | None:
    """In the queue that he came from, else in the one to which he was brought. None: there is neither."""
    back, queues = transfer.back, world.configuration.acd.queues
    if back.queue in queues:
        return Place(back.queue, world.now - back.waited, told=back.waited)
    if transfer.to.kind == "queue" and transfer.to.id in queues:
        return Place(transfer.to.id, transfer.began_at, told=world.now - transfer.began_at)
    return None


def _exits(world: World, run: Run) -> tuple[str, ...]:
    """Those of the step in which his flow waits for him."""
    return tuple(sorted(world.graphs[run.version].steps[run.step].exits)) if run.step is not None else ()


def bring_back(world: World) -> None:
    """Whoever waits for his agent rings him as soon as he is free, before anybody from a queue; unless another phone rings for him."""
    for call in [call for call in world.calls.values() if call.transfer and call.transfer.returning]:
        transfer = call.transfer
        if transfer and not transfer.leg and call.offer is None and _free_for(world, transfer):
            world.subject = Subject(call.id)
            _back_to_agent(world, queueing.leave(world, call, "returned"), transfer)


def time_over(world: World, call_id: str) -> None:
    """It has rung long enough."""
    failed(world, world.calls[call_id], "no_answer", over=False)
