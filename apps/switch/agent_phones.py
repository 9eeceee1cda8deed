"""How an agent's phone is reached, be it in his browser or any other. PURE."""

from apps.switch.state import Call
from apps.switch.world import World
from apps.telephony.protocol import HEADER_CALL, HEADER_LEG, Dial

GRACE = 5.0  # seconds after the ringing time-out at which the cell itself gives a dialled leg up, should the switch be away


def external(world: World, agent: int) -> str:
    phone = world.agent(agent).presence.phone
    return "" if phone == "softphone" else phone


def reachable(world: World, agent: int) -> bool:
    if external(world, agent):
        return world.configuration.outbound is not None
    softphone = world.agent(agent).softphone
    return softphone.ready and softphone.gateway in world.gateways


def dial(world: World, call: Call, leg: str, agent: int, timeout: float) -> Dial | None:
    """How to reach the agent's phone, which its cell lets ring for `timeout` seconds; None: there is no way now."""
    number = external(world, agent)
    headers = {HEADER_CALL: call.id, HEADER_LEG: leg}
    if not number:
        softphone = world.agent(agent).softphone
        address = world.gateways.get(softphone.gateway)
        if not softphone.ready or address is None:
            return None
        return Dial(call=call.id, leg=leg, uri=f"sip:agent-{agent}@{address}", caller=call.caller, headers=headers, timeout=timeout)
    outbound = world.configuration.outbound
    if outbound is None:
        return None
    return outbound.dial(call=call.id, leg=leg, number=number, timeout=timeout)
