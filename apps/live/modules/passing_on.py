"""The agent asks somebody while his customer waits, or brings his customer to somebody else (TR-01 to TR-03). Always about his own call."""

from typing import Annotated, Any

import msgspec
from django.conf import settings
from msgspec import Meta

from apps.events.vocabulary import TargetKind
from apps.live.modules import Empty, agents, entry
from apps.live.page import Page, Refused
from apps.live.targets import targets
from apps.switch import requests
from contactcenter.lib import phone


class To(msgspec.Struct, frozen=True):
    """`number` as a person writes it. `caller_id`: which number is shown there; 0: the first that he may choose."""

    kind: TargetKind
    id: Annotated[int, Meta(ge=0, le=2**31)] = 0
    number: Annotated[str, Meta(max_length=40)] = ""
    caller_id: Annotated[int, Meta(ge=0, le=2**31)] = 0


class Bring(msgspec.Struct, frozen=True):
    to: To


def _target(message: Bring) -> requests.Target:
    to = message.to
    if to.kind != "number":
        return requests.Target(to.kind, to.id)
    number = phone.e164(to.number, settings.COUNTRY)
    if number is None:
        raise Refused("bad_number")
    return requests.Target("number", number=number, caller_id=to.caller_id)


async def list_targets(page: Page, message: Empty) -> dict[str, Any]:
    return await targets(page)


async def consult(page: Page, message: Bring) -> None:
    await page.ask_switch(requests.Consult(agent=page.user.pk, to=_target(message)))


async def transfer(page: Page, message: Bring) -> None:
    await page.ask_switch(requests.Transfer(agent=page.user.pk, to=_target(message)))


async def complete(page: Page, message: Empty) -> None:
    await page.ask_switch(requests.CompleteTransfer(agent=page.user.pk))


async def join_all(page: Page, message: Empty) -> None:
    await page.ask_switch(requests.JoinAll(agent=page.user.pk))


async def take_back(page: Page, message: Empty) -> None:
    await page.ask_switch(requests.TakeBack(agent=page.user.pk))


MESSAGES = {
    "transfer.targets": entry(Empty, list_targets, agents),
    "transfer.consult": entry(Bring, consult, agents),
    "transfer.blind": entry(Bring, transfer, agents),
    "transfer.complete": entry(Empty, complete, agents),
    "transfer.join_all": entry(Empty, join_all, agents),
    "transfer.take_back": entry(Empty, take_back, agents),
}
