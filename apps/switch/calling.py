"""Calls that agents make (OB-01 to OB-03): the agent's own phone first, then whom he calls. PURE.

Whom he calls is what a caller is elsewhere (`Session.caller`), so that hold, keypad, recording and the end mean the same in both.
"""

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.switch import agent_phones, allowance, confirming, ending, presences, restoring, session, talking, targets
from apps.switch import requests as r
from apps.switch.state import Call, CallingOut, Conversation
from apps.switch.world import World
from apps.telephony import protocol as t
from contactcenter.lib.phone import e164

RINGS = 60.0  # seconds that whom he calls is rung
OWN_PHONE_RINGS = 30.0  # seconds
GO_ON = "go_on_calling"  # key of the system's sound


def call_out(world: World, request: r.CallOut) -> r.RefusalCode:
    """A leased cell that is refused its call lapses by itself and is free again."""
    outbound, number = world.configuration.outbound, e164(request.number, world.configuration.country)
    if outbound is None or number is None:
        return "no_line_out"
    if code := allowance.refusal(world, request.agent, number):
        return code
    shown = allowance.shown(world, request.agent, request.caller_id, outbound)
    if shown is None:
        return "unknown_caller_id"
    leg = f"{request.call}-l2"
    call = Call(
        session=session.Session(call=request.call, cell=request.cell, caller=f"{request.call}-l1", count=1),
        arrived_at=world.now, caller=number, caller_name="", dialled=shown, number=None, out=CallingOut(request.agent, leg, world.now),
    )  # fmt: skip
    dial = agent_phones.dial(world, call, leg, request.agent, OWN_PHONE_RINGS)
    if dial is None:
        return "no_softphone"
    presences.tell(world, request.agent, p.CalledOut())
    state = world.agent(request.agent)
    world.put_agent(state, call=call.id, calls_out_today=state.calls_out_today + 1, called_out=None)
    world.fact(
        v.CallArrived(
            at=world.now, call=call.id, leg=call.session.caller, caller=number, dialled=shown, placed=True, agent=request.agent,
            by=request.by, trunk=int(outbound.trunk) if outbound.trunk.isdecimal() else None,
        ),
        v.LegStarted(
            at=world.now, call=call.id, leg=leg, role="agent", agent=request.agent, number=agent_phones.external(world, request.agent)
        ),
    )  # fmt: skip
    world.media(world.put(call, open_legs=(leg,)), session.RingPartner(dial))
    restoring.ask_cell(world, world.calls[call.id])
    return ""


# -- what happens to the legs


def leg_answered(world: World, call: Call, leg: str) -> None:
    out = call.out
    world.fact(v.LegConnected(at=world.now, call=call.id, leg=leg))
    if out and leg == out.leg and out.state == "phone":
        _phone_answered(world, call, out)
    elif out and leg == call.session.caller and call.session.state == "reaching":
        call = world.put(call, out=replace(out, state="answered", since=world.now))
        talking.begin(world, call, Conversation(out.leg, world.now, out.agent, entered_at=world.now), session.CallerUp())


def _phone_answered(world: World, call: Call, out: CallingOut) -> None:
    """His own phone; an external one may have to say first that it is he."""
    if not confirming.is_wanted(world, out.agent):
        _dial(world, call, out)
    elif out.confirm_until is None:
        until = world.now + confirming.SECONDS
        world.timers.set(("confirm", call.id), until)
        confirming.ask(world, world.put(call, out=replace(out, confirm_until=until)), out.agent, GO_ON)


def digit_pressed(world: World, call: Call, event: t.DigitPressed) -> None:
    """What is neither yes nor no is nothing: the question goes on."""
    out = call.out
    if out is None or out.confirm_until is None or event.leg != out.leg:
        return
    if event.digit == confirming.YES:
        _dial(world, call, out)
    elif event.digit == confirming.NO:
        _end(world, call, "cancelled")


def not_confirmed(world: World, call_id: str) -> None:
    _end(world, world.calls[call_id], "phone_no_answer")


def _dial(world: World, call: Call, out: CallingOut) -> None:
    """The agent is there."""
    outbound, leg = world.configuration.outbound, call.session.caller
    world.timers.set(("confirm", call.id), None)
    call = world.media(world.put(call, out=replace(out, state="dialling", since=world.now, confirm_until=None)), session.PartnerUp())
    if outbound is None:  # the last trunk was deactivated meanwhile
        _end(world, call, "unreachable")
        return
    world.fact(v.LegStarted(at=world.now, call=call.id, leg=leg, role="caller", number=call.caller))
    dial = outbound.dial(call=call.id, leg=leg, number=call.caller, timeout=RINGS, shown=call.dialled)
    world.media(world.put(call, open_legs=(*call.open_legs, leg)), session.DialCaller(dial))


def leg_ringing(world: World, call: Call, event: t.LegRinging) -> None:
    """180: the agent hears our ringing tone, unless the network has its own."""
    out = call.out
    if out is None or event.leg != call.session.caller or out.state != "dialling":
        return
    call = world.put(call, out=replace(out, state="alerting", since=world.now))
    if not out.early:
        world.media(call, session.SetMusic(world.configuration.as_of(world.configuration.ringing_tone, call.arrived_at)))


def early_media(world: World, call: Call, event: t.EarlyMedia) -> None:
    out = call.out
    if out and event.leg == call.session.caller and call.session.state == "reaching":
        world.media(world.put(call, out=replace(out, early=True)), session.SetMusic(()))


def leg_ended(world: World, call: Call, event: t.LegEnded) -> None:
    call = ending.leg_over(world, call, event)
    out = call.out
    if out and call.talk is None and call.session.state != "ended":
        result = targets.result_of(event.code)
        if event.leg == call.session.caller:
            _end(world, call, result)
        elif event.leg == out.leg:
            _end(world, call, _OF_OWN_PHONE[result] if out.state == "phone" and out.confirm_until is None else "cancelled")
    elif event.leg == call.session.caller:
        ending.caller_gone(world, call, "caller_hung_up")
    elif call.talk and event.leg == call.talk.leg:
        ending.partner_gone(world, call, by="agent", over=True)
    ending.retire_if_over(world, call.id)


_OF_OWN_PHONE: dict[targets.Result, str] = {
    "busy": "phone_busy", "rejected": "phone_busy", "no_answer": "phone_no_answer", "unreachable": "phone_unreachable",
}  # fmt: skip


def media_lost(world: World, call: Call) -> None:
    """Nobody is called by an agent whose own sound is away."""
    _end(world, call, "media_lost")


def cancel(world: World, call: Call) -> None:
    """OB-03: at any time."""
    _end(world, call, "cancelled")


def _end(world: World, call: Call, cause: str) -> None:
    ending.end(world, call, cause, session.HangUpCaller(487))
