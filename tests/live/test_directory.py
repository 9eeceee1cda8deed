"""The directory on the desk: contacts are found over the page's connection (OB-04), and told with a caller (SP-04)."""

from collections.abc import Callable

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from apps.accounts.models import Team, User
from apps.calls.models import Call
from apps.directory import services
from apps.directory.models import Contact
from apps.live import record
from tests.fakes.pages_switch import PagesSwitch

pytestmark = pytest.mark.django_db(transaction=True)


def contact(name: str, *numbers: str, company: str = "", note: str = "") -> None:
    made = Contact.objects.create(name=name, company=company, note=note)
    for number in numbers:
        made.numbers.create(number=number)
    services.index([made.pk])


async def keep(name: str, *numbers: str, **more: str) -> None:
    await database_sync_to_async(contact)(name, *numbers, **more)


async def test_an_agent_finds_a_contact_with_all_its_numbers(who, opens: Callable, switch: PagesSwitch) -> None:
    """OB-04: short numbers are shown; the desk cannot call them."""
    await keep("Kari Nordmann", "+4790123456", "1881", company="Berg Bygg AS")
    answer = await (await opens(who["anna"])).ask("directory.find", text="kar 901")
    assert (answer["code"], answer["more"]) == ("", False)
    numbers = [{"number": "+4790123456", "shown": "90 12 34 56", "kind": "mobile", "calls": True}]
    numbers.append({"number": "1881", "shown": "1881", "kind": "mobile", "calls": False})
    assert answer["contacts"] == [{"name": "Kari Nordmann", "company": "Berg Bygg AS", "numbers": numbers}]


async def test_that_there_are_more_than_are_shown_is_told(who, opens: Callable, switch: PagesSwitch) -> None:
    for number in range(services.FOUND + 1):
        await keep(f"Karianne {number:02}")
    answer = await (await opens(who["anna"])).ask("directory.find", text="karianne")
    assert (len(answer["contacts"]), answer["more"]) == (services.FOUND, True)


@pytest.mark.parametrize("wrong", [{"text": "x" * 101}, {"text": 7}, {}])
async def test_what_is_too_long_or_no_text_is_not_looked_for(who, opens: Callable, switch: PagesSwitch, wrong: dict) -> None:
    assert (await (await opens(who["anna"])).ask("directory.find", **wrong))["code"] == "bad_message"


async def test_of_whom_an_agent_talks_to_the_desk_tells_what_the_directory_knows(who, opens: Callable, switch: PagesSwitch) -> None:
    """SP-04"""
    await keep("Kari Nordmann", "+4722334455", company="Berg Bygg AS", note="Ask for the order number.")
    page = await opens(who["anna"])
    switch.ring(who["anna"].pk)
    await page.sees(f"agent:{who['anna'].pk}", lambda document: document and document["card"])
    told = (await page.ask("desk.customer"))["customer"]
    assert (told["caller"], told["name"], told["more"]) == ("+4722334455", "Kari Nordmann", 0)
    assert told["contacts"] == [{"name": "Kari Nordmann", "company": "Berg Bygg AS", "tags": "", "note": "Ask for the order number."}]


def test_a_withheld_number_is_nobodys(db: None) -> None:
    """SP-04: not even that of a contact without a number."""
    contact("Kari Nordmann")
    told = record.customer("")
    assert (told["name"], told["contacts"], told["more"], told["earlier"]["count"]) == ("", [], 0, 0)


def test_the_calls_of_a_day_have_the_names_of_the_directory(db: None) -> None:
    """OB-04: what a telephone says of its owner stands only where the directory knows nothing."""
    anna = User.objects.create_user("anna", password=None, team=Team.objects.create(name="Service"))
    contact("Kari Nordmann", "+4722334455")
    now = timezone.now()
    for place, number in enumerate(("+4722334455", "+4799999999", "")):
        times = {"started_at": now - timezone.timedelta(microseconds=place), "answered_at": now, "ended_at": now}
        call = Call.objects.create(id=f"call-{place}", caller=number, caller_name="Mallory", **times)
        call.legs.create(id=f"leg-{place}", role="agent", agent=anna, started_at=call.started_at, talked=60)
    assert [call["name"] for call in record.my_day(anna)["last"]] == ["Kari Nordmann", "Mallory", "Mallory"]


def test_of_many_with_one_number_some_are_told_and_none_is_named(db: None) -> None:
    """SP-04: who calls from a switchboard nobody knows."""
    for number in range(record.CONTACTS + 4):
        contact(f"Person {number}", "+4722334455", company=f"Company {number}")
    told = record.customer("+4722334455")
    assert (told["name"], len(told["contacts"]), told["more"]) == ("", record.CONTACTS, 4)
