"""Cells that die unseen: the switch asks now and then whether they are still there. (PF-08)"""

from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch.restoring import REPORT_WAIT, ROLL_CALL
from apps.switch.state import Call
from apps.telephony import protocol as t
from apps.telephony.cell import mail
from tests.switch import calling_out
from tests.switch.company import NUMBER, Company, configuration, talks


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


# -- what was said to a cell, or by it, and got lost with Redis


def reports(company: Company, call: Call, *up: str) -> None:
    """The cell has all legs that the switch believes to be there; `up` have answered."""
    legs = tuple(t.LegStatus(leg, leg in up) for leg in call.open_legs)
    company.tell(t.CellReport(cell=call.session.cell, call=call.id, at=company.now, legs=legs, asked=call.open_legs))


def test_a_leg_that_has_answered_unheard_has_answered():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    leg = anna.call.offer.leg
    reports(company, kari.call, kari.call.session.caller)
    assert anna.status == "offered"
    reports(company, kari.call, kari.call.session.caller, leg)
    assert anna.status == "connected" and kari.call.talk.leg == leg
    reports(company, kari.call, kari.call.session.caller, leg)
    assert [fact.leg for fact in company.of(v.LegConnected)] == [kari.call.session.caller, leg], "each is told once"


def test_a_caller_whose_call_was_answered_unheard_goes_into_his_flow():
    company = Company()
    company.tell(t.LegArrived(cell="cell-c", call="c", at=company.now, leg="c-caller", caller="", dialled=NUMBER))
    reports(company, company.core.world.calls["c"], "c-caller")
    assert company.told(t.Play, "c") and company.core.world.calls["c"].session.state == "alone"


def test_whom_an_agent_calls_has_answered_unheard():
    company = calling_out.office()
    anna = company.agent()
    anna.logs_on()
    assert anna.asks(r.CallOut, call="out", cell="cell-out", number=calling_out.NUMBER) == ""
    reports(company, anna.call, "out-l2")
    assert company.told(t.Dial, "out")[-1].leg == "out-l1" and anna.call.talk is None
    reports(company, anna.call, "out-l2", "out-l1")
    assert anna.call.talk is not None


def test_a_phone_that_was_asked_whether_it_takes_the_call_has_not_said_so_by_being_there():
    settings = configuration()
    agents = {1: replace(settings.agents[1], confirms=True)}
    company = Company(replace(settings, agents=agents))
    anna = company.agent()
    anna.logs_on(phone="+4740000001")
    kari = company.caller().chooses("1")
    anna.answers()
    assert kari.call.offer.asked
    reports(company, kari.call, *kari.call.open_legs)
    assert anna.status == "offered"


def test_a_phone_that_is_to_ring_no_more_is_told_until_it_does():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    leg = kari.call.offer.leg
    anna.asks(r.RejectOffer, leg=leg)
    company.commands.clear()
    reports(company, kari.call, kari.call.session.caller)
    assert [command.leg for command in company.told(t.HangUp)] == [leg] and kari.call.place


def test_a_call_that_is_over_has_no_leg_left():
    company, _, kari = talks()
    kari.hangs_up()
    leg = kari.call.open_legs[0]
    company.commands.clear()
    reports(company, kari.call, leg)
    assert [command.leg for command in company.told(t.HangUp)] == [leg]
