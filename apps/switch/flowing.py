"""Calls arrive and go through their flow. PURE."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import asdict

from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.flows.web.orders import WebOrder, WebResult
from apps.switch import dictating, ending, offering, queueing, session, talking, taping
from apps.switch.state import Call, Conversation, Outgoing
from apps.switch.world import World
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
        ending.end(world, call, "refused", session.HangUpCaller(480 if number else 404))
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


def leg_ended(world: World, call: Call, event: t.LegEnded) -> None:
    """The cell retires when it was the last one."""
    call = ending.leg_over(world, call, event)
    if event.leg == call.session.caller:
        ending.caller_gone(world, call, "caller_hung_up")
    elif call.offer and event.leg == call.offer.leg:
        offering.refused(world, call, event.code)
    elif call.outgoing and event.leg == call.outgoing.leg:
        _dialled_over(world, call, event.code)
    elif call.talk and event.leg == call.talk.leg:
        ending.partner_gone(world, call, by="agent" if call.talk.agent is not None else "caller", over=True)
    ending.retire_if_over(world, call.id)


# -- the flow


def advance(world: World, call_id: str, happened: f.Input) -> None:
    """From the agenda. A call that ended meanwhile has no flow any more; one without a flow ends with what it waited for."""
    call = world.calls.get(call_id)
    if call is None or call.session.state != "alone":
        return
    if call.run is None:
        ending.end(world, call, "flow_ended", session.HangUpCaller(200))
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
    if refused := queueing.join(world, call, action.queue, action.exits):
        world.agenda.append((call.id, f.QueueLeft(refused)))


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
    ending.end(world, call, action.cause, session.HangUpCaller(200))


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
