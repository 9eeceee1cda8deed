"""An administrator's test call has its own clock, and may run a draft that no caller gets (IV-07)."""

import pytest

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.telephony import protocol as t
from tests.switch.company import NUMBER, Company, flow


def arrives(company: Company, mark: str, dialled: str = NUMBER) -> v.CallArrived:
    company.tell(t.LegArrived(cell="cell-test", call="test", at=company.now, leg="test-caller", caller="", dialled=dialled, test=mark))
    (arrived,) = company.of(v.CallArrived, "test")
    return arrived


def test_a_call_at_another_time_has_its_clock_from_the_beginning():
    company = Company()
    arrives(company, "abc;shift=-3600")
    assert company.core.world.calls["test"].run.shift == -3600


def test_a_draft_is_run_by_its_test_call_and_by_nobody_else():
    """Also by a number that leads nowhere yet: a draft need not have one."""
    company = Company()
    draft = flow(version=77)
    company.tell(r.TestDraft(graph=draft))
    arrived = arrives(company, "abc;draft=77", dialled="+4799999999")
    assert (arrived.flow_version, arrived.test, arrived.access_number) == (77, True, None)
    assert company.core.world.calls["test"].run.version == 77
    assert company.told(t.Answer, "test")
    kari = company.caller()
    assert kari.call.run.version == 1


def test_the_newest_content_of_a_draft_is_run():
    company = Company()
    company.tell(r.TestDraft(graph=flow(version=77)))
    company.tell(r.TestDraft(graph=flow(version=77, no_agents=5)))
    arrives(company, "abc;draft=77")
    assert company.core.world.graphs[77].steps[3].exits == {"no_agents": 5}


def test_a_draft_that_the_switch_has_not_got_is_refused_instead_of_running_something_else():
    company = Company()
    arrives(company, "abc;draft=78")
    assert not company.told(t.Answer, "test")
    assert company.told(t.HangUp, "test")[0].code == 480


@pytest.mark.parametrize("mark", [t.TestMark("abc"), t.TestMark("abc", 86_400.0), t.TestMark("abc", -5.0, 12), t.TestMark("abc", draft=3)])
def test_a_mark_is_read_as_it_was_written(mark):
    assert t.TestMark.decode(mark.encode()) == mark


@pytest.mark.parametrize("text", ["abc;shift=x;draft=;;=", "abc;shift=1e9;draft=1.5", "abc;shift", "abc;other=1"])
def test_what_a_mark_does_not_understand_counts_as_not_said(text):
    assert t.TestMark.decode(text) == t.TestMark("abc")
