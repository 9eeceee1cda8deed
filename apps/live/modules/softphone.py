"""The browser as a phone: whether it works, and what the agent does with his call. Media go to a gateway, decisions to the switch."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from apps.live.modules import Empty, Switch, agents, entry
from apps.live.page import Page, Refused
from apps.switch import board, requests
from apps.telephony import protocol
from contactcenter.lib import bus


class Test(msgspec.Struct, frozen=True):
    offer: protocol.Sdp


class Media(msgspec.Struct, frozen=True):
    leg: protocol.Id
    offer: protocol.Sdp


class Leg(msgspec.Struct, frozen=True):
    leg: protocol.Id


class Ready(msgspec.Struct, frozen=True):
    """The page heard (or no longer hears) its own media path."""

    ready: bool


class Keys(msgspec.Struct, frozen=True):
    digits: Annotated[str, Meta(pattern=r"^[0-9A-D*#]{1,32}$")]


def _address(page: Page) -> str:
    return f"agent-{page.user.pk}"


async def claim(page: Page, leg: str = "") -> None:
    """This connection is the agent's phone from now on; it has still to prove its media. `leg`: whose audio the page has not lost."""
    page.has_phone, page.ready = True, False
    async with page.phone_turn:
        kept = leg if leg and await _kept(page, leg) else ""
        await page.tell_switch(_state(page, leg=kept, claims=True))


async def _kept(page: Page, leg: str) -> bool:
    try:
        await page.choose_gateway()
        await page.ask_gateway(protocol.KeepMedia(**_whose(page), leg=leg))
    except Refused:
        return False
    return True


def _state(page: Page, *, leg: str = "", claims: bool) -> requests.SoftphoneUp:
    agent, gateway, ready = page.user.pk, page.gateway, page.ready
    return requests.SoftphoneUp(agent=agent, connection=page.connection, gateway=gateway, ready=ready, leg=leg, claims=claims)


async def test(page: Page, message: Test) -> dict[str, Any]:
    await page.choose_gateway()
    return await _media(page, protocol.TestMedia(**_whose(page), offer=message.offer, echo=False))


async def echo(page: Page, message: Test) -> dict[str, Any]:
    """The person hears himself. It takes nothing away from a test or a call that runs."""
    await page.choose_gateway()
    return await _media(page, protocol.TestMedia(**_whose(page), offer=message.offer, echo=True))


async def set_ready(page: Page, message: Ready) -> None:
    """SP-03. A page that gave the phone to a newer one must not take it back by itself."""
    async with page.phone_turn:
        if not page.has_phone:
            raise Refused("other_page")
        if message.ready and not page.gateway:
            raise Refused("no_softphone")
        page.ready = message.ready
        try:
            await page.ask_switch(_state(page, claims=False))
        except Refused as refused:
            raise Refused("other_page" if refused.code == "gone" else refused.code) from None


async def answer(page: Page, message: Media) -> dict[str, Any]:
    await _require_phone(page)
    return await _media(page, protocol.AnswerOffer(**_whose(page), leg=message.leg, offer=message.offer))


async def reattach(page: Page, message: Media) -> dict[str, Any]:
    """What a dead connection delivers late must not take the audio from the page that has it now."""
    await _require_phone(page)
    return await _media(page, protocol.Reattach(**_whose(page), leg=message.leg, offer=message.offer))


async def attached(page: Page, message: Leg) -> None:
    """The page hears the leg to which it has come back (SP-07)."""
    await page.ask_switch(requests.MediaAttached(agent=page.user.pk, connection=page.connection, leg=message.leg))


async def _require_phone(page: Page) -> None:
    """A page that gave the phone to a newer one answers nothing any more (SP-08)."""
    (entry,) = await page.follower.read([board.agent_topic(page.user.pk)])
    document = msgspec.json.decode(entry.document, type=board.AgentDocument | None)
    if document is None or document.connection != page.connection:
        raise Refused("other_page")


def _whose(page: Page) -> dict[str, str]:
    return {"reply_to": bus.new_id(), "connection": page.connection, "address": _address(page)}


async def _media(page: Page, request: protocol.GatewayRequest) -> dict[str, Any]:
    if not page.gateway:
        raise Refused("no_softphone")
    given = await page.ask_gateway(request)
    return {"sdp": given.sdp, "leg": given.leg}


async def reject(page: Page, message: Leg) -> None:
    await page.ask_switch(requests.RejectOffer(agent=page.user.pk, leg=message.leg))


async def hang_up(page: Page, message: Empty) -> None:
    await page.ask_switch(requests.HangUpCall(agent=page.user.pk))


async def hold(page: Page, message: Switch) -> None:
    await page.ask_switch(requests.Hold(agent=page.user.pk, on=message.on))


async def mute(page: Page, message: Switch) -> None:
    await page.ask_switch(requests.Mute(agent=page.user.pk, on=message.on))


async def press_keys(page: Page, message: Keys) -> None:
    await page.ask_switch(requests.PressKeys(agent=page.user.pk, digits=message.digits))


async def record(page: Page, message: Switch) -> None:
    await page.ask_switch(requests.SetRecording(agent=page.user.pk, on=message.on))


async def mask(page: Page, message: Switch) -> None:
    await page.ask_switch(requests.MaskRecording(agent=page.user.pk, on=message.on))


async def gone(page: Page) -> None:
    """The page has left: its media end, and unless a newer page has the phone the switch plays music to the customer (SP-07).

    A connection that broke says nothing about the audio, which takes another way: it goes on, and the page comes back to it.
    """
    if page.has_phone:
        await page.tell_switch(requests.SoftphoneDown(agent=page.user.pk, connection=page.connection, left=page.left))
        if page.left:
            await page.tell_gateway(protocol.CloseMedia(**_whose(page)))


MESSAGES = {
    "softphone.test": entry(Test, test, agents),
    "softphone.echo": entry(Test, echo, agents),
    "softphone.ready": entry(Ready, set_ready, agents),
    "softphone.answer": entry(Media, answer, agents),
    "softphone.reattach": entry(Media, reattach, agents),
    "softphone.attached": entry(Leg, attached, agents),
    "softphone.reject": entry(Leg, reject, agents),
    "softphone.hang_up": entry(Empty, hang_up, agents),
    "softphone.hold": entry(Switch, hold, agents),
    "softphone.mute": entry(Switch, mute, agents),
    "softphone.keys": entry(Keys, press_keys, agents),
    "softphone.record": entry(Switch, record, agents),
    "softphone.mask": entry(Switch, mask, agents),
}
