"""What is written beside the contacts themselves, and how they are found."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from apps.directory import words
from apps.directory.models import Contact, ContactNumber, SearchWord

FOUND = 20  # contacts that an agent is shown
WORDS_ALIKE = 8  # words of one contact that may begin alike, as far as anybody would notice
COUNTED = 2000  # a prefix of more words than this is as frequent as any other
BATCH = 500  # contacts, each with some eight words


def index(ids: Iterable[int]) -> None:
    """Make these contacts found by what they and their numbers are now."""
    ids = list(ids)
    for start in range(0, len(ids), BATCH):
        _index(ids[start : start + BATCH])


@transaction.atomic
def _index(ids: list[int]) -> None:
    """The contacts are locked, so that of two who write the same one the later one finds the earlier one's words and takes them away."""
    contacts = list(Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk").prefetch_related("numbers"))
    SearchWord.objects.filter(contact__in=ids).delete()
    SearchWord.objects.bulk_create(SearchWord(contact=contact, word=word) for contact in contacts for word in _words(contact))


def _words(contact: Contact) -> set[bytes]:
    numbers = [row.number for row in contact.numbers.all()]
    return words.of_contact([contact.name, contact.company, contact.tags], numbers, settings.COUNTRY)


def find(text: str, *, most: int = FOUND) -> list[Contact]:
    """With their numbers; those whose word is just what was typed come first. Nothing typed: none."""
    prefixes = words.asked(text)
    if not prefixes:
        return []
    found = _first(prefixes, most)
    contacts = Contact.objects.prefetch_related("numbers").in_bulk(found)
    return [contacts[pk] for pk in found if pk in contacts]


def matching(contacts: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    """All of `contacts` that `find` could find; for lists with pages."""
    for prefix in words.asked(text):
        contacts = contacts.filter(pk__in=_beginning(prefix).values("contact"))
    return contacts


def of_number(number: str, *, most: int) -> tuple[list[Contact], int]:
    """The first contacts that have this number (E.164), and how many have it."""
    having = Contact.objects.filter(numbers__number=number)
    return list(having[:most]), having.count()


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """Number -> whose it is, where that is clear: one contact's name, or the company that all its contacts have. One query."""
    wanted = {number for number in numbers if number}
    if not wanted:
        return {}
    having = ContactNumber.objects.filter(number__in=wanted).order_by().values("number")
    company = {"first": Min("contact__company"), "last": Max("contact__company")}
    found = having.annotate(contacts=Count("contact"), name=Min("contact__name"), **company)
    names = {row["number"]: _clear_name(row) for row in found}
    return {number: name for number, name in names.items() if name}


def _clear_name(row: Mapping[str, Any]) -> str:
    if row["contacts"] == 1:
        return row["name"]
    return row["first"] if row["first"] == row["last"] else ""


def _first(prefixes: list[bytes], most: int) -> list[int]:
    """Ids. The index is walked along the rarest prefix, and only until enough are found."""
    rarest, *others = sorted(prefixes, key=_frequency) if len(prefixes) > 1 else prefixes
    found = _beginning(rarest)
    for prefix in others:
        found = found.filter(Exists(_beginning(prefix).filter(contact=OuterRef("contact"))))
    ids = found.order_by("word", "contact").values_list("contact", flat=True)[: most * WORDS_ALIKE]
    return list(dict.fromkeys(ids))[:most]


def _frequency(prefix: bytes) -> int:
    return _beginning(prefix)[:COUNTED].count()


def _beginning(prefix: bytes) -> QuerySet[SearchWord]:
    """0xff is in no UTF-8 text, so every word with this beginning is smaller than the beginning and 0xff."""
    return SearchWord.objects.filter(word__gte=prefix, word__lt=prefix + b"\xff")
