"""The agent's status: log on, ready, pause, wrap-up; and what the desk shows from the record. Always about the agent himself."""

from typing import Annotated, Any

import msgspec
from channels.db import database_sync_to_async
from django.conf import settings
from msgspec import Meta

from apps.live import audience, record
from apps.live.modules import Empty, agents, entry
from apps.live.page import Page, Refused
from apps.switch import dialling, requests
from apps.telephony import leases
from contactcenter.lib import phone

Reason = Annotated[str, Meta(max_length=80)]


class LogOn(msgspec.Struct, frozen=True):
    """`phone`: "softphone", or a number as a person writes it."""

    profile: int
    phone: Annotated[str, Meta(max_length=40)] = "softphone"
    pause: Reason = ""


class Pause(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(min_length=1, max_length=80)]


class ExtendWrapUp(msgspec.Struct, frozen=True):
    seconds: Annotated[int, Meta(ge=1, le=600)] = 30


class CallOut(msgspec.Struct, frozen=True):
    """`number` as a person writes it. `caller_id` 0: the first that he may choose."""

    number: Annotated[str, Meta(max_length=40)]
    caller_id: Annotated[int, Meta(ge=0, le=2**31)] = 0


async def log_on(page: Page, message: LogOn) -> None:
    """SP-02, SP-03: a profile of his own or his team, and a phone that works."""
    own = audience.profiles_of(page.user).filter(pk=message.profile)
    if not await own.aexists():
        raise Refused("unknown_profile")
    number = _phone(page, message.phone)
    await page.ask_switch(requests.LogOn(agent=page.user.pk, profile=message.profile, phone=number, pause=message.pause))


def _phone(page: Page, written: str) -> str:
    if written == "softphone":
        if not page.ready:
            raise Refused("no_softphone")
        return written
    number = phone.e164(written, settings.COUNTRY)
    if number is None:
        raise Refused("bad_number")
    return number


async def log_off(page: Page, message: Empty) -> None:
    await page.ask_switch(requests.LogOff(agent=page.user.pk))


async def become_ready(page: Page, message: Empty) -> None:
    await page.ask_switch(requests.BecomeReady(agent=page.user.pk))


async def pause(page: Page, message: Pause) -> None:
    await page.ask_switch(requests.Pause(agent=page.user.pk, reason=message.reason))


async def extend_wrap_up(page: Page, message: ExtendWrapUp) -> None:
    await page.ask_switch(requests.ExtendWrapUp(agent=page.user.pk, seconds=message.seconds))


async def call_out(page: Page, message: CallOut) -> None:
    """OB-01. The switch decides; the cell that it needs is leased here."""
    try:
        number = dialling.number_of(message.number)
        wish = dialling.wish(await leases.take_soon_async(page.follower.redis), number, agent=page.user.pk, caller_id=message.caller_id)
    except dialling.NotBegun as refused:
        raise Refused(refused.code) from None
    await page.ask_switch(wish)


async def my_day(page: Page, message: Empty) -> dict[str, Any]:
    return {"day": await database_sync_to_async(record.my_day)(page.user)}


async def customer(page: Page, message: Empty) -> dict[str, Any]:
    """What is known of the customer on the card. An agent asks about nobody else's."""
    return {"customer": await database_sync_to_async(record.customer)(page.card_caller)}


MESSAGES = {
    "desk.log_on": entry(LogOn, log_on, agents),
    "desk.log_off": entry(Empty, log_off, agents),
    "desk.ready": entry(Empty, become_ready, agents),
    "desk.pause": entry(Pause, pause, agents),
    "desk.extend_wrap_up": entry(ExtendWrapUp, extend_wrap_up, agents),
    "desk.call_out": entry(CallOut, call_out, agents),
    "desk.my_day": entry(Empty, my_day, agents),
    "desk.customer": entry(Empty, customer, agents),
}
