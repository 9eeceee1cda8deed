"""Cells that die unseen: the switch asks now and then whether they are still there. (PF-08)"""

from apps.events import vocabulary as v
from apps.switch.restoring import REPORT_WAIT, ROLL_CALL
from apps.telephony import protocol as t
from tests.switch.company import Company


def a_talk() -> tuple[Company, str]:
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    anna.answers()
    return company, anna.call.session.cell


def test_a_cell_that_died_without_a_supervisor_is_missed_within_a_minute():
    company, cell = a_talk()
    company.dead_cells.add(cell)
    company.passes(ROLL_CALL + REPORT_WAIT)
    assert not company.core.world.calls
    assert company.agent().status == "wrap_up"
    assert [fact.cause for fact in company.of(v.CallEnded)] == ["recovered"]


def test_the_next_supervisor_brings_it_to_light_at_once():
    company, cell = a_talk()
    company.dead_cells.add(cell)
    company.tell(t.SupervisorBegan(machine="one", at=company.now))
    company.passes(REPORT_WAIT)
    assert not company.core.world.calls


def test_a_call_goes_on_for_hours_over_every_roll_call():
    company, _ = a_talk()
    company.passes(3 * 3600)
    assert company.agent().status == "connected"
    assert len(company.told(t.Report)) == 3 * 60
    assert not company.of(v.CallEnded)


def test_a_leg_that_is_dialled_while_the_cell_reports_is_not_missed():
    """The question and the Dial cross: the report tells which legs it was asked for."""
    company = Company()
    kari = company.caller().chooses("1")
    asked = kari.call.open_legs
    anna = company.agent()
    anna.logs_on()
    kari.event(t.CellReport, legs=tuple(t.LegStatus(leg, True) for leg in asked), asked=asked)
    assert anna.status == "offered"
    anna.answers()
    assert anna.status == "connected"
