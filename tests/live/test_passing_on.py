"""What a page asks about consult and transfer, and the list of whom it can be (TR-01)."""

from collections.abc import Callable

import pytest
from channels.db import database_sync_to_async

from apps.accounts.models import Role, User
from apps.flows.models import Flow
from apps.switch import board, requests
from tests.fakes.pages_switch import PagesSwitch

pytestmark = pytest.mark.django_db(transaction=True)


@database_sync_to_async
def flow(name: str, state: str) -> int:
    made = Flow.objects.create(name=name)
    made.versions.create(number=1, state=state)
    return made.pk


@database_sync_to_async
def person(name: str, **more: object) -> User:
    return User.objects.create_user(name, password="x", first_name=name.title(), **more)


async def test_agents_who_are_logged_on_are_listed_the_free_ones_first(who, opens: Callable, switch: PagesSwitch) -> None:
    away, free, broken, off = [await person(name, team=who["per"].team) for name in ("arne", "berit", "carl", "dag")]
    reader = await person("eli", team=who["per"].team, role=Role.WALLBOARD)
    for agent, fields in (
        (away, {"status": "pause", "reason": "Lunch", "phone": "+4740000001"}),
        (free, {"status": "ready", "phone": "+4740000002"}),
        (broken, {"status": "ready", "phone": "softphone", "softphone": "offline"}),
        (off, {"status": "logged_off"}),
        (reader, {"status": "ready", "phone": "+4740000003"}),
        (who["anna"], {"status": "ready", "phone": "+4740000004"}),
    ):
        switch.change(agent.pk, **fields)
    answer = await (await opens(who["anna"])).ask("transfer.targets")
    listed = [(agent["name"], agent["status"], agent["reason"], agent["free"]) for agent in answer["agents"]]
    assert listed == [("Berit", "ready", "", True), ("Arne", "pause", "Lunch", False), ("Carl", "ready", "", False)]


async def test_queues_come_with_their_figures_and_only_active_flows_are_listed(who, opens: Callable, switch: PagesSwitch) -> None:
    support = who["Support"].pk
    switch.put(board.queue_topic(support), board.QueueDocument(support, "Support", waiting=2, logged_on=3, ready=1))
    active, _ = await flow("Main", "active"), await flow("Draft", "draft")
    answer = await (await opens(who["anna"])).ask("transfer.targets")
    assert {"id": support, "name": "Support", "waiting": 2, "ready": 1, "served": True} in answer["queues"]
    assert [queue["served"] for queue in answer["queues"]].count(True) == 1
    assert answer["flows"] == [{"id": active, "name": "Main"}]


@pytest.mark.parametrize(("message", "kind"), [("transfer.consult", requests.Consult), ("transfer.blind", requests.Transfer)])
async def test_the_switch_is_asked_for_the_target(message, kind, who, opens: Callable, switch: PagesSwitch) -> None:
    page = await opens(who["anna"])
    await page.ask(message, to={"kind": "number", "number": "40 00 00 40", "caller_id": 3})
    await page.ask(message, to={"kind": "agent", "id": 7})
    assert [asked.to for asked in switch.asked(kind)] == [
        requests.Target("number", number="+4740000040", caller_id=3), requests.Target("agent", 7),
    ]  # fmt: skip
    assert {asked.agent for asked in switch.asked(kind)} == {who["anna"].pk}


async def test_what_is_no_number_is_refused_before_the_switch_is_asked(who, opens: Callable, switch: PagesSwitch) -> None:
    page = await opens(who["anna"])
    assert (await page.ask("transfer.blind", to={"kind": "number", "number": "x"}))["code"] == "bad_number"
    assert (await page.ask("transfer.blind", to={"kind": "planet", "id": 3}))["code"] == "bad_message"
    assert not switch.asked(requests.Transfer)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("transfer.complete", requests.CompleteTransfer),
        ("transfer.join_all", requests.JoinAll),
        ("transfer.take_back", requests.TakeBack),
    ],
)
async def test_the_three_ways_out_of_a_consult(message, kind, who, opens: Callable, switch: PagesSwitch) -> None:
    switch.refuse[kind] = "no_call"
    assert (await (await opens(who["anna"])).ask(message))["code"] == "no_call"
    assert [asked.agent for asked in switch.asked(kind)] == [who["anna"].pk]
