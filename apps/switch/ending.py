"""How a call ends, or a leg of it, and what becomes of those who are still there. PURE."""

from msgspec import structs

from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.switch import consulting, offering, queueing, session, talking, transferring
from apps.switch.state import Call
from apps.switch.world import TIMERS, World
from apps.telephony import protocol as t


def leg_over(world: World, call: Call, event: t.LegEnded) -> Call:
    """Any leg is over; what follows from it is the matter of whose call it is."""
    quality = event.quality or t.LegQuality()
    world.fact(v.LegFinished(at=event.at, call=call.id, leg=event.leg, code=event.code, **structs.asdict(quality)))
    return world.put(call, open_legs=tuple(leg for leg in call.open_legs if leg != event.leg))


def retire_if_over(world: World, call_id: str) -> None:
    call = world.calls.get(call_id)
    if call and call.session.state == "ended" and not call.open_legs:
        world.command(call, t.Retire(call=call.id))
        world.drop(call)


def caller_gone(world: World, call: Call, cause: str) -> None:
    """The caller hung up, or his cell is lost: everything of the call ends."""
    if call.session.state == "ended":
        return
    call = _release_others(world, call, "caller_gone")
    call = offering.withdraw(world, call, "caller_gone")
    call = queueing.leave(world, call, "hung_up")
    result = "answered" if call.talk else "hung_up"
    call = talking.finish(world, call, "caller" if cause == "caller_hung_up" else "system")
    end(world, call, cause, session.CallerGone(), result)


def _release_others(world: World, call: Call, result: str) -> Call:
    """Whom the agent consults, or who is rung for a transfer."""
    return transferring.withdraw(world, consulting.settle(world, call, result), result)


def partner_gone(world: World, call: Call, *, by: str, over: bool) -> None:
    """The conversation is over and the caller is still there: his flow goes on."""
    if call.run is None:  # a call that an agent made; its customer may have been transferred meanwhile
        call = world.media(call, session.EndRecording())
        end(world, talking.finish(world, call, by), "agent_hung_up" if by == "agent" else "media_lost", session.HangUpCaller(200))
        return
    was_agent = call.talk is not None and (call.talk.agent is not None or call.talk.transferred)
    call = world.media(call, session.EndRecording(), session.PartnerOff(over=over))
    call = talking.finish(world, call, by)
    world.agenda.append((call.id, f.QueueLeft("answered") if was_agent else f.Dialled("ended")))


def hang_up(world: World, agent: int) -> bool:
    """The agent hangs up his conversation. False: he has none."""
    call = world.calls.get(world.agent(agent).call)
    if call is None or call.talk is None or call.talk.agent != agent:
        return False
    partner_gone(world, call, by="agent", over=False)
    return True


def media_gone(world: World, call_id: str) -> None:
    """The agent's page did not come back in time."""
    call = world.calls[call_id]
    if call.talk and call.session.state == "lost":
        partner_gone(world, call, by="system", over=False)


def abandon(world: World, call: Call) -> None:
    """No packet has come from a telephone for too long."""
    _cut(world, call, "media_lost", 200)


def fail(world: World, call: Call, code: int) -> None:
    """A fault of ours: it must not cost more than this call. `code`: SIP status, if the caller was not answered yet."""
    _cut(world, call, "error", code)


def _cut(world: World, call: Call, cause: str, code: int) -> None:
    if call.session.state == "ended":
        return
    call = _release_others(world, call, "error" if cause == "error" else "caller_gone")
    call = offering.withdraw(world, call, "withdrawn" if cause == "error" else "caller_gone")
    call = queueing.leave(world, call, "error" if cause == "error" else "hung_up")
    call = talking.finish(world, call, "system")
    end(world, call, cause, session.HangUpCaller(code), "error" if cause == "error" else "hung_up")


def refuse(world: World, event: t.LegArrived, code: int) -> None:
    """A call that a fault did not let begin: it is told as it came, and its caller hears of it."""
    now_session = session.Session(call=event.call, cell=event.cell, caller=event.leg)
    call = Call(
        session=now_session, arrived_at=event.at, caller=event.caller, caller_name=event.caller_name, dialled=event.dialled, number=None,
        test=bool(event.test), open_legs=(event.leg,),
    )  # fmt: skip
    world.fact(
        v.CallArrived(at=event.at, call=call.id, leg=event.leg, caller=call.caller, caller_name=call.caller_name, dialled=call.dialled),
        v.LegStarted(at=event.at, call=call.id, leg=event.leg, role="caller", number=call.caller),
    )
    end(world, world.put(call), "error", session.HangUpCaller(code))


def end(world: World, call: Call, cause: str, how: session.CallerGone | session.HangUpCaller, result: str = "hung_up") -> None:
    """`result`: of the step in which the caller is."""
    if call.run is not None:
        graph = world.graphs[call.run.version]
        run, actions = f.handle(graph, call.run, f.CallerGone(result), world.now)
        world.fact(*(action for action in actions if isinstance(action, v.Event)))
        call = world.put(call, run=run)
    for name in TIMERS:
        world.timers.set((name, call.id), None)
    call = talking.let_go(world, call, cause)
    call = world.media(world.put(call, outgoing=None, silent_until=None), how)
    world.fact(v.CallEnded(at=world.now, call=call.id, cause=cause))
