"""An administrator calls an access number from his browser, through the same cells as any caller (AN-01), and sees where the call is."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import msgspec
import redis
from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import timezone
from msgspec import Meta

from apps.events import vocabulary
from apps.flows import services as flows
from apps.flows.graph import FlowGraph
from apps.live.modules import Empty, administrators, entry
from apps.live.page import Page, Refused, TestedCall
from apps.switch import requests
from apps.telephony import protocol
from contactcenter.lib import bus, phone
from contactcenter.lib.clock import now

BLOCK_MS = 2_000  # below the time-out of the socket
FACTS = (
    vocabulary.CallEnded, vocabulary.StepEntered, vocabulary.StepLeft, vocabulary.StepFailed, vocabulary.QueueEntered,
    vocabulary.QueueLeft, vocabulary.OfferMade, vocabulary.ConversationStarted, vocabulary.HoldStarted, vocabulary.HoldEnded,
)  # fmt: skip
SHOWN = frozenset({"step", "seconds", "name", "kind", "exit", "result", "value", "label", "reason", "cause", "position", "waited"})


class Call(msgspec.Struct, frozen=True):
    """`caller`: the number that the flow and the agent shall see; empty: withheld.

    `clock`: when the call shall think it is, as local time; empty: now. `draft`: a version to run that callers do not get yet.
    """

    number: Annotated[str, Meta(min_length=1, max_length=40)]
    offer: protocol.Sdp
    caller: Annotated[str, Meta(max_length=40)] = ""
    clock: Annotated[str, Meta(max_length=25)] = ""
    draft: int = 0


async def call(page: Page, message: Call) -> dict[str, Any]:
    if page.test_call:
        raise Refused("not_now")
    caller = phone.e164(message.caller, settings.COUNTRY) if message.caller else ""
    if caller is None:
        raise Refused("bad_number")
    asked = protocol.TestCall(
        **_whose(page), number=message.number, caller=caller, offer=message.offer, shift=_shift(message.clock), draft=message.draft
    )
    mine = page.test_call = TestedCall()
    try:
        before = await _prepare(page, message.draft)
        if page.test_call is not mine:
            raise Refused("gone")
        given = await page.ask_gateway(asked)
    except Exception:  # a page that left is no exception: `gone` follows
        if page.test_call is mine:
            await gone(page)  # whatever the gateway has begun, nobody hears it
        raise
    if page.test_call is not mine:
        await page.tell_gateway(_close(page, given.leg))
        raise Refused("gone")
    mine.leg = given.leg
    page.background(_follow(page, before, mine))
    return {"sdp": given.sdp, "leg": given.leg}


async def _prepare(page: Page, draft: int) -> str:
    """The place in the journal from which on it tells of the call. Errors: Refused."""
    if draft:
        await page.ask_switch(requests.TestDraft(graph=await _graph(draft)))
    await page.choose_gateway()
    return await _newest(page)


def _shift(clock: str) -> float:
    """Seconds from now to `clock`, in the company's time zone. Errors: Refused."""
    if not clock:
        return 0.0
    try:
        return timezone.make_aware(datetime.fromisoformat(clock)).timestamp() - now()
    except (ValueError, OverflowError):
        raise Refused("bad_clock") from None


@database_sync_to_async
def _graph(version: int) -> FlowGraph:
    """Errors: Refused."""
    graph = flows.load_versions([version]).get(version)
    if graph is None:
        raise Refused("no_draft")
    return graph


async def hang_up(page: Page, message: Empty) -> None:
    await gone(page)


async def gone(page: Page) -> None:
    """The gateway ends the call also while it is being set up, when only its connection names it."""
    ended, page.test_call = page.test_call, None
    if ended:
        await page.tell_gateway(_close(page, ended.leg))


def _close(page: Page, leg: str) -> protocol.CloseMedia:
    return protocol.CloseMedia(**_whose(page), leg=leg)


def _whose(page: Page) -> dict[str, str]:
    return {"reply_to": bus.new_id(), "connection": page.connection, "address": f"test-{page.connection}"}


async def _newest(page: Page) -> str:
    newest = await page.follower.redis.xrevrange(bus.JOURNAL, count=1)
    return newest[0][0].decode() if newest else "0-0"


async def _follow(page: Page, cursor: str, mine: TestedCall) -> None:
    """Tell the page what the journal says of this call, until the call is over, or another one is asked for."""
    call_id = ""
    while page.test_call in (mine, None):
        try:
            found = await page.follower.patient.xread({bus.JOURNAL: cursor}, count=200, block=BLOCK_MS)
        except redis.RedisError:
            await asyncio.sleep(1)
            continue
        for entry_id, fields in found[0][1] if found else ():
            cursor, event = entry_id.decode(), _event(fields)
            if isinstance(event, vocabulary.CallArrived) and event.leg == mine.leg:
                call_id = event.call
            if not call_id or event.call != call_id or page.test_call not in (mine, None):
                continue
            if isinstance(event, FACTS):
                await page.tell(_told(event))
            if isinstance(event, vocabulary.CallEnded):
                if page.test_call is mine:
                    page.test_call = None
                return


def _event(fields: dict[bytes, bytes]) -> vocabulary.Event:
    return vocabulary.decode(fields[b"m"])


def _told(event: vocabulary.Event) -> dict[str, Any]:
    data = vocabulary.to_data(event)
    return {"m": "testcall.event", "at": event.at, "what": type(event).__name__, **{key: data[key] for key in SHOWN & data.keys()}}


MESSAGES = {"testcall.call": entry(Call, call, administrators), "testcall.hang_up": entry(Empty, hang_up, administrators)}
