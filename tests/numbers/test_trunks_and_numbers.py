"""What an administrator types as trunk or access number is made right, or refused beside the field (AN-01, AN-03, AN-04, PF-01)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from apps.accounts.models import Role, Team, User
from apps.flows.models import Flow
from apps.numbers import validation
from apps.numbers.models import AccessNumber, Trunk
from apps.numbers.services import load
from contactcenter.lib import phone
from contactcenter.lib.secrets import unseal

TRUNK_FORM = {
    "name": "Operator", "sources": "192.0.2.1", "transport": "udp", "maximum_calls": 3, "number_format": "plus", "register_seconds": 300,
    "preference": 1,
    "active": "on",
}  # fmt: skip


@pytest.fixture
def administrator(db) -> User:
    return User.objects.create(username="admin", role=Role.ADMINISTRATOR, team=Team.objects.create(name="Administration"), language="en")


@pytest.fixture
def flow(db) -> Flow:
    return Flow.objects.create(name="Main")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.9/24\n 198.51.100.1 ", "192.0.2.0/24\n198.51.100.1"),
        ("192.0.2.1, 192.0.2.1;2001:DB8::1", "192.0.2.1\n2001:db8::1"),
    ],
)
def test_sources_are_written_one_per_line_in_one_spelling(typed: str, kept: str):
    """AN-03"""
    assert validation.sources(typed) == kept


@pytest.mark.parametrize("typed", ["", "sip.example.net", "192.0.2.300", "192.0.2.1/33"])
def test_sources_that_are_no_addresses_are_refused(typed: str):
    """AN-03"""
    with pytest.raises(ValidationError):
        validation.sources(typed)


@pytest.mark.parametrize("typed", ["sip.example.net", "sip.example.net:5080", "192.0.2.1:5060", "[2001:db8::1]:5060", ""])
def test_a_host_with_or_without_port_is_taken(typed: str):
    assert validation.host(f" {typed} ") == typed


@pytest.mark.parametrize("typed", ["sip example", "sip:example.net", "example.net:99999", "-x"])
def test_what_is_no_host_is_refused(typed: str):
    with pytest.raises(ValidationError):
        validation.host(typed)


@pytest.mark.parametrize("typed", ["22 33 44 55", "+47 22 33 44 55", "004722334455", "(22) 33-44-55"])
def test_a_number_has_one_spelling_however_it_was_typed(typed: str, settings):
    """AN-01"""
    settings.COUNTRY = "NO"
    assert validation.number(typed, short=False) == "+4722334455"


def test_short_numbers_are_kept_as_they_are_dialled():
    """AN-04"""
    assert validation.number("02 345", short=True) == "02345"


@pytest.mark.parametrize("typed", ["customer service", "12", "+"])
def test_what_is_no_number_is_refused(typed: str):
    with pytest.raises(ValidationError):
        validation.number(typed, short=False)


def test_all_that_is_wrong_with_a_trunk_is_told_at_once(db):
    """PF-01"""
    trunk = Trunk(name="Operator", sources="nowhere", host="sip example", caller_id="x")
    with pytest.raises(ValidationError) as refusal:
        trunk.full_clean()
    assert set(refusal.value.message_dict) == {"sources", "host", "caller_id"}


def test_the_same_number_in_another_spelling_is_a_duplicate(flow: Flow):
    """AN-01"""
    AccessNumber.objects.create(number="+4722334455", flow=flow)
    with pytest.raises(ValidationError) as refusal:
        AccessNumber(number="22 33 44 55", flow=flow).full_clean()
    assert "number" in refusal.value.message_dict


def test_admin_keeps_the_normalised_number(client: Client, administrator: User, flow: Flow):
    """AN-01, AN-04"""
    client.force_login(administrator)
    answer = client.post("/admin/numbers/accessnumber/add/", {"number": "22 33 44 55", "flow": flow.pk, "kind": "national", "active": "on"})
    assert answer.status_code == 302
    assert AccessNumber.objects.get().number == "+4722334455"


def test_admin_says_beside_the_field_what_is_wrong(client: Client, administrator: User):
    """PF-01, AN-03"""
    client.force_login(administrator)
    page = client.post("/admin/numbers/trunk/add/", {"name": "Operator", "sources": "here", "transport": "udp", "maximum_calls": 3})
    assert "neither an IP address nor a network" in page.content.decode()


def test_the_switch_learns_only_of_what_is_active(flow: Flow):
    """AN-01, AN-03"""
    Trunk.objects.create(name="Operator", sources="192.0.2.0/24\n198.51.100.7", maximum_calls=12)
    Trunk.objects.create(name="Old", sources="192.0.2.1", active=False)
    kept = AccessNumber.objects.create(number="+4722334455", name="Main", flow=flow)
    AccessNumber.objects.create(number="+4722334456", flow=flow, active=False)
    plan = load()
    assert [(trunk.name, trunk.sources, trunk.maximum_calls) for trunk in plan.trunks] == [
        ("Operator", ("192.0.2.0/24", "198.51.100.7"), 12)
    ]
    assert [(row.id, row.flow) for row in plan.numbers.values()] == [(kept.id, flow.id)] and list(plan.numbers) == ["+4722334455"]


def test_a_flow_with_a_number_cannot_be_deleted(client: Client, administrator: User, flow: Flow):
    """AN-01: callers would hear nothing."""
    from django.db.models import ProtectedError

    AccessNumber.objects.create(number="+4722334455", flow=flow)
    with pytest.raises(ProtectedError):
        flow.delete()


def test_a_password_is_written_kept_sealed_and_never_shown(client: Client, administrator: User):
    """AN-03"""
    client.force_login(administrator)
    posted = TRUNK_FORM | {"user": "4722334455", "password": "s3cret word", "register": "on", "host": "sip.example.net"}
    assert client.post("/admin/numbers/trunk/add/", posted).status_code == 302
    trunk = Trunk.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM numbers_trunk")
        assert "s3cret" not in cursor.fetchone()[0]
    assert trunk.password == "s3cret word"
    page = client.get(f"/admin/numbers/trunk/{trunk.pk}/change/").content.decode()
    assert "s3cret" not in page and "Stored, and not shown" in page


def test_saving_something_else_keeps_the_password(client: Client, administrator: User):
    """AN-03"""
    trunk = Trunk.objects.create(
        name="Operator", sources="192.0.2.1", host="sip.example.net", user="anna", password="s3cret", register=True
    )
    client.force_login(administrator)
    posted = TRUNK_FORM | {"name": "New name", "user": "anna", "password": "", "register": "on", "host": "sip.example.net"}
    assert client.post(f"/admin/numbers/trunk/{trunk.pk}/change/", posted).status_code == 302
    trunk.refresh_from_db()
    assert (trunk.name, trunk.password) == ("New name", "s3cret")


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"register": True}, {"user", "password", "registrar"}),
        ({"register": True, "host": "sip.example.net", "user": "anna"}, {"password"}),
        ({"password": "s3cret"}, {"user"}),
        ({"user": "anna@sip.example.net"}, {"user"}),
        ({"user": 'an"na'}, {"user"}),
        ({"registrar": "sip:example.net"}, {"registrar"}),
        ({"register_seconds": 5}, {"register_seconds"}),
    ],
)
def test_half_an_account_is_refused_beside_the_field(db, given: dict, fields: set[str]):
    """AN-03, PF-01"""
    with pytest.raises(ValidationError) as refusal:
        Trunk(name="Operator", sources="192.0.2.1", **given).full_clean()
    assert set(refusal.value.message_dict) == fields


def test_the_plan_has_the_account_with_its_password_sealed_and_the_same_each_time(db):
    """AN-03: what would differ at each reading would look like a change."""
    Trunk.objects.create(
        name="Operator", sources="192.0.2.1", host="sip.example.net:5080", user="anna", password="s3cret", register=True,
        codecs="PCMA PCMU",
        number_format="digits",
    )  # fmt: skip
    (trunk,) = load().trunks
    assert trunk.account and (trunk.account.domain, trunk.account.registrar) == ("sip.example.net", "sip.example.net:5080")
    assert (trunk.account.user, trunk.account.auth_user, unseal(trunk.account.sealed)) == ("anna", "anna", "s3cret")
    assert (trunk.codecs, trunk.number_format) == (("PCMA", "PCMU"), "digits")
    assert load().trunks == (trunk,)


def test_a_trunk_without_registration_may_have_an_account_for_calls_out(db):
    """AN-03"""
    Trunk.objects.create(name="Operator", sources="192.0.2.1", host="sip.example.net", domain="example.org", user="anna", auth_user="login")
    account = load().trunks[0].account
    assert account and (account.registrar, account.domain, account.auth_user) == ("", "example.org", "login")


@pytest.mark.parametrize(
    ("number", "written", "sent"),
    [
        ("+4722334455", "plus", "+4722334455"),
        ("+4722334455", "digits", "4722334455"),
        ("+4722334455", "national", "22334455"),
        ("+46812345678", "digits", "46812345678"),
        ("+46812345678", "national", "0046812345678"),
        ("02345", "national", "02345"),
    ],
)
def test_numbers_are_sent_as_the_operator_writes_them(number: str, written: str, sent: str):
    """AN-03"""
    assert phone.sent(number, "NO", written) == sent


def test_a_country_with_a_trunk_prefix_dials_it():
    """AN-03"""
    assert phone.sent("+46812345678", "SE", "national") == "0812345678"


@pytest.mark.parametrize(
    ("text", "written", "meant"),
    [
        ("4722334455", "digits", "+4722334455"),
        ("46812345678", "digits", "+46812345678"),
        ("46812345678", "plus", None),
        ("22334455", "digits", "+4722334455"),
        ("22334455", "national", "+4722334455"),
        ("0046812345678", "national", "+46812345678"),
        ("+46812345678", "digits", "+46812345678"),
        ("113", "digits", None),
    ],
)
def test_numbers_that_come_are_understood_as_the_operator_writes_them(text: str, written: str, meant: str | None):
    """AN-03"""
    assert phone.received(text, "NO", written) == meant


def test_numbers_are_found_by_kind_operator_and_tariff_note(client: Client, administrator: User, flow: Flow):
    """AN-04"""
    client.force_login(administrator)
    AccessNumber.objects.create(number="+4780012345", flow=flow, kind="freephone", operator="Telenor", tariff_note="Free")
    AccessNumber.objects.create(number="02345", flow=flow, kind="short", operator="Telia", tariff_note="Premium")
    for query in ("kind__exact=freephone", "operator=Telenor", "tariff=Free"):
        page = client.get(f"/admin/numbers/accessnumber/?{query}")
        assert [row.number for row in page.context["cl"].result_list] == ["+4780012345"], query
