"""Agents' presence, and what the distribution knows of them. PURE."""

from collections import Counter

from msgspec.structs import replace

from apps.accounts import presence as p
from apps.queues.acd.state import FreeAgent
from apps.switch import agent_phones
from apps.switch.state import AgentState
from apps.switch.world import World

PHONE_AWAY = 30.0  # seconds for which a softphone is waited for (SP-07); then its agent is tried all the same, and fails (SP-02, AL-03)


def tell(world: World, agent: int, happened: p.Input) -> None:
    """Move the agent's presence; the distribution hears of it. Errors: WrongState when it cannot happen now."""
    state = world.agent(agent)
    after, facts = p.handle(state.presence, happened, world.now, world.rules(agent))
    world.fact(*facts)
    _count(world, agent, state.presence.status, -1)
    world.put_agent(state, presence=after)
    world.timers.set(("agent", str(agent)), p.next_timer(after))
    _sync(world, state.presence, after)
    _count(world, agent, after.status, +1)


def _count(world: World, agent: int, status: str, by: int) -> None:
    for queue in world.engine.serving(agent):
        world.tally.setdefault(queue, Counter())[status] += by
        world.outcome.queues.add(queue)


def _sync(world: World, before: p.Presence, after: p.Presence) -> None:
    """The engine knows who is logged on with which profile, and who is free."""
    agent = after.agent
    was, is_on = before.status != "logged_off", after.status != "logged_off"
    if was and (not is_on or before.profile != after.profile):
        world.engine.log_off(agent)
        world.fewer = True
    if is_on and (not was or before.profile != after.profile) and after.profile is not None:
        world.engine.log_on(agent, after.profile)
    if is_distributed(world.agent(agent)):
        connected = world.agent(agent).calls_today
        world.engine.free(FreeAgent(agent, after.profile or 0, after.ready_since, after.last_offer, connected))
    elif is_on:
        world.engine.taken(agent)
    world.undecided = True


def is_distributed(state: AgentState) -> bool:
    """Whether callers may be offered to him now."""
    return state.presence.status == "ready" and state.away_until is None


def restore(world: World, state: AgentState) -> None:
    """Put a remembered agent back to where he was, without any fact: nothing happened to him."""
    world.agents[state.presence.agent] = state
    world.timers.set(("agent", str(state.presence.agent)), p.next_timer(state.presence))
    world.timers.set(("away", str(state.presence.agent)), state.away_until)
    _sync(world, p.Presence(agent=state.presence.agent), state.presence)
    _count(world, state.presence.agent, state.presence.status, +1)


def sync(world: World, agent: int) -> None:
    """The engine shall know of him what his presence says, whatever it knew."""
    after = world.agent(agent).presence
    if after.status == "logged_off":
        world.engine.log_off(agent)
        world.fewer = True
    world.timers.set(("away", str(agent)), world.agent(agent).away_until)
    _sync(world, p.Presence(agent=agent), after)


def recount(world: World) -> None:
    """New configuration may change who serves which queue."""
    world.outcome.queues |= world.tally.keys() | world.configuration.acd.queues.keys()
    world.tally.clear()
    for agent, state in world.agents.items():
        _count(world, agent, state.presence.status, +1)


def is_counted(world: World) -> bool:
    """Whether the figures of the queues agree with the statuses of the agents."""
    counted: dict[int, Counter[str]] = {}
    for agent, state in world.agents.items():
        for queue in world.engine.serving(agent):
            counted.setdefault(queue, Counter())[state.presence.status] += 1
    return all(counted.get(queue, Counter()) == world.tally.get(queue, Counter()) for queue in counted.keys() | world.tally.keys())


def timer(world: World, agent: str) -> None:
    tell(world, int(agent), p.TimePassed())


def forget_day(world: World) -> None:
    """Midnight: the day's figures begin anew, and those whose team wants it are logged off (AL-01)."""
    for agent, state in list(world.agents.items()):
        world.put_agent(state, calls_today=0, talked_today=0.0, calls_out_today=0)
        tell(world, agent, p.MidnightPassed())


def count_call(world: World, agent: int, seconds: float) -> None:
    state = world.agent(agent)
    world.put_agent(replace(state, call="", calls_today=state.calls_today + 1, talked_today=state.talked_today + seconds))


# -- phones that come and go


def phone_changed(world: World, agent: int, *, was_reachable: bool) -> None:
    """While a softphone is away its agent is offered nothing, and no error is counted; when it is back he is free at once."""
    state, is_reachable = world.agent(agent), agent_phones.reachable(world, agent)
    if is_reachable == was_reachable:
        return
    phone_chosen(world, agent)
    world.undecided = True  # also who was given up is there for those who wait
    if is_reachable and (state.presence.status, state.presence.reason) == ("busy", "error"):
        tell(world, agent, p.ReadyChosen())  # what he rests from is over


def phone_chosen(world: World, agent: int) -> None:
    """From now on it is this phone that must be reached: he has logged on with it, or another switch has known it until now."""
    state = world.agent(agent)
    waits = state.presence.phone == "softphone" and not agent_phones.reachable(world, agent)
    until = (state.away_until or world.now + PHONE_AWAY) if waits else None
    if until != state.away_until:
        _set_away(world, state, until)


def phone_given_up(world: World, agent: str) -> None:
    """It was away for too long: from now on an offer fails, and the limit of errors logs him off (AL-03)."""
    _set_away(world, world.agent(int(agent)), None)


def _set_away(world: World, state: AgentState, until: float | None) -> None:
    world.put_agent(state, away_until=until)
    world.timers.set(("away", str(state.presence.agent)), until)
    _sync(world, state.presence, state.presence)
