"""Calls that the system makes itself: they begin with a leg to whom it calls."""

import pytest
from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.flows.errands import RECORD_PROMPT
from apps.switch import requests as r
from apps.switch.restoring import REPORT_WAIT
from apps.telephony import protocol as t
from tests.switch.company import Caller, Company, configuration

NUMBER, LEG = "+4790000009", "placed-l1"


def office(**changes) -> Company:
    keys = ("record_after_tone", "beep", "keep_or_again")
    sounds = {"prompts": {1: {"nb": "/a.wav"}}, "system_sounds": dict.fromkeys(keys, 1)}
    return Company(replace(configuration(), **sounds | changes))


def places(company: Company, number: str = NUMBER, cell: str = "cell-placed") -> str:
    """The code of the answer; empty: it is done."""
    wish = r.PlaceCall(reply_to="page", call="placed", cell=cell, number=number, errand=RECORD_PROMPT, language="nb")
    company.tell(wish)
    return company.replies["page"]


class Called(Caller):
    """Whom the system calls."""

    def event(self, kind: type, **fields: object) -> None:
        fields = {name: LEG if name == "leg" else value for name, value in fields.items()}
        super().event(kind, **fields)

    def answers(self) -> None:
        self.event(t.LegAnswered, leg=LEG)


@pytest.fixture
def company() -> Company:
    return office()


@pytest.fixture
def anna(company) -> Called:
    assert places(company) == ""
    return Called(company, "placed", NUMBER)


def test_the_leased_cell_dials_over_the_trunk(company, anna):
    (dial,) = company.told(t.Dial)
    assert (dial.call, dial.leg, dial.uri) == ("placed", LEG, "sip:+4790000009@operator.example;transport=udp")
    assert company.commands[0][0] == "cell-placed"
    arrived = company.of(v.CallArrived)[0]
    assert (arrived.placed, arrived.caller, arrived.dialled, arrived.access_number) == (True, NUMBER, "+4722000000", None)
    assert not company.told(t.Play)


def test_the_flow_begins_with_the_answer_and_goes_to_its_end(company, anna):
    """AU-02"""
    anna.answers()
    assert company.told(t.Play)[0].files == ("/a.wav", "/a.wav")
    anna.hears_all()
    record = company.told(t.Record)[-1]
    assert (record.left, record.right) == ((LEG,), ()) and company.of(v.RecordingBegan)[0].tape == "prompt"
    company.passes(4)
    anna.presses("#")
    anna.event(t.RecordingStopped, recording=record.recording, path=record.path, seconds=4.0)
    anna.presses("1")
    assert company.of(v.PromptRecorded)[0].recording == record.recording
    assert [hang_up.leg for hang_up in company.told(t.HangUp)] == [LEG]
    anna.event(t.LegEnded, leg=LEG, code=200, by_us=True)
    assert "placed" not in company.core.world.calls and company.told(t.Retire)


@pytest.mark.parametrize("code", [486, 408, 503])
def test_whoever_does_not_answer_ends_the_call(company, anna, code):
    anna.event(t.LegEnded, leg=LEG, code=code, by_us=False)
    assert company.of(v.LegFinished)[0].code == code and company.of(v.CallEnded)
    assert not company.of(v.StepEntered) and company.told(t.Retire)


def test_without_a_trunk_or_a_number_nothing_is_dialled(company):
    assert places(office(outbound=None)) == "no_trunk"
    assert places(company, number="nonsense") == "no_trunk"
    assert not company.told(t.Dial)


def test_a_cell_that_is_not_there_any_more_ends_the_call(company):
    company.dead_cells.add("cell-placed")
    places(company)
    company.passes(2 * REPORT_WAIT)
    assert company.of(v.CallEnded)[0].cause == "recovered"


def test_an_errand_that_is_not_known_is_a_fault_and_leaves_nothing_behind(company):
    company.tell(r.PlaceCall(reply_to="page", call="placed", cell="c", number=NUMBER, errand="rob_a_bank", language="nb"))
    assert company.replies["page"] == "fault"
    assert "placed" not in company.core.world.calls and not company.told(t.Dial)
