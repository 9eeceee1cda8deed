"""The whole switch under random days: whatever callers and agents do, in any order, the rules that must never break hold."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.events import vocabulary as v
from apps.switch import agent_phones
from apps.switch import requests as r
from apps.switch.core import Core, GatewaysSeen
from apps.switch.restoring import restore
from apps.telephony import protocol as t
from tests.switch.company import Caller, Company, configuration, flow

AGENTS = st.integers(1, 3)
DIGITS = st.sampled_from("1293#")


class RandomDay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        graph = flow(no_agents=5, maximum_wait=5, full=5, answered=5)
        self.company = Company(configuration(graph, maximum_callers=3, maximum_wait=90.0))
        self.callers: list[Caller] = []

    def on_line(self) -> list[Caller]:
        return [caller for caller in self.callers if caller.id in self.company.core.world.calls]

    def one(self, place: int) -> Caller:
        return self.on_line()[place % len(self.on_line())]

    # Whole steps of a day come first: single events alone would seldom get a caller as far as a conversation.

    @initialize(agents=st.integers(0, 3), callers=st.integers(0, 3))
    def the_day_has_begun(self, agents: int, callers: int) -> None:
        for agent in range(1, agents + 1):
            self.agent_begins_work(agent)
        for _ in range(callers):
            self.somebody_calls_and_chooses("1")

    @rule(agent=AGENTS)
    def agent_begins_work(self, agent: int) -> None:
        self.company.agent(agent).logs_on()
        self.company.agent(agent).asks(r.BecomeReady)

    @precondition(lambda self: len(self.on_line()) < 6)
    @rule(digit=st.sampled_from("12"))
    def somebody_calls_and_chooses(self, digit: str) -> None:
        self.somebody_calls()
        self.callers[-1].chooses(digit)

    @precondition(lambda self: any(caller.call.offer for caller in self.on_line()))
    @rule(place=st.integers(0, 9))
    def a_ringing_phone_is_answered(self, place: int) -> None:
        ringing = [caller for caller in self.on_line() if caller.call.offer]
        caller = ringing[place % len(ringing)]
        caller.event(t.LegAnswered, leg=caller.call.offer.leg)

    @rule(agent=AGENTS, ready=st.booleans())
    def page_opens(self, agent: int, ready: bool) -> None:
        self.company.agent(agent).opens_page(ready)

    @rule(agent=AGENTS, left=st.booleans())
    def page_closes(self, agent: int, left: bool) -> None:
        self.company.agent(agent).asks(r.SoftphoneDown, connection=f"page{agent}", left=left)

    @rule(agent=AGENTS)
    def page_has_its_audio_back(self, agent: int) -> None:
        call = self.company.core.world.calls.get(self.company.core.world.agent(agent).call)
        if call and call.talk:
            self.company.agent(agent).asks(r.MediaAttached, connection=f"page{agent}", leg=call.talk.leg)

    @rule(agent=AGENTS, pause=st.sampled_from(["", "Lunch"]), phone=st.sampled_from(["softphone", "+4741000000"]))
    def agent_logs_on(self, agent: int, pause: str, phone: str) -> None:
        self.company.agent(agent).asks(r.LogOn, profile=1, pause=pause, phone=phone)

    @rule(agent=AGENTS, what=st.sampled_from([r.LogOff, r.BecomeReady, r.HangUpCall, r.ExtendWrapUp]))
    def agent_asks(self, agent: int, what: type) -> None:
        self.company.agent(agent).asks(what)

    @rule(agent=AGENTS, what=st.sampled_from([r.Hold, r.Mute, r.SetRecording, r.MaskRecording]), on=st.booleans())
    def agent_switches(self, agent: int, what: type, on: bool) -> None:
        self.company.agent(agent).asks(what, on=on)

    @rule(agent=AGENTS)
    def agent_pauses(self, agent: int) -> None:
        self.company.agent(agent).asks(r.Pause, reason="Lunch")

    def somebody_calls(self) -> None:
        self.callers.append(self.company.caller(f"+47900000{len(self.callers):02d}"))

    @precondition(lambda self: self.on_line())
    @rule(place=st.integers(0, 9), digit=DIGITS)
    def caller_presses(self, place: int, digit: str) -> None:
        self.one(place).presses(digit)

    @precondition(lambda self: self.on_line())
    @rule(place=st.integers(0, 9))
    def a_playback_ends(self, place: int) -> None:
        caller = self.one(place)
        if caller.call.session.prompt:
            caller.hears_all()

    @precondition(lambda self: self.on_line())
    @rule(place=st.integers(0, 9))
    def caller_hangs_up(self, place: int) -> None:
        self.one(place).hangs_up()

    @precondition(lambda self: self.on_line())
    @rule(place=st.integers(0, 9), leg=st.integers(0, 9), kind=st.sampled_from(["answered", 486, 408, 480, 500, 200]))
    def something_happens_to_a_leg(self, place: int, leg: int, kind: str | int) -> None:
        """Of the agent's side; also of legs that were taken back meanwhile."""
        caller = self.one(place)
        others = [name for name in caller.call.open_legs if name != caller.call.session.caller]
        if not others:
            return
        name = others[leg % len(others)]
        if kind == "answered":
            caller.event(t.LegAnswered, leg=name)
        else:
            caller.event(t.LegEnded, leg=name, code=kind, by_us=False)

    @precondition(lambda self: self.on_line())
    @rule(place=st.integers(0, 9), kind=st.sampled_from([t.MediaBack, "lost", "cell"]))
    def media_come_and_go(self, place: int, kind: type | str) -> None:
        caller = self.one(place)
        leg = caller.call.session.partner or caller.call.session.caller
        if kind == "cell":
            self.company.tell(t.CellLost(cell=caller.call.session.cell, call=caller.id, at=self.company.now))
        elif kind == "lost":
            caller.event(t.MediaLost, leg=leg, seconds=3.0)
        else:
            caller.event(t.MediaBack, leg=leg)

    @rule(seconds=st.sampled_from([0.5, 5, 10, 20, 31, 100]))
    def time_goes_by(self, seconds: float) -> None:
        self.company.passes(seconds)

    @rule()
    def the_switch_is_killed_and_started_again(self) -> None:
        """PF-08, QU-16: from what stands in the snapshots, the new one goes on as the old one would have."""
        old = self.company.core.world
        core = Core(old.configuration)
        core.handle(GatewaysSeen(old.gateways), self.company.now)
        restore(core.world, self.company.now, list(old.calls.values()), list(old.agents.values()), old.graphs)
        self.company.core = core
        self.company.take(core.world.take_outcome())

    @invariant()
    def one_agent_has_one_call_at_the_most(self) -> None:
        """QU-07"""
        world = self.company.core.world
        taken = [call.offer.agent for call in world.calls.values() if call.offer]
        taken += [call.talk.agent for call in world.calls.values() if call.talk and call.talk.agent is not None]
        assert len(taken) == len(set(taken))
        in_call = {agent for agent, state in world.agents.items() if state.presence.status in ("offered", "connected")}
        assert in_call == set(taken)

    @invariant()
    def who_waits_stands_in_his_queue(self) -> None:
        world = self.company.core.world
        standing = {call.id for call in world.calls.values() if call.place}
        assert standing == {request.id for queue in world.configuration.acd.queues for request in world.engine.waiting(queue)}

    @rule(name=st.sampled_from(["", "gw"]))
    def a_gateway_comes_or_goes(self, name: str) -> None:
        self.company.tell(GatewaysSeen({name: "127.0.0.1:9"} if name else {}))

    @invariant()
    def nobody_waits_beside_a_free_agent(self) -> None:
        """QU-15; one whose softphone is waited for is not free."""
        world = self.company.core.world
        waits = [call for call in world.calls.values() if call.place and not call.offer]
        ready = [agent for agent, state in world.agents.items() if state.presence.status == "ready" and state.away_until is None]
        assert not waits or not ready

    @invariant()
    def nobody_waits_where_nobody_is_logged_on(self) -> None:
        """QU-08"""
        world = self.company.core.world
        assert not [call for call in world.calls.values() if call.place and world.engine.unserved(call.place.queue)]

    @invariant()
    def who_can_be_reached_is_not_waited_for(self) -> None:
        world = self.company.core.world
        waited_for = [agent for agent, state in world.agents.items() if state.away_until is not None]
        assert not [agent for agent in waited_for if agent_phones.reachable(world, agent)]

    @invariant()
    def what_begins_ends_once(self) -> None:
        """Every offer, stay in a queue, conversation and call that is over has one end; the others none."""
        company, world = self.company, self.company.core.world
        offered = sum(call.offer is not None for call in world.calls.values())
        assert len(company.of(v.OfferMade)) == len(company.of(v.OfferEnded)) + offered
        talking = sum(call.talk is not None for call in world.calls.values())
        assert len(company.of(v.ConversationStarted)) == len(company.of(v.ConversationEnded)) + talking
        live = sum(call.session.state != "ended" for call in world.calls.values())
        assert len(company.of(v.CallArrived)) == len(company.of(v.CallEnded)) + live

    @invariant()
    def the_tally_of_agents_is_right(self) -> None:
        world = self.company.core.world
        for queue, tally in world.tally.items():
            counted = [state.presence.status for agent, state in world.agents.items() if queue in world.engine.serving(agent)]
            assert {status: number for status, number in tally.items() if number} == {s: counted.count(s) for s in set(counted)}


TestRandomDay = RandomDay.TestCase
TestRandomDay.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
