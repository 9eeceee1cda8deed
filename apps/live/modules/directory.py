"""The directory on the desk: contacts are found while somebody types (OB-04). What he types is in no address and in no log."""

from typing import Annotated, Any

import msgspec
from channels.db import database_sync_to_async
from msgspec import Meta

from apps.directory import services
from apps.directory.models import Contact
from apps.live import record
from apps.live.modules import agents, entry
from apps.live.page import Page


class Find(msgspec.Struct, frozen=True):
    """`text`: what stands in the field so far."""

    text: Annotated[str, Meta(max_length=100)]


async def find(page: Page, message: Find) -> dict[str, Any]:
    """The first `services.FOUND` contacts; `more`: there are others."""
    found = await database_sync_to_async(services.find)(message.text, most=services.FOUND + 1)
    return {"contacts": [_shown(contact) for contact in found[: services.FOUND]], "more": len(found) > services.FOUND}


def _shown(contact: Contact) -> dict[str, Any]:
    """`calls`: whether the desk can call the number; short ones it cannot."""
    numbers = [
        {"number": row.number, "shown": record.pretty(row.number), "kind": row.kind, "calls": row.number.startswith("+")}
        for row in contact.numbers.all()
    ]
    return {"name": contact.name, "company": contact.company, "numbers": numbers}


MESSAGES = {"directory.find": entry(Find, find, agents)}
