"""Facts become a call's row, its legs and its time line: once, whatever comes twice, late or broken."""

import pytest

from apps.calls import services
from apps.calls.models import Call, Leg, TimeLineEntry
from apps.events import vocabulary as v
from contactcenter.lib.clock import as_datetime
from tests.calls.story import CALL, CALLER_LEG, FIRST_LEG, SECOND_LEG, START, entries, facts

pytestmark = pytest.mark.django_db


def rows() -> dict:
    return {model: list(model.objects.order_by("pk").values()) for model in (Call, Leg, TimeLineEntry)}


def test_a_whole_call_becomes_one_row(company):
    """AR-02."""
    services.read(entries(facts(company)))
    call = Call.objects.get()
    assert (call.id, call.caller, call.caller_name, call.dialled) == (CALL, "+4722334455", "Kari Nordmann", "+4780012345")
    assert (call.cause, call.test) == ("caller_hung_up", False)
    assert (call.started_at, call.answered_at, call.ended_at) == tuple(as_datetime(START + after) for after in (0.0, 39.4, 172.4))
    assert (call.access_number, call.trunk, call.flow_version) == (company.number, company.trunk, company.version)
    assert (call.queue, call.agent, call.waited, call.talked) == (company.support, company.anna, 32.0, 133.0)


def test_its_legs_have_role_times_and_quality(company):
    services.read(entries(facts(company)))
    legs = Leg.objects.in_bulk()
    assert {leg_id: (leg.role, leg.agent, leg.code) for leg_id, leg in legs.items()} == {
        CALLER_LEG: ("caller", None, None),
        FIRST_LEG: ("agent", company.per, 487),
        SECOND_LEG: ("agent", company.anna, 200),
    }
    assert legs[CALLER_LEG].ended_at == as_datetime(START + 172.4)  # with the call
    assert legs[FIRST_LEG].connected_at is None
    second = legs[SECOND_LEG]
    assert (legs[FIRST_LEG].talked, second.talked) == (None, 133.0)
    assert (second.received, second.lost, second.jitter_ms, second.rtt_ms) == (6600, 66, 3.4, 20.0)
    assert second.mos == pytest.approx(4.28, abs=0.02)
    assert (second.sent, second.sent_lost) == (6500, 1300)
    assert second.sent_mos == pytest.approx(2.58, abs=0.02)
    assert (legs[FIRST_LEG].mos, legs[FIRST_LEG].sent_mos) == (None, None)


def test_its_time_line_keeps_every_fact_and_the_names_of_that_day(company):
    services.read(entries(facts(company)))
    company.anna.delete()
    company.support.delete()
    offer = TimeLineEntry.objects.get(kind="OfferMade", data__trigger="caller_arrived")
    assert TimeLineEntry.objects.count() == len(facts(company))
    assert offer.names == {f"agent:{company.per.pk}": "Per Dahl", f"agent:{offer.data['considered'][1]['id']}": "Anna Berg"} | {
        f"queue:{offer.data['queue']}": "Support"
    }
    assert Call.objects.get().agent is None


def test_the_same_facts_again_change_nothing(company):
    """PF-08: exactly once, also in a row that adds up."""
    told = entries(facts(company))
    services.read(told)
    before = rows()
    services.read(told)
    services.read(told[10:20])
    assert rows() == before


@pytest.mark.parametrize("size", [1, 2, 7])
def test_it_does_not_matter_in_what_batches_the_facts_come(company, size):
    told = entries(facts(company))
    services.read(told)
    whole = rows()
    Call.objects.all().delete()
    for start in range(0, len(told), size):
        services.read(told[start : start + size])
    assert rows() == whole


def test_many_calls_in_one_batch_are_kept_apart(company):
    one, other = facts(company, call="call-1"), facts(company, call="call-2", at=START + 1)
    mixed = [event for pair in zip(one, other, strict=True) for event in pair]
    services.read(entries(mixed))
    assert list(Call.objects.order_by("id").values_list("id", "talked")) == [("call-1", 133.0), ("call-2", 133.0)]
    assert TimeLineEntry.objects.filter(call="call-1").count() == len(one)


def test_the_queries_of_a_batch_do_not_grow_with_its_calls(company, django_assert_max_num_queries):
    few = entries(facts(company))
    many = entries([event for number in range(10) for event in facts(company, call=f"call-{number}")], first_seq=100)
    with django_assert_max_num_queries(9):
        services.read(few)
    with django_assert_max_num_queries(12):  # SQLite takes 999 values in one statement, so long lists are written in two
        services.read(many)


def test_configuration_that_is_gone_leaves_an_empty_reference(company):
    event = v.CallArrived(at=START, call=CALL, leg="1", caller="1", dialled="2", access_number=999_999, trunk=999_999, flow_version=999_999)
    services.read(entries([event, v.QueueEntered(at=START, call=CALL, queue=999_999)]))
    call = Call.objects.get()
    assert (call.access_number, call.trunk, call.flow_version, call.queue) == (None, None, None, None)


def test_a_call_whose_arrival_was_lost_is_shown_all_the_same(company):
    services.read(entries(facts(company)[1:]))
    call = Call.objects.get()
    assert (call.dialled, call.agent, call.cause) == ("", company.anna, "caller_hung_up")


def test_texts_that_are_too_long_are_cut(company):
    """PF-10: what a SIP header says has no limit."""
    event = v.CallArrived(
        at=START, call=CALL, leg="1", caller="9" * 500, caller_name="K" * 500, dialled="8" * 500, forwarded_from="7" * 500
    )
    services.read(entries([event]))
    call = Call.objects.get()
    assert (len(call.caller), len(call.caller_name), len(call.dialled), len(call.forwarded_from)) == (40, 120, 40, 40)
    assert len(Leg.objects.get().number) == 40


def test_two_conversations_add_up(company):
    talks = [
        v.ConversationStarted(at=START + 1, call=CALL, leg="2", agent=company.per.pk),
        v.ConversationEnded(at=START + 11, call=CALL, leg="2", agent=company.per.pk, by="agent", seconds=10.0),
        v.ConversationStarted(at=START + 20, call=CALL, leg="3", agent=company.anna.pk),
        v.ConversationEnded(at=START + 25, call=CALL, leg="3", agent=company.anna.pk, by="caller", seconds=5.0),
    ]
    services.read(entries(talks))
    call = Call.objects.get()
    assert (call.talked, call.agent, call.answered_at) == (15.0, company.anna, as_datetime(START + 1))


def test_the_newest_disposition_counts(company):
    sold, lost = (company.support.dispositions.create(name=name) for name in ("Sold", "Lost"))
    said = {"call": CALL, "agent": company.anna.pk, "queue": company.support.pk}
    chosen = [v.DispositionChosen(at=START + at, disposition=one.pk, name=one.name, **said) for at, one in ((180, sold), (190, lost))]
    services.read(entries([*facts(company), *chosen]))
    assert Call.objects.get().disposition == lost


def test_facts_about_no_call_leave_no_trace(company):
    services.read(entries([v.PresenceChanged(at=START, agent=company.anna.pk, status="ready", before="pause")]))
    assert not Call.objects.exists()
