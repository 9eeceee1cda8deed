"""What agents' pages ask of the switch about themselves. PURE."""

from apps.accounts import presence as p
from apps.switch import agent_phones, consulting, presences, talking
from apps.switch import requests as r
from apps.switch.presences import tell
from apps.switch.state import AgentState, Softphone
from apps.switch.world import World


def log_on(world: World, request: r.LogOn) -> r.RefusalCode:
    known = world.configuration.agents.get(request.agent)
    if known is None or request.profile not in known.profiles:
        return "unknown_profile"
    if request.pause and request.pause not in world.configuration.pause_reasons:
        return "unknown_reason"
    if request.phone == "softphone" and not world.agent(request.agent).softphone.ready:
        return "no_softphone"
    if request.phone != "softphone" and world.configuration.outbound is None:
        return "no_trunk"
    if request.phone != "softphone" and not world.configuration.calls_out.allows(request.phone):
        return "number_denied"
    tell(world, request.agent, p.LoggedOn(profile=request.profile, phone=request.phone, pause=request.pause))
    presences.phone_chosen(world, request.agent)
    return ""


def log_off(world: World, request: r.LogOff) -> r.RefusalCode:
    tell(world, request.agent, p.LoggedOff())
    return ""


def become_ready(world: World, request: r.BecomeReady) -> r.RefusalCode:
    tell(world, request.agent, p.ReadyChosen())
    return ""


def pause(world: World, request: r.Pause) -> r.RefusalCode:
    if request.reason not in world.configuration.pause_reasons:
        return "unknown_reason"
    tell(world, request.agent, p.PauseChosen(reason=request.reason))
    return ""


def extend_wrap_up(world: World, request: r.ExtendWrapUp) -> r.RefusalCode:
    tell(world, request.agent, p.WrapUpExtended(seconds=request.seconds))
    return ""


def softphone_up(world: World, request: r.SoftphoneUp) -> r.RefusalCode:
    """A page that takes the phone over in mid-call has no audio of it yet (SP-07)."""
    state = world.agent(request.agent)
    if not request.claims and state.softphone.connection not in ("", request.connection):
        return "gone"
    _put_phone(world, state, Softphone(request.connection, request.gateway, request.ready))
    if request.connection != state.softphone.connection:
        _lose(world, state, but=request.leg)
    return ""


def media_attached(world: World, request: r.MediaAttached) -> r.RefusalCode:
    state = world.agent(request.agent)
    call = world.calls.get(state.call)
    if state.softphone.connection != request.connection or call is None or not request.leg:
        return "gone"
    if request.leg != talking.leg_of(call, request.agent):
        return "gone"
    if call.consult and call.consult.agent == request.agent:
        consulting.media_back(world, call)
    else:
        talking.regain(world, call)
    return ""


def softphone_down(world: World, request: r.SoftphoneDown) -> r.RefusalCode:
    """Ignored unless it is the newest page: the "down" of an old page may come after the "up" of a new one."""
    state = world.agent(request.agent)
    if state.softphone.connection != request.connection:
        return "gone"
    _put_phone(world, state, Softphone())
    if request.left:
        _lose(world, state)
    return ""


def _put_phone(world: World, state: AgentState, softphone: Softphone) -> None:
    agent = state.presence.agent
    was_reachable = agent_phones.reachable(world, agent)
    world.put_agent(state, softphone=softphone)
    presences.phone_changed(world, agent, was_reachable=was_reachable)


def _lose(world: World, state: AgentState, but: str = "") -> None:
    """The page that had the audio of the agent's conversation has it no more; `but`: of this leg it has."""
    call, agent = world.calls.get(state.call), state.presence.agent
    if call is None or state.presence.phone != "softphone" or talking.leg_of(call, agent) in ("", but):
        return
    if call.consult and call.consult.agent == agent:
        consulting.media_lost(world, call)
    else:
        talking.lose(world, call)
