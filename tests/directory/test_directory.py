"""OB-04: contacts that everybody shares are found while one types, and kept by team leaders."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Role, Team, User
from apps.directory import numbers, services, words
from apps.directory.models import Contact, SearchWord


def contact(name: str, *its: str, company: str = "", tags: str = "") -> Contact:
    made = Contact.objects.create(name=name, company=company, tags=tags)
    for number in its:
        made.numbers.create(number=number)
    services.index([made.pk])
    return made


def found(text: str) -> list[str]:
    return [contact.name for contact in services.find(text)]


@pytest.fixture
def people(db: None) -> None:
    contact("Kari Nordmann", "+4722334455", "+4790123456", company="Berg Bygg AS", tags="supplier, oslo")
    contact("Bjørn Åsen", "+46812345678", company="Åsen & Sønner", tags="press")
    contact("Karin Lie", "1881", tags="supplier, bergen")


def fields(name: str, *typed: str, **more: str) -> dict[str, str]:
    """The form of a contact with new numbers, as a browser sends it."""
    form = {"name": name, "company": "", "tags": "", "email": "", "note": "", **more}
    form |= {"numbers-TOTAL_FORMS": str(len(typed)), "numbers-INITIAL_FORMS": "0"}
    for place, number in enumerate(typed):
        form |= {f"numbers-{place}-number": number, f"numbers-{place}-kind": "mobile"}
    return form


def browser(role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(role, password=None, team=Team.objects.create(name=role), role=role))
    return client


# -- finding


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("kari", ["Kari Nordmann", "Karin Lie"]),
        ("KARI N", ["Kari Nordmann"]),
        ("nord kar", ["Kari Nordmann"]),
        ("bygg", ["Kari Nordmann"]),
        ("bjorn", ["Bjørn Åsen"]),
        ("åsen", ["Bjørn Åsen"]),
        ("A\u030asen", ["Bjørn Åsen"]),
        ("supplier berg", ["Kari Nordmann", "Karin Lie"]),
        ("supplier bergen", ["Karin Lie"]),
        ("sup nobody", []),
        ("ordmann", []),
        (" ", []),
        ("%", []),
    ],
)
def test_every_typed_word_begins_a_word_of_name_company_or_tags(people: None, typed: str, names: list[str]) -> None:
    """OB-04"""
    assert sorted(found(typed)) == names


@pytest.mark.parametrize(
    "typed", ["22334455", "22 33 44", "+47 22 33 44 55", "004722334455", "4722334455", "(22) 33-44", "901 23 456", "2233 kari"]
)
def test_a_number_is_found_however_it_is_spelled(people: None, typed: str) -> None:
    """OB-04"""
    assert found(typed) == ["Kari Nordmann"]


def test_short_numbers_and_those_of_other_countries_are_found(people: None) -> None:
    """OB-04"""
    assert found("188") == ["Karin Lie"]
    assert found("+46 8 123") == found("0046812") == ["Bjørn Åsen"]


def test_who_is_called_just_what_was_typed_comes_first_and_no_more_are_found_than_can_be_shown(people: None) -> None:
    for number in range(30):
        contact(f"Karianne {number:02}")
    assert found("kari")[0] == "Kari Nordmann"
    assert len(found("kari")) == services.FOUND == len(set(found("kari")))


def test_searching_costs_the_same_few_queries_however_many_are_found(people: None) -> None:
    with CaptureQueriesContext(connection) as one:
        found("kari nordmann")
    for number in range(30):
        contact(f"Kari {number:02} Nordmann", "+4722334455")
    with CaptureQueriesContext(connection) as many:
        assert len(found("kari nordmann")) == services.FOUND
    assert len(many) == len(one) <= 5


def test_a_word_longer_than_is_kept_still_finds(db: None) -> None:
    long = "ø" * 60
    contact(long)
    assert found(long) == found("ø" * 45) == [long]
    assert max(len(bytes(word.word)) for word in SearchWord.objects.all()) == words.LONGEST


# -- keeping


def test_a_team_leader_writes_a_contact_and_it_is_found_by_what_it_is_now(db: None) -> None:
    """OB-02, OB-04: numbers are kept as E.164."""
    leader = browser(Role.TEAM_LEADER)
    answer = leader.post(reverse("admin:directory_contact_add"), fields("Per Dahl", "22 33 44 55", "113", tags="a,  b c ,a,"))
    assert answer.status_code == 302
    per = Contact.objects.get()
    assert [row.number for row in per.numbers.all()] == ["+4722334455", "113"]
    assert per.tags == "a, b c"
    assert found("dahl") == found("2233") == ["Per Dahl"]
    change = reverse("admin:directory_contact_change", args=[per.pk])
    assert leader.post(change, fields("Per Lund")).status_code == 302
    assert (found("dahl"), found("lund 2233")) == ([], ["Per Lund"])
    leader.post(reverse("admin:directory_contact_delete", args=[per.pk]), {"post": "yes"})
    assert not Contact.objects.exists() and not SearchWord.objects.exists()


@pytest.mark.parametrize(
    ("number", "kept"), [("22 33 44 55", "+4722334455"), ("0046 8-12345678", "+46812345678"), ("1881", "1881"), ("1 13", "113")]
)
def test_a_number_is_kept_as_it_is_called_from_everywhere(number: str, kept: str) -> None:
    """OB-02: E.164; short numbers as they are dialled."""
    assert numbers.kept(number, "NO") == kept


@pytest.mark.parametrize("wrong", [["kari"], ["1"], ["22334455", "+47 22 33 44 55"]], ids=["letters", "too short", "twice"])
def test_a_wrong_number_is_refused_at_its_field(db: None, wrong: list[str]) -> None:
    answer = browser(Role.TEAM_LEADER).post(reverse("admin:directory_contact_add"), fields("Per Dahl", *wrong))
    assert answer.status_code == 200 and not Contact.objects.exists()
    assert any(form.errors for form in answer.context["inline_admin_formsets"][0].formset.forms)


def test_the_list_in_admin_finds_all_of_them_page_by_page(people: None) -> None:
    for number in range(60):
        contact(f"Karianne {number:02}")
    page = browser(Role.TEAM_LEADER).get(reverse("admin:directory_contact_changelist"), {"q": "kari"}).context["cl"]
    assert (page.result_count, len(page.result_list)) == (62, 50)


def test_an_agent_writes_nothing(people: None) -> None:
    """OB-04"""
    agent = browser(Role.AGENT)
    for page in ("changelist", "add"):
        assert agent.get(reverse(f"admin:directory_contact_{page}")).status_code in (302, 403)
    agent.post(reverse("admin:directory_contact_add"), fields("Per Dahl"))
    assert not Contact.objects.filter(name="Per Dahl").exists()


# -- whose a number is


def test_a_number_has_a_name_where_it_is_clear_whose_it_is(people: None) -> None:
    """SP-04: one contact's; or of several, the company that they share."""
    contact("Nils Sørli", "+4722000001", company="Fjord AS")
    contact("Siri Aas", "+4722000001", company="Fjord AS")
    contact("Per Lund", "+4722000002", company="Lund AS")
    contact("Pia Moe", "+4722000002")
    numbers = ["+4722334455", "+4790123456", "+4722000001", "+4722000002", "+4799999999", ""]
    names = services.names_of(numbers)
    assert names == {"+4722334455": "Kari Nordmann", "+4790123456": "Kari Nordmann", "+4722000001": "Fjord AS"}


def test_names_cost_one_query_however_many_numbers_there_are(people: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        services.names_of(f"+47220000{number:02}" for number in range(50))
    assert len(queries) == 1
