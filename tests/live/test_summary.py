"""Notes and dispositions by the page's connection: about one's own calls only."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from apps.calls.models import Call, Leg
from apps.live import record
from apps.notes import services
from apps.notes.models import LONGEST, Note
from apps.switch import board, requests
from tests.fakes.pages_switch import PagesSwitch

pytestmark = pytest.mark.django_db(transaction=True)


def talks(switch: PagesSwitch, agent: int, call: str = "call-1") -> None:
    switch.change(agent, status="connected", summary=board.Summary(call, "+4722334455", "Kari", "Support"))


async def test_a_note_is_written_read_again_and_changed(who, opens: Callable, switch: PagesSwitch) -> None:
    talks(switch, who["anna"].pk)
    page = await opens(who["anna"])
    assert (await page.ask("desk.note", call="call-1"))["text"] == ""
    assert (await page.ask("desk.write_note", call="call-1", text="Wants", revision=0))["revision"] == 1
    assert (await page.ask("desk.write_note", call="call-1", text="Wants it", revision=1))["revision"] == 2
    again = await page.ask("desk.note", call="call-1")
    assert (again["text"], again["revision"]) == ("Wants it", 2)


async def test_who_has_not_seen_the_newest_gets_it_and_writes_nothing(who, opens: Callable, switch: PagesSwitch) -> None:
    talks(switch, who["anna"].pk)
    page = await opens(who["anna"])
    await page.ask("desk.write_note", call="call-1", text="from one window", revision=0)
    answer = await page.ask("desk.write_note", call="call-1", text="from the other", revision=0)
    assert (answer["code"], answer["changed"], answer["revision"]) == ("", "from one window", 1)


async def test_nobody_reads_or_writes_about_calls_of_others(who, opens: Callable, switch: PagesSwitch) -> None:
    talks(switch, who["anna"].pk)
    await database_sync_to_async(services.write)(call="call-1", agent=who["anna"], text="private", revision=0)
    switch.change(who["per"].pk, status="ready")
    page = await opens(who["per"])
    for message in ("desk.note", "desk.write_note"):
        answer = await page.ask(message, call="call-1", text="mine", revision=0)
        assert answer["code"] == "not_your_call"
        assert "private" not in str(answer)
    assert await Note.objects.acount() == 1


@pytest.mark.parametrize(("hours", "code"), [(2, ""), (30, "not_your_call")])
async def test_what_could_not_be_saved_in_time_is_saved_within_a_day(hours, code, who, opens: Callable, switch: PagesSwitch) -> None:
    """The network was away, and the next call has come meanwhile."""
    then = timezone.now() - timedelta(hours=hours)
    call = await Call.objects.acreate(id="earlier", started_at=then, dialled="1")
    await Leg.objects.acreate(id="l", call=call, role="agent", agent=who["anna"], started_at=then, connected_at=then)
    talks(switch, who["anna"].pk)
    page = await opens(who["anna"])
    assert (await page.ask("desk.write_note", call="earlier", text="late", revision=0))["code"] == code


@pytest.mark.parametrize(
    "message",
    [
        {"m": "desk.write_note", "call": "call-1", "text": "x" * (LONGEST + 1), "revision": 0},
        {"m": "desk.write_note", "call": "call-1", "text": "x", "revision": -1},
        {"m": "desk.write_note", "call": "", "text": "x"},
        {"m": "desk.write_note", "call": "call-1", "text": None},
        {"m": "desk.disposition", "call": "call-1", "disposition": 0},
    ],
)
async def test_bad_input_is_refused(message: dict, who, opens: Callable, switch: PagesSwitch) -> None:
    talks(switch, who["anna"].pk)
    page = await opens(who["anna"])
    assert (await page.ask(message.pop("m"), **message))["code"] == "bad_message"
    assert not await Note.objects.aexists()


async def test_a_disposition_goes_to_the_switch(who, opens: Callable, switch: PagesSwitch) -> None:
    talks(switch, who["anna"].pk)
    page = await opens(who["anna"])
    assert (await page.ask("desk.disposition", call="call-1", disposition=7))["code"] == ""
    (asked,) = switch.asked(requests.ChooseDisposition)
    assert (asked.agent, asked.call, asked.disposition) == (who["anna"].pk, "call-1", 7)


def test_earlier_calls_tell_how_they_went_and_the_beginning_of_their_note(who, django_assert_max_num_queries) -> None:
    now = timezone.now()
    disposition = who["Support"].dispositions.create(name="Sold")
    for number in range(4):
        at = now - timedelta(days=number)
        Call.objects.create(id=f"c{number}", started_at=at, ended_at=at, caller="+4722334455", dialled="1", disposition=disposition)
        services.write(call=f"c{number}", agent=who["anna"], text=f"{number} " + "x" * 400, revision=0)
    with django_assert_max_num_queries(4):
        last = record.earlier_calls("+4722334455")["last"]
    assert [call["note"][:2] for call in last] == ["0 ", "1 ", "2 ", "3 "]
    assert {(call["disposition"], len(call["note"])) for call in last} == {("Sold", record.NOTE_SHOWN + 2)}
