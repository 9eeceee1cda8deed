"""An agent says how his call went: during it, afterwards, and where the queue demands it before his wrap-up ends."""

import msgspec
import pytest

from apps.events import vocabulary as v
from apps.queues.acd.state import Disposition
from apps.switch import board, restoring, watching
from apps.switch import requests as r
from apps.switch.configuration import Configuration
from apps.switch.core import Configured
from apps.telephony import protocol as t
from tests.switch.company import SUPPORT, AgentPerson, Caller, Company, configuration
from tests.switch.passing import PER, Desk

SOLD, NOT_SOLD = Disposition(71, "Sold"), Disposition(72, "Not sold")


def settings(**queue: object) -> Configuration:
    return configuration(**{"dispositions": (SOLD, NOT_SOLD), "disposition_required": True} | queue)


def given_talk(**queue: object) -> tuple[Company, AgentPerson, Caller]:
    company = Company(settings(**queue))
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    return company, anna, kari


def given_wrap_up(**queue: object) -> tuple[Company, AgentPerson, Caller]:
    company, anna, kari = given_talk(**queue)
    kari.hangs_up()
    assert anna.status == "wrap_up"
    return company, anna, kari


def shown(company: Company, agent: int = 1) -> board.AgentDocument:
    return msgspec.json.decode(company.board[board.agent_topic(agent)], type=board.AgentDocument)


def chooses(anna: AgentPerson, kari: Caller, disposition: Disposition = SOLD) -> str:
    return anna.asks(r.ChooseDisposition, call=kari.id, disposition=disposition.id)


def test_what_is_chosen_is_a_fact_and_on_the_page():
    company, anna, kari = given_talk()
    assert chooses(anna, kari) == ""
    (fact,) = company.of(v.DispositionChosen)
    assert (fact.call, fact.agent, fact.queue, fact.disposition, fact.name) == (kari.id, 1, SUPPORT, SOLD.id, "Sold")
    summary = shown(company).summary
    assert summary and (summary.call, summary.disposition, summary.required) == (kari.id, SOLD.id, True)
    assert [one.name for one in summary.dispositions] == ["Sold", "Not sold"]


def test_ready_is_refused_with_the_reason_until_it_is_chosen():
    """AS-02."""
    company, anna, kari = given_wrap_up()
    assert shown(company).owes
    assert anna.asks(r.BecomeReady) == "disposition_required"
    assert anna.asks(r.Pause, reason="Lunch") == "disposition_required"
    assert anna.asks(r.LogOff) == "disposition_required"
    assert chooses(anna, kari) == ""
    assert not shown(company).owes
    assert anna.asks(r.BecomeReady) == ""
    assert anna.status == "ready"


def test_no_call_is_offered_after_the_time_of_the_wrap_up_until_it_is_chosen():
    """AS-01, AS-02."""
    company, anna, kari = given_wrap_up()
    company.passes(600)
    ola = company.caller("+4790000002").chooses("1")
    assert anna.status == "wrap_up" and ola.call.offer is None
    assert chooses(anna, kari) == ""
    assert ola.call.offer is not None


def test_what_was_chosen_during_the_call_is_owed_no_more():
    company, anna, kari = given_talk()
    chooses(anna, kari)
    kari.hangs_up()
    assert not shown(company).owes
    assert anna.asks(r.BecomeReady) == ""


def test_he_may_change_his_mind_and_saying_the_same_again_is_no_news():
    company, anna, kari = given_wrap_up()
    for disposition in (SOLD, SOLD, NOT_SOLD):
        assert chooses(anna, kari, disposition) == ""
    assert [fact.name for fact in company.of(v.DispositionChosen)] == ["Sold", "Not sold"]


def test_he_may_say_it_when_he_is_ready_again_and_until_his_next_conversation():
    company, anna, kari = given_wrap_up(disposition_required=False)
    anna.asks(r.BecomeReady)
    assert chooses(anna, kari) == ""
    assert anna.status == "ready"
    company.caller("+4790000002").chooses("1")
    assert chooses(anna, kari, NOT_SOLD) == ""
    anna.answers()
    assert chooses(anna, kari) == ""
    anna.asks(r.HangUpCall)
    assert chooses(anna, kari) == "no_call"


def test_only_of_his_own_call_and_only_what_its_queue_has():
    company, anna, kari = given_talk()
    per = company.agent(2)
    per.logs_on()
    assert chooses(per, kari) == "no_call"
    assert chooses(anna, kari, Disposition(99, "Of another queue")) == "unknown_disposition"
    assert company.of(v.DispositionChosen) == []


@pytest.mark.parametrize(
    "queue", [{"disposition_required": False}, {"dispositions": ()}], ids=["not required", "required, but there is nothing to choose"]
)
def test_nothing_is_owed_where_nothing_is_demanded_or_can_be_given(queue):
    company, anna, _ = given_wrap_up(**queue)
    assert not shown(company).owes
    company.passes(30)
    assert anna.status == "ready"


@pytest.mark.parametrize("queue", [{"disposition_required": False}, {"dispositions": ()}])
def test_whoever_owes_what_is_not_demanded_any_more_is_let_go(queue):
    """QU-17: new configuration is for running wrap-ups, too."""
    company, anna, _ = given_wrap_up()
    company.passes(60)
    company.tell(Configured(settings(**queue)))
    assert anna.status == "ready"


@pytest.fixture
def returning() -> Desk:
    """Anna's transfer to Per failed, and her customer rings her out of the wrap-up that owes."""
    desk = Desk(dispositions=(SOLD, NOT_SOLD), disposition_required=True)
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    desk.over(desk.b, 486)
    assert desk.anna.status == "offered"
    return desk


@pytest.mark.parametrize("what", ["rejects", "does not answer", "is busy", "the customer hangs up", "answers, and he hangs up"])
def test_a_customer_who_comes_back_forgives_nothing(returning, what):
    """AS-02, TR-04: whether they talk or not, the disposition of the call is still owed."""
    desk = returning
    if what == "rejects":
        desk.asks(r.RejectOffer, leg=desk.b)
    elif what == "does not answer":
        desk.company.passes(25)
    elif what == "is busy":
        desk.over(desk.b, 486)
    else:
        if what.startswith("answers"):
            desk.leg(t.LegAnswered, desk.b)
        desk.kari.hangs_up()
    assert desk.anna.status == "wrap_up" and shown(desk.company).owes
    desk.company.passes(600)
    assert desk.asks(r.BecomeReady) == "disposition_required"
    assert chooses(desk.anna, desk.kari) == ""
    assert desk.anna.status != "wrap_up" and not shown(desk.company).owes


def test_what_is_chosen_while_the_customer_rings_again_is_owed_no_more(returning):
    desk = returning
    assert chooses(desk.anna, desk.kari) == ""
    desk.leg(t.LegAnswered, desk.b)
    desk.kari.hangs_up()
    assert desk.asks(r.BecomeReady) == ""


def test_a_page_that_was_lost_comes_back_into_the_wrap_up_that_owes():
    company, anna, kari = given_wrap_up()
    anna.asks(r.SoftphoneDown, connection="page1", left=True)
    company.passes(600)
    assert anna.status == "wrap_up"
    anna.opens_page()
    summary = shown(company).summary
    assert summary and summary.call == kari.id and shown(company).owes
    assert chooses(anna, kari) == ""
    assert anna.status == "ready"


def test_a_switch_that_is_started_anew_still_knows_what_is_owed():
    """PF-08."""
    company, anna, kari = given_wrap_up()
    company.passes(60)
    remembered = msgspec.json.decode(msgspec.json.encode(company.core.world.agent(1)), type=type(company.core.world.agent(1)))
    again = Company(settings())
    again.now = company.now
    restoring.restore(again.core.world, again.now, (), (remembered,), {})
    person = again.agent()
    assert person.asks(r.BecomeReady) == "disposition_required"
    assert person.asks(r.ChooseDisposition, call=kari.id, disposition=SOLD.id) == ""
    assert person.status == "ready"


def test_the_watchdog_lets_him_be_who_owes_and_frees_him_who_cannot_pay():
    company, anna, kari = given_wrap_up()
    company.passes(60)
    world = company.core.world
    assert watching.findings(world) == []
    world.put_agent(world.agent(1), talked=None)  # a fault of ours: he could choose nothing
    company.take(company.core.watch(company.now))
    company.passes(1)
    assert anna.status == "ready"
