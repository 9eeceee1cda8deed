"""First state + changes = fresh state, whenever a page comes, goes and comes back."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from apps.live import consumer
from apps.switch import board
from tests.conftest import RedisServer
from tests.fakes.pages_switch import PagesSwitch

pytestmark = pytest.mark.django_db(transaction=True)


def queue(who: dict[str, Any], name: str, waiting: int) -> board.QueueDocument:
    return board.QueueDocument(queue=who[name].pk, name=name, waiting=waiting)


def put(switch: PagesSwitch, who: dict[str, Any], name: str, waiting: int) -> None:
    switch.put(board.queue_topic(who[name].pk), queue(who, name, waiting))


async def test_a_page_sees_its_agent_and_the_queues_of_his_profiles_only(who, switch: PagesSwitch, opens: Callable) -> None:
    switch.change(who["anna"].pk, status="logged_off")
    switch.change(who["per"].pk, status="ready")
    for name in ("Support", "Sales", "Foreign"):
        put(switch, who, name, 1)
    page = await opens(who["anna"])
    await page.sees(board.agent_topic(who["anna"].pk))
    await page.sees(board.queue_topic(who["Sales"].pk))
    put(switch, who, "Foreign", 2)
    put(switch, who, "Sales", 7)
    await page.sees(board.queue_topic(who["Sales"].pk), lambda document: document["waiting"] == 7)
    seen = {topic for topic, document in page.board.items() if document}
    assert seen == {board.agent_topic(who["anna"].pk), board.queue_topic(who["Support"].pk), board.queue_topic(who["Sales"].pk)}


async def test_another_profile_shows_other_queues(who, switch: PagesSwitch, opens: Callable) -> None:
    """The queues on the page are those that the profile serves."""
    for name in ("Support", "Sales"):
        put(switch, who, name, 1)
    page = await opens(who["anna"])
    await page.sees(board.queue_topic(who["Support"].pk))
    switch.change(who["anna"].pk, status="ready", profile=who["sales"].pk)
    await page.until("live.topics", lambda message: board.queue_topic(who["Support"].pk) not in message["topics"])
    assert board.queue_topic(who["Sales"].pk) in page.board


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_first_state_and_changes_give_the_fresh_state(seed: int, who, switch: PagesSwitch, opens: Callable) -> None:
    chance = random.Random(seed)
    names = ("Support", "Sales")
    page = await opens(who["anna"])
    for number in range(120):
        put(switch, who, chance.choice(names), number)
        if chance.random() < 0.15:
            await page.ask("live.ping")  # reads what has come
        if chance.random() < 0.05:
            known = page.known if chance.random() < 0.7 else {}
            await page.close()
            before = page.board if known else {}
            put(switch, who, chance.choice(names), 1000 + number)
            page = await opens(who["anna"], known=known)
            page.board = dict(before)
    for last, name in enumerate(names):
        put(switch, who, name, 5000 + last)
    for last, name in enumerate(names):
        await page.sees(board.queue_topic(who[name].pk), lambda document, last=last: document["waiting"] == 5000 + last)
    fresh = await opens(who["anna"])
    await fresh.sees(board.queue_topic(who["Sales"].pk))
    await fresh.sees(board.queue_topic(who["Support"].pk))
    assert page.board == {**page.board, **fresh.board}


async def test_a_page_that_comes_back_is_told_only_what_has_changed(who, switch: PagesSwitch, opens: Callable) -> None:
    put(switch, who, "Support", 1)
    put(switch, who, "Sales", 1)
    first = await opens(who["anna"])
    await first.sees(board.queue_topic(who["Sales"].pk))
    await first.sees(board.queue_topic(who["Support"].pk))
    await first.close()
    put(switch, who, "Sales", 2)
    again = await opens(who["anna"], known=first.known)
    await again.sees(board.queue_topic(who["Sales"].pk), lambda document: document["waiting"] == 2)
    assert board.queue_topic(who["Support"].pk) not in again.board


async def test_a_slow_page_gets_the_newest_document_when_it_reads_again(who, switch: PagesSwitch, opens: Callable) -> None:
    """Nothing piles up for a page that does not acknowledge."""
    page = await opens(who["anna"])
    page.slow = True
    other = await opens(who["anna"])
    for waiting in range(1, 31):
        put(switch, who, "Sales", waiting)
        await other.sees(board.queue_topic(who["Sales"].pk), lambda document, waiting=waiting: document["waiting"] >= waiting)
    await page.ask("live.ping")
    assert 0 < len(page.batches) <= 8
    page.slow = False
    await page.say("live.seen", batch=len(page.batches))
    await page.sees(board.queue_topic(who["Sales"].pk), lambda document: document["waiting"] == 30)
    assert len(page.batches) <= 10


async def test_after_a_restart_of_redis_pages_are_true_again(who, switch: PagesSwitch, opens: Callable, redis_server: RedisServer) -> None:
    """PF-08: the board is rebuilt by the switch, the follower reads it anew."""
    put(switch, who, "Sales", 1)
    page = await opens(who["anna"])
    await page.sees(board.queue_topic(who["Sales"].pk))
    redis_server.process.kill()
    redis_server.process.wait()
    await asyncio.to_thread(redis_server.start)
    put(switch, who, "Sales", 2)
    await page.sees(board.queue_topic(who["Sales"].pk), lambda document: document["waiting"] == 2)


async def test_without_redis_the_page_is_asked_to_come_later(who, switch: PagesSwitch, opens: Callable, redis_server: RedisServer) -> None:
    redis_server.process.kill()
    redis_server.process.wait()
    page = await opens(who["anna"])
    assert await page.closed(timeout=10) == consumer.TRY_LATER


async def test_the_card_comes_with_numbers_as_people_write_them(who, switch: PagesSwitch, opens: Callable) -> None:
    page = await opens(who["anna"])
    switch.ring(who["anna"].pk, caller="+4722334455", dialled="+4780012345")
    await page.sees(board.agent_topic(who["anna"].pk), lambda document: document and document["card"])
    assert page.batches[-1][-1]["numbers"] == {"caller": "22 33 44 55", "dialled": "800 12 345", "consulted": ""}
