"""A call that an agent made takes its dispositions from the queue of the caller id that it shows (decision 59)."""

import msgspec
import pytest

from apps.events import vocabulary as v
from apps.outbound.rules import CallerId, OutboundRules
from apps.queues.acd.state import Disposition
from apps.switch import board
from apps.switch import requests as r
from apps.switch.core import Configured
from apps.telephony import protocol as t
from tests.switch.calling_out import Calling, office, talking
from tests.switch.company import SUPPORT, Company

SOLD = Disposition(71, "Sold")
WITH_LIST, WITHOUT = 1, 2  # caller ids
RULES = OutboundRules(
    callers=(CallerId(WITH_LIST, "+4721000001", everybody=True, queue=SUPPORT), CallerId(WITHOUT, "+4721000002", everybody=True))
)


def company(*, required: bool = True, **changes: object) -> Company:
    return office(rules=RULES, queue={"dispositions": (SOLD,), "disposition_required": required}, **changes)


def chooses(calling: Calling) -> str:
    return calling.anna.asks(r.ChooseDisposition, call="out1", disposition=SOLD.id)


def test_it_is_chosen_while_she_talks_and_is_a_fact_of_the_call():
    calling = talking(Calling(company()))
    summary = calling.document.summary
    assert ([one.name for one in summary.dispositions], summary.required, summary.queue_name) == (["Sold"], True, "Support")
    assert chooses(calling) == ""
    (fact,) = calling.company.of(v.DispositionChosen, "out1")
    assert (fact.agent, fact.queue, fact.name) == (1, SUPPORT, "Sold")
    calling.over(1, 200)
    assert calling.anna.status == "ready"


@pytest.mark.parametrize("wrap_up", [False, True])
def test_where_the_queue_demands_it_the_wrap_up_does_not_end_before(wrap_up):
    """AS-02: also where calls out have no wrap-up."""
    calling = talking(Calling(company(wrap_up_out=wrap_up)))
    calling.over(1, 200)
    calling.company.passes(600)
    assert calling.anna.status == "wrap_up" and calling.document.owes
    assert (
        calling.anna.asks(r.BecomeReady) == calling.anna.asks(r.CallOut, call="o", cell="c", number="+4790000002") == "disposition_required"
    )
    assert chooses(calling) == "" and calling.anna.status == "ready"


def test_where_it_does_not_she_may_still_choose_until_her_next_conversation():
    calling = talking(Calling(company(required=False)))
    calling.over(1, 200)
    assert calling.anna.status == "ready" and chooses(calling) == ""


def test_a_number_without_a_list_asks_nothing():
    calling = Calling(company())
    calling.calls(caller_id=WITHOUT)
    calling.leg(t.LegAnswered, 2)
    calling.leg(t.LegAnswered, 1)
    assert not calling.document.summary.dispositions and chooses(calling) == "unknown_disposition"
    calling.over(1, 200)
    assert calling.anna.status == "ready"


@pytest.mark.parametrize("code", [486, 408, 603])
def test_a_call_that_nobody_answered_owes_nothing(code):
    calling = Calling(company())
    calling.calls()
    calling.leg(t.LegAnswered, 2)
    calling.over(1, code)
    assert calling.anna.status == "ready"


def test_whoever_gets_the_customer_owes_too():
    """TR-02: he has talked to him last."""
    calling = talking(Calling(company()))
    per = calling.company.agent(2)
    per.logs_on()
    calling.anna.asks(r.Transfer, to=r.Target("agent", 2))
    assert calling.anna.status == "wrap_up" and calling.document.owes
    calling.leg(t.LegAnswered, int(per.call.transfer.leg.removeprefix("out1-l")))
    calling.over(1, 200)
    document = msgspec.json.decode(calling.company.board[board.agent_topic(2)], type=board.AgentDocument)
    assert document.owes and [one.id for one in document.summary.dispositions] == [SOLD.id]


def test_a_list_that_is_taken_away_meanwhile_frees_her():
    """QU-17."""
    calling = talking(Calling(company()))
    calling.over(1, 200)
    assert calling.anna.status == "wrap_up"
    calling.company.tell(Configured(company(required=False).core.world.configuration))
    assert calling.anna.status == "ready"
