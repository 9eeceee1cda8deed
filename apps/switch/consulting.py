"""An agent asks somebody while his customer hears music (TR-02, TR-03). PURE.

Whom he asks is rung for him, or found by a queue in which the call then stands; what an answer there means, `offering` knows.
How the customer is left to who was asked, is the matter of `transferring`.
"""

from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch import session, talking, targets
from apps.switch.state import AskedInVain, Call, Consult
from apps.switch.world import World

MEDIA_AWAY = talking.MEDIA_AWAY
TELEPHONE_AWAY = 60.0  # seconds without a packet from a telephone until it counts as gone


def ring(world: World, call: Call, to: r.Target, by: int) -> r.RefusalCode:
    """An agent or a number; the customer is on hold. Errors: WrongState."""
    summoned = targets.summon(world, call, to, by, "consulted")
    if summoned is None:
        return "agent_unreachable"
    call, rung = summoned
    call = _begin(world, call, Consult(to, world.now, world.now, "ringing", rung.leg, rung.agent, rung.until), by)
    world.media(call, session.RingConsulted(rung.dial), session.SetMusic(targets.ringing_tone(world, call)))
    return ""


def wait(world: World, call: Call, to: r.Target, by: int) -> Call:
    """The call is about to enter a queue, for the agent."""
    return _begin(world, call, Consult(to, world.now, world.now, "waiting"), by)


def _begin(world: World, call: Call, consult: Consult, by: int) -> Call:
    to = consult.to
    world.fact(v.ConsultBegan(at=world.now, call=call.id, agent=by, kind=to.kind, target=to.id, number=to.number))
    world.outcome.agents.add(by)
    talk = call.talk and replace(call.talk, consults=call.talk.consults + 1, in_vain=None)
    return put(world, call, consult, talk=talk)


def put(world: World, call: Call, consult: Consult, **changes: object) -> Call:
    world.timers.set(("consult", call.id), consult.until)
    world.outcome.agents |= {agent for agent in (consult.agent, call.talk.agent if call.talk else None) if agent is not None}
    return world.put(call, consult=consult, **changes)


def answered(world: World, call: Call, leg: str, agent: int | None) -> None:
    """The two talk, unless the agent's own media are away just now."""
    consult = call.consult
    if consult is None:
        return
    call = put(world, call, replace(consult, state="talking", since=world.now, leg=leg, agent=agent, until=None))
    world.media(call, session.ConsultedUp())


def join_all(world: World, call: Call) -> r.RefusalCode:
    """Errors: WrongState."""
    consult, talk = call.consult, call.talk
    if consult is None or talk is None or talk.agent is None or consult.state != "talking" or call.session.state != "consulting":
        return "not_now"
    call = world.media(call, session.JoinAll())
    call = world.put(call, talk=talking.off_hold(world, call, talk))
    world.fact(v.ThreePartyBegan(at=world.now, call=call.id, agent=talk.agent))
    put(world, call, replace(consult, state="three_party", since=world.now))
    return ""


def end(world: World, call: Call, result: str, *, over: bool = False) -> Call:
    """The agent has his customer back. `over`: the leg of whom he asked is gone already."""
    consult, talk = call.consult, call.talk
    if consult is None or talk is None or talk.agent is None:
        return call
    call = settle(world, call, result)
    if call.session.consulted:
        call = world.media(call, session.ConsultedOff(over))
        if call.session.state == "talking" and talk.lost_until is not None:  # in three, the other two talked on while his media are away
            call = world.media(call, session.LosePartner(talking.hold_music(world, call, talk)))
    else:
        call = world.media(call, *_stop_ringing(call, over), session.SetMusic(()))
        if call.session.state == "held":
            call = world.media(call, session.Resume())
    in_vain = None if result == "taken_back" else AskedInVain(consult.to, result)
    return world.put(call, talk=replace(talking.off_hold(world, call, talk), in_vain=in_vain))


def _stop_ringing(call: Call, over: bool) -> tuple[session.Input, ...]:
    return (session.StopRinging(over),) if call.session.ringing else ()


def settle(world: World, call: Call, result: str) -> Call:
    """It is over, for whatever reason, and whoever was asked is free again unless he has got the customer. The media are not told."""
    consult, talk = call.consult, call.talk
    if consult is None:
        return call
    world.timers.set(("consult", call.id), None)
    if talk and talk.agent is not None:
        world.fact(v.ConsultEnded(at=world.now, call=call.id, agent=talk.agent, result=result, seconds=world.now - consult.began_at))
        world.outcome.agents.add(talk.agent)
    if result == "transferred":
        return world.put(call, consult=None)
    if consult.state in ("talking", "three_party"):
        targets.release(world, consult.agent)
    else:
        targets.dismiss(world, consult.agent, result)
    return world.put(call, consult=None)


# -- what happens to the leg of whom he asks


def media_lost(world: World, call: Call) -> None:
    """His page may be coming back, and a telephone may only be saving bandwidth."""
    consult = call.consult
    if consult is not None and consult.state != "ringing":
        by_page = consult.agent is not None and world.agent(consult.agent).presence.phone == "softphone"
        put(world, call, replace(consult, until=world.now + (MEDIA_AWAY if by_page else TELEPHONE_AWAY)))


def media_back(world: World, call: Call) -> None:
    if call.consult is not None and call.consult.state != "ringing":
        put(world, call, replace(call.consult, until=None))


def time_over(world: World, call_id: str) -> None:
    """It has rung long enough, or the media did not come back."""
    call = world.calls[call_id]
    if call.consult is not None:
        end(world, call, "no_answer" if call.consult.state == "ringing" else "media_lost")
