"""A fault in the switch costs one call at the most: it is ended properly, nothing stays half done, and all others go on.

The faults are real ones: configuration that is broken in a way that nobody checks, and a memory that fails when it is told to.
"""

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch.core import Configured, Core, GatewaysSeen
from apps.switch.restoring import restore
from apps.switch.world import World
from apps.telephony import protocol as t
from tests.switch.company import NUMBER, Caller, Company, configuration
from tests.switch.test_nothing_is_lost import RandomDay


def ends(company: Company, call: str) -> list[str]:
    return [fact.cause for fact in company.of(v.CallEnded, call)]


def hung_up(company: Company, call: str) -> list[str]:
    return [command.leg for command in company.told(t.HangUp, call)]


def test_an_offer_that_fails_ends_its_call_and_logs_its_agent_off_and_the_next_agent_serves_the_others():
    """Its caller is told, the time line says why, and not one offer is left half made."""
    company = Company(configuration(ring_timeout=None))  # the offer's deadline cannot be computed, after it has been told already
    unlucky, sales = company.caller().chooses("1"), company.caller().chooses("2")
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    assert (ends(company, unlucky.id), hung_up(company, unlucky.id)) == (["error"], ["call1-caller"])
    assert company.of(v.QueueLeft, unlucky.id)[0].exit == "error"
    assert not company.of(v.OfferMade, unlucky.id) and not company.told(t.Dial, unlucky.id)
    assert (anna.status, company.of(v.PresenceChanged)[-1].reason) == ("logged_off", "error")
    per.logs_on()
    assert per.call.id == sales.id and ends(company, sales.id) == []


def test_a_call_that_cannot_be_ended_either_is_forgotten_and_its_agent_is_freed():
    company = Company(configuration(wrap_up="soon"))  # the agent's wrap-up cannot be computed
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    company.caller().chooses("1")
    anna.answers()
    per.logs_on()
    other = company.caller().chooses("2")
    per.answers()
    assert anna.asks(r.HangUpCall) == "no_call"
    assert anna.status == "ready" and "call1" not in company.core.world.calls
    assert [fact.by for fact in company.of(v.ConversationEnded, "call1")] == ["system"]
    assert ends(company, "call1") == ["error"]
    assert set(hung_up(company, "call1")) == {"call1-caller", "call1-l4"} and company.told(t.Retire, "call1")
    assert {leg.leg for leg in company.of(v.LegFinished, "call1")} == {"call1-caller", "call1-l4"}
    assert per.status == "connected" and other.call.talk and hung_up(company, other.id) == []


def test_what_happened_to_the_call_that_failed_is_still_handled():
    """The caller has hung up already: his leg is over, so the call is gone with its last leg."""
    company = Company(configuration(wrap_up="soon"))
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    kari.hangs_up()
    assert kari.id not in company.core.world.calls and anna.status == "ready"
    assert (ends(company, kari.id), company.told(t.Retire, kari.id) != []) == (["error"], True)


def test_a_call_that_cannot_even_begin_is_refused():
    company = Company(replace(configuration(), numbers={NUMBER: "not a number's row"}))
    company.caller()
    assert [(command.leg, command.code) for command in company.told(t.HangUp)] == [("call1-caller", 500)]
    assert [fact.dialled for fact in company.of(v.CallArrived)] == ["80012345"] and ends(company, "call1") == ["error"]


def test_a_request_that_fails_changes_nothing_and_its_page_is_told():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    company.tell(Configured(replace(configuration(), pause_reasons=None)))
    facts = len(company.facts)
    assert anna.asks(r.Pause, reason="Lunch") == "fault"
    assert (anna.status, len(company.facts), ends(company, kari.id)) == ("connected", facts, [])


def test_a_deadline_that_fails_ends_its_call_and_comes_once():
    company = Company(configuration(rules=AgentRules(no_answer_seconds="a while")))
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    company.passes(21)
    assert ends(company, kari.id) == ["error"] and anna.status == "ready"


def test_configuration_that_fails_is_not_taken():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.tell(Configured(replace(configuration(), acd=None)))
    company.caller().chooses("1")
    assert anna.status == "offered"


def test_while_the_distribution_fails_calls_are_handled_all_the_same():
    """It fails for everybody: no call may pay for that."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    state = company.core.world.agents[1]
    broken = replace(state, presence=replace(state.presence, last_offer="yesterday"))
    restore(company.core.world, company.now, (), [broken], {})
    kari, per = company.caller().chooses("1"), company.caller().chooses("1")
    assert kari.call.place and per.call.place and anna.status == "ready"
    kari.hangs_up()
    assert (ends(company, kari.id), ends(company, per.id)) == (["caller_hung_up"], [])
    assert anna.asks(r.LogOff) == ""
    company.agent(2).logs_on()
    assert per.call.offer


class FailingWorld(World):
    """Fails at the `after`-th thing that is to be remembered or told from now on, and at the next ones, `times` in all."""

    after, times = 0, 0

    def _fail(self) -> None:
        self.after -= 1
        if self.times and self.after < 0:
            call = self.calls.get(self.subject.call)
            self.times = 0 if call and call.session.state == "ended" else self.times - 1  # it can only be forgotten: the last resort
            raise LookupError("injected")

    def put(self, *args, **changes):
        self._fail()
        return super().put(*args, **changes)

    def put_agent(self, *args, **changes):
        self._fail()
        return super().put_agent(*args, **changes)

    def fact(self, *facts) -> None:
        self._fail()
        super().fact(*facts)

    def command(self, *commands) -> None:
        self._fail()
        super().command(*commands)


def test_a_fault_in_the_end_of_a_rest_does_not_make_it_last_for_ever():
    """AS-03: what was due is tried again a second later."""
    company = Company()
    world = FailingWorld(company.core.world.configuration)
    company.core.world = company.documents._world = world
    company.tell(GatewaysSeen({"gw": "127.0.0.1:9"}))
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    anna.asks(r.RejectOffer, leg=anna.call.offer.leg)
    world.times = 1
    company.passes(10)
    assert anna.status == "busy"
    company.passes(1)
    assert anna.status == "offered"


class RandomDayWithFaults(RandomDay):
    """All that must hold on a day without faults holds on one with them."""

    def __init__(self) -> None:
        super().__init__()
        self._make_fail(self.company.core)

    def _make_fail(self, core: Core) -> None:
        core.world = self.company.documents._world = FailingWorld(core.world.configuration)
        core.handle(GatewaysSeen({"gw": "127.0.0.1:9"}), self.company.now)

    @rule(digit=st.sampled_from("12"))
    def somebody_calls_and_chooses(self, digit: str) -> None:
        """As far as he gets."""
        self.somebody_calls()
        for step in (Caller.hears_all, partial(Caller.presses, digit=digit)):
            if self.callers[-1] in self.on_line():
                step(self.callers[-1])

    @invariant()
    def nobody_waits_beside_a_free_agent(self) -> None:
        """After the next look at the clock, as each step of the switch ends with one: an agent who was sent home frees the way."""
        self.company.take(self.company.core.pass_time(self.company.now))
        super().nobody_waits_beside_a_free_agent()

    @rule(after=st.integers(0, 15), times=st.integers(1, 2))
    def something_will_fail(self, after: int, times: int) -> None:
        if isinstance(self.company.core.world, FailingWorld):  # not any more once the switch was killed
            self.company.core.world.after, self.company.core.world.times = after, times


TestRandomDayWithFaults = RandomDayWithFaults.TestCase
TestRandomDayWithFaults.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
