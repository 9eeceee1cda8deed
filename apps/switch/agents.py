"""What agents' pages ask of the switch about themselves. PURE."""

from apps.accounts import presence as p
from apps.switch import requests as r
from apps.switch import talking
from apps.switch.presences import tell
from apps.switch.state import Softphone
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
    tell(world, request.agent, p.LoggedOn(profile=request.profile, phone=request.phone, pause=request.pause))
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
    state = world.agent(request.agent)
    world.put_agent(state, softphone=Softphone(request.connection, request.gateway, request.ready))
    if request.ready and state.call in world.calls:
        talking.regain(world, world.calls[state.call])
    return ""


def softphone_down(world: World, request: r.SoftphoneDown) -> r.RefusalCode:
    """Ignored unless it is the newest page: the "down" of an old page may come after the "up" of a new one."""
    state = world.agent(request.agent)
    if state.softphone.connection != request.connection:
        return "gone"
    world.put_agent(state, softphone=Softphone())
    if state.presence.phone == "softphone" and state.call in world.calls:
        talking.lose(world, world.calls[state.call])
    return ""
