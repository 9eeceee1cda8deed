"""Contacts as a CSV file, line by line: an import of it changes nothing."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from apps.directory import sheet, wording
from apps.directory.models import Contact
from apps.directory.sheet import HEADERS, KINDS

CHUNK = 500  # contacts in memory


def response(contacts: QuerySet[Contact]) -> StreamingHttpResponse:
    name = f"{gettext('directory')}-{timezone.localdate()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(_file(contacts, wording.language()), content_type="text/csv; charset=utf-8", headers=headers)


async def _file(contacts: QuerySet[Contact], language: str) -> AsyncIterator[bytes]:
    """With the mark by which Excel knows UTF-8."""
    yield ("\ufeff" + sheet.lines([sheet.header(language)], language)).encode()
    last = 0
    while chunk := await sync_to_async(_after)(contacts, last):
        yield sheet.lines((cells(contact) for contact in chunk), language).encode()
        last = chunk[-1].pk


def _after(contacts: QuerySet[Contact], last: int) -> list[Contact]:
    return list(contacts.filter(pk__gt=last).order_by("pk").prefetch_related("numbers")[:CHUNK])


def cells(contact: Contact) -> list[str]:
    """In the order of HEADERS."""
    kinds = {kind: ", ".join(row.number for row in contact.numbers.all() if row.kind == kind) for kind in KINDS}
    return [kinds[column] if column in kinds else getattr(contact, column) for column in HEADERS]
