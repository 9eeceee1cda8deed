"""Offers to agents, and callers who have waited in vain. PURE.

Nothing here knows what comes after a queue: that a caller left it by an exit goes onto the world's agenda, for his flow.
"""

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.flows.interpreter import QueueLeft
from apps.queues.acd.state import Decision
from apps.switch import agent_phones, confirming, consulting, presences, queueing, session, talking, transferring
from apps.switch import requests as r
from apps.switch.state import Call, Conversation, Offer
from apps.switch.world import Subject, World
from apps.telephony.protocol import HangUp

LAST_WORD = 2.0  # seconds that a cell has to say whether a phone that has rung out was answered
LATE = agent_phones.GRACE - LAST_WORD  # seconds that the ringing may begin after the offer and still be given its whole time
NO_ANSWER = 487  # SIP: the INVITE is taken back


def send_on(world: World, call: Call, exit: str) -> None:  # noqa: A002
    """Leave the queue by an exit and go on in the flow, or to the agent who has brought him; an offer that is out is taken back."""
    call = withdraw(world, call, "withdrawn")
    call = queueing.leave(world, call, exit)
    if call.consult is not None:
        consulting.end(world, call, exit)
        return
    call = world.media(call, session.StopPrompt(), session.SetMusic(()))
    if call.transfer is not None:
        transferring.failed(world, call, exit)
    else:
        world.agenda.append((call.id, QueueLeft(exit)))


def send_on_waiting(world: World) -> None:
    """Those who have waited for the longest they may, and those whose queue has lost its last agent."""
    world.subject = Subject(deciding=True)
    for request in world.engine.expired(world.now):
        world.subject = Subject(request.id)
        send_on(world, world.calls[request.id], "maximum_wait")


def send_on_stranded(world: World) -> None:
    """QU-08 "no agents": the last one logged off, was logged off, or serves other queues now, and the flow has wired the exit."""
    if not world.fewer:
        return
    world.fewer = False
    for call in [call for call in world.calls.values() if call.place and not call.offer and "no_agents" in call.place.exits]:
        if call.place and world.engine.unserved(call.place.queue):
            world.subject = Subject(call.id)
            send_on(world, call, "no_agents")


# -- offers


def decide(world: World) -> None:
    """Bring callers and free agents together, until nobody fits any more. An offer that fails at once frees the caller again."""
    while world.undecided and world.distributes:
        world.subject = Subject(deciding=True)
        world.undecided = False
        for decision in world.engine.decide(world.now):
            world.subject = Subject(decision.request.id, decision.agent)
            _offer(world, decision)


def _offer(world: World, decision: Decision) -> None:
    call, agent = world.calls[decision.request.id], decision.agent
    queue = world.engine.rules(decision.request.queue)
    leg, waited = session.new_leg(call.session), world.now - decision.request.entered_at
    presences.tell(world, agent, p.Offered())
    world.fact(
        v.OfferMade(
            at=world.now, call=call.id, queue=queue.id, agent=agent, leg=leg, waited=waited,
            trigger=decision.trigger, considered=decision.considered,
        )
    )  # fmt: skip
    deadline = world.now + queue.ring_timeout
    call = world.put(call, offer=Offer(leg, agent, queue.id, world.now, deadline, waited))
    world.put_agent(world.agent(agent), call=call.id)
    dial = agent_phones.dial(world, call, leg, agent, queue.ring_timeout + agent_phones.GRACE)
    if dial is None:
        _failed(world, call, "error", over=True)
        return
    world.put(call, open_legs=(*call.open_legs, leg))
    world.media(world.calls[call.id], session.RingConsulted(dial) if call.consult else session.RingPartner(dial))
    role: v.LegRole = "consulted" if call.consult else "agent"
    number = agent_phones.external(world, agent)
    world.fact(v.LegStarted(at=world.now, call=call.id, leg=leg, role=role, agent=agent, number=number))
    world.timers.set(("offer", call.id), deadline)


def phone_rings(world: World, call: Call, leg: str) -> None:
    """For the first time: from now on the agent has his time, which a cell that is late must not shorten, nor make much longer."""
    offer = call.offer
    if offer and offer.leg == leg and not offer.rung_out:
        late = min(world.now - offer.made_at, LATE)
        _wait_until(world, call, offer, offer.deadline + late)


def _wait_until(world: World, call: Call, offer: Offer, deadline: float) -> Call:
    world.timers.set(("offer", call.id), deadline)
    return world.put(call, offer=replace(offer, deadline=deadline))


def wait_anew(world: World) -> None:
    """Cells that are to say the last word were asked late, or could not be heard: they have all their time from now on."""
    for call in tuple(world.calls.values()):
        if call.offer and call.offer.rung_out:
            _wait_until(world, call, call.offer, world.now + LAST_WORD)


def phone_answered(world: World, call: Call) -> None:
    """The agent's phone has answered; an external one may have to say first that it is he."""
    offer = call.offer
    if offer is None or not confirming.is_wanted(world, offer.agent):
        answered(world, call)
    elif not offer.asked:
        deadline = max(offer.deadline, world.now + confirming.SECONDS)
        call = _wait_until(world, call, replace(offer, asked=True, rung_out=False), deadline)
        confirming.ask(world, call, offer.agent, confirming.TAKE_CALL)


def key_pressed(world: World, call: Call, key: str) -> None:
    """On an external phone that was asked. What is neither yes nor no is nothing: the question goes on."""
    if key == confirming.YES:
        answered(world, call)
    elif key == confirming.NO:
        _failed(world, call, "rejected", over=False)


def answered(world: World, call: Call) -> None:
    """The agent takes it."""
    offer, place = call.offer, call.place
    if offer is None or place is None:
        return
    world.timers.set(("offer", call.id), None)
    _offer_ended(world, offer, call.id, "answered", counted=True)
    call = world.put(queueing.leave(world, call, "answered"), offer=None)
    presences.tell(world, offer.agent, p.OfferAnswered())
    if call.consult is not None:
        consulting.answered(world, call, offer.leg, offer.agent)
        return
    call = transferring.done(world, call)
    talk = Conversation(offer.leg, world.now, offer.agent, offer.queue, entered_at=place.entered_at, waited=world.now - place.entered_at)
    talking.begin(world, call, talk)


def refused(world: World, call: Call, code: int) -> None:
    """The agent's phone ended the offer, by itself or because it had rung out. QU-06: busy and error do not count as offered."""
    offer = call.offer
    if offer is None:
        return
    result = _RESULTS.get(code, "error")
    _failed(world, call, "no_answer" if offer.rung_out else "rejected" if offer.asked else result, over=True)


def rang_out(world: World, call_id: str) -> None:
    """Who has answered in time gets the call, however late his cell says so: it is asked to end the leg only if nobody has."""
    call = world.calls[call_id]
    offer = call.offer
    if offer is None:
        return
    if offer.rung_out or offer.asked:
        _failed(world, call, "no_answer", over=False)
        return
    call = _wait_until(world, call, replace(offer, rung_out=True), world.now + LAST_WORD)
    world.command(call, HangUp(call=call.id, leg=offer.leg, code=NO_ANSWER, unless_answered=True))


def reject(world: World, request: r.RejectOffer) -> r.RefusalCode:
    call = world.calls.get(world.agent(request.agent).call)
    if call is None or call.offer is None or (call.offer.agent, call.offer.leg) != (request.agent, request.leg):
        return "gone"
    _failed(world, call, "rejected", over=False)
    return ""


_RESULTS = {486: "busy", 600: "busy", 603: "rejected", 408: "no_answer", 480: "no_answer"}
_PRESENCE = {"busy": p.PhoneBusy, "rejected": p.OfferRejected, "no_answer": p.OfferUnanswered, "error": p.OfferFailed}


def _failed(world: World, call: Call, result: str, *, over: bool) -> None:
    """The offer came to nothing: the caller keeps his place, and the next agent is tried at once (QU-06)."""
    offer = call.offer
    if offer is None:
        return
    _take_back(world, call, offer, result, over=over, counted=result in ("rejected", "no_answer"))
    world.engine.give_back(call.id)
    presences.tell(world, offer.agent, _PRESENCE[result]())
    world.undecided = True


def take_back(world: World, call: Call) -> None:
    """For the watchdog: an offer of which its agent knows nothing. The caller keeps his place, and the next agent is tried."""
    if call.offer:
        _take_back(world, call, call.offer, "withdrawn", over=False, counted=False)
        world.engine.give_back(call.id)
        world.undecided = True


def withdraw(world: World, call: Call, result: str) -> Call:
    """Take an offer back because of the caller: it costs the agent nothing."""
    offer = call.offer
    if offer is None:
        return call
    call = _take_back(world, call, offer, result, over=False, counted=True)
    world.engine.give_back(call.id)
    presences.tell(world, offer.agent, p.OfferWithdrawn())
    return call


def _take_back(world: World, call: Call, offer: Offer, result: str, *, over: bool, counted: bool) -> Call:
    world.timers.set(("offer", call.id), None)
    _offer_ended(world, offer, call.id, result, counted=counted)
    world.leave_call(offer.agent, call)
    call = world.put(call, offer=None)
    return world.media(call, session.StopRinging(over=over)) if call.session.ringing else call


def _offer_ended(world: World, offer: Offer, call: str, result: str, *, counted: bool) -> None:
    seconds = world.now - offer.made_at
    world.fact(
        v.OfferEnded(
            at=world.now, call=call, queue=offer.queue, agent=offer.agent, leg=offer.leg, result=result, counted=counted, seconds=seconds
        )
    )
