"""Conversations: how they begin, are held, recorded, lost, and end. PURE."""

from datetime import UTC, datetime

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.recordings import policy
from apps.switch import presences, session, summing_up
from apps.switch import requests as r
from apps.switch.state import Call, CalledOut, Conversation, Taping
from apps.switch.world import World
from apps.telephony.protocol import SendDigits

UP = session.PartnerUp()
MEDIA_AWAY = 30.0  # seconds that a customer waits with music for an agent's page to come back (SP-07)


def begin(world: World, call: Call, talk: Conversation, how: session.PartnerUp | session.CallerUp | session.HandOver = UP) -> Call:
    """The ringing leg has answered: they hear each other."""
    call = world.media(world.put(call, talk=talk), how)
    world.fact(v.ConversationStarted(at=world.now, call=call.id, leg=talk.leg, agent=talk.agent, queue=talk.queue))
    return _record(world, call)


def _record(world: World, call: Call) -> Call:
    """RC-02: from the answer, by the strictest mode that applies."""
    talk = call.talk
    if talk is None or talk.agent is None:
        return call
    mode = _recording_mode(world, call, talk)
    if mode == "off":
        return call
    recording = f"{call.id}-r{call.session.count + 1}"
    day = datetime.fromtimestamp(world.now, tz=UTC).date().isoformat()
    path = f"{world.configuration.recordings}/incoming/{day}/{recording}.wav"
    world.fact(v.RecordingBegan(at=world.now, call=call.id, recording=recording, agent=talk.agent, queue=talk.queue, mode=mode, path=path))
    call = world.media(call, session.StartRecording(recording, path, masked=call.masked_by is not None))
    if call.masked_by is not None:  # the agent before him has masked: what the customer says is for no file yet
        world.fact(v.RecordingMasked(at=world.now, call=call.id, recording=recording, agent=call.masked_by))
    return world.put(call, taping=Taping(recording, mode, 0.0, world.now))


def _recording_mode(world: World, call: Call, talk: Conversation) -> str:
    """The queue's; of a call that an agent made, the team's of the agent who has it now."""
    if call.run is None:
        agent = world.configuration.agents.get(talk.agent or 0)
        return agent.recording_out if agent else policy.OFF
    queue = world.configuration.acd.queues.get(talk.queue or 0)
    if queue is None:  # it was deactivated while the caller stood in it
        return policy.OFF
    return policy.mode(queue.recording_mode, "off", refused=bool(call.run and call.run.variables.get("deny_recording")))


def finish(world: World, call: Call, by: str, *, transferred: bool = False) -> Call:
    """The facts of a conversation that is over, and the agent's wrap-up. The media are the caller's business."""
    talk = call.talk
    if talk is None:
        return call
    held = talk.held + (world.now - talk.hold_since if talk.hold_since is not None else 0.0)
    seconds = world.now - talk.started_at
    if talk.hold_since is not None and talk.agent is not None:
        world.fact(v.HoldEnded(at=world.now, call=call.id, agent=talk.agent, seconds=world.now - talk.hold_since))
    world.fact(
        v.ConversationEnded(
            at=world.now, call=call.id, leg=talk.leg, agent=talk.agent, by=by, seconds=seconds, held=held, holds=talk.holds,
            consults=talk.consults, transferred=transferred,
        )
    )  # fmt: skip
    world.timers.set(("lost", call.id), None)
    _mask_is_over(world, call)
    call = world.put(call, talk=None, taping=None)
    if talk.agent is not None:
        presences.count_call(world, talk.agent, seconds)
        reason = "media_lost" if by == "system" and talk.lost_until is not None else ""
        owes = summing_up.remember(world, call, talk)
        seconds, extendable = _wrap_up(world, call, talk)
        presences.tell(world, talk.agent, p.ConversationEnded(wrap_up=seconds, reason=reason, owes=owes, extendable=extendable))
    return call


def _wrap_up(world: World, call: Call, talk: Conversation) -> tuple[float, float]:
    """AS-02: how long, and by how much the agent may extend it: the queue's seconds if set, else the profile's.

    After a call that the agent made there is one only if the profile wants it.
    """
    profile = world.configuration.acd.profiles.get(world.agent(talk.agent or 0).presence.profile or 0)
    seconds = profile.wrap_up if profile and (call.out is None or profile.wrap_up_out) else 0.0
    extendable = profile.wrap_up_extension if profile else 0.0
    queue = world.configuration.acd.queues.get(talk.queue or 0)
    if queue is not None:
        seconds = seconds if queue.wrap_up is None else queue.wrap_up
        extendable = extendable if queue.wrap_up_extension is None else queue.wrap_up_extension
    return seconds, extendable


def let_go(world: World, call: Call, result: str) -> Call:
    """The end of a call that an agent made: how it ended is shown to him, and he is free if he has not talked."""
    out = call.out
    if out is None:
        return call
    if world.agent(out.agent).call == call.id:
        presences.tell(world, out.agent, p.ConversationEnded())
    world.leave_call(out.agent, call)
    world.put_agent(world.agent(out.agent), called_out=CalledOut(call.caller, result, world.now))
    return world.put(call, out=None)


def lose(world: World, call: Call) -> None:
    """SP-07: the agent's page or its audio is away; the customer hears music and keeps his agent for a while. A hold goes on."""
    talk = call.talk
    if talk is None or talk.agent is None or call.session.state not in ("talking", "held", "consulting", "three_party"):
        return
    until = world.now + MEDIA_AWAY
    call = world.media(call, session.LosePartner(hold_music(world, call, talk)))
    world.put(call, talk=replace(talk, lost_until=until))
    world.timers.set(("lost", call.id), until)
    world.fact(v.AgentMediaLost(at=world.now, call=call.id, agent=talk.agent))
    world.outcome.agents.add(talk.agent)


def by_softphone(world: World, talk: Conversation) -> bool:
    return talk.agent is not None and world.agent(talk.agent).presence.phone == "softphone"


def hold_music(world: World, call: Call, talk: Conversation) -> tuple[str, ...]:
    """The queue's own, else the company's."""
    queue = world.configuration.acd.queues.get(talk.queue or 0)
    music = queue.music if queue and queue.music else world.configuration.hold_music
    return world.configuration.as_of(music, call.arrived_at)


def on_hold(world: World, call: Call, talk: Conversation) -> Call:
    """The customer hears music. On hold already: nothing changes."""
    if call.session.state == "held" or talk.agent is None:
        return call
    world.fact(v.HoldStarted(at=world.now, call=call.id, agent=talk.agent))
    call = world.put(call, talk=replace(talk, hold_since=world.now, holds=talk.holds + 1))
    return world.media(call, session.HoldPartner(hold_music(world, call, talk)))


def off_hold(world: World, call: Call, talk: Conversation) -> Conversation:
    if talk.hold_since is None or talk.agent is None:
        return talk
    seconds = world.now - talk.hold_since
    world.fact(v.HoldEnded(at=world.now, call=call.id, agent=talk.agent, seconds=seconds))
    return replace(talk, hold_since=None, held=talk.held + seconds)


def regain(world: World, call: Call) -> None:
    """The agent's media are back: into the consult or the hold that he left, else they hear each other."""
    talk = call.talk
    if talk is None or talk.agent is None or talk.lost_until is None:
        return
    world.timers.set(("lost", call.id), None)
    if call.session.state == "lost":
        call = world.media(call, _way_back(call, talk))
    world.put(call, talk=replace(talk, lost_until=None))
    world.fact(v.AgentMediaBack(at=world.now, call=call.id, agent=talk.agent))
    world.outcome.agents.add(talk.agent)


def _way_back(call: Call, talk: Conversation) -> session.Input:
    if call.session.consulted:
        return session.RegainConsult()
    return session.RegainPartner() if talk.hold_since is None else session.HoldPartner(call.session.hold_music)


# -- requests of the agent who talks


def current(world: World, agent: int) -> Call | None:
    call = world.calls.get(world.agent(agent).call)
    return call if call and call.talk and call.talk.agent == agent else None


def leg_of(call: Call, agent: int) -> str:
    """The leg in which the agent talks, to the customer or as one who is consulted; empty: none."""
    if call.talk and call.talk.agent == agent:
        return call.talk.leg
    return call.session.consulted if call.consult and call.consult.agent == agent else ""


def hold(world: World, request: r.Hold) -> r.RefusalCode:
    call = current(world, request.agent)
    if call is None or call.talk is None:
        return "no_call"
    if call.consult or call.session.state == "lost":
        return "not_now"
    if request.on == (call.session.state == "held"):
        return ""
    if request.on:
        on_hold(world, call, call.talk)
    else:
        world.media(world.put(call, talk=off_hold(world, call, call.talk)), session.Resume())
    world.outcome.agents.add(request.agent)
    return ""


def mute(world: World, request: r.Mute) -> r.RefusalCode:
    """Also of one who is consulted."""
    call = world.calls.get(world.agent(request.agent).call)
    leg = leg_of(call, request.agent) if call else ""
    if call is None or not leg:
        return "no_call"
    if (leg in call.session.muted) != request.on:
        world.media(call, session.Mute(leg, request.on))
        world.fact(v.MuteChanged(at=world.now, call=call.id, agent=request.agent, muted=request.on))
        world.outcome.agents.add(request.agent)
    return ""


def press_keys(world: World, request: r.PressKeys) -> r.RefusalCode:
    """To whom he talks: his customer, or the number that he consults."""
    call = current(world, request.agent)
    if call is None:
        return "no_call"
    leg = call.session.consulted if call.session.state == "consulting" else call.session.caller
    world.command(call, SendDigits(call=call.id, leg=leg, digits=request.digits))
    return ""


def set_recording(world: World, request: r.SetRecording) -> r.RefusalCode:
    call = current(world, request.agent)
    if call is None or call.taping is None:
        return "no_call"
    taping = call.taping
    if taping.failed:
        return "not_now"
    if not policy.may_pause(taping.mode):
        return "not_allowed"
    if (taping.since is not None) == request.on:
        return ""
    fact = v.RecordingResumed if request.on else v.RecordingPaused
    world.fact(fact(at=world.now, call=call.id, recording=taping.id))
    seconds = taping.seconds + (world.now - taping.since if taping.since is not None else 0.0)
    taping = replace(taping, seconds=seconds, since=world.now if request.on else None)
    world.media(world.put(call, taping=taping), session.RunRecording(request.on))
    world.outcome.agents.add(request.agent)
    return ""


def mask_recording(world: World, request: r.MaskRecording) -> r.RefusalCode:
    call = current(world, request.agent)
    if call is None or call.taping is None:
        return "no_call"
    if call.taping.failed:
        return "not_now"
    if (call.masked_by is not None) != request.on:
        fact = v.RecordingMasked if request.on else v.RecordingUnmasked
        world.fact(fact(at=world.now, call=call.id, recording=call.taping.id, agent=request.agent))
        world.media(world.put(call, masked_by=request.agent if request.on else None), session.MaskRecording(request.on))
        world.outcome.agents.add(request.agent)
    return ""


def _mask_is_over(world: World, call: Call) -> None:
    """Of a recording that ends; the next one of the call is masked again."""
    if call.taping and not call.taping.failed and call.masked_by is not None:
        world.fact(v.RecordingUnmasked(at=world.now, call=call.id, recording=call.taping.id, agent=call.masked_by))


def recording_failed(world: World, call: Call) -> None:
    """RC-04: the agent's page must not say that it is recorded when it is not. The conversation goes on."""
    taping = call.taping
    if taping and call.talk:
        _mask_is_over(world, call)
        call = world.media(call, session.EndRecording())
        world.put(call, taping=replace(taping, since=None, failed=True))
