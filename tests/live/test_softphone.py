"""The browser as a phone: what the switch and the gateway hear of a page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

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
    await page.is_phone()


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


async def test_a_connection_that_breaks_leaves_the_audio_alone(who, opens: Callable, switch: PagesSwitch, gateway: PagesGateway) -> None:
    """SP-07: and the page that connects anew goes on with it."""
    page = await opens(who["anna"], phone=True)
    await ready(page)
    await page.close(code=1006)
    (down,) = until(lambda: switch.asked(requests.SoftphoneDown), "the switch hears that the connection broke")
    assert not down.left
    again = await opens(who["anna"], phone=True, leg="leg-1")
    await again.is_phone()
    (kept,) = gateway.asked(protocol.KeepMedia)
    assert (kept.leg, kept.connection) == ("leg-1", again.hello["connection"])
    assert switch.asked(requests.SoftphoneUp)[-1].leg == "leg-1"
    assert gateway.asked(protocol.CloseMedia) == []


async def test_the_switch_hears_whose_audio_goes_on_before_it_hears_anything_else(
    who, opens: Callable, switch: PagesSwitch, gateway
) -> None:
    """SP-07: a page in a hurry says that it is ready while the gateway is still asked; its customer hears nothing of that."""
    page = await opens(who["anna"], phone=True, leg="leg-1")
    assert (await page.ask("softphone.ready", ready=True))["code"] == ""
    told = until(lambda: len(ups := switch.asked(requests.SoftphoneUp)) == 2 and ups, "the switch hears both")
    assert [(up.leg, up.ready) for up in told] == [("leg-1", False), ("", True)]


async def test_audio_that_the_gateway_does_not_have_is_not_kept(who, opens: Callable, switch: PagesSwitch, gateway: PagesGateway) -> None:
    """SP-07: the gateway was started anew meanwhile."""
    gateway.answers = lambda request: protocol.MediaRefused("failed")
    await (await opens(who["anna"], phone=True, leg="leg-1")).is_phone()
    assert [up.leg for up in switch.asked(requests.SoftphoneUp)] == [""]


async def test_a_page_that_comes_back_into_a_call_tells_when_it_hears_it(who, opens: Callable, switch: PagesSwitch, gateway) -> None:
    """SP-07."""
    page = await opens(who["anna"], phone=True)
    await ready(page)
    assert (await page.ask("softphone.attached", leg="leg-1"))["code"] == ""
    (told,) = switch.asked(requests.MediaAttached)
    assert (told.leg, told.connection) == ("leg-1", page.hello["connection"])


@pytest.mark.parametrize("what", ["answer", "reattach"])
async def test_a_page_that_lost_the_phone_gets_no_audio(who, opens: Callable, gateway: PagesGateway, what: str) -> None:
    """SP-07, SP-08: neither a second tab's first one, nor what a dead connection delivers late."""
    first = await opens(who["anna"], phone=True)
    await ready(first)
    second = await opens(who["anna"], phone=True)
    await first.sees(f"agent:{who['anna'].pk}", lambda document: document["connection"] == second.hello["connection"])
    assert (await first.ask(f"softphone.{what}", leg="leg-1", offer="v=0"))["code"] == "other_page"
    assert gateway.asked(protocol.AnswerOffer) + gateway.asked(protocol.Reattach) == []


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


async def test_a_proof_that_comes_late_does_not_take_the_phone_back_from_a_newer_page(
    who, opens: Callable, switch: PagesSwitch, gateway
) -> None:
    """SP-07: it was under way when the newer page came."""
    first = await opens(who["anna"], phone=True)
    assert (await first.ask("softphone.test", offer="v=0 offer"))["code"] == ""
    second = await opens(who["anna"], phone=True)
    await second.is_phone()
    assert (await first.ask("softphone.ready", ready=True))["code"] == "other_page"
    assert switch.agents[who["anna"].pk].connection == second.hello["connection"]
    await ready(second)


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


async def test_a_test_call_runs_a_draft_at_a_time_of_its_own(who, opens: Callable, gateway: PagesGateway, switch: PagesSwitch) -> None:
    """IV-07. The draft is brought to the switch before the call is placed; what is no date or no draft is refused."""
    page = await opens(who["ingrid"], desk=False)
    call = {"number": "+4780012345", "offer": "v=0"}
    assert (await page.ask("testcall.call", **call, clock="tomorrow"))["code"] == "bad_clock"
    assert (await page.ask("testcall.call", **call, draft=99))["code"] == "no_draft"
    assert gateway.asked(protocol.TestCall) == []
    draft = await database_sync_to_async(a_draft)()
    then = timezone.localtime(timezone.now() + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)  # no hour comes twice
    longest = (then - timezone.now()).total_seconds()
    assert (await page.ask("testcall.call", **call, draft=draft, clock=then.strftime("%Y-%m-%dT%H:%M")))["code"] == ""
    (asked,) = gateway.asked(protocol.TestCall)
    assert asked.draft == draft
    assert (then - timezone.now()).total_seconds() <= asked.shift <= longest
    (brought,) = switch.asked(requests.TestDraft)
    assert [step.name for step in brought.graph.steps.values()] == ["Bye"]


def a_draft() -> int:
    from tests.flows.flow_builder import FlowBuilder

    return FlowBuilder("Night").hang_up("Bye").save().pk


async def test_a_test_call_ends_with_its_page(who, opens: Callable, gateway: PagesGateway) -> None:
    page = await opens(who["ingrid"], desk=False)
    await page.ask("testcall.call", number="+4780012345", offer="v=0")
    await page.close()
    (closed,) = until(lambda: gateway.asked(protocol.CloseMedia), "the gateway ends the call")
    assert closed.leg == "leg-of-the-test-call"
