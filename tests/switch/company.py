"""A small company in virtual time: a core, people who call and answer, and what its cells were told.

company = Company()
anna = company.agent("Anna")
anna.logs_on()
kari = company.caller("+4790000001")
kari.presses("1")
anna.answers()
"""

from dataclasses import dataclass, field

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.flows.graph import FlowGraph
from apps.flows.kinds.menu import Choice, Menu
from apps.flows.kinds.message import Message
from apps.flows.kinds.queue import Queue
from apps.queues.acd.state import AcdConfiguration, ProfileRules, QueueRules
from apps.switch import requests as r
from apps.switch import watching
from apps.switch.configuration import Agent, Configuration, Number, Outbound
from apps.switch.core import Core, GatewaysSeen
from apps.switch.core import Message as Input
from apps.switch.documents import Documents
from apps.switch.state import Call
from apps.switch.world import Outcome
from apps.telephony import protocol as t

NUMBER = "+4780012345"
SUPPORT, SALES = 1, 2
ALL_ROUND = 1  # profile
MUSIC, WELCOME, MENU = "/audio/music.wav", "/audio/welcome.wav", "/audio/menu.wav"


def flow(version: int = 1, **exits: int) -> FlowGraph:
    """Welcome, then 1 to Support and 2 to Sales."""
    steps = (
        Message(id=1, name="Welcome", exits={"next": 2}, prompts=(1,)),
        Menu(
            id=2,
            name="Main menu",
            exits={"1": 3, "2": 4, "maximum_tries": 3},
            prompt=2,
            choices=(Choice("1", "Support"), Choice("2", "Sales")),
        ),
        Queue(id=3, name="To Support", queue=SUPPORT, exits=exits),
        Queue(id=4, name="To Sales", queue=SALES, exits=exits),
        Message(id=5, name="Nobody here", exits={}, prompts=(1,)),
    )
    return FlowGraph(version=version, flow=1, name="Main", language="nb", start=1, default_exit=5, steps={step.id: step for step in steps})


def configuration(graph: FlowGraph | None = None, rules: AgentRules | None = None, **queue: object) -> Configuration:
    """`queue`: settings of the queue Support."""
    support = QueueRules(SUPPORT, "Support", **{"music": (MUSIC,), "recording_mode": "pausable", "wrap_up": None} | queue)
    acd = AcdConfiguration(
        queues={SUPPORT: support, SALES: QueueRules(SALES, "Sales", music=(MUSIC,), recording_mode="forced")},
        profiles={ALL_ROUND: ProfileRules(ALL_ROUND, "All-round", wrap_up=30.0)},
    )
    return Configuration(
        numbers={NUMBER: Number(1, NUMBER, "Main number", 1)},
        flows={1: graph or flow()},
        acd=acd,
        agents={agent: Agent(agent, f"Agent {agent}", rules or AgentRules(), (ALL_ROUND,)) for agent in range(1, 10)},
        pause_reasons=("Lunch", "Meeting"),
        prompts={1: {"nb": WELCOME}, 2: {"nb": MENU}},
        hold_music=(MUSIC,),
        ringing_tone=("/audio/ringing.wav",),
        recordings="/recordings",
        country="NO",
        outbound=Outbound("sip:{number}@operator.example;transport=udp", "sip:127.0.0.1:5060;lr", "+4722000000"),
    )


class Company:
    def __init__(self, settings: Configuration | None = None) -> None:
        self.core = Core(settings or configuration())
        self.now = 1_000.0
        self.facts: list[v.Event] = []
        self.commands: list[tuple[str, t.Command]] = []
        self.replies: dict[str, str] = {}
        self.documents = Documents(self.core.world)
        self.is_watched = True  # after each message agents and calls must agree
        self.board: dict[str, bytes] = {}
        self.people = 0
        self.dead_cells: set[str] = set()  # those that answer nothing any more
        self.phones_ring = True  # agents' softphones, as soon as they are called
        self.up: set[str] = set()  # legs that have answered
        self.tell(GatewaysSeen({"gw": "127.0.0.1:9"}))

    def tell(self, message: Input) -> Outcome:
        if isinstance(message, t.LegAnswered):
            self.up.add(message.leg)
        return self.take(self.core.handle(message, self.now))

    def take(self, outcome: Outcome) -> Outcome:
        self.facts += outcome.facts
        self.commands += outcome.commands
        self.replies |= {to: reply.code for to, reply in outcome.replies}
        self.board |= {topic: bytes(document) for topic, document in self.documents.changed(outcome)}
        if self.is_watched and not outcome.faults:
            assert not watching.findings(self.core.world)
        for cell, command in outcome.commands:
            if cell not in self.dead_cells:
                self.obeys(cell, command)
        return outcome

    def obeys(self, cell: str, command: t.Command) -> None:
        """What a cell does at once."""
        common = {"cell": cell, "call": command.call, "at": self.now}
        if isinstance(command, t.Report):
            self.tell(t.CellReport(legs=tuple(t.LegStatus(leg, leg in self.up) for leg in command.legs), asked=command.legs, **common))
        elif isinstance(command, t.HangUp) and command.unless_answered and command.leg not in self.up:
            self.tell(t.LegEnded(leg=command.leg, code=487, by_us=True, **common))
        elif isinstance(command, t.Dial) and command.uri.startswith("sip:agent-") and self.phones_ring:
            self.tell(t.LegRinging(leg=command.leg, **common))

    def passes(self, seconds: float) -> None:
        """Time goes by, every deadline at its time."""
        until = self.now + seconds
        while (due := self.core.next_timer()) is not None and due <= until:
            self.now = max(self.now, due)
            self.take(self.core.pass_time(self.now))
        self.now = until

    def agent(self, agent: int = 1) -> "AgentPerson":
        return AgentPerson(self, agent)

    def caller(self, number: str = "+4790000001", dialled: str = "80012345") -> "Caller":
        self.people += 1
        caller = Caller(self, f"call{self.people}", number)
        caller.rings(dialled)
        return caller

    def of(self, kind: type, call: str = "") -> list:
        """Facts of one kind, of one call or all."""
        return [fact for fact in self.facts if type(fact) is kind and call in ("", fact.call)]

    def told(self, kind: type, call: str = "") -> list:
        """Commands of one kind, likewise."""
        return [command for _, command in self.commands if type(command) is kind and call in ("", command.call)]


@dataclass
class AgentPerson:
    company: Company
    id: int
    requests: int = field(default=0)

    def asks(self, kind: type, **fields: object) -> str:
        """The code of the switch's reply; empty: done."""
        self.requests += 1
        to = f"a{self.id}-{self.requests}"
        self.company.tell(kind(agent=self.id, reply_to=to, **fields))
        return self.company.replies[to]

    def opens_page(self, ready: bool = True) -> None:
        self.asks(r.SoftphoneUp, connection=f"page{self.id}", gateway="gw", ready=ready)

    def comes_back(self) -> None:
        """His page is open again, and has its audio again."""
        self.opens_page()
        assert self.asks(r.MediaAttached, connection=f"page{self.id}", leg=self.call.talk.leg) == ""

    def logs_on(self, **fields: object) -> str:
        self.opens_page()
        return self.asks(r.LogOn, profile=ALL_ROUND, **fields)

    @property
    def status(self) -> str:
        return self.company.core.world.agent(self.id).presence.status

    @property
    def call(self) -> Call:
        return self.company.core.world.calls[self.company.core.world.agent(self.id).call]

    def answers(self) -> None:
        assert self.call.offer is not None
        self.phone(t.LegAnswered, self.call.offer.leg)

    def phone(self, kind: type, leg: str, **fields: object) -> None:
        session = self.call.session
        self.company.tell(kind(cell=session.cell, call=session.call, at=self.company.now, leg=leg, **fields))


@dataclass
class Caller:
    company: Company
    id: str
    number: str

    def event(self, kind: type, **fields: object) -> None:
        self.company.tell(kind(cell=f"cell-{self.id}", call=self.id, at=self.company.now, **fields))

    def rings(self, dialled: str) -> None:
        self.event(t.LegArrived, leg=f"{self.id}-caller", caller=self.number, dialled=dialled, trunk="1")
        if self.company.told(t.Answer, self.id):
            self.event(t.LegAnswered, leg=f"{self.id}-caller")

    def hears_all(self) -> None:
        """What is played to him comes to its end."""
        self.event(t.PlaybackEnded, leg=f"{self.id}-caller", playback=self.call.session.prompt)

    def presses(self, digit: str) -> None:
        self.event(t.DigitPressed, leg=f"{self.id}-caller", digit=digit)

    def chooses(self, digit: str) -> "Caller":
        """Through the welcome, then the menu."""
        self.hears_all()
        self.presses(digit)
        return self

    def hangs_up(self) -> None:
        self.event(t.LegEnded, leg=f"{self.id}-caller", code=200, by_us=False)

    @property
    def call(self) -> Call:
        return self.company.core.world.calls[self.id]


def talks() -> tuple[Company, AgentPerson, Caller]:
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    return company, anna, kari
