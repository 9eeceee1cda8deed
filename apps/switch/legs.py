"""What happens to a leg, and which module decides about it; and legs from which no sound comes. PURE."""

from types import ModuleType

from apps.switch import calling, consulting, ending, flowing, offering, passing_on, talking
from apps.switch.state import Call
from apps.switch.world import World
from apps.telephony import protocol as t

SILENCE = 60.0  # seconds without a packet from a telephone until its call is ended


def ringing(world: World, call: Call, event: t.LegRinging) -> None:
    """180. It may come late, of a leg that is to ring no more."""
    if not is_awaited(call, event.leg):
        return
    if call.alerting != event.leg:
        offering.phone_rings(world, call, event.leg)
    calling.leg_ringing(world, world.put(world.calls[call.id], alerting=event.leg), event)


def is_awaited(call: Call, leg: str) -> bool:
    """It has not answered yet, as far as is known. One that is asked whether it takes the call has."""
    now = call.session
    is_rung = leg == now.ringing and not now.question
    return is_rung or (leg == now.caller and now.state in ("arriving", "reaching"))


def answered(world: World, call: Call, event: t.LegAnswered) -> None:
    _deciding(call, event.leg).leg_answered(world, call, event.leg)


def ended(world: World, call: Call, event: t.LegEnded) -> None:
    _deciding(call, event.leg).leg_ended(world, call, event)


def _deciding(call: Call, leg: str) -> ModuleType:
    """The module that knows what becomes of the leg."""
    if passing_on.concerns(call, leg):
        return passing_on
    return calling if call.out and leg in (call.out.leg, call.session.caller) else flowing


def digit_pressed(world: World, call: Call, event: t.DigitPressed) -> None:
    _deciding(call, event.leg).digit_pressed(world, call, event)


# -- no sound comes


def media_lost(world: World, call: Call, event: t.MediaLost) -> None:
    """A browser that sends nothing is away. A telephone may only be saving bandwidth, or be gone without a BYE: time tells."""
    if call.out and not call.talk and event.leg == call.out.leg and call.out.state != "phone":
        calling.media_lost(world, call)
    elif call.consult and event.leg == call.consult.leg:
        consulting.media_lost(world, call)
    elif call.talk and event.leg == call.talk.leg and talking.by_softphone(world, call.talk):
        talking.lose(world, call)
    elif call.session.state != "ended" and event.leg in (call.session.caller, call.session.partner):
        _give_up_at(world, call, event.leg, world.now + SILENCE)


def media_back(world: World, call: Call, event: t.MediaBack) -> None:
    if call.silent_leg == event.leg:
        call = _give_up_at(world, call, "", None)
    if call.talk and event.leg == call.talk.leg:
        talking.regain(world, call)
    elif call.consult and event.leg == call.consult.leg:
        consulting.media_back(world, call)


def _give_up_at(world: World, call: Call, leg: str, when: float | None) -> Call:
    world.timers.set(("silent", call.id), when)
    return world.put(call, silent_leg=leg, silent_until=when)


def media_gone(world: World, call_id: str) -> None:
    """The agent's page did not come back in time."""
    call = world.calls[call_id]
    if call.consult:
        passing_on.leave(world, call, "system", over=False)
    else:
        ending.media_gone(world, call_id)


def silent(world: World, call_id: str) -> None:
    """A telephone that was gone without a BYE: the call ends as if somebody had hung up. Unless he has left it meanwhile."""
    call = world.calls[call_id]
    if call.silent_leg in (call.session.caller, call.session.partner):
        ending.abandon(world, call)
    else:
        _give_up_at(world, call, "", None)
