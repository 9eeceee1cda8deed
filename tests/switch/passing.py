"""A customer, her agent and his colleagues, for the tests of consult and transfer: what each hears is asked of the newest picture."""

import msgspec
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.flows.graph import FlowGraph
from apps.outbound.rules import OutboundRules
from apps.switch import board, restoring
from apps.switch import requests as r
from apps.switch.configuration import Agent
from apps.telephony import protocol as t
from tests.switch.company import ALL_ROUND, Caller, Company, configuration, flow

ANNA, PER, OLE = 1, 2, 3
NUMBER = "+4740000040"
SALES_ONLY = 9


def office(graph: FlowGraph | None = None, **queue: object) -> Company:
    settings = configuration(graph or flow(maximum_wait=5), **queue)
    agents = {n: Agent(n, f"Agent {n}", AgentRules(), (ALL_ROUND,), 1, 10, "pausable") for n in (ANNA, PER, OLE)}
    return Company(replace(settings, agents=agents, calls_out=OutboundRules({"+47829": False})))


class Desk:
    """Anna talks to her customer; Per is free; what each hears is asked of the newest picture."""

    def __init__(self, phone: str = "softphone", graph: FlowGraph | None = None, **queue: object) -> None:
        self.company = office(graph, **queue)
        self.anna, self.per, self.ole = (self.company.agent(n) for n in (ANNA, PER, OLE))
        self.anna.logs_on(phone=phone)
        self.kari: Caller = self.company.caller().chooses("1")
        self.anna.answers()
        self.company.passes(5)
        self.per.logs_on()
        self.a = self.kari.call.talk.leg

    def asks(self, kind: type, **fields: object) -> str:
        return self.anna.asks(kind, **fields)

    def consults(self, to: r.Target | None = None, *, answered: bool = True) -> str:
        code = self.asks(r.Consult, to=to or r.Target("agent", PER))
        if answered:
            self.leg(t.LegAnswered, self.b)
        return code

    @property
    def b(self) -> str:
        """The leg of whoever is asked or rung."""
        call = self.kari.call
        rung = call.transfer or call.consult
        return (rung.leg if rung else "") or call.session.ringing

    def leg(self, kind: type, leg: str, **fields: object) -> None:
        self.kari.event(kind, leg=leg, **fields)

    def over(self, leg: str, code: int = 200) -> None:
        self.leg(t.LegEnded, leg, code=code, by_us=False)

    @property
    def mix(self) -> set[tuple[str, str]]:
        mixes = self.company.told(t.Mix, self.kari.id)
        return set(mixes[-1].edges)

    @property
    def music(self) -> dict[str, str]:
        """Leg -> file of what it hears, in a loop."""
        playing: dict[str, tuple[str, str]] = {}
        for command in self.company.told(t.Play, self.kari.id) + []:
            if command.loop:
                playing[command.playback] = (command.leg, command.files[0])
        for command in self.company.told(t.StopPlay, self.kari.id):
            playing.pop(command.playback, None)
        return dict(playing.values())

    @property
    def customer(self) -> str:
        return self.kari.call.session.caller

    def card(self, agent: int) -> board.CallCard | None:
        return msgspec.json.decode(self.company.board[board.agent_topic(agent)], type=board.AgentDocument).card

    def hung_up(self) -> set[str]:
        return {command.leg for command in self.company.told(t.HangUp, self.kari.id)}

    def ended(self, kind: type) -> list[str]:
        return [fact.result for fact in self.company.of(kind, self.kari.id)]


def both(one: str, other: str) -> set[tuple[str, str]]:
    return {(one, other), (other, one)}


def restarted(desk: Desk) -> None:
    """Another switch takes up what the one before had written."""
    world = desk.company.core.world
    after = Company(world.configuration)
    after.now, after.facts, after.board = world.now, desk.company.facts, desk.company.board
    restoring.restore(after.core.world, world.now, list(world.calls.values()), list(world.agents.values()), world.graphs)
    after.take(after.core.pass_time(after.now))
    for person in (desk.anna, desk.per, desk.kari):
        person.company = after
    desk.company = after
