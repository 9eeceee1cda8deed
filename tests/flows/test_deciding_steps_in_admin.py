"""Forms of the steps that collect, ask and decide (IV-01, IV-04)."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from apps.flows import services, validation
from apps.flows.models import CollectStep, ConditionBranch, ConditionStep, SetVariableStep, Step, SurveyStep
from tests.flows.flow_builder import FlowBuilder, a_sound
from tests.flows.test_flows_in_admin import anna, filled_in, leads_to, page, send, team  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return (
        FlowBuilder("x")
        .condition(
            "If",
            ({"label": "Mobile", "variable": "caller", "operator": "begins_with", "value": "+479"}, "Bye"),
            ({"label": "Empty", "variable": "caller", "operator": "empty"}, "Other"),
            otherwise="Bye",
        )
        .hang_up("Bye")
        .hang_up("Other")
        .save()
    )


def branch(number: int, **fields: object) -> dict[str, object]:
    return {f"branches-{number}-{name}": value for name, value in fields.items()}


def refused(client, view: str, step, **changes: object) -> str:
    url = reverse(f"admin:flows_{view}_change", args=[step.pk])
    response = client.post(url, filled_in(client.get(url).content.decode()) | changes)
    assert response.status_code == 200
    return response.content.decode()


def test_branches_are_added_moved_and_removed_and_keep_their_exits(anna, draft):  # noqa: F811
    """The exit belongs to the branch, not to its place."""
    step = ConditionStep.objects.get()
    new = branch(2, label="VIP", variable="caller", operator="is", value="22 33 44 55", target="new:queue", position="")
    send(anna, "conditionstep_change", step.pk, **{"branches-TOTAL_FORMS": 3}, **new)
    assert leads_to(step) == {"branch_1": "Bye", "branch_2": "Other", "branch_3": "Queue", "otherwise": "Bye"}
    assert ConditionBranch.objects.get(label="VIP").value == "+4722334455", "as calls have it"
    send(anna, "conditionstep_change", step.pk, **branch(0, position=2), **branch(1, position=0, DELETE="on"), **branch(2, position=1))
    assert [row.label for row in step.branches.all()] == ["VIP", "Mobile"]
    assert leads_to(step) == {"branch_1": "Bye", "branch_3": "Queue", "otherwise": "Bye"}


def test_a_new_condition_gets_branches_at_once(anna, draft):  # noqa: F811
    one = branch(0, label="A", variable="caller", operator="empty", target="new:hang_up", position="")
    two = branch(1, label="B", variable="dialled", operator="is", value="113", target="", position="")
    send(anna, "conditionstep_add", query=f"?version={draft.pk}", name="New", **{"branches-TOTAL_FORMS": 2}, **one, **two)
    step = ConditionStep.objects.get(name="New")
    assert [(row.slot, row.label, row.value) for row in step.branches.all()] == [(1, "A", ""), (2, "B", "113")]
    assert leads_to(step) == {"branch_1": "Hang up"}


@pytest.mark.parametrize(
    ("operator", "typed", "kept"),
    [
        ("is", "22 33 44 55", "+4722334455"),
        ("one_of", "22334455, 113", "+4722334455,113"),
        ("begins_with", "0047 90", "+4790"),
    ],
)
def test_numbers_are_kept_as_calls_have_them(anna, draft, operator, typed, kept):  # noqa: F811
    send(anna, "conditionstep_change", ConditionStep.objects.get().pk, **branch(0, operator=operator, value=typed))
    assert ConditionBranch.objects.get(slot=1).value == kept


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"operator": "is", "value": ""}, "Write what to compare with."),
        ({"operator": "in_list"}, "Choose a number list."),
        ({"operator": "matches", "value": "(1"}, "This is no pattern that can be used: missing ): (1."),
        ({"variable": "Customer Number"}, "A name begins with a small letter"),
    ],
)
def test_mistakes_of_a_branch_are_told_at_the_field(anna, draft, fields, words):  # noqa: F811
    assert words in refused(anna, "conditionstep", ConditionStep.objects.get(), **branch(0, **fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"variable": "caller"}, "“caller” belongs to the call itself and cannot be set."),
        ({"minimum": 5, "maximum": 4}, "This is less than the fewest digits."),
        ({"pattern": "(?=1)"}, "This is no pattern that can be used"),
        ({"sensitive": "on", "shown_as": "Card"}, "A sensitive value is shown to nobody"),
    ],
)
def test_mistakes_of_a_value_are_told_at_the_field(anna, draft, fields, words):  # noqa: F811
    step = services.add_step(draft, "collect", "Customer")
    assert words in refused(anna, "collectstep", step, **fields)


def test_what_is_wrong_with_a_pattern_is_said_in_norwegian():
    with translation.override("nb"), pytest.raises(ValidationError, match=r"kan brukes: det mangler en \]: \[0-9\."):
        validation.pattern("4[0-9")


def test_a_value_and_a_survey_are_filled_in(anna, draft):  # noqa: F811
    sound = a_sound("Ask")
    collect = services.add_step(draft, "collect", "Customer")
    send(
        anna,
        "collectstep_change",
        collect.pk,
        prompt=sound.pk,
        variable="customer",
        check_digit="luhn",
        sensitive="on",
        exit_next="new:survey",
    )
    row = CollectStep.objects.get()
    assert (row.variable, row.check_digit, row.sensitive, row.confirm) == ("customer", "luhn", True, True)
    survey = SurveyStep.objects.get()
    send(anna, "surveystep_change", survey.pk, name="Satisfied?", prompt=sound.pk, highest=6)
    assert "The highest answer must be above the lowest." in refused(anna, "surveystep", survey, lowest=6)
    setting = services.add_step(draft, "set_variable", "Set")
    send(anna, "setvariablestep_change", setting.pk, variable="note", value="Customer {customer}")
    assert SetVariableStep.objects.get().value == "Customer {customer}"
    assert leads_to(Step.objects.get(pk=collect.pk)) == {"next": "Satisfied?"}


def test_the_forms_open_in_drafts_and_in_published_versions(anna, draft):  # noqa: F811
    from apps.flows.models import FlowVersion
    from apps.flows.overview import step_form_link

    for kind in ("collect", "set_variable", "survey"):
        services.add_step(draft, kind, kind)
    for state in ("draft", "active"):
        FlowVersion.objects.update(state=state)
        for step in Step.objects.all():
            assert anna.get(step_form_link(step.kind, step.pk)).status_code == 200
    assert "Mobile: " in page(anna, "conditionstep_change", ConditionStep.objects.get().pk)
