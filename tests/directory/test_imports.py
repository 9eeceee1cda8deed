"""A file of contacts: looked at first, then imported whole or not at all (OB-04)."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connections
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import translation

from apps.accounts.models import Role, Team, User
from apps.directory import imports, services, sheet, writing
from apps.directory.models import Contact, ContactImport, ContactNumber, SearchWord
from contactcenter.lib import bus
from tests.directory.test_directory import browser, contact, found

HEADER = "Reference;Name;Company;Mobile;Work;Tags;E-mail;Note\n"


@pytest.fixture(autouse=True)
def jobs(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They wait in a Redis of their own; tests do them themselves."""
    monkeypatch.setattr(bus, "client", lambda: redis)


@pytest.fixture
def people(db: None) -> dict[str, Contact]:
    kari = contact("Kari Nordmann", "+4790123456", company="Berg Bygg AS", tags="supplier, oslo")
    bjorn = contact("Bjørn Åsen", "+46812345678", company="Åsen & Sønner")
    return {"kari": kari, "bjorn": bjorn}


def given(text: str) -> ContactImport:
    """Handed in and read by a worker."""
    row = imports.add(name="contacts.csv", data=text.encode())
    imports.work(row.pk)
    row.refresh_from_db()
    return row


def done(row: ContactImport) -> ContactImport:
    assert imports.confirm(row.pk)
    imports.work(row.pk)
    row.refresh_from_db()
    return row


def figures(row: ContactImport) -> tuple[str, int, int, int]:
    return row.state, row.new, row.changed, row.same


def everything() -> list[Any]:
    contacts = list(Contact.objects.order_by("pk").values_list("reference", "name", "company", "tags", "email", "note", "changed_at"))
    return [contacts, list(ContactNumber.objects.order_by("pk").values_list()), SearchWord.objects.count()]


def numbers(name: str) -> dict[str, str]:
    return {row.number: row.kind for row in Contact.objects.get(name=name).numbers.all()}


def faults(row: ContactImport) -> list[tuple[int, str, str]]:
    assert row.state == "faulty"
    return [(at, column, code) for at, column, code, _ in row.faults]


def test_a_file_is_shown_first_and_imported_when_somebody_says_yes(people: dict[str, Contact]) -> None:
    """OB-04"""
    before = everything()
    nora = ";Nora Lie;Lie AS;901 11 111;22 33 44 55, 22 33 44 56;press;nora@lie.no;Knows all.\n"
    row = given(HEADER + nora + ";kari nordmann;BERG BYGG AS;90123456;;oslo;;\n")
    assert figures(row) == ("checked", 1, 1, 0) and everything() == before
    ((_, name, changes),) = row.preview["changed"]
    assert (name, changes[0], changes[2]) == (
        "Kari Nordmann",
        ["name", "Kari Nordmann", "kari nordmann"],
        ["tags", "supplier, oslo", "oslo"],
    )
    assert figures(done(row)) == ("done", 1, 1, 0)
    assert numbers("Nora Lie") == {"+4790111111": "mobile", "+4722334455": "work", "+4722334456": "work"}
    assert found("nora 2233") == ["Nora Lie"] and found("supplier") == []
    assert (bytes(row.content), row.preview) == (b"", None)


def test_a_faulty_file_changes_nothing_and_all_its_faults_are_told(people: dict[str, Contact]) -> None:
    """OB-04: by row and column."""
    before = everything()
    row = given(
        HEADER
        + ";Good One;;90111111;;;;\n"
        + f";;;nobody;4,72233E+09;;not.an.address;{'x' * 2001}\n"
        + ";Two Numbers;;90111111, 901 11 111;;;;\n"
        + ";Good One;;;;;;\n"
        + ";Short row\n"
        + ";Bell\x07;;;;;;\n"
    )
    assert faults(row) == [
        (3, "mobile", "number"), (3, "work", "shortened"), (3, "email", "email"), (3, "note", "long"), (3, "name", "missing"),
        (4, "mobile", "number_twice"), (5, "", "twice"), (6, "", "cells"), (7, "name", "signs"),
    ]  # fmt: skip
    assert everything() == before and not imports.confirm(row.pk) and bytes(row.content) == b""


@pytest.mark.parametrize("wrong", [b"", b"PK\x03\x04", b"Company\nx\n", b'Name\n"open\n', b"Name;Mobile\n"])
def test_a_file_that_cannot_be_read_says_why(db: None, wrong: bytes) -> None:
    row = imports.add(name="x.csv", data=wrong)
    imports.work(row.pk)
    row.refresh_from_db()
    assert row.state == "faulty" and len(row.faults) == 1


HOSTILE = {"digits": "4" * 130_000, "commas": "1," * 60_000, "apostrophes": "'" * 130_000, "exponents": "4,7E" * 30_000}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("cell", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_cell_takes_no_time(db: None, cell: str) -> None:
    row = given("Name;Mobile;Tags\n" + f'Kari;"{cell}";"{cell}"\n' * 15)
    assert ("mobile", "long") in {(column, code) for _, column, code in faults(row)}


def test_a_row_is_about_the_contact_of_its_reference_whatever_it_is_called(people: dict[str, Contact]) -> None:
    done(given(f"Reference;Name\n{people['kari'].reference};Kari Berg\n"))
    people["kari"].refresh_from_db()
    assert (people["kari"].name, people["kari"].company) == ("Kari Berg", "Berg Bygg AS")


def test_a_reference_that_nobody_has_makes_a_new_contact_that_keeps_it(people: dict[str, Contact]) -> None:
    """Also if somebody is called so: he may be another one. The second time it is the same."""
    text = "Reference;Name;Company\ncustomer-17;Kari Nordmann;Berg Bygg AS\n"
    assert figures(done(given(text))) == ("done", 1, 0, 0)
    assert Contact.objects.filter(reference="customer-17").count() == 1
    assert figures(given(text)) == ("checked", 0, 0, 1)


def test_names_are_the_same_but_for_case_in_every_alphabet(people: dict[str, Contact]) -> None:
    assert figures(given("Name;Company\nBJØRN ÅSEN;åsen & sønner\n")) == ("checked", 0, 1, 0)


def test_without_a_column_of_companies_the_name_alone_says_who_it_is(people: dict[str, Contact]) -> None:
    assert figures(given("Name;Tags\nKari Nordmann;vip\n")) == ("checked", 0, 1, 0)
    contact("Kari Nordmann", company="Another AS")
    assert faults(given("Name;Tags\nKari Nordmann;vip\n")) == [(2, "name", "ambiguous")]


def test_two_rows_about_one_contact_are_a_fault(people: dict[str, Contact]) -> None:
    row = given(f"Reference;Name;Company\n{people['kari'].reference};Kari;x\n;Kari Nordmann;Berg Bygg AS\n")
    assert faults(row) == [(3, "", "twice")] and row.faults[0][3] == "2"


def test_columns_that_the_file_has_not_change_nothing_and_empty_cells_empty(people: dict[str, Contact]) -> None:
    people["kari"].numbers.create(number="+4722334455", kind="work")
    done(given("Name;Work;Tags\nKari Nordmann;90 12 34 56;\n"))
    assert numbers("Kari Nordmann") == {"+4790123456": "work"}  # what was its mobile number is its work number now
    assert Contact.objects.get(name="Kari Nordmann").tags == ""


def test_what_happens_between_looking_and_saying_yes_is_looked_at_again(people: dict[str, Contact]) -> None:
    """Nothing is written that nobody has seen."""
    row = given("Name;Tags\nKari Nordmann;vip\n")
    Contact.objects.filter(pk=people["kari"].pk).update(tags="other")
    assert done(row).state == "checked" and row.overtaken
    assert row.preview["changed"] == [[2, "Kari Nordmann", [["tags", "other", "vip"]]]]
    assert Contact.objects.get(pk=people["kari"].pk).tags == "other"
    assert done(row).state == "done"


@pytest.mark.usefixtures("people")
def test_a_worker_that_dies_half_way_has_written_nothing_and_the_next_one_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """OB-04: nothing is half imported."""
    monkeypatch.setattr(writing, "BATCH", 1)
    row = given("Name;Mobile\n" + "".join(f"Person {number};9011111{number}\n" for number in range(5)))
    before = everything()
    index, calls = services.index, []

    def dies(ids: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise DatabaseError
        index(ids)

    monkeypatch.setattr(services, "index", dies)
    assert imports.confirm(row.pk)
    with pytest.raises(DatabaseError):
        imports.work(row.pk)
    assert everything() == before
    row.refresh_from_db()
    assert row.state == "importing"
    imports.work(row.pk)
    assert everything() == before, "its lease has not ended"
    ContactImport.objects.update(try_at=None)
    imports.work(row.pk)
    row.refresh_from_db()
    assert row.state == "done" and len(found("person")) == 5


def test_an_import_that_never_succeeds_is_given_up(people: dict[str, Contact]) -> None:
    row = given("Name\nOla\n")
    imports.confirm(row.pk)
    ContactImport.objects.update(tries=imports.MOST_TRIES)
    imports.work(row.pk)
    row.refresh_from_db()
    assert row.state == "failed" and bytes(row.content) == b""


def test_it_is_imported_once_however_often_somebody_says_yes(people: dict[str, Contact]) -> None:
    row = given("Name\nOla\n")
    assert imports.confirm(row.pk) and not imports.confirm(row.pk)
    for _ in range(2):
        imports.work(row.pk)
    assert Contact.objects.filter(name="Ola").count() == 1
    assert not imports.discard(row.pk)


def test_queries_do_not_grow_with_the_rows(people: dict[str, Contact], django_assert_max_num_queries: Any) -> None:
    row = given("Name;Mobile\n" + "".join(f"Person {number};9{number:07}\n" for number in range(400)))
    imports.confirm(row.pk)
    with django_assert_max_num_queries(60):
        imports.work(row.pk)
    assert Contact.objects.count() == 402


# -- pages


def upload(client: Client, data: bytes, name: str = "contacts.csv") -> Any:
    return client.post(reverse("admin:directory_contact_import"), {"file": SimpleUploadedFile(name, data)})


def page(client: Client, name: str, row: ContactImport) -> Any:
    return client.get(reverse(f"admin:directory_contact_{name}", args=[row.pk]))


def test_a_team_leader_imports_by_the_pages(people: dict[str, Contact]) -> None:
    """OB-04"""
    leader = browser(Role.TEAM_LEADER)
    User.objects.update(language="en")
    answer = upload(leader, b"Navn;Mobil\nNora Lie;90111111\n")
    row = ContactImport.objects.get()
    assert answer.url == reverse("admin:directory_contact_imported", args=[row.pk])
    assert page(leader, "import_progress", row).json() == {"state": "checking", "progress": 0}
    imports.work(row.pk)
    shown = page(leader, "imported", row).content.decode()
    assert "Import 1 contact" in shown and "Nora Lie" in shown and "90 11 11 11" in shown
    leader.post(reverse("admin:directory_contact_import_confirm", args=[row.pk]))
    imports.work(row.pk)
    assert "Imported." in page(leader, "imported", row).content.decode() and found("nora") == ["Nora Lie"]


def test_thousands_of_rows_are_imported_by_the_pages_and_how_far_it_is_is_seen(
    people: dict[str, Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    """OB-04: at each moment at which the worker tells how far it is, somebody asks. (10,000 rows: benchmarks/directory.py.)"""
    leader = browser(Role.TEAM_LEADER)
    upload(leader, ("Name;Mobile\n" + "".join(f"Person {number};4{number:07}\n" for number in range(2_000))).encode())
    row = ContactImport.objects.get()
    seen: list[tuple[str, int]] = []
    tell = imports.Teller.tell

    def tell_and_look(teller: imports.Teller, share: float) -> None:
        tell(teller, share)
        shown = page(leader, "import_progress", row).json()
        seen.append((shown["state"], shown["progress"]))

    monkeypatch.setattr(imports.Teller, "tell", tell_and_look)
    imports.work(row.pk)
    leader.post(reverse("admin:directory_contact_import_confirm", args=[row.pk]))
    imports.work(row.pk)
    shares = {state: [share for told, share in seen if told == state] for state in ("checking", "importing")}
    assert all(told == sorted(told) and len(set(told)) >= count for told, count in ((shares["checking"], 2), (shares["importing"], 4)))
    row.refresh_from_db()
    assert figures(row) == ("done", 2_000, 0, 0) and Contact.objects.count() == 2_002


def test_faults_are_told_in_the_readers_language_and_as_a_file(people: dict[str, Contact]) -> None:
    """OB-04"""
    leader = browser(Role.TEAM_LEADER)
    row = given("Name;Mobile\n" + "Kari;nobody\n" + "".join(f"Person {number};x\n" for number in range(300)))
    with translation.override("nb"):
        leader.cookies["django_language"] = "nb"
        shown = page(leader, "imported", row).content.decode()
        told = page(leader, "import_faults", row).content.decode("utf-8-sig")
    assert "Mobil" in shown and "er ikke et telefonnummer" in shown
    assert len(told.splitlines()) == 302 and told.splitlines()[1].startswith("2;Mobil;")


@pytest.mark.parametrize("data", [b"", b"x" * (sheet.LARGEST + 1)], ids=["empty", "too large"])
def test_a_file_that_cannot_be_taken_is_refused_at_its_field(db: None, data: bytes) -> None:
    answer = upload(browser(Role.TEAM_LEADER), data)
    assert answer.status_code == 422 and answer.context["form"].errors["file"] and not ContactImport.objects.exists()


def test_nobody_else_imports_or_exports(people: dict[str, Contact]) -> None:
    """PF-02"""
    row = given("Name\nOla\n")
    agent = browser(Role.AGENT)
    assert upload(agent, b"Name\nx\n").status_code in (302, 403)
    for name in ("imported", "import_progress", "import_faults"):
        assert page(agent, name, row).status_code in (302, 403)
    agent.post(reverse("admin:directory_contact_import_confirm", args=[row.pk]))
    assert agent.get(reverse("admin:directory_contact_export")).status_code in (302, 403)
    assert ContactImport.objects.get().state == "checked"


async def _exported(query: str = "", language: str = "en") -> bytes:
    client = AsyncClient()
    await client.aforce_login(await _leader(language))
    answer = await client.get(reverse("admin:directory_contact_export") + query)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    data = b"".join([part async for part in answer.streaming_content])
    await sync_to_async(connections.close_all)()  # of the thread in which the client asked
    return data


async def _leader(language: str) -> Any:
    team = await Team.objects.acreate(name="Leaders")
    return await User.objects.acreate(username=f"leader-{language}", team=team, role=Role.TEAM_LEADER, language=language)


async def _made() -> None:
    await sync_to_async(contact)("Kari Nordmann", "+4790123456", "1881", company="=cmd()", tags="vip")
    await sync_to_async(contact)('@Ola;"x"', "+4722334455")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "first"), [("en", "Reference,Name,"), ("nb", "Referanse;Navn;")])
async def test_an_import_of_an_export_changes_nothing(language: str, first: str) -> None:
    """OB-04: and no cell of it is a formula, a number with its plus neither."""
    await _made()
    data = await _exported(language=language)
    assert data.decode("utf-8-sig").startswith(first)
    read = sheet.read(data)
    assert not [cell for _, cells in read.rows for cell in cells if cell[:1] in set("=+-@")]
    row = await sync_to_async(given)(data.decode("utf-8-sig"))
    assert figures(row) == ("checked", 0, 0, 2)


@pytest.mark.django_db(transaction=True)
async def test_the_export_has_what_the_list_shows() -> None:
    await _made()
    assert [cells[1] for _, cells in sheet.read(await _exported("?q=kari")).rows] == ["Kari Nordmann"]
