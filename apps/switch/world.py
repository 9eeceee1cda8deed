"""Everything the switch holds in memory, and what one input makes of it. PURE.

The modules beside this one (flowing, offering, talking, agents) are functions on a World. What they want to say goes into
`outcome`; the shell writes it to Redis in one commit. What one of them wants from a higher one goes onto `agenda`.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from apps.accounts.codes import Wrong
from apps.accounts.presence import AgentRules, Presence
from apps.events.vocabulary import Event
from apps.flows.graph import FlowGraph
from apps.flows.web.orders import WebOrder
from apps.queues.acd.engine import Engine
from apps.switch import session
from apps.switch.configuration import Configuration
from apps.switch.requests import Reply
from apps.switch.state import AgentState, Call
from apps.switch.timers import Timers
from apps.telephony.protocol import Command

TIMERS = ("offer", "confirm", "flow", "outgoing", "lost", "silent", "consult", "transfer")  # deadlines of a call that end with it
CELL_TIMERS = ("report", "last_report", "roll_call")  # those that end with its cell
AGENT_TIMERS = ("agent", "away")  # those of an agent: his status is over, his softphone is waited for no longer


@dataclass
class Outcome:
    """What must become true together: written in one commit, or not at all."""

    commands: list[tuple[str, Command]] = field(default_factory=list)  # cell, command
    facts: list[Event] = field(default_factory=list)
    replies: list[tuple[str, Reply]] = field(default_factory=list)  # reply_to, reply
    calls: set[str] = field(default_factory=set)  # changed, began or over
    agents: set[int] = field(default_factory=set)
    queues: set[int] = field(default_factory=set)
    graphs: set[int] = field(default_factory=set)  # flow versions that a call now needs
    web_orders: list[WebOrder] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)  # exceptions that nobody foresaw, and that cost a call at the most

    def add(self, later: "Outcome") -> None:
        """What follows from the next message, to be written together with this."""
        self.commands += later.commands
        self.facts += later.facts
        self.replies += later.replies
        self.calls |= later.calls
        self.agents |= later.agents
        self.queues |= later.queues
        self.graphs |= later.graphs
        self.web_orders += later.web_orders
        self.faults += later.faults


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being worked on: if it fails, this is what it failed for. `agent`: to whom the call is being offered."""

    call: str = ""
    agent: int | None = None
    deciding: bool = False  # the distribution, for all


class World:
    def __init__(self, configuration: Configuration) -> None:
        self.now = 0.0
        self.configuration = configuration
        self.graphs: dict[int, FlowGraph] = {}  # versions that calls run, also when newer ones are active
        self.drafts: dict[int, FlowGraph] = {}  # versions that nobody gets but test calls, as they were when the newest was made
        self.calls: dict[str, Call] = {}
        self.agents: dict[int, AgentState] = {}
        self.gateways: dict[str, str] = {}  # name -> SIP host:port of those alive
        self.engine = Engine(configuration.acd)
        self.timers = Timers()
        self.outcome = Outcome()
        self.agenda: deque[tuple[str, Any]] = deque()  # call, input of its flow
        self.undecided = False  # somebody became free or began to wait
        self.fewer = False  # somebody logged off or changed his profile: a queue may have nobody left
        self.distributes = True  # False for a moment after the distribution failed
        self.subject = Subject()
        self.ordered: dict[str, float] = {}  # number -> when: callbacks that the newest configuration may not know yet
        self.wrong_codes: set[Wrong] = set()  # likewise, of the last hour
        self.suspects: list[int] = []  # agents with an offer that failed
        self.tally: dict[int, Counter[str]] = {}  # queue -> agents who serve it, by status

    def everything_changed(self) -> None:
        """Whoever keeps a copy has lost it: all is to be written anew."""
        self.outcome.calls |= self.calls.keys()
        self.outcome.agents |= self.agents.keys()
        self.outcome.queues |= self.configuration.acd.queues.keys()
        self.outcome.graphs |= self.graphs.keys()

    def take_outcome(self) -> Outcome:
        taken, self.outcome = self.outcome, Outcome()
        return taken

    # -- what to say

    def command(self, call: Call, *commands: Command) -> None:
        self.outcome.commands += [(call.session.cell, command) for command in commands]

    def fact(self, *facts: Event) -> None:
        self.outcome.facts += facts

    # -- calls

    def put(self, call: Call, **changes: Any) -> Call:
        """Remember the call with `changes`."""
        call = replace(call, **changes) if changes else call
        self.calls[call.id] = call
        self.outcome.calls.add(call.id)
        return call

    def drop(self, call: Call) -> None:
        del self.calls[call.id]
        self.outcome.calls.add(call.id)
        for name in (*TIMERS, *CELL_TIMERS):
            self.timers.set((name, call.id), None)

    def media(self, call: Call, *inputs: session.Input) -> Call:
        """Tell the call's session, and its cell what follows from it."""
        state = call.session
        for happened in inputs:
            state, commands = session.handle(state, happened)
            self.command(call, *commands)
        return self.put(call, session=state)

    # -- agents

    def agent(self, agent: int) -> AgentState:
        return self.agents.get(agent) or AgentState(presence=Presence(agent=agent))

    def put_agent(self, state: AgentState, **changes: Any) -> AgentState:
        state = replace(state, **changes) if changes else state
        self.agents[state.presence.agent] = state
        self.outcome.agents.add(state.presence.agent)
        return state

    def leave_call(self, agent: int, call: Call) -> None:
        """He is not in it any more; if he is in another one, he stays there."""
        state = self.agent(agent)
        if state.call == call.id:
            self.put_agent(state, call="")

    def rules(self, agent: int) -> AgentRules:
        known = self.configuration.agents.get(agent)
        return known.rules if known else AgentRules()


Handler = Callable[[World, Any], None]
