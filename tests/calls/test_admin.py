"""Calls in admin: found, read, and not changed; with a bounded number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Role, Team
from apps.calls import services
from apps.calls.models import Call
from apps.directory.models import Contact
from apps.events import vocabulary as v
from apps.notes import services as notes
from apps.notes.models import Note
from apps.queues.models import Disposition, Queue
from apps.recordings import reading
from apps.recordings.models import Recording
from contactcenter.lib import phone
from tests.calls.story import CALL, CALLER_LEG, FIRST_LEG, RECORDING, SECOND_LEG, START, entries, facts

LIST = "admin:calls_call_changelist"


@pytest.fixture
def administrator(company, client):
    client.force_login(company.person("ada", "Ada", "Lie", role=Role.ADMINISTRATOR, language="en"))
    return client


@pytest.fixture
def call(company) -> Call:
    told = entries(facts(company))
    services.read(told)
    reading.read(told)
    return Call.objects.get()


def page(call_id: str = CALL) -> str:
    return reverse("admin:calls_call_change", args=[call_id])


def listed(client, **query) -> list[str]:
    return [call.pk for call in client.get(reverse(LIST), query).context["cl"].result_list]


def test_the_list_shows_who_called_whom_how_long_and_how_it_ended(administrator, call):
    text = administrator.get(reverse(LIST)).content.decode()
    for shown in (
        "2026-03-02 10:00:00",
        "22 33 44 55 Kari Nordmann",
        "800 12 345 Main number",
        "Support",
        "Anna Berg",
        "32 s",
        "2:13 min",
        "The caller hung up",
    ):
        assert shown in text


def test_a_caller_is_called_as_the_directory_has_him_now(administrator, call):
    """SP-04: what his telephone said of him is told only if the directory does not know the number."""
    Contact.objects.create(name="Kari Berg").numbers.create(number=call.caller)
    for address in (reverse(LIST), page()):
        text = administrator.get(address).content.decode()
        assert "22 33 44 55 Kari Berg" in text and "22 33 44 55 Kari Nordmann" not in text


def test_the_page_tells_the_call_and_explains_each_offer(administrator, call):
    """AR-02, IV-05, QU-14."""
    text = administrator.get(page()).content.decode()
    for shown in (
        "Menu «Main menu»: chose 1 Invoice after 4.2 s",
        "Offered to Per Dahl: not answered after 20 s",
        "these agents were considered",
        "Seconds since the last offer, or ready",
        "300.5",
        "Evening",
        "of it 12 s on hold",
    ):
        assert shown in text


def test_the_page_plays_the_stored_recording_and_lists_its_gaps(administrator, call):
    """RC-02."""
    Recording.objects.update(state="stored")
    text = administrator.get(page()).content.decode()
    assert f'src="{reverse("recording_audio", args=[RECORDING])}"' in text
    assert 'preload="none"' in text
    assert "10:01:20</time>–<time" in text  # 09:01:20 UTC, as Oslo reads it (PF-05)
    assert "10:01:35</time>" in text


def test_the_page_says_that_a_recording_is_on_its_way(administrator, call):
    text = administrator.get(page()).content.decode()
    assert "on its way to the archive" in text
    assert "<audio" not in text


def test_the_page_is_norwegian_for_a_norwegian(company, client, call):
    """PF-05: the time is that of his zone; the words come with the translations."""
    client.force_login(company.person("nils", "Nils", "Lie", role=Role.ADMINISTRATOR, language="nb"))
    assert "4,2" in client.get(page()).content.decode()


def test_names_from_a_telephone_cannot_bring_markup_into_the_page(administrator, company):
    event = facts(company)[0]
    services.read(entries([type(event)(at=START, call=CALL, leg="1", caller="<b>1", caller_name="<script>x", dialled="<i>2")]))
    for address in (page(), reverse(LIST)):
        text = administrator.get(address).content.decode()
        assert "<script>x" not in text
        assert "<b>1" not in text


@pytest.mark.parametrize("typed", ["22334455", "22 33 44 55", "+47 22 33 44 55", "Kari", CALL])
def test_a_call_is_found_as_people_write(administrator, company, call, typed):
    services.read(entries([type(facts(company)[0])(at=START, call="other", leg="9", caller="+4799999999", dialled="1")], first_seq=500))
    assert listed(administrator, q=typed) == [CALL]


def test_the_list_is_filtered(administrator, company, call):
    other = facts(company, call="other", at=START - 86_400)
    services.read(entries(other[:3], first_seq=500))
    Call.objects.filter(pk="other").update(test=True, access_number=None)
    assert listed(administrator, queue__id__exact=company.support.pk) == [CALL]
    assert listed(administrator, agent__id__exact=company.anna.pk) == [CALL]
    assert listed(administrator, access_number__id__exact=company.number.pk) == [CALL]
    assert listed(administrator, test__exact=1) == ["other"]
    assert listed(administrator, started_at_from_0="2026-03-02", started_at_from_1="00:00:00") == [CALL]
    assert listed(administrator, started_at_to_0="2026-03-01", started_at_to_1="23:00:00") == ["other"]
    assert listed(administrator) == [CALL, "other"]


def queries(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_queries_of_the_list_do_not_grow_with_the_calls(administrator, company, call):
    """AR-01 begins here: a list that stays fast."""
    few = queries(administrator, reverse(LIST))
    many = [event for number in range(20) for event in facts(company, call=f"call-{number}")]
    services.read(entries(many, first_seq=500))
    assert queries(administrator, reverse(LIST)) == few <= 11


def test_the_queries_of_the_page_do_not_grow_with_the_time_line(administrator, company, call):
    administrator.get(page())  # what is looked up once in a process (content types) is no cost of the page
    few = queries(administrator, page())
    again = [event for _ in range(20) for event in facts(company)[2:7]]
    services.read(entries(again, first_seq=500))
    assert queries(administrator, page()) == few <= 17


def test_the_page_shows_how_each_connection_sounded(administrator, company):
    """SP-06: grade in words, and the figures that it comes from, both ways; where nothing came or was reported there are none."""
    told = [e for e in facts(company) if not isinstance(e, v.LegFinished)]
    told += [
        v.LegFinished(at=START + 31, call=CALL, leg=FIRST_LEG, code=487),
        v.LegFinished(at=START + 180, call=CALL, leg=SECOND_LEG, code=200, received=900, lost=100, jitter_ms=12.4, rtt_ms=48.0),
        v.LegFinished(at=START + 181, call=CALL, leg=CALLER_LEG, code=200, received=1000, sent=900, sent_lost=27, sent_jitter_ms=7.3),
    ]
    services.read(entries(told))
    shown = {one.leg.pk: one for one in administrator.get(page()).context["connections"]}
    second, caller = shown[SECOND_LEG], shown[CALLER_LEG]
    assert (second.who, second.came.grade, second.came.loss_percent, second.went.grade) == ("Anna Berg", "poor", 10.0, "")
    assert (caller.came.grade, caller.went.grade, caller.went.loss_percent) == ("good", "good", 3.0)
    assert (shown[FIRST_LEG].came.grade, shown[FIRST_LEG].went.grade, shown[FIRST_LEG].seconds) == ("", "", None)
    text = " ".join(administrator.get(page()).content.decode().split())
    for words in ("Poor sound", "10.0 %", "12 ms", "48 ms", "Nothing was received", "3.0 %", "7 ms", "No report of it"):
        assert words in text


def given_summed_up(company, call: Call, name: str = "Sold", note: str = "Wants the blue one") -> Disposition:
    disposition, _ = Disposition.objects.get_or_create(queue=company.support, name=name)
    said = {"agent": company.anna.pk, "queue": company.support.pk, "disposition": disposition.pk, "name": name}
    services.read(entries([v.DispositionChosen(at=START + 180, call=call.pk, **said)], first_seq=900 + disposition.pk))
    notes.write(call=call.pk, agent=company.anna, text=note, revision=0)
    return disposition


def test_the_page_shows_note_and_disposition_and_the_time_line_what_was_chosen(administrator, company, call):
    given_summed_up(company, call, note="First line\n<b>second</b>")
    text = administrator.get(page()).content.decode()
    for shown in ("First line<br>&lt;b&gt;second&lt;/b&gt;", "Anna Berg", "Anna Berg chose the disposition “Sold”"):
        assert shown in text


def test_calls_are_found_by_disposition_whatever_their_queue(administrator, company, call):
    given_summed_up(company, call)
    Disposition.objects.create(queue=Queue.objects.create(name="Sales"), name="Sold")
    Disposition.objects.create(queue=company.support, name="Not sold")
    text = administrator.get(reverse(LIST)).content.decode()
    assert text.count('<option value="Sold">') == 1
    assert (listed(administrator, disposition="Sold"), listed(administrator, disposition="Not sold")) == ([CALL], [])


def test_a_disposition_that_is_deleted_stays_in_the_time_line(administrator, company, call):
    given_summed_up(company, call).delete()
    assert Call.objects.get().disposition is None
    assert "chose the disposition “Sold”" in administrator.get(page()).content.decode()


def test_a_note_is_gone_with_its_call(company, call):
    given_summed_up(company, call)
    call.delete()
    assert not Note.objects.exists()


def test_nobody_changes_what_happened(administrator, call):
    assert administrator.post(page(), {"caller": "1"}).status_code == 403
    assert administrator.post(reverse("admin:calls_call_delete", args=[CALL])).status_code == 403
    assert administrator.get(reverse("admin:calls_call_add")).status_code == 403


def test_a_team_leader_sees_the_calls_of_his_team_only(company, client, call):
    """PF-02."""
    client.force_login(company.liv)
    assert listed(client) == [CALL]
    assert client.get(page()).status_code == 200
    company.anna.team = Team.objects.create(name="Another team")
    company.anna.save()
    assert listed(client) == []
    answer = client.get(page())
    assert answer.status_code == 302
    assert "Main menu" not in answer.content.decode()


def test_an_agent_does_not_come_in(company, client, call):
    client.force_login(company.anna)
    assert client.get(page()).status_code == 302


@pytest.mark.parametrize("kind", ["outbound", "system"])
def test_a_call_that_we_made_says_whom_we_called_and_is_found_by_its_kind(administrator, call, kind):
    shown = f"to {phone.pretty(call.caller, 'NO')}"
    assert shown not in administrator.get(reverse(LIST)).content.decode()
    Call.objects.update(kind=kind)
    assert shown in administrator.get(reverse(LIST), {"kind": kind}).content.decode()
    assert shown in administrator.get(page()).content.decode()
    assert listed(administrator, kind="inbound") == []


def test_calls_are_found_by_kind_operator_and_tariff_note_of_their_number(administrator, call):
    """AN-04."""
    call.access_number.kind, call.access_number.operator, call.access_number.tariff_note = "freephone", "Telenor", "Free"
    call.access_number.save()
    for query in ({"access_number__kind": "freephone"}, {"operator": "Telenor"}, {"tariff": "Free"}):
        assert listed(administrator, **query) == [CALL], query
    for query in ({"access_number__kind": "short"}, {"operator": "Telia"}, {"tariff": "Premium"}):
        assert listed(administrator, **query) == [], query
