"""The last moment of ringing (QU-06): who has answered in time has the call, however late his cell says so; and nobody waits for a cell."""

import pytest

from apps.events import vocabulary as v
from apps.switch.offering import LAST_WORD, LATE
from apps.telephony import protocol as t
from tests.switch.company import AgentPerson, Caller, Company
from tests.switch.passing import Desk
from tests.switch.test_passing_on_races import restarted

RINGS = 20.0  # the queue's ringing time-out, in seconds


class Ringing:
    """A caller is offered to Per, whose phone rings; from now on the test says what his cell says."""

    def __init__(self, *, rings_after: float | None = 0.0) -> None:
        self.desk = Desk()
        self.company.phones_ring = False
        self.nils: Caller = self.company.caller("+4790000021").chooses("1")
        self.leg = self.nils.call.offer.leg
        self.company.dead_cells.add(f"cell-{self.nils.id}")
        if rings_after is not None:
            self.company.passes(rings_after)
            self.nils.event(t.LegRinging, leg=self.leg)

    @property
    def company(self) -> Company:
        return self.desk.company

    @property
    def per(self) -> AgentPerson:
        return self.desk.per

    @property
    def told(self) -> list[bool]:
        """Of each HangUp of his leg, whether it is for a leg that nobody has answered."""
        return [command.unless_answered for command in self.company.told(t.HangUp, self.nils.id) if command.leg == self.leg]

    @property
    def results(self) -> list[str]:
        return [fact.result for fact in self.company.of(v.OfferEnded, self.nils.id)]


def test_who_has_answered_in_the_last_moment_has_the_call():
    it = Ringing()
    it.company.passes(RINGS + 0.5)
    assert it.told == [True] and it.per.status == "offered" and it.results == []
    it.nils.event(t.LegAnswered, leg=it.leg)
    assert it.per.status == "connected" and it.results == ["answered"]
    it.company.passes(RINGS)
    assert it.per.status == "connected" and it.told == [True]


def test_who_has_not_is_free_as_soon_as_his_cell_says_so():
    it = Ringing()
    it.company.passes(RINGS + 0.1)
    it.nils.event(t.LegEnded, leg=it.leg, code=487, by_us=True)
    assert it.per.status == "no_answer" and it.results == ["no_answer"]


def test_a_cell_that_says_nothing_is_not_waited_for():
    it = Ringing()
    it.company.passes(RINGS + LAST_WORD - 0.01)
    assert it.results == []
    it.company.passes(0.02)
    assert it.per.status == "no_answer" and it.results == ["no_answer"] and it.told == [True, False]
    it.nils.event(t.LegAnswered, leg=it.leg)
    assert it.per.status == "no_answer" and it.nils.call.place, "it has been told that his time is over"


def test_a_cell_that_could_not_be_asked_for_an_outage_has_all_its_time_afterwards():
    it = Ringing()
    it.company.passes(RINGS + 0.5)
    company = it.company
    company.now += 60.0  # Redis is away
    company.core.sent_late(company.now)
    company.passes(LAST_WORD - 0.1)
    assert it.results == []
    it.nils.event(t.LegAnswered, leg=it.leg)
    assert it.per.status == "connected" and it.results == ["answered"]


def test_a_switch_that_starts_anew_in_that_moment_does_as_the_one_before_it():
    it = Ringing()
    it.company.passes(RINGS + 0.5)
    restarted(it.desk)
    assert it.per.status == "offered"
    it.desk.company.passes(LAST_WORD)
    assert it.per.status == "no_answer"


def test_a_caller_who_hangs_up_in_that_moment_costs_the_agent_nothing():
    it = Ringing()
    it.company.passes(RINGS + 0.5)
    it.nils.hangs_up()
    assert it.per.status == "ready" and it.results == ["caller_gone"]


@pytest.mark.parametrize(("after", "late"), [(0.0, 0.0), (0.5, 0.5), (LATE, LATE), (LATE + 5, LATE), (None, 0.0)])
def test_the_ringing_time_is_counted_from_the_ringing_but_no_caller_waits_long_for_a_cell(after, late):
    it = Ringing(rings_after=after)
    if after is not None:
        it.nils.event(t.LegRinging, leg=it.leg)  # that is no news, and no more time
    it.company.passes(RINGS + late - (after or 0.0) - 0.01)
    assert it.told == []
    it.company.passes(0.02)
    assert it.told == [True]
