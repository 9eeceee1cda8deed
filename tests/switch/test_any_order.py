"""Whatever three agents, a customer, phones and time do, in whatever order: nobody is forgotten, nothing left over (TR-04) or forgiven."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.queues.acd.state import Disposition
from apps.switch import requests as r
from apps.switch.core import Configured
from apps.switch.state import Call
from apps.telephony import protocol as t
from tests.switch.company import SALES, SUPPORT, Caller, Company
from tests.switch.passing import ANNA, NUMBER, OLE, PER, office

AGENTS = (ANNA, PER, OLE)
SOLD = Disposition(71, "Sold")
TARGETS = (
    r.Target("agent", ANNA), r.Target("agent", PER), r.Target("agent", OLE), r.Target("queue", SALES),
    r.Target("number", number=NUMBER), r.Target("flow", 1),
)  # fmt: skip
TALKER = 0  # stands for whoever has talked to the customer last: most of what can be asked is his to ask
agents, targets = st.sampled_from((TALKER, TALKER, *AGENTS)), st.sampled_from(TARGETS)
asked = st.one_of(
    st.tuples(st.sampled_from([r.Consult, r.Transfer]), agents, st.fixed_dictionaries({"to": targets})),
    st.tuples(
        st.sampled_from([r.TakeBack, r.JoinAll, r.CompleteTransfer, r.HangUpCall, r.BecomeReady, r.LogOff]), agents, st.just({}),
    ),
    st.tuples(st.sampled_from([r.Hold, r.Mute]), agents, st.fixed_dictionaries({"on": st.booleans()})),
    st.tuples(st.just(r.Pause), agents, st.just({"reason": "Lunch"})),
    st.tuples(st.just(r.ChooseDisposition), agents, st.just({"call": "call1", "disposition": SOLD.id})),
)  # fmt: skip
NEWEST = -1  # leg; the customer's is the first, and with it all is over
legs = st.sampled_from((NEWEST, NEWEST, NEWEST, 0, 1, 2, 3))
to_legs = st.tuples(st.sampled_from(["answers", "ends", "loses", "regains"]), legs, st.sampled_from([200, 486, 408, 503]))
steps = st.one_of(asked, asked, to_legs, to_legs, st.tuples(st.just("passes"), st.sampled_from([1, 11, 31]), st.just(0)))


class Floor:
    """A customer who is talked to, and three agents. `made`: one of them has called her."""

    def __init__(self, *, made: bool) -> None:
        self.company: Company = office(dispositions=(SOLD,), disposition_required=True)
        settings = self.company.core.world.configuration
        sales = replace(settings.acd.queues[SALES], maximum_wait=11.0)
        acd = replace(settings.acd, queues=settings.acd.queues | {SALES: sales})
        self.company.tell(Configured(replace(settings, acd=acd)))
        self.people = {agent: self.company.agent(agent) for agent in AGENTS}
        for person in self.people.values():
            person.logs_on()
        self.kari = self.called() if made else self.calling()
        self.talker = self.kari.call.talk.agent
        self.answered: set[str] = {self.kari.call.session.caller, self.kari.call.session.partner}

    def calling(self) -> Caller:
        kari = self.company.caller().chooses("1")
        self.people[kari.call.offer.agent].answers()
        return kari

    def called(self) -> Caller:
        kari = Caller(self.company, "out1", "+4790000007")
        self.people[ANNA].asks(r.CallOut, call=kari.id, cell=f"cell-{kari.id}", number=kari.number)
        for leg in ("out1-l2", "out1-l1"):
            kari.event(t.LegAnswered, leg=leg)
        return kari

    @property
    def call(self) -> Call | None:
        return self.company.core.world.calls.get(self.kari.id)

    def does(self, what, whom, how) -> None:
        if what == "passes":
            self.company.passes(whom)
        elif isinstance(what, str):
            self.leg(what, whom, how)
        else:
            self.people[whom or self.talker].asks(what, **how)
        self.obey()
        if self.call and self.call.talk and self.call.talk.agent is not None:
            self.talker = self.call.talk.agent

    def leg(self, what: str, which: int, code: int) -> None:
        """The cell says only what can be true: a leg that has answered does not answer again, and one that rings has no media."""
        legs = self.call.open_legs if self.call else ()
        if not legs or which >= len(legs):
            return
        leg = legs[which]
        if what == "ends":
            self.kari.event(t.LegEnded, leg=leg, code=code, by_us=False)
        elif what == "answers" and leg not in self.answered:
            self.answered.add(leg)
            self.kari.event(t.LegAnswered, leg=leg)
        elif what == "loses" and leg in self.answered:
            self.kari.event(t.MediaLost, leg=leg, seconds=1.0)
        elif what == "regains" and leg in self.answered:
            self.kari.event(t.MediaBack, leg=leg)

    def obey(self) -> None:
        """What the cell was told to hang up, it reports as ended."""
        while (call := self.call) and (wanted := {leg.leg for leg in self.company.told(t.HangUp, call.id)} & set(call.open_legs)):
            for leg in sorted(wanted):
                self.kari.event(t.LegEnded, leg=leg, code=200, by_us=True)

    def check(self) -> None:
        world = self.company.core.world
        call = self.call
        for agent in AGENTS:
            state = world.agent(agent)
            in_call = state.presence.status in ("offered", "connected")
            assert in_call == bool(state.call), f"{state.presence.status} and call {state.call!r}"
            owes = state.talked is not None and state.talked.queue == SUPPORT and state.talked.disposition is None
            assert not owes or state.presence.owes or state.presence.status == "connected", f"forgiven in {state.presence.status}"
            card = self.company.documents and self.company.board.get(f"agent:{agent}")
            assert card is None or (b'"card":null' not in card) == in_call
        if call is None or call.session.state == "ended":
            return
        assert self.heard(call), f"the customer hears nothing: {call.session}"
        assert len(call.open_legs) <= 4
        assert call.session.partner in ("", *call.open_legs) and call.session.consulted in ("", *call.open_legs)
        assert bool(call.talk) == (call.session.state in ("talking", "held", "consulting", "three_party", "lost"))
        assert not (call.consult and call.transfer)

    def heard(self, call: Call) -> bool:
        """Somebody, music, or a prompt of his flow."""
        edges = self.company.told(t.Mix, call.id)[-1].edges
        session = call.session
        voices = any(to == session.caller for _, to in edges) or session.muted or session.state == "talking"
        return bool(voices) or any(track.leg == session.caller for track in session.tracks) or bool(session.prompt)


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), st.lists(steps, min_size=6, max_size=25))
def test_nobody_is_forgotten_and_nothing_is_left_over(made, script):
    floor = Floor(made=made)
    for step in script:
        floor.does(*step)
        floor.check()
    if floor.call:
        floor.kari.event(t.LegEnded, leg=floor.call.session.caller, code=200, by_us=False)
        floor.obey()
    floor.check()
    world, facts = floor.company.core.world, floor.company.facts
    floor.company.passes(100)  # wrap-ups end
    assert not world.calls and world.timers.next() is None
    assert all(world.agent(agent).presence.status not in ("offered", "connected") for agent in AGENTS)
    for begun, over in ((v.ConsultBegan, v.ConsultEnded), (v.TransferBegan, v.TransferEnded), (v.HoldStarted, v.HoldEnded)):
        assert sum(type(fact) is begun for fact in facts) == sum(type(fact) is over for fact in facts), begun.__name__
    for begun, over in ((v.ConversationStarted, v.ConversationEnded), (v.LegStarted, v.LegFinished), (v.QueueEntered, v.QueueLeft)):
        assert sum(type(fact) is begun for fact in facts) == sum(type(fact) is over for fact in facts), begun.__name__
    (ended,) = (fact for fact in facts if type(fact) is v.CallEnded)
    has_flow = not made or any(type(fact) is v.TransferBegan and fact.kind == "flow" for fact in facts)
    assert ended.cause != "flow_ended" or has_flow, "dropped"
