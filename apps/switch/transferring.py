"""A customer whose agent has left is brought to somebody who was not asked; and back, if that fails (TR-02, TR-04). PURE.

What fails brings him to the agent who sent him, if he is free or still in the wrap-up of this very call; else to the queue that he
came from, as one who has waited as long as he had. A call that came from no queue waits until the agent is free.
"""

from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.flows.interpreter import QueueLeft
from apps.switch import agent_phones, offering, session, talking, targets
from apps.switch import requests as r
from apps.switch.state import Call, Conversation, Transfer
from apps.switch.world import World

ASKS_AGAIN = 2.0  # seconds between two looks whether the agent is free, for a customer who can go nowhere else
PATIENCE = 600.0  # seconds that such a customer waits


def put(world: World, call: Call, transfer: Transfer | None) -> Call:
    world.timers.set(("transfer", call.id), transfer.until if transfer else None)
    world.outcome.agents |= {one.agent for one in (call.transfer, transfer) if one and one.agent is not None}
    return world.put(call, transfer=transfer)


def ring(world: World, call: Call, transfer: Transfer) -> None:
    role: v.LegRole = "agent" if transfer.to.kind == "agent" else "external"
    summoned = targets.summon(world, call, transfer.to, transfer.by, role)
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
        _ended(world, call, transfer, "answered")
        talking.begin(world, put(world, call, None), following(world, transfer.back, transfer.leg, transfer.agent))


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
    targets.dismiss(world, transfer.agent, result)
    call = put(world, call, None)
    if call.session.ringing:
        call = world.media(call, session.StopRinging(over))
    call = world.media(call, session.SetMusic(talking.hold_music(world, call, transfer.back)))
    if transfer.returning or not _free_for(world, call, transfer):
        _back_to_queue(world, call, transfer)
    else:
        world.fact(v.TransferReturned(at=world.now, call=call.id, agent=transfer.by))
        ring(world, call, replace(transfer, to=r.Target("agent", transfer.by), leg="", agent=None, until=None, returning=True))


def _free_for(world: World, call: Call, transfer: Transfer) -> bool:
    """Ready, or in the wrap-up that the transfer began."""
    presence = world.agent(transfer.by).presence
    in_its_wrap_up = presence.status == "wrap_up" and presence.since == transfer.began_at
    return (presence.status == "ready" or in_its_wrap_up) and agent_phones.reachable(world, transfer.by)


def _back_to_queue(world: World, call: Call, transfer: Transfer) -> None:
    back = transfer.back
    if back.queue in world.configuration.acd.queues:
        world.fact(v.TransferReturned(at=world.now, call=call.id, queue=back.queue))
        offering.enter(world, call, back.queue, frozenset(), world.now - back.waited)
    elif call.run is None and world.now - transfer.began_at < PATIENCE:
        put(world, call, replace(transfer, leg="", agent=None, until=world.now + ASKS_AGAIN, returning=True))
    else:
        world.agenda.append((call.id, QueueLeft("error")))


def time_over(world: World, call_id: str) -> None:
    """It has rung long enough; or somebody waits for the agent who sent him away to be free."""
    call = world.calls[call_id]
    transfer = call.transfer
    if transfer is None:
        return
    if transfer.leg:
        failed(world, call, "no_answer", over=False)
    elif _free_for(world, call, transfer):
        world.fact(v.TransferReturned(at=world.now, call=call.id, agent=transfer.by))
        ring(world, call, replace(transfer, to=r.Target("agent", transfer.by), until=None))
    else:
        _back_to_queue(world, put(world, call, None), transfer)
