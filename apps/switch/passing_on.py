"""What agents ask for about consult and transfer, and what becomes of the legs in it (TR-01 to TR-04). PURE.

Who leaves while somebody is asked, in whatever way (a click, his phone hung up, his page did not come back), leaves his customer
there: nobody is dropped by it.
"""

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.switch import confirming, consulting, ending, offering, presences, queueing, session, talking, targets, transferring
from apps.switch import requests as r
from apps.switch.state import Call, Consult, Conversation, Transfer
from apps.switch.world import World
from apps.telephony import protocol as t

# -- what the agent asks for


def consult(world: World, request: r.Consult) -> r.RefusalCode:
    call, code = _may_leave(world, request.agent, request.to)
    if call is None or call.talk is None or code:
        return code
    if request.to.kind == "flow":
        return "not_allowed"
    if len(call.open_legs) >= targets.CELL_LEGS:
        return "cell_full"
    call = talking.on_hold(world, call, call.talk)
    if request.to.kind != "queue":
        return consulting.ring(world, call, request.to, request.agent)
    queueing.bring(world, consulting.wait(world, call, request.to, request.agent), request.to.id)
    return ""


def _may_leave(world: World, agent: int, to: r.Target) -> tuple[Call | None, r.RefusalCode]:
    """The call that the agent has, and why he cannot bring its customer to `to`."""
    call = talking.current(world, agent)
    if call is None:
        return None, "no_call"
    if call.consult or call.session.state not in ("talking", "held"):
        return call, "not_now"
    return call, targets.refusal(world, agent, to)


def join_all(world: World, request: r.JoinAll) -> r.RefusalCode:
    call = talking.current(world, request.agent)
    return consulting.join_all(world, call) if call else "no_call"


def take_back(world: World, request: r.TakeBack) -> r.RefusalCode:
    call = talking.current(world, request.agent)
    if call is None or call.consult is None:
        return "no_call"
    call = queueing.leave(world, offering.withdraw(world, call, "withdrawn"), "taken_back")
    consulting.end(world, call, "taken_back")
    return ""


def complete(world: World, request: r.CompleteTransfer) -> r.RefusalCode:
    """TR-03: not before somebody in the queue has answered; a queue can get the customer blind."""
    call = talking.current(world, request.agent)
    if call is None or call.consult is None:
        return "no_call"
    if call.consult.state == "waiting":
        return "not_now"
    leave(world, call, "agent", over=False)
    return ""


def transfer(world: World, request: r.Transfer) -> r.RefusalCode:
    call, code = _may_leave(world, request.agent, request.to)
    if call is None or call.talk is None or code:
        return code
    talk = call.talk
    call = _part(world, call, talk, request.to, "agent", session.PartnerOff(over=False))
    begun = Transfer(request.to, request.agent, world.now, talk)
    if request.to.kind == "queue":
        queueing.bring(world, transferring.put(world, call, begun), request.to.id)
    elif request.to.kind == "flow":
        _enter_flow(world, call, request.to.id)
        world.fact(v.TransferEnded(at=world.now, call=call.id, agent=request.agent, result="entered"))
    else:
        transferring.ring(world, call, begun)
    return ""


def _part(world: World, call: Call, talk: Conversation, to: r.Target, by: str, how: session.PartnerOff) -> Call:
    """The agent leaves, and his customer hears music until somebody has him."""
    agent = talk.agent or 0
    world.fact(v.TransferBegan(at=world.now, call=call.id, agent=agent, kind=to.kind, target=to.id, number=to.number))
    call = world.media(call, session.EndRecording(), how)
    call = talking.finish(world, call, by, transferred=True)
    return talking.let_go(world, call, "transferred")


def _enter_flow(world: World, call: Call, flow: int) -> None:
    """The flow in which he was ends for him; he takes what it knows of him along."""
    graph, run = world.configuration.flows[flow], f.Run(version=0, call=call.id, variables={f.CALLER: call.caller, f.DIALLED: call.dialled})
    if call.run is not None:
        run, actions = f.handle(world.graphs[call.run.version], call.run, f.CallerGone("transferred"), world.now)
        world.fact(*(action for action in actions if isinstance(action, v.Event)))
    world.graphs[graph.version] = graph
    world.outcome.graphs.add(graph.version)
    known = f.waiting(graph, world.now, call.id, run.variables, run.shift)
    world.put(call, run=replace(known, secret=run.secret, labels=run.labels))
    world.agenda.append((call.id, f.Begin()))


# -- the agent leaves, and whom he consulted has the customer


def leave(world: World, call: Call, by: str, *, over: bool) -> None:
    """`over`: the agent's leg is gone already."""
    consult, talk = call.consult, call.talk
    if consult is None or talk is None or talk.agent is None:
        return
    call = consulting.settle(world, call, "transferred")
    if consult.state in ("talking", "three_party"):
        _hand_over(world, call, talk, consult.to, (consult.leg, consult.agent), by, over=over)
        if consult.until is not None:  # his media are away just now
            talking.lose(world, world.calls[call.id])
        return
    call = _part(world, call, talk, consult.to, by, session.PartnerOff(over))
    who = (consult.since, consult.leg, consult.agent, consult.until)
    transferring.put(world, call, Transfer(consult.to, talk.agent, world.now, talk, *who, asked=consult.asked))


def _hand_over(world: World, call: Call, talk: Conversation, to: r.Target, who: tuple[str, int | None], by: str, *, over: bool) -> None:
    agent = talk.agent or 0
    world.fact(v.TransferBegan(at=world.now, call=call.id, agent=agent, kind=to.kind, target=to.id, number=to.number, consulted=True))
    call = world.media(call, session.EndRecording())
    call = talking.let_go(world, talking.finish(world, call, by, transferred=True), "transferred")
    world.fact(v.TransferEnded(at=world.now, call=call.id, agent=agent, result="answered"))
    talking.begin(world, call, transferring.following(world, talk, *who), session.HandOver(over))


# -- the others who are in it: whom the agent asks, or to whom the customer is brought


def reject(world: World, request: r.RejectOffer) -> r.RefusalCode:
    call = world.calls.get(world.agent(request.agent).call)
    rung = _rung(call, request.leg) if call else None
    if call is None or rung is None or rung.agent != request.agent:
        return offering.reject(world, request)
    _refused(world, call, "rejected", over=False)
    return ""


def hang_up(world: World, agent: int) -> bool:
    """Whoever hangs up in a consult: the agent leaves his customer there, whom he asked goes. False: it is about no consult."""
    call = world.calls.get(world.agent(agent).call)
    if call is None or call.consult is None:
        return False
    if call.talk and call.talk.agent == agent:
        leave(world, call, "agent", over=False)
    elif call.consult.agent == agent and call.consult.state != "ringing":
        consulting.end(world, call, "hung_up")
    else:
        return False
    return True


def concerns(call: Call, leg: str) -> bool:
    """Whether what happens to `leg` is decided here."""
    consult, talk = call.consult, call.talk
    return _rung(call, leg) is not None or (consult is not None and leg in (consult.leg, talk.leg if talk else ""))


def _rung(call: Call, leg: str) -> Consult | Transfer | None:
    """That for which `leg` is rung, or has answered and must still confirm."""
    consult, transfer = call.consult, call.transfer
    if transfer is not None and leg and transfer.leg == leg:
        return transfer
    return consult if consult is not None and (consult.state, consult.leg) == ("ringing", leg) else None


def leg_answered(world: World, call: Call, leg: str) -> None:
    """An external phone may have to say first that it is the agent's."""
    world.fact(v.LegConnected(at=world.now, call=call.id, leg=leg))
    rung = _rung(call, leg)
    if rung is None:
        return
    if rung.agent is None or not confirming.is_wanted(world, rung.agent):
        _accepted(world, call, rung)
    elif not rung.asked:
        until = max(rung.until or 0.0, world.now + confirming.SECONDS)
        confirming.ask(world, _put(world, call, replace(rung, asked=True, until=until)), rung.agent, confirming.TAKE_CALL)


def _put(world: World, call: Call, rung: Consult | Transfer) -> Call:
    return transferring.put(world, call, rung) if isinstance(rung, Transfer) else consulting.put(world, call, rung)


def _accepted(world: World, call: Call, rung: Consult | Transfer) -> None:
    if rung.agent is not None:
        presences.tell(world, rung.agent, p.OfferAnswered())
    if isinstance(rung, Transfer):
        transferring.answered(world, call)
    else:
        consulting.answered(world, call, rung.leg, rung.agent)


def _refused(world: World, call: Call, result: str, *, over: bool) -> None:
    if call.transfer:
        transferring.failed(world, call, result, over=over)
    else:
        consulting.end(world, call, result, over=over)


def digit_pressed(world: World, call: Call, event: t.DigitPressed) -> None:
    """What is neither yes nor no is nothing: the question goes on."""
    rung = _rung(call, event.leg)
    if rung is None or not rung.asked:
        return
    if event.digit == confirming.YES:
        _accepted(world, call, rung)
    elif event.digit == confirming.NO:
        _refused(world, call, "rejected", over=False)


def leg_ended(world: World, call: Call, event: t.LegEnded) -> None:
    call = ending.leg_over(world, call, event)
    rung = _rung(call, event.leg)
    if rung is not None:
        _refused(world, call, "rejected" if rung.asked else targets.result_of(event.code), over=True)
    elif call.consult and event.leg == call.consult.leg:
        consulting.end(world, call, "hung_up", over=True)
    elif call.consult:
        leave(world, call, "agent", over=True)
    ending.retire_if_over(world, call.id)
