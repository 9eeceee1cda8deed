"""Cells that die unseen: the switch asks now and then whether they are still there. (PF-08)"""

from apps.events import vocabulary as v
from apps.switch.restoring import REPORT_WAIT, ROLL_CALL
from apps.telephony import protocol as t
from apps.telephony.cell import mail
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
    company.passes(ROLL_CALL + 2 * REPORT_WAIT)
    assert not company.core.world.calls
    assert company.agent().status == "wrap_up"
    assert [fact.cause for fact in company.of(v.CallEnded)] == ["recovered"]


def test_the_next_supervisor_brings_it_to_light_at_once():
    company, cell = a_talk()
    company.dead_cells.add(cell)
    company.tell(t.SupervisorBegan(machine="one", at=company.now))
    company.passes(2 * REPORT_WAIT)
    assert not company.core.world.calls


def test_a_cell_that_answers_the_second_question_keeps_its_call():
    """The first one, or its answer, was lost with what Redis had."""
    company, cell = a_talk()
    company.dead_cells.add(cell)
    company.passes(ROLL_CALL + REPORT_WAIT - 0.1)
    company.dead_cells.discard(cell)
    company.passes(ROLL_CALL)
    assert company.agent().status == "connected" and not company.of(v.CallEnded)


def test_a_cell_that_is_given_up_is_told_to_end_should_it_live_all_the_same():
    """Else its caller and its agent would sit in silence, in a call that nobody knows."""
    company, cell = a_talk()
    legs = company.agent().call.open_legs
    company.dead_cells.add(cell)
    company.tell(t.SupervisorBegan(machine="one", at=company.now))
    before = len(company.commands)
    company.passes(2 * REPORT_WAIT)
    told = [command for to, command in company.commands[before:] if to == cell]
    assert [type(command) for command in told] == [t.Report, *[t.HangUp] * len(legs), t.Retire]
    assert {command.leg for command in told if isinstance(command, t.HangUp)} == set(legs)


def test_a_cell_that_was_given_up_and_reports_much_later_is_told_again():
    """Its commands are kept for a minute."""
    company, cell = a_talk()
    call = company.agent().call
    company.dead_cells.add(cell)
    company.passes(ROLL_CALL + 2 * REPORT_WAIT)
    before = len(company.commands)
    company.tell(t.CellReport(cell=cell, call=call.id, at=company.now, legs=(t.LegStatus(call.session.caller, True),)))
    assert company.commands[before:] == [(cell, t.Retire(call=call.id))]


def test_a_cell_has_more_time_to_answer_than_it_takes_to_notice_that_its_connection_is_dead():
    assert REPORT_WAIT > mail.ANSWER_SECONDS + mail.AGAIN_SECONDS


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
