"""What an agent says about his call: a note, saved as he types, and how the call went. About his own calls only."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from channels.db import database_sync_to_async
from django.utils import timezone
from msgspec import Meta

from apps.calls.models import Leg
from apps.live.modules import agents, entry
from apps.live.page import Page, Refused
from apps.notes import services
from apps.notes.models import LONGEST
from apps.switch import board, requests

LATE = timedelta(days=1)  # for what could not be saved before: the network was away, the next call has come

CallId = Annotated[str, Meta(min_length=1, max_length=64)]


class OfCall(msgspec.Struct, frozen=True):
    call: CallId


class Write(msgspec.Struct, frozen=True):
    """`revision`: what the page has seen of it, 0: nothing."""

    call: CallId
    text: Annotated[str, Meta(max_length=LONGEST)]
    revision: Annotated[int, Meta(ge=0, le=2**31 - 2)] = 0


class Choose(msgspec.Struct, frozen=True):
    call: CallId
    disposition: Annotated[int, Meta(ge=1, le=2**31 - 1)]


async def note(page: Page, message: OfCall) -> dict[str, Any]:
    await _require_own(page, message.call)
    return await database_sync_to_async(read)(message.call, page.user)


async def write(page: Page, message: Write) -> dict[str, Any]:
    """Was it written in another window meanwhile, that comes back as `changed`, and nothing is written."""
    await _require_own(page, message.call)
    return await database_sync_to_async(_write)(message, page.user)


async def choose(page: Page, message: Choose) -> None:
    await page.ask_switch(requests.ChooseDisposition(agent=page.user.pk, call=message.call, disposition=message.disposition))


def read(call: str, user: Any) -> dict[str, Any]:
    found = services.read(call, user)
    return {"text": found.text if found else "", "revision": found.revision if found else 0}


def _write(message: Write, user: Any) -> dict[str, Any]:
    try:
        return {"revision": services.write(call=message.call, agent=user, text=message.text, revision=message.revision)}
    except services.Stale as stale:
        return {"changed": stale.note.text, "revision": stale.note.revision}


async def _require_own(page: Page, call: str) -> None:
    """The call that the board has of him; or, from the record, one that he has talked in not long ago. Errors: `Refused`."""
    (found,) = await page.follower.read([board.agent_topic(page.user.pk)])
    document = msgspec.json.decode(found.document, type=board.AgentDocument | None)
    if document and document.summary and document.summary.call == call:
        return
    talked = Leg.objects.filter(call=call, agent=page.user, connected_at__isnull=False, started_at__gte=timezone.now() - LATE)
    if not await talked.aexists():
        raise Refused("not_your_call")


MESSAGES = {
    "desk.note": entry(OfCall, note, agents),
    "desk.write_note": entry(Write, write, agents),
    "desk.disposition": entry(Choose, choose, agents),
}
