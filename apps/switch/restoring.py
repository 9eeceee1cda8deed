"""A switch that starts takes up what the one before it had: calls, agents, places in queues, deadlines. PURE.

Whatever happened meanwhile stands in the inbox behind the cursor and is handled as usual. Each cell is asked for its legs;
one that does not answer within `REPORT_WAIT` is asked once more, and then it is gone, and its call with it.
"""

from collections.abc import Iterable

from apps.accounts import presence as p
from apps.flows import interpreter as f
from apps.flows.graph import FlowGraph
from apps.queues.acd.engine import Engine
from apps.queues.acd.state import AcdConfiguration
from apps.switch import presences, queueing
from apps.switch.state import AgentState, Call
from apps.switch.world import World
from apps.telephony.protocol import Report

REPORT_WAIT = 5.0  # seconds: a cell notices after 4 that its connection to Redis is dead, and makes a new one
ROLL_CALL = 60.0  # seconds between two questions to a cell whether it is still there


def restore(world: World, now: float, calls: Iterable[Call], agents: Iterable[AgentState], graphs: dict[int, FlowGraph]) -> None:
    world.now = now
    world.graphs = dict(graphs)
    world.agents = {agent.presence.agent: agent for agent in agents}
    world.calls = {call.id: call for call in calls}
    redistribute(world, world.engine.plan)
    for agent_id in world.agents:
        presences.phone_chosen(world, agent_id)
    for call in world.calls.values():
        _restore_call(world, call)
    for agent_id, state in list(world.agents.items()):
        free_stranded(world, agent_id, state)
    world.everything_changed()
    world.undecided = True


def recall_calls_out(world: World, begun: dict[int, int]) -> None:
    """OB-02, for a switch that finds no agents: they are all logged off, but their day goes on. `begun`: agent -> calls out today."""
    for agent, calls in begun.items():
        if agent in world.configuration.agents:
            world.put_agent(world.agent(agent), calls_out_today=calls)


def redistribute(world: World, plan: tuple[AcdConfiguration, frozenset[int]]) -> None:
    """Make the distribution anew from calls and agents: who is logged on and free, and who stands where. `plan`: `Engine.plan`."""
    world.engine = Engine(*plan)
    world.tally.clear()
    for agent in list(world.agents.values()):
        presences.restore(world, agent)
    for call in world.calls.values():
        if call.place is not None:
            world.engine.enter(queueing.request(call.id, call.place))
            if call.offer is not None:
                world.engine.reserve(call.id)


def _restore_call(world: World, call: Call) -> None:
    world.timers.set(("flow", call.id), f.next_timer(call.run) if call.run else None)
    set_deadlines(world, call)
    ask_cell(world, call)


def set_deadlines(world: World, call: Call) -> None:
    for name, when in deadlines(call).items():
        world.timers.set((name, call.id), when)


def deadlines(call: Call) -> dict[str, float | None]:
    """By the names of their timers; the flow's own is not among them: it waits while the caller talks to somebody."""
    return {
        "offer": call.offer.deadline if call.offer else None,
        "confirm": call.out.confirm_until if call.out else None,
        "outgoing": call.outgoing.deadline if call.outgoing else None,
        "lost": call.talk.lost_until if call.talk else None,
        "silent": call.silent_until,
        "consult": call.consult.until if call.consult else None,
        "transfer": call.transfer.until if call.transfer else None,
    }


def ask_cell(world: World, call: Call, timer: str = "report") -> None:
    """For its legs; the timer goes off if it does not answer: "last_report" when it is asked once more."""
    world.timers.set((timer, call.id), world.now + REPORT_WAIT)
    world.command(call, Report(call=call.id, legs=call.open_legs))
    call_later(world, call.id)


def wait_anew(world: World) -> None:
    """Cells that are to report were asked late, or what they said may stand in the inbox: they have all their time from now on."""
    for call in world.calls:
        for timer in ("report", "last_report"):
            if world.timers.get((timer, call)) is not None:
                world.timers.set((timer, call), world.now + REPORT_WAIT)


def call_later(world: World, call: str) -> None:
    world.timers.set(("roll_call", call), world.now + ROLL_CALL)


def free_stranded(world: World, agent: int, state: AgentState) -> None:
    """An agent whose call is not there any more (it ended, and this was not written): he is free."""
    if state.call in world.calls:
        return
    if state.presence.status == "offered":
        presences.tell(world, agent, p.OfferWithdrawn())
    elif state.presence.status == "connected":
        presences.tell(world, agent, p.ConversationEnded(wrap_up=0.0))
    if state.call:
        world.put_agent(world.agent(agent), call="")
