"""What a page and a program need alike to let an agent call out (OB-01): a number as a person writes it, a leased cell, one request.

number = dialling.number_of(written)                      # before a cell is taken for nothing
wish = dialling.wish(leases.take_soon(redis), number, agent=17)
"""

from django.conf import settings

from apps.switch.requests import CallOut
from apps.telephony import leases
from contactcenter.lib import bus, phone


class NotBegun(Exception):  # noqa: N818 - named for what is the matter
    """`code`: bad_number; busy: no cell is free."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def number_of(written: str) -> str:
    """E.164. Errors: NotBegun."""
    number = phone.e164(written, settings.COUNTRY)
    if number is None:
        raise NotBegun("bad_number")
    return number


def wish(
    cell: leases.FreeCell | leases.NoCell, number: str, *, agent: int, caller_id: int = 0, call: str = "", by: int | None = None
) -> CallOut:
    """`call`: the id it shall have; empty: a new one. `by`: who asks for it, if not the agent. Errors: NotBegun."""
    if not isinstance(cell, leases.FreeCell):
        raise NotBegun("busy")
    return CallOut(reply_to=bus.new_id(), agent=agent, call=call or bus.new_id(), cell=cell.cell, number=number, caller_id=caller_id, by=by)
