"""Test calls that are hung up before they are answered: no leg goes on in a call that nobody hears."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from apps.events import vocabulary
from apps.live import page as page_module
from apps.live.modules import testcall
from apps.live.page import Page
from apps.telephony import protocol
from contactcenter.lib import bus
from tests.fakes.pages_gateway import PagesGateway, accept
from tests.product import until

pytestmark = pytest.mark.django_db(transaction=True)


async def until_async(look: Callable[[], Any], what: str) -> Any:
    return await asyncio.to_thread(until, look, what)


async def test_a_test_call_that_is_hung_up_before_it_is_answered_ends_and_the_next_one_can_begin(
    who, opens: Callable, gateway: PagesGateway, redis
) -> None:
    gateway.answers = lambda request: None
    page = await opens(who["ingrid"], desk=False)
    call = {"number": "+4780012345", "offer": "v=0"}
    await page.say("testcall.call", id=1, **call)
    (asked,) = await until_async(lambda: gateway.asked(protocol.TestCall), "the gateway is asked")
    assert (await page.ask("testcall.call", **call))["code"] == "not_now"
    await page.say("testcall.hang_up", id=3)
    assert (await page.until("live.reply", lambda reply: reply["id"] == 3))["code"] == ""
    (closed,) = await until_async(lambda: gateway.asked(protocol.CloseMedia), "the gateway is told")
    assert (closed.connection, closed.leg) == (asked.connection, ""), "all that this connection has: no leg is known yet"
    gateway.answers = accept
    second = await page.ask("testcall.call", **call)
    assert second["code"] == "" and len(gateway.asked(protocol.TestCall)) == 2
    bus.reply(redis, asked.reply_to, protocol.MediaAnswer("v=0", "leg-of-the-first"))  # it was on its way when the page hung up
    assert (await page.until("live.reply", lambda reply: reply["id"] == 1))["code"] == "gone"
    last = (await until_async(lambda: gateway.asked(protocol.CloseMedia)[1:], "the late answer's leg is closed"))[0]
    assert last.leg == "leg-of-the-first"
    assert (await page.ask("testcall.call", **call))["code"] == "not_now", "the second one goes on"


async def test_a_test_call_that_is_hung_up_before_the_gateway_is_asked_is_never_made(
    who, opens: Callable, gateway: PagesGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await opens(who["ingrid"], desk=False)
    reached, go_on = asyncio.Event(), asyncio.Event()
    newest = testcall._newest

    async def slowly(live: Page) -> str:
        reached.set()
        await go_on.wait()
        return await newest(live)

    monkeypatch.setattr(testcall, "_newest", slowly)
    await page.say("testcall.call", id=1, number="+4780012345", offer="v=0")
    await reached.wait()
    await page.say("testcall.hang_up", id=2)
    await page.until("live.reply", lambda reply: reply["id"] == 2)
    go_on.set()
    assert (await page.until("live.reply", lambda reply: reply["id"] == 1))["code"] == "gone"
    assert gateway.asked(protocol.TestCall) == []


async def test_a_test_call_that_the_gateway_does_not_answer_in_time_is_closed(
    who, opens: Callable, gateway: PagesGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should its answer come a moment too late, nobody would hear that call."""
    monkeypatch.setattr(page_module, "ASK_SECONDS", 0.2)
    gateway.answers = lambda request: None
    page = await opens(who["ingrid"], desk=False)
    call = {"number": "+4780012345", "offer": "v=0"}
    assert (await page.ask("testcall.call", **call))["code"] == "no_answer_from_gateway"
    (closed,) = await until_async(lambda: gateway.asked(protocol.CloseMedia), "the gateway is told")
    assert closed.leg == ""
    gateway.answers = accept
    monkeypatch.setattr(page_module, "ASK_SECONDS", 5.0)
    assert (await page.ask("testcall.call", **call))["code"] == ""


async def test_a_test_call_ends_with_its_page_also_before_it_is_answered(who, opens: Callable, gateway: PagesGateway) -> None:
    gateway.answers = lambda request: None
    page = await opens(who["ingrid"], desk=False)
    await page.say("testcall.call", id=1, number="+4780012345", offer="v=0")
    (asked,) = await until_async(lambda: gateway.asked(protocol.TestCall), "the gateway is asked")
    await page.close()
    (closed,) = await until_async(lambda: gateway.asked(protocol.CloseMedia), "the gateway ends the call")
    assert (closed.connection, closed.leg) == (asked.connection, "")


async def test_what_becomes_of_a_test_call_that_was_hung_up_is_told_until_another_one_begins(
    who, opens: Callable, gateway: PagesGateway, redis
) -> None:
    legs = iter(("leg-1", "leg-2"))
    gateway.answers = lambda request: protocol.MediaAnswer("v=0", next(legs))
    page = await opens(who["ingrid"], desk=False)
    call = {"number": "+4780012345", "offer": "v=0"}
    await page.ask("testcall.call", **call)
    await page.ask("testcall.hang_up")
    await page.ask("testcall.call", **call)
    for name, leg in (("first", "leg-1"), ("second", "leg-2")):
        bus.post(redis, bus.JOURNAL, vocabulary.CallArrived(at=1, call=name, leg=leg, caller="", dialled="1"))
        bus.post(redis, bus.JOURNAL, vocabulary.CallEnded(at=2, call=name, cause=name))
    assert (await page.until("testcall.event"))["cause"] == "second"
    assert (await page.ask("testcall.hang_up"))["code"] == ""
    assert [closed.leg for closed in gateway.asked(protocol.CloseMedia)] == ["leg-1"], "the second one is over by itself"
