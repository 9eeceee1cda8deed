"""An administrator makes, edits, publishes and rolls back flows with the forms of admin (IV-01, IV-06)."""

import re

import pytest
from django.urls import reverse

from apps.accounts.models import Role, Team, User
from apps.flows import services
from apps.flows.compile import step_link
from apps.flows.kinds import KINDS
from apps.flows.models import TABLES, DialStep, Exit, Flow, FlowVersion, HangUpStep, MenuStep, MessageStep, Step
from apps.flows.overview import step_form_link
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team.objects.create(name="All")


@pytest.fixture
def anna(client, team):
    """The browser of Anna, an administrator."""
    client.force_login(User.objects.create_superuser(username="anna", password=None, team=team, role=Role.ADMINISTRATOR, language="en"))
    return client


@pytest.fixture
def main_line():
    welcome = a_sound("Welcome")
    return (
        FlowBuilder("Main line")
        .message("Welcome", welcome, next="Menu")
        .menu("Menu", welcome, {"1": ("Support", "Support"), "2": ("Bye", "Bye")}, maximum_tries="Bye")
        .queue("Support", a_queue("Support"))
        .hang_up("Bye")
        .after_fault("Bye")
    )


def page(client, name: str, *args: int, **query: object) -> str:
    response = client.get(reverse(f"admin:flows_{name}", args=args), query)
    assert response.status_code == 200, response
    return response.content.decode()


def filled_in(html: str) -> dict[str, str]:
    """The fields of the page's form as a browser would send them."""
    form = re.search(r'<form[^>]*id="\w+_form".*?</form>', html, re.DOTALL).group()
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if found.get("type") in ("checkbox", "radio") and "checked" not in tag:
            continue
        if "name" in found and "__prefix__" not in found["name"]:
            fields[found["name"]] = found.get("value", "on" if found.get("type") == "checkbox" else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        if "__prefix__" not in name:
            fields[name] = chosen.group(1) if chosen else ""
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def send(client, view: str, /, *args: int, query: str = "", **changes: object):
    url = reverse(f"admin:flows_{view}", args=args) + query
    fields = filled_in(client.get(url).content.decode()) | changes
    response = client.post(url, fields)
    assert response.status_code == 302, re.findall(r"<li>.*?</li>|text-red-600[^>]*>([^<]*)", response.content.decode())
    return response


def leads_to(step: Step) -> dict[str, str]:
    return dict(Exit.objects.filter(step_id=step.pk).values_list("name", "target__name"))


def test_a_new_flow_opens_its_draft(anna):
    response = anna.post(reverse("admin:flows_flow_add"), {"name": "Night", "language": "nb"})
    draft = FlowVersion.objects.get(flow__name="Night")
    assert (draft.number, draft.state) == (1, "draft")
    assert response.url == reverse("admin:flows_flowversion_change", args=[draft.pk])
    html = page(anna, "flowversion_change", draft.pk)
    assert "No first step is chosen." in html
    for kind in KINDS:
        assert f'"kind": "{kind}"' in html


def test_a_flow_is_made_from_the_forms_alone(anna):
    """IV-01: from nothing to an active version; steps are made where they are needed, as targets of exits."""
    welcome, support = a_sound("Welcome"), a_queue("Support")
    anna.post(reverse("admin:flows_flow_add"), {"name": "Night", "language": "nb"})
    draft = FlowVersion.objects.get(flow__name="Night")
    at = f"?version={draft.pk}"
    part = "sounds-"
    send(
        anna,
        "messagestep_add",
        query=at,
        name="Welcome",
        exit_next="new:menu",
        **{f"{part}TOTAL_FORMS": "1", f"{part}0-prompt": welcome.pk, f"{part}0-position": "0"},
    )
    menu = MenuStep.objects.get(version=draft)
    choices = {"choices-TOTAL_FORMS": "2", "choices-0-digit": "1", "choices-0-label": "Help", "choices-0-target": "new:queue"}
    choices |= {"choices-1-digit": "2", "choices-1-label": "Stop", "choices-1-target": "new:hang_up"}
    send(anna, "menustep_change", menu.pk, name="Main menu", prompt=welcome.pk, **choices)
    bye = HangUpStep.objects.get(version=draft)
    assert leads_to(menu) == {"1": "Queue", "2": "Hang up"}
    send(anna, "menustep_change", menu.pk, exit_maximum_tries=bye.pk)
    assert leads_to(menu) == {"1": "Queue", "2": "Hang up", "maximum_tries": "Hang up"}
    queue_step = Step.objects.get(version=draft, kind="queue")
    send(anna, "queuestep_change", queue_step.pk, name="Support", queue=support.pk, exit_no_agents=bye.pk)
    start = Step.objects.get(version=draft, name="Welcome").pk
    entrances = {"op": "entrance", "start": start, "default_exit": bye.pk}
    assert anna.post(reverse("admin:flows_flowversion_do", args=[draft.pk]), entrances).status_code == 200
    anna.post(reverse("admin:flows_flowversion_publish", args=[draft.pk]))
    draft.refresh_from_db()
    assert (draft.state, draft.published_by.username) == ("active", "anna")
    graph = services.load()[draft.flow_id]
    assert sorted(step.name for step in graph.steps.values()) == ["Hang up", "Main menu", "Support", "Welcome"]


def test_the_step_form_shows_where_each_exit_leads(anna, main_line):
    draft = main_line.save()
    menu = MenuStep.objects.get(version=draft)
    fields = filled_in(page(anna, "menustep_change", menu.pk))
    bye = str(Step.objects.get(version=draft, name="Bye").pk)
    assert fields["exit_maximum_tries"] == bye
    assert (fields["exit_invalid"], fields["exit_error"]) == ("", "")
    assert fields["choices-1-target"] == bye
    assert fields["version"] == str(draft.pk)


def test_saving_a_step_unchanged_changes_nothing_and_leads_back_to_the_version(anna, main_line):
    draft = main_line.save()
    menu = MenuStep.objects.get(version=draft)
    before = leads_to(menu)
    response = send(anna, "menustep_change", menu.pk)
    assert response.url == reverse("admin:flows_flowversion_change", args=[draft.pk])
    assert leads_to(menu) == before


def test_a_choice_that_is_removed_takes_its_exit_along(anna, main_line):
    draft = main_line.save()
    menu = MenuStep.objects.get(version=draft)
    send(anna, "menustep_change", menu.pk, **{"choices-0-DELETE": "on", "choices-1-digit": "5"})
    assert leads_to(menu) == {"5": "Bye", "maximum_tries": "Bye"}


def test_a_sound_that_is_added_is_played_last(anna):
    """IV-03: several sounds in their order, also when nobody dragged the new row."""
    first, second, third = a_sound("First"), a_sound("Second"), a_sound("Third")
    draft = FlowBuilder("x").message("Welcome", first, second, next="Bye").hang_up("Bye").save()
    welcome = MessageStep.objects.get(version=draft)
    send(anna, "messagestep_change", welcome.pk, **{"sounds-TOTAL_FORMS": "3", "sounds-2-prompt": third.pk, "sounds-2-position": ""})
    assert [sound.prompt for sound in welcome.sounds.all()] == [first, second, third]


def test_an_exit_is_unwired_again(anna, main_line):
    draft = main_line.save()
    welcome = MessageStep.objects.get(version=draft)
    send(anna, "messagestep_change", welcome.pk, exit_next="")
    assert leads_to(welcome) == {}
    assert "The exit “Then” leads nowhere." in page(anna, "messagestep_change", welcome.pk)


def test_two_steps_cannot_have_one_name_nor_two_choices_one_digit(anna, main_line):
    draft = main_line.save()
    menu = MenuStep.objects.get(version=draft)
    url = reverse("admin:flows_menustep_change", args=[menu.pk])
    fields = filled_in(page(anna, "menustep_change", menu.pk))
    assert "Another step has this name." in anna.post(url, fields | {"name": "Bye"}).content.decode()
    twice = anna.post(url, fields | {"choices-0-digit": "2"})
    assert twice.status_code == 200
    assert leads_to(menu) == {"1": "Support", "2": "Bye", "maximum_tries": "Bye"}


def test_a_number_to_dial_needs_its_country_code(anna, main_line):
    draft = main_line.save()
    step = services.add_step(draft, "dial", "Boss", number="+4722334455")
    url = reverse("admin:flows_dialstep_change", args=[step.pk])
    fields = filled_in(page(anna, "dialstep_change", step.pk))
    assert "Begin with + and the country code" in anna.post(url, fields | {"number": "22334455"}).content.decode()
    assert DialStep.objects.get().number == "+4722334455"


def test_targets_of_another_version_are_not_accepted(anna, main_line):
    """A forged form cannot lead a step into another flow."""
    draft = main_line.save()
    other = FlowBuilder("Other").hang_up("Elsewhere").save()
    welcome = MessageStep.objects.get(version=draft)
    url = reverse("admin:flows_messagestep_change", args=[welcome.pk])
    fields = filled_in(page(anna, "messagestep_change", welcome.pk))
    answer = anna.post(url, fields | {"exit_next": Step.objects.get(version=other).pk, "version": other.pk})
    assert answer.status_code == 200
    assert leads_to(welcome) == {"next": "Menu"}
    anna.post(url, fields | {"version": other.pk})
    welcome.refresh_from_db()
    assert welcome.version_id == draft.pk


def test_a_step_is_deleted_from_a_draft(anna, main_line):
    draft = main_line.save()
    step = Step.objects.get(version=draft, name="Support")
    response = anna.post(reverse("admin:flows_queuestep_delete", args=[step.pk]), {"post": "yes"})
    assert response.url == reverse("admin:flows_flowversion_change", args=[draft.pk])
    assert not Step.objects.filter(pk=step.pk).exists()
    assert leads_to(Step.objects.get(version=draft, name="Menu")) == {"2": "Bye", "maximum_tries": "Bye"}


def test_published_steps_are_shown_and_cannot_be_changed(anna, main_line):
    """IV-06: active and archived versions are read-only."""
    active = main_line.publish()
    menu = MenuStep.objects.get(version=active)
    html = page(anna, "menustep_change", menu.pk)
    assert "cannot be changed" in html
    assert '<select name="exit_' not in html
    assert "Maximum tries: " in html
    url = reverse("admin:flows_menustep_change", args=[menu.pk])
    assert anna.post(url, {"name": "Changed"}).status_code == 403
    assert anna.post(reverse("admin:flows_menustep_delete", args=[menu.pk]), {"post": "yes"}).status_code == 403
    assert anna.get(reverse("admin:flows_messagestep_add"), {"version": active.pk}).status_code == 403
    version_url = reverse("admin:flows_flowversion_change", args=[active.pk])
    assert anna.post(version_url, {"start": menu.pk}).status_code == 403
    assert anna.post(reverse("admin:flows_flowversion_delete", args=[active.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("kind", ["message", "menu", "queue", "dial", "hang_up"])
def test_the_forms_of_all_kinds_open_in_drafts_and_in_published_versions(anna, main_line, kind):
    draft = main_line.save()
    services.add_step(draft, "dial", "Boss", number="+4722334455")
    for state in ("draft", "active"):
        FlowVersion.objects.update(state=state)
        step = Step.objects.filter(version=draft, kind=kind).first()
        for query in ("", "?panel=1"):
            assert anna.get(step_form_link(kind, step.pk) + query).status_code == 200


def test_the_flow_page_draws_the_flow_and_marks_problems(anna, main_line):
    """IV-01: what is not wired is shown. Each box leads to the editor with its step open, and says its problems."""
    draft = main_line.save()
    welcome = Step.objects.get(version=draft, name="Welcome")
    services.wire(welcome, {"next": None})
    html = page(anna, "flow_change", draft.flow_id)
    boxes = re.findall(r'<a href="([^"]*)" aria-label="([^"]*)" class="([^"]*)"', html)
    by_name = {spoken.split(": ", 1)[1].split(".")[0]: (link, spoken, marks) for link, spoken, marks in boxes}
    assert set(by_name) == {"Welcome", "Menu", "Support", "Bye"}
    link, spoken, marks = by_name["Welcome"]
    assert link == step_link(draft.pk, welcome.pk)
    assert spoken == "Message: Welcome. The exit “Then” leads nowhere"
    assert "flow-box-problem" in marks
    assert by_name["Bye"][2] == "flow-box"
    assert len(re.findall(r'<path class="flow-line', html)) == 3


def test_the_publish_page_lists_the_problems_with_links(anna, main_line):
    """IV-06."""
    draft = main_line.save()
    welcome = Step.objects.get(version=draft, name="Welcome")
    services.wire(welcome, {"next": None})
    html = page(anna, "flowversion_publish", draft.pk)
    assert step_link(draft.pk, welcome.pk) in html
    assert "The exit “Then” leads nowhere." in html
    assert '<button class="flow-button flow-button-main">Publish' not in html
    response = anna.post(reverse("admin:flows_flowversion_publish", args=[draft.pk]))
    assert "The version was not published" in response.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_publish_page_says_what_changes(anna, main_line):
    draft = services.new_draft(main_line.publish())
    Step.objects.get(version=draft, name="Support").delete()
    boss = services.add_step(draft, "dial", "Boss", number="+4722334455")
    menu = MenuStep.objects.get(version=draft)
    services.wire(menu, {"1": boss})
    services.set_entrances(draft, start=menu, default_exit=Step.objects.get(version=draft, name="Bye"))
    html = page(anna, "flowversion_publish", draft.pk)
    for sentence in ("“Boss” is new.", "“Support” is gone.", "“Menu” is changed: where “1 Support” leads.", "The first step is “Menu”."):
        assert sentence in html
    assert "“Bye” is changed" not in html
    boxes = re.findall(r'aria-label="([^"]*)" class="flow-box([^"]*)"', html)
    marks = {spoken.split(": ")[1].split(".")[0]: (spoken, found.strip()) for spoken, found in boxes}
    for name, word, mark in (("Boss", "new", "mark-added"), ("Support", "gone", "mark-removed"), ("Menu", "changed", "mark-changed")):
        assert f"{name}. {word}" in marks[name][0]
        assert marks[name][1].endswith(mark)
    assert marks["Bye"] == ("Hang up: Bye", "")


def test_faults_that_callers_met_are_shown_once_each_with_how_often(anna, main_line):
    """IV-09: the fault is shown in admin. Faults of other versions and old ones are not."""
    from datetime import timedelta

    from django.utils import timezone

    from apps.events.models import Event
    from apps.events.vocabulary import StepFailed, to_data

    def failed(seq: int, step: int, reason: str, days_ago: float = 0) -> None:
        at = timezone.now() - timedelta(days=days_ago)
        fact = StepFailed(at=at.timestamp(), call="call-1", step=step, reason=reason)
        Event.objects.create(seq=seq, at=at, kind="StepFailed", call="call-1", data=to_data(fact))

    active = main_line.publish()
    welcome = Step.objects.get(version=active, name="Welcome")
    for seq in (1, 2, 3):
        failed(seq, welcome.pk, "A sound could not be played: gone")
    failed(4, welcome.pk, "A fault of last month", days_ago=30)
    failed(5, 10_000, "Of another flow")
    html = page(anna, "flowversion_change", active.pk)
    assert html.count("A sound could not be played: gone") == 1
    assert "3 times" in html
    assert "last month" not in html
    assert "another flow" not in html


def test_an_old_version_is_rolled_back_to(anna, main_line):
    """IV-06: roll back = publish an old version."""
    first = main_line.publish()
    second = services.publish(services.new_draft(first))
    html = page(anna, "flow_change", first.flow_id)
    assert reverse("admin:flows_flowversion_publish", args=[first.pk]) in html
    response = anna.post(reverse("admin:flows_flowversion_publish", args=[first.pk]))
    assert response.url == reverse("admin:flows_flow_change", args=[first.flow_id])
    assert set(FlowVersion.objects.values_list("pk", "state")) == {(first.pk, "active"), (second.pk, "archived")}
    assert anna.get(reverse("admin:flows_flowversion_publish", args=[first.pk])).status_code == 404


def test_a_draft_is_made_of_the_active_version_once(anna, main_line):
    active = main_line.publish()
    url = reverse("admin:flows_flowversion_draft", args=[active.pk])
    first, second = anna.post(url), anna.post(url)
    draft = services.draft_of(active.flow)
    assert first.url == second.url == reverse("admin:flows_flowversion_change", args=[draft.pk])
    assert anna.get(url).status_code == 405


def test_a_draft_is_thrown_away_and_begun_anew(anna, main_line):
    draft = main_line.save()
    anna.post(reverse("admin:flows_flowversion_delete", args=[draft.pk]), {"post": "yes"})
    assert not FlowVersion.objects.exists()
    assert "New empty draft" in page(anna, "flow_change", draft.flow_id)
    anna.post(reverse("admin:flows_flowversion_empty_draft", args=[draft.flow_id]))
    assert services.draft_of(draft.flow).number == 1


def test_the_list_tells_version_steps_numbers_and_problems(anna, main_line):
    from apps.numbers.models import AccessNumber
    from apps.queues.models import Queue

    active = main_line.publish()
    AccessNumber.objects.create(number="+4780012345", flow=active.flow)
    services.create_flow(name="Empty")
    html = page(anna, "flow_changelist")
    assert "+4780012345" in html
    assert "v1, draft" in html
    assert "2 problems" in html
    Queue.objects.update(active=False)
    assert "1 problem" in page(anna, "flow_changelist")


def test_the_list_takes_the_same_queries_however_many_flows(anna, main_line, django_assert_max_num_queries):
    main_line.publish()
    with django_assert_max_num_queries(15 + len(TABLES)):
        page(anna, "flow_changelist")
    for number in range(10):
        services.create_flow(name=f"Flow {number}")
    with django_assert_max_num_queries(15 + len(TABLES)):
        page(anna, "flow_changelist")


def test_the_version_page_takes_the_same_queries_however_many_steps(anna, main_line, django_assert_max_num_queries):
    draft = main_line.save()
    for number in range(20):
        services.add_step(draft, "hang_up", f"Step {number}")
    with django_assert_max_num_queries(40):
        page(anna, "flowversion_change", draft.pk)


def test_a_flow_with_a_number_is_protected_and_another_can_be_deleted(anna, main_line):
    from apps.numbers.models import AccessNumber

    active = main_line.publish()
    number = AccessNumber.objects.create(number="+4780012345", flow=active.flow)
    url = reverse("admin:flows_flow_delete", args=[active.flow_id])
    anna.post(url, {"post": "yes"})
    assert Flow.objects.exists()
    number.delete()
    anna.post(url, {"post": "yes"})
    assert not Flow.objects.exists()
    assert not Step.objects.exists()


def test_steps_are_not_in_the_menu_and_have_no_lists_of_their_own(anna, main_line):
    main_line.save()
    index = anna.get(reverse("admin:index")).content.decode()
    assert reverse("admin:flows_flow_changelist") in index
    assert reverse("admin:flows_menustep_changelist") not in index
    for name in ("menustep", "flowversion"):
        assert anna.get(reverse(f"admin:flows_{name}_changelist")).url == reverse("admin:flows_flow_changelist")


def test_nobody_else_edits_flows(client, team, main_line):
    draft = main_line.save()
    client.force_login(User.objects.create(username="per", team=team, role=Role.TEAM_LEADER, is_staff=True))
    step = MessageStep.objects.get(version=draft)
    assert client.get(reverse("admin:flows_messagestep_change", args=[step.pk])).status_code == 403
    assert client.get(reverse("admin:flows_flowversion_change", args=[draft.pk])).status_code == 403
    for name in ("publish", "draft"):
        assert client.post(reverse(f"admin:flows_flowversion_{name}", args=[draft.pk])).status_code == 404
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_is_typed_is_shown_as_text(anna):
    """No mark-up of a name reaches the page."""
    name = "<script>alert(1)</script>"
    draft = FlowBuilder(name).menu(name, None, {"1": (name[:40], "Bye"), "2": ("B", "Bye")}).hang_up("Bye").save()
    for html in (page(anna, "flowversion_change", draft.pk), page(anna, "flowversion_publish", draft.pk), page(anna, "flow_changelist")):
        assert "<script>alert(1)" not in html
