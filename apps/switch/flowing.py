"""Calls arrive, go through their flow, and end. PURE."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import asdict

from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.flows.web.orders import WebOrder, WebResult
from apps.switch import consulting, dictating, offering, session, talking, taping, transferring
from apps.switch.state import Call, Conversation, Outgoing
from apps.switch.world import TIMERS, World
from apps.telephony import protocol as t
from contactcenter.lib.phone import e164

ORDER_UNKNOWN = 60.0  # seconds until a callback order has long been read from the journal


def arrive(world: World, event: t.LegArrived) -> None:
    """An INVITE reached a cell: answer it, if the number leads to an active flow (AN-01)."""
    configuration = world.configuration
    dialled = configuration.e164(event.dialled, event.trunk)
    number = configuration.numbers.get(dialled) or configuration.numbers.get(event.dialled)
    mark = t.TestMark.decode(event.test)
    graph = world.drafts.get(mark.draft) if mark.draft else configuration.flows.get(number.flow) if number else None
    caller = configuration.e164(event.caller, event.trunk)
    forwarded_from = configuration.e164(event.forwarded_from, event.trunk)
    call = Call(
        session=session.Session(call=event.call, cell=event.cell, caller=event.leg),
        arrived_at=event.at, caller=caller, caller_name=event.caller_name, dialled=dialled, number=number, test=bool(event.test),
        open_legs=(event.leg,),
    )  # fmt: skip
    world.put(call)
    world.fact(
        v.CallArrived(
            at=event.at, call=call.id, leg=event.leg, caller=caller, caller_name=event.caller_name, dialled=dialled,
            forwarded_from=forwarded_from, access_number=number.id if number else None, flow=graph.flow if graph else None,
            flow_version=graph.version if graph else None, trunk=int(event.trunk) if event.trunk.isdecimal() else None, test=call.test,
        ),
        v.LegStarted(at=event.at, call=call.id, leg=event.leg, role="caller", number=caller),
    )  # fmt: skip
    if graph is None:
        end(world, call, "refused", session.HangUpCaller(480 if number else 404))
        return
    world.graphs[graph.version] = graph
    world.outcome.graphs.add(graph.version)
    variables = {f.CALLER: caller, f.DIALLED: dialled, f.FORWARDED_FROM: forwarded_from}
    world.put(call, run=f.waiting(graph, event.at, call.id, variables, mark.shift))
    world.command(call, t.Answer(call=call.id, leg=event.leg))


def leg_answered(world: World, call: Call, leg: str) -> None:
    world.fact(v.LegConnected(at=world.now, call=call.id, leg=leg))
    if leg == call.session.caller and call.session.state == "arriving":
        call = world.media(call, session.CallerUp())
        _advance(world, call, f.Begin())
    elif call.offer and leg == call.offer.leg:
        offering.phone_answered(world, call)
    elif call.outgoing and leg == call.outgoing.leg:
        _dialled_answered(world, call, call.outgoing)


def leg_over(world: World, call: Call, event: t.LegEnded) -> Call:
    """Any leg is over; what follows from it is the matter of whose call it is."""
    quality = event.quality or t.LegQuality()
    world.fact(
        v.LegFinished(
            at=event.at, call=call.id, leg=event.leg, code=event.code,
            received=quality.received, lost=quality.lost, jitter_ms=quality.jitter_ms, rtt_ms=quality.rtt_ms,
        )
    )  # fmt: skip
    return world.put(call, open_legs=tuple(leg for leg in call.open_legs if leg != event.leg))


def leg_ended(world: World, call: Call, event: t.LegEnded) -> None:
    """The cell retires when it was the last one."""
    call = leg_over(world, call, event)
    if event.leg == call.session.caller:
        caller_gone(world, call, "caller_hung_up")
    elif call.offer and event.leg == call.offer.leg:
        offering.refused(world, call, event.code)
    elif call.outgoing and event.leg == call.outgoing.leg:
        _dialled_over(world, call, event.code)
    elif call.talk and event.leg == call.talk.leg:
        partner_gone(world, call, by="agent" if call.talk.agent is not None else "caller", over=True)
    retire_if_over(world, call.id)


def retire_if_over(world: World, call_id: str) -> None:
    call = world.calls.get(call_id)
    if call and call.session.state == "ended" and not call.open_legs:
        world.command(call, t.Retire(call=call.id))
        world.drop(call)


# -- ends


def caller_gone(world: World, call: Call, cause: str) -> None:
    """The caller hung up, or his cell is lost: everything of the call ends."""
    if call.session.state == "ended":
        return
    call = _release_others(world, call, "caller_gone")
    call = offering.withdraw(world, call, "caller_gone")
    call = offering.leave(world, call, "hung_up")
    result = "answered" if call.talk else "hung_up"
    call = talking.finish(world, call, "caller" if cause == "caller_hung_up" else "system")
    end(world, call, cause, session.CallerGone(), result)


def _release_others(world: World, call: Call, result: str) -> Call:
    """Whom the agent consults, or who is rung for a transfer."""
    return transferring.withdraw(world, consulting.settle(world, call, result), result)


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
    call = offering.leave(world, call, "error" if cause == "error" else "hung_up")
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


# -- the flow


def advance(world: World, call_id: str, happened: f.Input) -> None:
    """From the agenda. A call that ended meanwhile has no flow any more; one without a flow ends with what it waited for."""
    call = world.calls.get(call_id)
    if call is None or call.session.state != "alone":
        return
    if call.run is None:
        end(world, call, "flow_ended", session.HangUpCaller(200))
    else:
        _advance(world, call, happened)


def _advance(world: World, call: Call, happened: f.Input) -> None:
    if call.run is None:
        return
    run, actions = f.handle(world.graphs[call.run.version], call.run, happened, world.now, world.configuration.known)
    world.put(call, run=run)
    world.timers.set(("flow", call.id), f.next_timer(run))
    for action in actions:
        if isinstance(action, v.Event):
            world.fact(action)
        else:
            _ACTIONS[type(action)](world, world.calls[call.id], action)


def _play(world: World, call: Call, action: f.PlayPrompts) -> None:
    """A sound without a file is the step's fault, never the caller's (IV-09)."""
    assert call.run is not None
    language = world.graphs[call.run.version].language
    try:
        newest = taping.files(world, call, action.prompts, language)
    except LookupError as error:
        world.agenda.append((call.id, f.Played(error=str(error))))
        return
    world.media(call, session.PlayPrompt(world.configuration.as_of(newest, call.arrived_at), action.barge_in))


def _stop(world: World, call: Call, action: f.StopPrompts) -> None:
    world.media(call, session.StopPrompt())


def _join(world: World, call: Call, action: f.JoinQueue) -> None:
    offering.join(world, call, action.queue, action.exits)


def _dial(world: World, call: Call, action: f.DialNumber) -> None:
    outbound = world.configuration.outbound
    number = e164(action.number, world.configuration.country)
    if outbound is None or number is None:
        world.agenda.append((call.id, f.Dialled("error")))
        return
    leg = session.new_leg(call.session)
    dial = outbound.dial(call=call.id, leg=leg, number=number, timeout=action.timeout)
    call = world.put(call, outgoing=Outgoing(leg, number, world.now + action.timeout), open_legs=(*call.open_legs, leg))
    world.fact(v.LegStarted(at=world.now, call=call.id, leg=leg, role="external", number=number))
    world.timers.set(("outgoing", call.id), world.now + action.timeout)
    world.media(
        call, session.RingPartner(dial), session.SetMusic(world.configuration.as_of(world.configuration.ringing_tone, call.arrived_at))
    )


def _dialled_answered(world: World, call: Call, outgoing: Outgoing) -> None:
    world.timers.set(("outgoing", call.id), None)
    talking.begin(world, world.put(call, outgoing=None), Conversation(outgoing.leg, world.now))
    world.agenda.append((call.id, f.Dialled("answered")))


_RESULTS: dict[int, Literal["busy", "no_answer"]] = {486: "busy", 600: "busy", 408: "no_answer", 480: "no_answer"}


def _dialled_over(world: World, call: Call, code: int) -> None:
    world.timers.set(("outgoing", call.id), None)
    call = world.put(call, outgoing=None)
    world.media(call, session.StopRinging(over=True), session.SetMusic(()))
    world.agenda.append((call.id, f.Dialled(_RESULTS.get(code, "error"))))


def dial_timed_out(world: World, call_id: str) -> None:
    call = world.calls[call_id]
    if call.outgoing:
        world.media(world.put(call, outgoing=None), session.StopRinging(over=False), session.SetMusic(()))
        world.agenda.append((call.id, f.Dialled("no_answer")))


def _fetch(world: World, call: Call, action: f.FetchWeb) -> None:
    """It goes out with the commit; the flow's timer is its deadline."""
    world.outcome.web_orders.append(WebOrder(call=call.id, **asdict(action)))


def _order_callback(world: World, call: Call, action: f.OrderCallback) -> None:
    """A number waits once, whoever orders; the database has the last word."""
    if action.number in world.configuration.known.callbacks or action.number in world.ordered:
        world.agenda.append((call.id, f.CallbackTaken("already")))
        return
    world.ordered[action.number] = world.now
    world.fact(v.CallbackOrdered(at=world.now, call=call.id, number=action.number, step=action.step, queue=action.queue))
    world.agenda.append((call.id, f.CallbackTaken("ordered")))


def forget_orders(world: World) -> None:
    """By now the configuration that is read knows them, or somebody has closed them."""
    world.ordered = {number: at for number, at in world.ordered.items() if world.now - at < ORDER_UNKNOWN}


def web_answered(world: World, result: WebResult) -> None:
    """For a call that has ended meanwhile it is of no interest; whether its step still waits, the step knows."""
    advance(world, result.call, f.WebAnswered(result.number, result.status, result.values, result.error))


def _hang_up(world: World, call: Call, action: f.EndCall) -> None:
    end(world, call, action.cause, session.HangUpCaller(200))


_ACTIONS: dict[type, Callable[[World, Call, Any], None]] = {
    f.PlayPrompts: _play,
    f.StopPrompts: _stop,
    f.JoinQueue: _join,
    f.DialNumber: _dial,
    f.FetchWeb: _fetch,
    f.OrderCallback: _order_callback,
    f.ProveCode: dictating.prove_code,
    f.FindSound: dictating.find_sound,
    f.StartTape: taping.start,
    f.StopTape: taping.stop,
    f.EndCall: _hang_up,
}


def digit_pressed(world: World, call: Call, event: t.DigitPressed) -> None:
    if call.offer and call.offer.asked and event.leg == call.offer.leg:
        offering.key_pressed(world, call, event.digit)
    elif event.leg == call.session.caller and call.session.state == "alone" and call.place is None:
        _advance(world, call, f.DigitPressed(event.digit))


def playback_ended(world: World, call: Call, event: t.PlaybackEnded) -> None:
    """Playbacks that are not waited for (stopped ones, a queue's welcome) end without consequence."""
    if event.playback != call.session.prompt:
        return
    call = world.media(call, session.PromptOver())
    if call.place is None:
        _advance(world, call, f.Played(error=event.error))
