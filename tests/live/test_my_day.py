"""What an agent's day is: his own conversations and his calls out, whoever had the call after him. As the facts tell it."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from apps.accounts.models import User
from apps.calls import services
from apps.calls.models import Call, Leg
from apps.events import vocabulary as v
from apps.live import record
from tests.calls.story import Company, entries

pytestmark = pytest.mark.django_db
KARI = "+4722334455"
NOON = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0).timestamp()


@pytest.fixture
def company() -> Company:
    return Company()


def told(company: Company, *events: v.Event, first: int = 1) -> None:
    services.read(entries(list(events), first))


def passed_on(anna: User, per: User, call: str = "c1", at: float = NOON) -> list[v.Event]:
    """Kari talks to Anna for 40 s, who asks Liv for a moment and passes her on to Per, who talks to her for 100 s."""
    return [
        v.CallArrived(at=at, call=call, leg=f"{call}-1", caller=KARI, dialled="+4780012345"),
        v.LegStarted(at=at, call=call, leg=f"{call}-2", role="agent", agent=anna.pk),
        v.LegConnected(at=at, call=call, leg=f"{call}-2"),
        v.ConversationStarted(at=at, call=call, leg=f"{call}-2", agent=anna.pk),
        v.LegStarted(at=at + 20, call=call, leg=f"{call}-3", role="consulted", agent=User.objects.get(username="liv").pk),
        v.LegConnected(at=at + 20, call=call, leg=f"{call}-3"),
        v.LegFinished(at=at + 30, call=call, leg=f"{call}-3", code=200),
        v.ConversationEnded(at=at + 40, call=call, leg=f"{call}-2", agent=anna.pk, by="agent", seconds=40.0, transferred=True),
        v.LegFinished(at=at + 40, call=call, leg=f"{call}-2", code=200),
        v.LegStarted(at=at + 41, call=call, leg=f"{call}-4", role="agent", agent=per.pk),
        v.LegConnected(at=at + 45, call=call, leg=f"{call}-4"),
        v.ConversationStarted(at=at + 45, call=call, leg=f"{call}-4", agent=per.pk),
        v.ConversationEnded(at=at + 145, call=call, leg=f"{call}-4", agent=per.pk, by="caller", seconds=100.0),
        v.CallEnded(at=at + 145, call=call, cause="caller_hung_up"),
    ]


def called_out(agent: User, cause: str, call: str, at: float) -> list[v.Event]:
    """His own phone is connected, whom he calls is not."""
    return [
        v.CallArrived(at=at, call=call, leg=f"{call}-1", caller=KARI, dialled="+4721000001", placed=True, agent=agent.pk),
        v.LegStarted(at=at, call=call, leg=f"{call}-2", role="agent", agent=agent.pk),
        v.LegConnected(at=at + 1, call=call, leg=f"{call}-2"),
        v.LegStarted(at=at + 1, call=call, leg=f"{call}-1", role="caller", number=KARI),
        v.CallEnded(at=at + 9, call=call, cause=cause),
    ]


def day(agent: User) -> dict:
    return record.my_day(agent, timezone.localtime().replace(hour=13))


def test_a_call_that_was_passed_on_is_both_agents_each_with_what_he_talked_himself(company: Company) -> None:
    """TR-05"""
    told(company, *passed_on(company.anna, company.per))
    for agent, seconds in ((company.anna, 40), (company.per, 100)):
        found = day(agent)
        assert (found["calls"], found["average"], found["more"]) == (1, seconds, False)
        assert [(call["number"], call["talked"], call["answered"]) for call in found["last"]] == [(KARI, seconds, True)]
    assert day(company.liv)["last"] == []  # she was asked, and has not talked to Kari


def test_a_call_is_in_the_day_of_who_passed_it_on_while_his_colleague_talks(company: Company) -> None:
    told(company, *passed_on(company.anna, company.per)[:-2])
    assert day(company.anna)["calls"] == 1
    assert day(company.per)["last"] == []


@pytest.mark.parametrize("cause", ["busy", "no_answer", "unreachable", "phone_no_answer"])
def test_a_call_out_that_nobody_answered_is_shown_with_its_cause_and_is_no_conversation(company: Company, cause: str) -> None:
    """OB-03: those are the ones to call again."""
    told(company, *passed_on(company.anna, company.per), *called_out(company.anna, cause, "c2", NOON + 300))
    found = day(company.anna)
    assert (found["calls"], found["average"]) == (1, 40)
    newest = found["last"][0]
    assert (newest["number"], newest["out"], newest["answered"], newest["cause"], newest["ended"]) == (KARI, True, False, cause, NOON + 309)
    assert [call["answered"] for call in found["last"]] == [False, True]


def test_a_call_out_that_goes_on_is_not_there_yet(company: Company) -> None:
    told(company, *called_out(company.anna, "busy", "c2", NOON)[:-1])
    assert day(company.anna)["last"] == []


def test_an_offer_that_he_did_not_answer_is_none_of_his_calls(company: Company) -> None:
    events = passed_on(company.anna, company.per)
    missed = v.LegStarted(at=NOON - 20, call="c1", leg="c1-0", role="agent", agent=company.liv.pk)
    told(company, events[0], missed, v.LegFinished(at=NOON - 1, call="c1", leg="c1-0", code=487), *events[1:])
    assert day(company.liv)["last"] == []


def test_a_whole_day_is_shown_and_that_there_is_more_is_said(company: Company, django_assert_max_num_queries) -> None:
    """Newest first, and nothing of yesterday."""
    start = timezone.localtime().replace(hour=12)
    calls = Call.objects.bulk_create(Call(id=f"c{n}", started_at=start, caller=KARI, dialled="1") for n in range(record.DAY_CALLS + 2))
    for place, call in enumerate(calls):
        at = start - timedelta(days=1) if place == 0 else start + timedelta(seconds=place)
        Leg.objects.create(id=f"{call.pk}-2", call=call, role="agent", agent=company.anna, started_at=at, talked=60)
    with django_assert_max_num_queries(4):
        found = day(company.anna)
    assert (found["calls"], len(found["last"]), found["more"]) == (record.DAY_CALLS + 1, record.DAY_CALLS, True)
    assert [call["id"] for call in found["last"][:2]] == [f"c{record.DAY_CALLS + 1}-2", f"c{record.DAY_CALLS}-2"]


def test_a_customers_earlier_calls_name_everybody_who_talked(company: Company) -> None:
    """SP-04: and of a call that nobody answered, who made it and why. Of a call from before, its last agent."""
    told(company, *passed_on(company.anna, company.per), *called_out(company.liv, "busy", "c2", NOON + 300))
    before = timezone.localtime() - timedelta(days=9)
    Call.objects.create(id="old", started_at=before, answered_at=before, ended_at=before, caller=KARI, dialled="1", agent=company.per)
    shown = record.earlier_calls(KARI)["last"]
    assert [(call["agent"], call["cause"]) for call in shown] == [("Liv Moe", "busy"), ("Anna Berg, Per Dahl", ""), ("Per Dahl", "")]


def test_who_is_at_work_during_an_update_keeps_his_day(company: Company) -> None:
    """Conversations that were in the time line only are brought to their legs."""
    now = timezone.now().timestamp()
    told(company, *passed_on(company.anna, company.per, "new", now), *passed_on(company.anna, company.per, "old", now - 3 * 86_400))
    Leg.objects.update(talked=None)
    import_module("apps.calls.migrations.0008_conversations_of_legs").know_today(apps, None)
    assert dict(Leg.objects.filter(talked__isnull=False).values_list("id", "talked")) == {"new-2": 40.0, "new-4": 100.0}
