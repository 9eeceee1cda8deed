"""The browser as a phone: what the switch and the gateway hear of a page."""

from collections.abc import Callable

import pytest

from apps.events import vocabulary
from apps.switch import requests
from apps.telephony import protocol
from contactcenter.lib import bus
from tests.fakes.pages_gateway import PagesGateway
from tests.fakes.pages_switch import PagesSwitch
from tests.product import until

pytestmark = pytest.mark.django_db(transaction=True)


async def ready(page) -> None:
    assert (await page.ask("softphone.test", offer="v=0 offer"))["sdp"] == "v=0"
    assert (await page.ask("softphone.ready", ready=True))["code"] == ""


async def test_a_softphone_is_ready_only_after_its_test(who, opens: Callable, switch: PagesSwitch, gateway: PagesGateway) -> None:
    """SP-03."""
    page = await opens(who["anna"], phone=True)
    assert (await page.ask("softphone.ready", ready=True))["code"] == "no_softphone"
    assert (await page.ask("desk.log_on", profile=who["both"].pk))["code"] == "no_softphone"
    await ready(page)
    assert (await page.ask("desk.log_on", profile=who["both"].pk))["code"] == ""
    ups = switch.asked(requests.SoftphoneUp)
    assert [(up.gateway, up.ready) for up in ups] == [("", False), ("g1", True)]
    assert {up.connection for up in ups} == {page.hello["connection"]}


async def test_the_answer_goes_to_the_gateway_and_its_sdp_to_the_page(who, opens: Callable, gateway: PagesGateway) -> None:
    page = await opens(who["anna"], phone=True)
    await ready(page)
    reply = await page.ask("softphone.answer", leg="leg-1", offer="v=0 mine")
    assert (reply["sdp"], reply["leg"]) == ("v=0", "leg-1")
    (asked,) = gateway.asked(protocol.AnswerOffer)
    assert (asked.address, asked.leg, asked.offer) == (f"agent-{who['anna'].pk}", "leg-1", "v=0 mine")
    assert asked.connection == page.hello["connection"]


async def test_a_refusal_of_the_gateway_reaches_the_page_as_its_code(who, opens: Callable, gateway: PagesGateway) -> None:
    page = await opens(who["anna"], phone=True)
    await ready(page)
    gateway.answers = lambda request: protocol.MediaRefused("gone")
    assert (await page.ask("softphone.answer", leg="leg-1", offer="v=0"))["code"] == "gone"


async def test_without_a_gateway_the_page_is_told_so(who, opens: Callable) -> None:
    page = await opens(who["anna"], phone=True)
    assert (await page.ask("softphone.test", offer="v=0"))["code"] == "no_gateway"


async def test_a_gateway_that_is_silent_is_told_in_time(who, opens: Callable, gateway: PagesGateway, monkeypatch) -> None:
    monkeypatch.setattr("apps.live.page.ASK_SECONDS", 0.3)
    gateway.answers = lambda request: None
    page = await opens(who["anna"], phone=True)
    assert (await page.ask("softphone.test", offer="v=0"))["code"] == "no_answer_from_gateway"


async def test_a_page_that_leaves_takes_its_media_along(who, opens: Callable, switch: PagesSwitch, gateway: PagesGateway) -> None:
    """SP-02: the agent stays logged on."""
    page = await opens(who["anna"], phone=True)
    await ready(page)
    await page.ask("desk.log_on", profile=who["both"].pk)
    await page.close()
    until(lambda: switch.asked(requests.SoftphoneDown), "the switch hears that the page is gone")
    until(lambda: gateway.asked(protocol.CloseMedia), "the gateway hears that the page is gone")
    assert switch.asked(requests.LogOff) == []
    assert gateway.asked(protocol.CloseMedia)[0].connection == page.hello["connection"]


async def test_the_newest_page_has_the_phone(who, opens: Callable, switch: PagesSwitch, gateway: PagesGateway) -> None:
    """SP-07: and the older one sees on its agent's document that it has lost it."""
    topic = f"agent:{who['anna'].pk}"
    first = await opens(who["anna"], phone=True)
    await first.sees(topic, lambda document: document and document["connection"] == first.hello["connection"])
    second = await opens(who["anna"], phone=True)
    await first.sees(topic, lambda document: document["connection"] == second.hello["connection"])
    await first.close()
    assert (await second.ask("live.ping"))["code"] == ""
    until(lambda: switch.asked(requests.SoftphoneDown), "the older page's end is heard")
    assert switch.agents[who["anna"].pk].connection == second.hello["connection"]


async def test_a_page_that_gave_the_phone_away_does_not_take_it_back_by_reconnecting(who, opens: Callable, switch: PagesSwitch) -> None:
    page = await opens(who["anna"], phone=False)
    assert (await page.ask("softphone.ready", ready=True))["code"] == "other_page"
    assert switch.asked(requests.SoftphoneUp) == []


async def test_requests_reach_the_switch_in_the_order_in_which_they_were_made(who, opens: Callable, switch: PagesSwitch) -> None:
    switch.ring(who["anna"].pk)
    switch.connect(who["anna"].pk)
    page = await opens(who["anna"])
    for number in range(8):
        await page.say("softphone.mute", id=number + 1, on=number % 2 == 0)
    for number in range(8):
        await page.until("live.reply", lambda message, number=number: message["id"] == number + 1)
    assert [request.on for request in switch.asked(requests.Mute)] == [True, False] * 4


async def test_an_administrator_hears_what_becomes_of_his_test_call_and_of_no_other(
    who, opens: Callable, gateway: PagesGateway, redis
) -> None:
    page = await opens(who["ingrid"], desk=False)
    reply = await page.ask("testcall.call", number="+4780012345", caller="22 33 44 55", offer="v=0")
    (asked,) = gateway.asked(protocol.TestCall)
    assert (asked.number, asked.caller, asked.address) == ("+4780012345", "+4722334455", f"test-{page.hello['connection']}")
    for seq, (call, leg) in enumerate((("other", "leg-9"), ("mine", reply["leg"])), start=1):
        arrived = vocabulary.CallArrived(at=seq, call=call, leg=leg, caller="", dialled="1")
        bus.post(redis, bus.JOURNAL, arrived)
        bus.post(redis, bus.JOURNAL, vocabulary.StepEntered(at=seq, call=call, step=1, kind="menu", name=call))
    told = await page.until("testcall.event")
    assert (told["what"], told["name"]) == ("StepEntered", "mine")
    bus.post(redis, bus.JOURNAL, vocabulary.CallEnded(at=5, call="mine", cause="flow_ended"))
    assert (await page.until("testcall.event"))["cause"] == "flow_ended"


async def test_a_test_call_ends_with_its_page(who, opens: Callable, gateway: PagesGateway) -> None:
    page = await opens(who["ingrid"], desk=False)
    await page.ask("testcall.call", number="+4780012345", offer="v=0")
    await page.close()
    (closed,) = until(lambda: gateway.asked(protocol.CloseMedia), "the gateway ends the call")
    assert closed.leg == "leg-of-the-test-call"
