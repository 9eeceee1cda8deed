"""To whom an agent may bring his customer, and how they are rung (TR-01). PURE."""

from typing import Literal, NamedTuple

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.switch import agent_phones, allowance, presences, session
from apps.switch import requests as r
from apps.switch.state import Call
from apps.switch.world import World
from apps.telephony.protocol import Dial
from contactcenter.lib.phone import e164

AGENT_RINGS = 25.0  # seconds
NUMBER_RINGS = 45.0  # seconds
CELL_LEGS = 4  # that a cell holds: caller, agent, consulted, and one who listens in

ASKED_AGAIN = "asked_again"  # would he be at once: he rests for some seconds whatever his team has set
Result = Literal["busy", "no_answer", "rejected", "unreachable"]
_RESULTS: dict[int, Result] = {
    486: "busy", 600: "busy", 408: "no_answer", 480: "no_answer", 487: "no_answer", 403: "rejected", 603: "rejected", 607: "rejected",
}  # fmt: skip
_PRESENCE: dict[str, type[p.Input]] = {
    "busy": p.OfferRejected, "rejected": p.OfferRejected, "no_answer": p.OfferUnanswered, "unreachable": p.OfferFailed,
    ASKED_AGAIN: p.PhoneBusy,
}  # fmt: skip


class Summoned(NamedTuple):
    """Whose phone is rung. `agent` None: it is a number's. `until`: when that is given up (Unix seconds)."""

    leg: str
    dial: Dial
    agent: int | None
    until: float


def result_of(code: int) -> Result:
    """What a SIP status means that ended a leg before it was answered (RFC 3261 21)."""
    return _RESULTS.get(code, "unreachable")


def refusal(world: World, by: int, to: r.Target) -> r.RefusalCode:
    """Why `by` cannot turn to `to` now; before anything is rung."""
    match to.kind:
        case "agent":
            return _agent_refusal(world, by, to.id)
        case "number":
            return _number_refusal(world, by, to)
        case "queue":
            if to.id not in world.configuration.acd.queues:
                return "unknown_target"
            return "queue_closed" if world.engine.refusal(to.id) else ""
    return "" if to.id in world.configuration.flows else "unknown_target"


def _agent_refusal(world: World, by: int, agent: int) -> r.RefusalCode:
    if agent == by or agent not in world.configuration.agents:
        return "unknown_target"
    if world.agent(agent).presence.status != "ready":
        return "agent_not_free"
    return "" if agent_phones.reachable(world, agent) else "agent_unreachable"


def _number_refusal(world: World, by: int, to: r.Target) -> r.RefusalCode:
    outbound = world.configuration.outbound
    if e164(to.number, world.configuration.country) is None:
        return "unknown_target"
    if outbound is None:
        return "no_line_out"
    if code := allowance.refusal(world, by, to.number):
        return code
    return "" if allowance.shown(world, by, to.caller_id, outbound) is not None else "unknown_caller_id"


def name(world: World, to: r.Target) -> str:
    """As people know it; of a number and of what has been deleted: empty."""
    configuration = world.configuration
    match to.kind:
        case "agent":
            return configuration.agents[to.id].name if to.id in configuration.agents else ""
        case "queue":
            return configuration.acd.queues[to.id].name if to.id in configuration.acd.queues else ""
        case "flow":
            return configuration.flows[to.id].name if to.id in configuration.flows else ""
    return ""


def summon(world: World, call: Call, to: r.Target, by: int, role: v.LegRole) -> tuple[Call, Summoned] | None:
    """Ring an agent or a number for the call; the session has still to be told. None: there is no way now.

    Errors: WrongState when the agent can be rung no more.
    """
    rung = _agent(world, call, to) if to.kind == "agent" else _number(world, call, to, by)
    if rung is None:
        return None
    number = agent_phones.external(world, rung.agent) if rung.agent is not None else to.number
    world.fact(v.LegStarted(at=world.now, call=call.id, leg=rung.leg, role=role, agent=rung.agent, number=number))
    return world.put(call, open_legs=(*call.open_legs, rung.leg)), rung


def _agent(world: World, call: Call, to: r.Target) -> Summoned | None:
    leg = session.new_leg(call.session)
    dial = agent_phones.dial(world, call, leg, to.id, AGENT_RINGS + agent_phones.GRACE)
    if dial is None:
        return None
    presences.tell(world, to.id, p.Returned() if world.agent(to.id).presence.status == "wrap_up" else p.Offered())
    world.put_agent(world.agent(to.id), call=call.id)
    return Summoned(leg, dial, to.id, world.now + AGENT_RINGS)


def _number(world: World, call: Call, to: r.Target, by: int) -> Summoned | None:
    outbound = world.configuration.outbound
    if outbound is None:
        return None
    state, leg = world.agent(by), session.new_leg(call.session)
    world.put_agent(state, calls_out_today=state.calls_out_today + 1)
    shown = allowance.shown(world, by, to.caller_id, outbound) or outbound.caller_id
    dial = outbound.dial(call=call.id, leg=leg, number=to.number, timeout=NUMBER_RINGS + agent_phones.GRACE, shown=shown)
    return Summoned(leg, dial, None, world.now + NUMBER_RINGS)


# -- what becomes of an agent who was rung, or has talked without it being his conversation


def dismiss(world: World, agent: int | None, result: str) -> None:
    """He was rung for nothing. `result`: of the ringing; anything that was not his doing costs him nothing."""
    _free(world, agent, _PRESENCE.get(result, p.OfferWithdrawn)())


def release(world: World, agent: int | None) -> None:
    """He was consulted, and that is over."""
    _free(world, agent, p.ConversationEnded())


def _free(world: World, agent: int | None, what: p.Input) -> None:
    if agent is not None:
        presences.tell(world, agent, what)
        world.put_agent(world.agent(agent), call="")


def ringing_tone(world: World, call: Call) -> tuple[str, ...]:
    return world.configuration.as_of(world.configuration.ringing_tone, call.arrived_at)
