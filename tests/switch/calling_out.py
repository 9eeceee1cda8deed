"""An agent who calls out, for the tests of it."""

import msgspec
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.outbound.rules import CallerId, OutboundRules
from apps.queues.acd.state import ProfileRules
from apps.switch import board
from apps.switch import requests as r
from apps.switch.configuration import Agent
from apps.telephony import protocol as t
from tests.switch.company import ALL_ROUND, Company, configuration

NUMBER = "+4790000009"
RULES = OutboundRules(
    {"+47829": False}, (CallerId(1, "+4721000001", "Support", everybody=True), CallerId(2, "+4721000002", teams=frozenset({99})))
)


def office(
    *, calls_out: int = 10, recording: str = "off", wrap_up_out: bool = False, rules: OutboundRules = RULES,
    queue: dict | None = None, **changes
) -> Company:  # fmt: skip
    """`queue`: settings of the queue Support."""
    settings = configuration(**queue or {})
    agents = {agent: Agent(agent, f"Agent {agent}", AgentRules(), (ALL_ROUND,), 1, calls_out, recording) for agent in (1, 2)}
    profiles = {ALL_ROUND: ProfileRules(ALL_ROUND, "All-round", wrap_up=30.0, wrap_up_out=wrap_up_out)}
    acd = replace(settings.acd, profiles=profiles)
    return Company(replace(settings, agents=agents, acd=acd, calls_out=rules, **changes))


class Calling:
    """Anna, and the call that she makes."""

    def __init__(self, company: Company, **log_on) -> None:
        self.company, self.anna = company, company.agent()
        self.anna.logs_on(**log_on)

    def calls(self, number: str = NUMBER, call: str = "out1", **fields) -> str:
        return self.anna.asks(r.CallOut, call=call, cell=f"cell-{call}", number=number, **fields)

    def leg(self, kind: type, who: int, **fields) -> None:
        """`who`: 1 is whom she calls, 2 is her own phone."""
        self.company.tell(kind(cell="cell-out1", call="out1", at=self.company.now, leg=f"out1-l{who}", **fields))

    def over(self, who: int, code: int) -> None:
        self.leg(t.LegEnded, who, code=code, by_us=False)

    @property
    def document(self) -> board.AgentDocument:
        return msgspec.json.decode(self.company.board[board.agent_topic(1)], type=board.AgentDocument)

    @property
    def card(self) -> str:
        return self.document.card.state if self.document.card else ""

    @property
    def mix(self) -> tuple:
        return self.company.told(t.Mix)[-1].edges


def talking(calling: Calling) -> Calling:
    assert calling.calls() == ""
    calling.leg(t.LegAnswered, 2)
    calling.leg(t.LegAnswered, 1)
    return calling
