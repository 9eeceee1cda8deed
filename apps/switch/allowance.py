"""What an agent may dial, and which number he shows there (OB-01, OB-02). PURE."""

from apps.switch import requests as r
from apps.switch.configuration import Outbound
from apps.switch.world import World


def refusal(world: World, agent: int, number: str) -> r.RefusalCode:
    """OB-02: before anything is dialled."""
    known, state = world.configuration.agents.get(agent), world.agent(agent)
    if known is None or state.presence.status == "logged_off":
        return "not_logged_on"
    if not world.configuration.calls_out.allows(number):
        return "number_denied"
    return "calls_out_used_up" if state.calls_out_today >= known.calls_out else ""


def shown(world: World, agent: int, caller_id: int, outbound: Outbound) -> str | None:
    """The number to show; None: he may not choose it. `caller_id` 0: the first that he may."""
    team, profile = world.configuration.agents[agent].team, world.agent(agent).presence.profile
    callers = world.configuration.calls_out.callers_of(team, profile)
    if not caller_id:
        return callers[0].number if callers else outbound.caller_id
    return next((caller.number for caller in callers if caller.id == caller_id), None)
