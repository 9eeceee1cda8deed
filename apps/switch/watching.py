"""A watchdog over the switch's memory: agents stuck between two states, and calls that name agents who know nothing of them. PURE.

Each message leaves a world in which both sides agree, so whatever is found here is a fault of ours, or a snapshot that was. The shell
asks every `SECONDS`. What is found is mended in favour of the customer, told as a fact, and written to the log.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.flows.interpreter import QueueLeft
from apps.switch import consulting, ending, offering, presences, restoring, session, summing_up, transferring
from apps.switch.state import Call
from apps.switch.world import Subject, World

SECONDS = 2.0  # between two looks: whoever is stuck is free within 5 s
RESTING = ("wrap_up", "busy", "no_answer")  # they end by themselves, but for a wrap-up that owes a disposition
_CONVERSING = ("talking", "held", "consulting", "three_party", "lost")
_RUNG: dict[str, v.Status] = {"ringing": "offered", "talking": "connected", "three_party": "connected"}


class Finding(NamedTuple):
    """`fault`: a key of _MENDS. `call` empty: none is known. `agent` None: it is about the call alone."""

    fault: v.Fault
    agent: int | None
    call: str


def findings(world: World) -> list[Finding]:
    """What does not agree, in a world that handles no message just now."""
    return [*_of_agents(world), *_of_calls(world)]


def mend(world: World) -> None:
    """Bring the two sides together. What one step brings to light, the next look mends."""
    for found in findings(world):
        if found in findings(world):  # not mended by what came before
            world.subject = Subject(found.call)
            world.fact(v.StateMended(at=world.now, call=found.call, agent=found.agent, fault=found.fault))
            _MENDS[found.fault](world, found)
    presences.recount(world)


# -- agents


def seats(call: Call) -> dict[int, v.Status]:
    """The agents whom a call has, and the status that each should be in."""
    if call.session.state == "ended":
        return {}
    found: dict[int, v.Status] = {}
    if call.offer:
        found[call.offer.agent] = "offered"
    if call.out:
        found[call.out.agent] = "connected"
    if call.talk and call.talk.agent is not None:
        found[call.talk.agent] = "connected"
    if call.consult and call.consult.agent is not None:
        found[call.consult.agent] = _RUNG[call.consult.state]
    if call.transfer and call.transfer.agent is not None:
        found[call.transfer.agent] = "offered"
    return found


def _of_agents(world: World) -> Iterator[Finding]:
    for agent, state in world.agents.items():
        call, status = world.calls.get(state.call), state.presence.status
        seat = seats(call).get(agent) if call else None
        if status == "offered" and seat != "offered":
            yield Finding("offered_without_offer", agent, state.call)
        elif status == "connected" and seat != "connected":
            yield Finding("connected_without_call", agent, state.call)
        elif status not in ("offered", "connected") and state.call and not seat:
            yield Finding("call_without_status", agent, state.call)
        waits = state.presence.until is None and summing_up.is_owed(world, agent)
        if status in RESTING and not waits and (state.presence.until is None or world.timers.get(("agent", str(agent))) is None):
            yield Finding("without_end", agent, "")
        is_on = status != "logged_off" and state.presence.profile is not None
        is_stuck = state.away_until is not None and world.timers.get(("away", str(agent))) is None
        if is_stuck or (world.engine.is_logged_on(agent), world.engine.is_free(agent)) != (is_on, presences.is_distributed(state)):
            yield Finding("not_distributed", agent, "")


def _free(world: World, found: Finding) -> None:
    state = world.agent(found.agent or 0)
    world.put_agent(state, call="")
    happened = {"offered": p.OfferWithdrawn(), "connected": p.ConversationEnded()}.get(state.presence.status)
    if happened:
        presences.tell(world, state.presence.agent, happened)


def _give_end(world: World, found: Finding) -> None:
    state = world.agent(found.agent or 0)
    until = state.presence.until or world.now
    world.put_agent(state, presence=replace(state.presence, until=until, owes=False))
    world.timers.set(("agent", str(found.agent)), until)


def _distribute(world: World, found: Finding) -> None:
    presences.sync(world, found.agent or 0)


# -- calls


def _of_calls(world: World) -> Iterator[Finding]:
    for call in world.calls.values():
        if call.session.state == "ended":
            continue
        for agent, status in seats(call).items():
            state = world.agent(agent)
            if (state.call, state.presence.status) != (call.id, status):
                yield Finding("call_out_unknown" if call.out and call.out.agent == agent else _NAMED[status], agent, call.id)
        if any(when is not None and world.timers.get((name, call.id)) is None for name, when in restoring.deadlines(call).items()):
            yield Finding("timer_missing", None, call.id)
        if call.session.ringing and not (call.offer or call.out or call.outgoing or call.consult or call.transfer):
            yield Finding("ringing_for_nobody", None, call.id)
        if call.session.state in _CONVERSING and call.talk is None:
            yield Finding("talking_to_nobody", None, call.id)
        if call.place and bool(call.offer) != world.engine.is_offered(call.id):
            yield Finding("place_without_chance", None, call.id)


_NAMED: dict[v.Status, v.Fault] = {"offered": "offer_unknown", "connected": "conversation_unknown"}


def _take_offer_back(world: World, found: Finding) -> None:
    """The caller keeps his place, and the next agent is tried; whoever asked for him is told that he could not be reached."""
    call = world.calls[found.call]
    if call.consult and call.consult.agent == found.agent:
        _end_consult(world, call)
    elif call.transfer and call.transfer.agent == found.agent:
        transferring.failed(world, world.put(call, transfer=replace(call.transfer, agent=None)), "error", over=False)
    else:
        offering.take_back(world, call)


def _end_consult(world: World, call: Call) -> None:
    """Without whom it names, who knows nothing of it: the agent has his customer back."""
    if call.consult is not None:
        consulting.end(world, world.put(call, consult=replace(call.consult, agent=None)), "error")


def _conversation(world: World, found: Finding) -> None:
    """Who is heard by his customer, and is in no other call, is in this one; else the customer goes on without him."""
    call, state = world.calls[found.call], world.agent(found.agent or 0)
    if call.consult and call.consult.agent == found.agent:
        _end_consult(world, call)
        return
    call = consulting.end(world, call, "error")
    talk = call.talk
    if talk is None:
        return
    is_there = talk.leg in call.open_legs
    if is_there and not state.call and (state.presence.status, p.FoundInCall) in p.TABLE:
        presences.tell(world, state.presence.agent, p.FoundInCall())
        world.put_agent(world.agent(state.presence.agent), call=call.id)
        return
    ending.partner_gone(world, world.put(call, talk=replace(talk, agent=None)), by="system", over=not is_there)
    if talk.queue is not None:
        world.agenda.append((call.id, QueueLeft("answered")))


def _fail(world: World, found: Finding) -> None:
    ending.fail(world, world.calls[found.call], 500)


def _set_timers(world: World, found: Finding) -> None:
    restoring.set_deadlines(world, world.calls[found.call])


def _stop_ringing(world: World, found: Finding) -> None:
    world.media(world.calls[found.call], session.StopRinging(over=False))


def _put_into_line(world: World, found: Finding) -> None:
    if world.calls[found.call].offer:
        world.engine.reserve(found.call)
    else:
        world.engine.give_back(found.call)
        world.undecided = True


_MENDS: dict[v.Fault, Callable[[World, Finding], None]] = {
    "offered_without_offer": _free,
    "connected_without_call": _free,
    "call_without_status": _free,
    "without_end": _give_end,
    "not_distributed": _distribute,
    "offer_unknown": _take_offer_back,
    "conversation_unknown": _conversation,
    "call_out_unknown": _fail,
    "timer_missing": _set_timers,
    "ringing_for_nobody": _stop_ringing,
    "talking_to_nobody": _fail,
    "place_without_chance": _put_into_line,
}
