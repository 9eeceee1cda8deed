"""Whole days in virtual time, and the journals they leave: any change of what becomes a fact shows as a difference here.

`UPDATE_GOLDEN=1 pytest tests/scenarios` writes the journals anew; read the difference before you commit it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from apps.accounts.presence import AgentRules
from apps.switch import requests as r
from apps.switch.core import DayBegan
from apps.telephony import protocol as t
from tests.switch.company import Company, configuration, flow

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def an_ordinary_morning() -> Company:
    """Two agents, three callers: answered at once, waited for, given up."""
    company = Company()
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    kari = company.caller("+4790000001")
    company.passes(4)
    kari.chooses("1")
    company.passes(3)
    anna.answers()
    nils = company.caller("+4790000002").chooses("2")
    eva = company.caller("+4790000003").chooses("1")
    company.passes(25)
    eva.hangs_up()
    per.logs_on()
    company.passes(2)
    per.answers()
    company.passes(40)
    anna.asks(r.Hold, on=True)
    company.passes(15)
    anna.asks(r.Hold, on=False)
    company.passes(5)
    anna.asks(r.HangUpCall)
    kari.hangs_up()
    nils.hangs_up()
    company.passes(60)
    return company


def a_difficult_afternoon() -> Company:
    """Rejected, unanswered, a broken phone, a lost page, a lost cell, the longest wait, and midnight."""
    rules = AgentRules(log_off_after_unanswered=2, log_off_at_midnight=True)
    company = Company(configuration(flow(maximum_wait=5, no_agents=5), rules, maximum_wait=120.0))
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    per.logs_on(pause="Lunch")
    kari = company.caller().chooses("1")
    anna.asks(r.RejectOffer, leg=kari.call.offer.leg)
    company.passes(10)
    company.passes(20)
    per.asks(r.BecomeReady)
    per.answers()
    per.asks(r.SoftphoneDown, connection="page2")
    company.passes(12)
    per.comes_back()
    company.passes(5)
    company.tell(t.CellLost(cell=kari.call.session.cell, call=kari.id, at=company.now))
    waiting = company.caller("+4790000002").chooses("1")
    company.passes(60)
    assert waiting.call
    per.asks(r.Pause, reason="Meeting")
    company.passes(120)
    company.tell(DayBegan())
    company.passes(60)
    return company


@pytest.mark.parametrize("day", [an_ordinary_morning, a_difficult_afternoon], ids=lambda day: day.__name__)
def test_the_journal_of_a_day_is_as_it_was(day: Callable[[], Company]):
    """AS-05, AL-01, AL-02, IV-05, QU-06, QU-08, QU-14, TR-05, SP-07"""
    journal = "".join(msgspec.json.encode(fact).decode() + "\n" for fact in day().facts)
    golden = GOLDEN / f"{day.__name__}.jsonl"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(journal)
    assert journal == golden.read_text()
