"""IV-01: a web request in a flow: what is asked, what its answer changes, and what happens when there is none."""

import pytest
from django.core.exceptions import ValidationError

from apps.events.vocabulary import StepFailed
from apps.flows import interpreter as f
from apps.flows import services
from apps.flows.compile import compile_version
from apps.flows.differences import differences
from apps.flows.kinds.web import Branch, Reading, filled, wrong_with
from apps.flows.models import WebBranch, WebReading, WebRequestStep
from contactcenter.lib.secrets import unseal
from tests.flows.flow_builder import FlowBuilder
from tests.flows.test_the_way_through_a_flow import Caller

URL = "https://crm.example/customers?number={caller}&to={dialled}"
SORRY = 103


def crm(**fields) -> FlowBuilder:
    exits = {"=gold": "Gold", "=404": "Unknown"} if fields.get("branches") else {}
    return (
        FlowBuilder("Main line")
        .web("Ask", URL, fields=fields, next="Known", error="Sorry", **exits)
        .message("Known", 1, next="Goodbye")
        .message("Gold", 2, next="Goodbye")
        .message("Unknown", 3, next="Goodbye")
        .message("Sorry", SORRY, next="Goodbye")
        .hang_up("Goodbye")
        .after_fault("Goodbye")
    )


def asks(**fields) -> Caller:
    kari = Caller(crm(**fields))
    kari.run, kari.said = f.start(kari.graph, kari.now, "call-1", {f.CALLER: "+4790000001", f.DIALLED: "+4780012345"})
    return kari


def ordered(caller: Caller) -> f.FetchWeb:
    return next(action for action in caller.actions() if isinstance(action, f.FetchWeb))


def test_the_request_is_ordered_with_the_callers_numbers_and_waits_two_seconds():
    kari = asks()
    assert ordered(kari).url == "https://crm.example/customers?number=%2B4790000001&to=%2B4780012345"
    assert (ordered(kari).method, ordered(kari).body) == ("GET", {})
    assert f.next_timer(kari.run) == kari.now + 2


def test_a_post_sends_the_chosen_variables_and_no_others():
    kari = asks(method="POST", sends=("caller", "order"))
    assert ordered(kari).body == {"caller": "+4790000001", "order": ""}


def test_values_of_the_answer_become_variables():
    kari = asks(readings=(Reading("customer.name", "name"), Reading("customer.level", "level")))
    assert ordered(kari).paths == ("customer.level", "customer.name")
    kari.hears(f.WebAnswered(1, 200, {"customer.name": "Kari"}))
    assert kari.step == "Known"
    assert (kari.run.variables["name"], kari.run.variables["level"]) == ("Kari", "")
    assert kari.left() == ("next", "fetched")


@pytest.mark.parametrize(
    ("branch_on", "answer", "step"),
    [
        ("customer.level", {"customer.level": "gold"}, "Gold"),
        ("customer.level", {"customer.level": "silver"}, "Known"),
        ("customer.level", {}, "Known"),
        ("status", {}, "Unknown"),
    ],
)
def test_the_way_on_depends_on_the_status_or_a_value(branch_on, answer, step):
    kari = asks(branch_on=branch_on, branches=(Branch("gold", "Gold customer"), Branch("404")))
    assert ordered(kari).expected == ((404,) if branch_on == "status" else ())
    kari.hears(f.WebAnswered(1, 404 if branch_on == "status" else 200, answer))
    assert kari.step == step


@pytest.mark.parametrize("error", ["late", "unreachable", "forbidden", "not_json", "failed", "something new"])
def test_a_fault_takes_the_error_exit_and_says_why(error):
    """IV-09"""
    kari = asks()
    kari.hears(f.WebAnswered(1, error=error))
    assert kari.step == "Sorry"
    assert kari.left() == ("error", "error")
    assert [said.reason for said in kari.said if isinstance(said, StepFailed)]


def test_when_nobody_answers_the_caller_goes_on_after_two_seconds_and_a_late_answer_is_ignored():
    """IV-09"""
    kari = asks()
    kari.waits(1.9)
    assert kari.step == "Ask"
    kari.waits(0.1)
    assert kari.step == "Sorry"
    kari.hears(f.WebAnswered(1, 200))
    assert kari.step == "Sorry"


def test_the_answer_to_an_earlier_visit_is_not_taken_for_this_one():
    flow = FlowBuilder("Loop").web("Ask", URL, next="Hello", error="Hello").message("Hello", 1, next="Ask").after_fault("Hello")
    kari = Caller(flow)
    kari.hears(f.WebAnswered(1, error="late"), f.Played())
    assert kari.step == "Ask" and ordered(kari).number == 3
    kari.hears(f.WebAnswered(1, 200))
    assert kari.step == "Ask"
    kari.hears(f.WebAnswered(3, 200))
    assert kari.step == "Hello"


def test_what_a_caller_enters_cannot_change_the_address():
    variables = {"code": "1&admin=1#x/../æ"}
    assert filled("https://a.example/{code}?c={code}", variables).count("&") == 0
    assert filled("https://a.example/ø{gone}", {}) == "https://a.example/%C3%B8"


@pytest.mark.parametrize(
    "url",
    ["", "crm.example/x", "ftp://crm.example/", "https:///x", "https://{caller}.example/", "https://me:secret@crm.example/",
     "https://crm.example:99999/", "https://crm.example/{Caller}", "https://crm.example/{caller", "https://crm.example/a b",
     "file:///etc/passwd", "http://[::1/", "https://blåbær.example/"],
)  # fmt: skip
def test_an_address_that_cannot_work_is_refused(url):
    assert wrong_with(url)
    assert not wrong_with(URL)


# -- rows


def a_row(**fields) -> WebRequestStep:
    version = FlowBuilder("CRM").web("Ask", URL, fields=fields, next="Goodbye").hang_up().after_fault("Goodbye").save()
    return WebRequestStep.objects.get(version=version)


@pytest.mark.django_db
def test_a_row_becomes_the_step_with_its_secret_sealed():
    row = a_row(method="POST", sends="caller dialled,order", header_name="Authorization", header_value="Bearer 123", branch_on="level")
    WebReading.objects.create(step=row, path="customer.name", variable="name", shown_as="Customer")
    WebBranch.objects.create(step=row, value="gold", label="Gold")
    step = compile_version(row.version)[0].steps[row.pk]
    assert (step.sends, step.readings, step.branches) == (
        ("caller", "dialled", "order"), (Reading("customer.name", "name", "Customer"),), (Branch("gold", "Gold"),),
    )  # fmt: skip
    assert "123" not in step.header and unseal(step.header) == "Bearer 123"
    assert [way.name for way in step.ways_out()] == ["=gold", "next", "error"]


@pytest.mark.django_db
def test_a_draft_of_a_version_copies_all_and_shows_no_difference_until_the_secret_is_another_one():
    row = a_row(header_name="Authorization", header_value="Bearer 123")
    WebReading.objects.create(step=row, path="customer.name", variable="name", shown_as="Customer")
    services.publish(row.version)
    draft = services.new_draft(row.version)
    old, new = compile_version(row.version)[0], compile_version(draft)[0]
    assert differences(old, new) == []
    twin = WebRequestStep.objects.get(version=draft)
    assert twin.header_value == "Bearer 123" and (twin.readings.get().variable, twin.readings.get().shown_as) == ("name", "Customer")
    twin.header_value = "Bearer 456"
    twin.save()
    assert [change.settings for change in differences(old, compile_version(draft)[0])] == [True]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://x/"),
        ("header_name", "Host"),
        ("header_name", "A B"),
        ("header_value", "a\r\nX: y"),
        ("sends", "Caller!"),
        ("branch_on", "a..b"),
    ],
)
def test_what_cannot_work_is_refused_at_its_field(field, value):
    row = a_row()
    setattr(row, field, value)
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == [field]


@pytest.mark.django_db
def test_the_numbers_of_the_call_cannot_be_overwritten():
    with pytest.raises(ValidationError):
        WebReading(step=a_row(), path="number", variable="caller").full_clean()


@pytest.mark.django_db
def test_the_secret_is_on_no_page(admin_client):
    row = a_row(header_name="Authorization", header_value="Bearer 123")
    address = f"/admin/flows/webrequeststep/{row.pk}/change/"
    assert "Bearer 123" not in admin_client.get(address).content.decode()
    services.publish(row.version)
    page = admin_client.get(address).content.decode()
    assert "crm.example" in page and "Bearer 123" not in page


@pytest.mark.django_db
def test_a_form_saves_values_and_branches_with_where_they_lead(admin_client):
    row = a_row()
    goodbye = row.exits.get(name="next").target
    form = {
        "version": row.version_id, "name": "Ask", "url": URL, "method": "GET", "sends": "", "branch_on": "customer.level",
        "exit_next": goodbye.pk, "exit_error": "",
        "readings-TOTAL_FORMS": 1, "readings-INITIAL_FORMS": 0, "readings-0-step": row.pk, "readings-0-path": "customer.name",
        "readings-0-variable": "name", "readings-0-shown_as": "Customer",
        "branches-TOTAL_FORMS": 1, "branches-INITIAL_FORMS": 0, "branches-0-step": row.pk, "branches-0-value": "gold",
        "branches-0-label": "Gold", "branches-0-target": goodbye.pk,
    }  # fmt: skip
    assert admin_client.post(f"/admin/flows/webrequeststep/{row.pk}/change/", form).status_code == 302
    step = compile_version(row.version)[0].steps[row.pk]
    assert (step.readings, step.branches) == ((Reading("customer.name", "name", "Customer"),), (Branch("gold", "Gold"),))
    assert step.exits == {"next": goodbye.pk, "=gold": goodbye.pk}
