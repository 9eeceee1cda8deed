"""Callback orders: from the flow through the switch into the list, each number once."""

import pytest
from django.urls import reverse
from msgspec.structs import replace

from apps.accounts.models import Role
from apps.callbacks import services
from apps.callbacks.models import CallbackRequest
from apps.calls import services as calls
from apps.events import vocabulary as v
from apps.flows.graph import FlowGraph
from apps.flows.kinds import Callback, HangUp
from apps.flows.known import Known
from apps.switch.core import Configured
from apps.switch.loading import load
from tests.calls.story import CALL, OTHER_CALL, START, entries
from tests.calls.story import Company as Rows
from tests.switch.company import SUPPORT, Company, configuration

NUMBER = "+4722334455"


# -- the switch


def office(*waiting: str) -> Company:
    steps = (
        Callback(id=1, name="Callback", queue=SUPPORT, exits=dict.fromkeys(("next", "already", "declined", "maximum_tries"), 2)),
        HangUp(id=2, name="Goodbye"),
    )
    graph = FlowGraph(version=1, flow=1, name="Night", language="nb", start=1, default_exit=2, steps={step.id: step for step in steps})
    keys = ["callback_to", "callback_choose", *(f"digit_{digit}" for digit in range(10))]
    sounds = {"prompts": {1: {"nb": "/a.wav"}}, "system_sounds": dict.fromkeys(keys, 1)}
    return Company(replace(configuration(graph), **sounds, known=Known(callbacks=frozenset(waiting))))


def orders(company: Company, number: str = NUMBER) -> str:
    """The result of the step."""
    company.caller(number).presses("1")
    return company.of(v.StepLeft)[-2].result


def test_an_order_becomes_a_fact_and_the_caller_goes_on():
    company = office()
    assert orders(company) == "ordered"
    (fact,) = company.of(v.CallbackOrdered)
    assert (fact.number, fact.step, fact.queue, fact.call) == (NUMBER, 1, SUPPORT, "call1")


def test_a_number_that_waits_is_not_ordered_again_by_whomever():
    company = office(NUMBER)
    assert orders(company) == "already_ordered"
    assert not company.of(v.CallbackOrdered)


def test_the_second_of_two_orders_is_refused_before_the_first_is_in_the_list():
    company = office()
    assert [orders(company), orders(company), orders(company, "+4790000002")] == ["ordered", "already_ordered", "ordered"]


def test_a_closed_order_may_be_made_again():
    company = office()
    orders(company)
    company.passes(61)
    company.tell(Configured(company.core.world.configuration))
    assert orders(company) == "ordered"


# -- the list


@pytest.fixture
def rows(db) -> Rows:
    return Rows()


def tell(rows: Rows, call: str = CALL, number: str = NUMBER) -> None:
    queue = rows.support.pk
    events = [
        v.CallArrived(at=START, call=call, leg="1", caller=NUMBER, dialled="+4780012345"),
        v.CallbackOrdered(at=START + 9, call=call, number=number, step=1, queue=queue),
    ]
    calls.read(entries(events))
    services.read(entries(events))


def test_an_order_is_in_the_list_with_queue_and_call_and_the_switch_learns_it(rows):
    tell(rows)
    order = CallbackRequest.objects.get()
    assert (order.number, order.state, order.call_id, order.queue) == (NUMBER, "waiting", CALL, rows.support)
    assert load()[0].known.callbacks == {NUMBER}


def test_a_number_waits_once_and_facts_may_be_read_again(rows):
    tell(rows)
    tell(rows)
    tell(rows, OTHER_CALL)
    assert CallbackRequest.objects.count() == 1


def test_closing_is_done_once_and_frees_the_number(rows):
    tell(rows)
    waiting = CallbackRequest.objects.all()
    assert services.close(waiting, state="done", by=rows.anna) == 1
    assert services.close(waiting, state="cancelled", by=rows.per) == 0
    order = CallbackRequest.objects.get()
    assert (order.state, order.closed_by) == ("done", rows.anna) and order.closed_at
    assert load()[0].known.callbacks == frozenset()
    tell(rows, OTHER_CALL)
    assert CallbackRequest.objects.filter(state="waiting").count() == 1


def test_administrators_work_through_the_list(rows, client):
    tell(rows)
    client.force_login(rows.person("ada", "Ada", "Lie", role=Role.ADMINISTRATOR, language="en"))
    address = reverse("admin:callbacks_callbackrequest_changelist")
    page = client.get(address).content.decode()
    assert "22 33 44 55" in page and "does not call them by itself yet" in page
    client.post(address, {"action": "mark_done", "_selected_action": [CallbackRequest.objects.get().pk]})
    assert CallbackRequest.objects.get().state == "done"


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.AGENT])
def test_nobody_else_sees_the_numbers(rows, client, role):
    client.force_login(rows.person("bo", "Bo", "Aas", role=role, is_staff=True))
    assert client.get(reverse("admin:callbacks_callbackrequest_changelist")).status_code in (302, 403)
