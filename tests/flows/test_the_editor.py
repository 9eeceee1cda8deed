"""What the editor's page asks the server: changes of a draft, what is refused, undo (IV-06, IV-07)."""

import json

import pytest
from django.urls import reverse

from apps.accounts.models import Role, Team, User
from apps.flows import drafts, services
from apps.flows.changes import DraftChange
from apps.flows.kinds import KINDS
from apps.flows.models import TABLES, Exit, FlowVersion, MenuStep, MessageStep, Step
from apps.flows.overview import step_form_link
from apps.queues.models import Queue
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound
from tests.flows.test_flows_in_admin import filled_in, leads_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team.objects.create(name="All")


def administrator(name: str, team: Team) -> User:
    return User.objects.create_superuser(
        username=name, first_name=name.title(), password=None, team=team, role=Role.ADMINISTRATOR, language="en"
    )


@pytest.fixture
def anna(client, team):
    client.force_login(administrator("anna", team))
    return client


@pytest.fixture
def ola(client_class, team):
    """Another administrator, in another browser."""
    browser = client_class()
    browser.force_login(administrator("ola", team))
    return browser


@pytest.fixture
def client_class():
    from django.test import Client

    return Client


@pytest.fixture
def draft():
    welcome = a_sound("Welcome")
    return (
        FlowBuilder("Main line")
        .message("Welcome", welcome, next="Menu")
        .menu("Menu", welcome, {"1": ("Support", "Support"), "2": ("Bye", "Bye")}, maximum_tries="Bye")
        .queue("Support", a_queue("Support"))
        .hang_up("Bye")
        .after_fault("Bye")
        .save()
    )


def do(client, draft: FlowVersion, op: str, *, status: int = 200, **content: object) -> dict:
    response = client.post(reverse("admin:flows_flowversion_do", args=[draft.pk]), {"op": op, **content})
    assert response.status_code == status, response.content.decode()[:500]
    return json.loads(response.content)


def look(client, draft: FlowVersion, **query: object) -> dict:
    return client.get(reverse("admin:flows_flowversion_picture", args=[draft.pk]), query).json()


def step(draft: FlowVersion, name: str) -> Step:
    return Step.objects.get(version=draft, name=name)


def names(picture: dict) -> set[str]:
    return {box["name"] for box in picture["boxes"]}


def save(client, row: Step, *, revision: int, status: int = 200, request: str = "", **changes: object) -> dict:
    """Save the step's form as the panel does."""
    url = step_form_link(row.kind, row.pk)
    form = filled_in(client.get(url).content.decode()) | {"revision": revision, "request": request} | changes
    response = client.post(f"{url}?panel=1", form)
    assert response.status_code == status, response.content.decode()[:500]
    return response.json()


# -- changes


def test_the_picture_tells_boxes_exits_lines_and_problems(anna, draft):
    """IV-01: what is not wired is marked on its step."""
    services.wire(step(draft, "Welcome"), {"next": None})
    picture = look(anna, draft)["picture"]
    boxes = {box["name"]: box for box in picture["boxes"]}
    assert boxes["Welcome"]["ports"] == [
        {"name": "next", "label": "Then", "y": boxes["Welcome"]["ports"][0]["y"], "missing": True, "to": 0}
    ]
    assert [problem["text"] for problem in boxes["Welcome"]["problems"]] == ["The exit “Then” leads nowhere."]
    assert [spare["name"] for spare in boxes["Menu"]["spare"]] == ["no_input", "invalid", "error"]
    assert (boxes["Welcome"]["first"], boxes["Bye"]["fault"]) == (True, True)
    assert {(line["from"], line["exit"], line["to"]) for line in picture["lines"]} == {
        (boxes["Menu"]["id"], "1", boxes["Support"]["id"]),
        (boxes["Menu"]["id"], "2", boxes["Bye"]["id"]),
        (boxes["Menu"]["id"], "maximum_tries", boxes["Bye"]["id"]),
    }


def test_a_step_is_added_from_the_palette_and_wired_to_where_it_was_drawn_from(anna, draft):
    answer = do(anna, draft, "add", kind="hang_up", source=step(draft, "Menu").pk, exit="invalid")
    new = Step.objects.get(pk=answer["step"])
    assert (new.kind, new.name) == ("hang_up", "Hang up")
    assert leads_to(step(draft, "Menu"))["invalid"] == "Hang up"


def test_the_first_step_of_an_empty_draft_is_where_callers_begin(anna):
    empty = services.draft_of(services.create_flow(name="Night"))
    first = do(anna, empty, "add", kind="message")["step"]
    do(anna, empty, "add", kind="hang_up")
    empty.refresh_from_db()
    assert empty.start_id == first


def test_an_exit_is_wired_and_unwired(anna, draft):
    menu, support = step(draft, "Menu"), step(draft, "Support")
    do(anna, draft, "wire", step=menu.pk, exit="invalid", target=support.pk)
    assert leads_to(menu)["invalid"] == "Support"
    do(anna, draft, "wire", step=menu.pk, exit="invalid", target="")
    assert "invalid" not in leads_to(menu)


def test_what_does_not_exist_is_refused(anna, draft):
    menu = step(draft, "Menu")
    elsewhere = FlowBuilder("Other").hang_up("Elsewhere").save()
    do(anna, draft, "wire", step=menu.pk, exit="7", target=menu.pk, status=404)
    do(anna, draft, "wire", step=menu.pk, exit="1", target=step(elsewhere, "Elsewhere").pk, status=404)
    do(anna, draft, "remove", step=step(elsewhere, "Elsewhere").pk, status=404)
    do(anna, draft, "add", kind="teleport", status=404)
    do(anna, draft, "dance", status=400)
    assert leads_to(menu)["1"] == "Support"
    assert not DraftChange.objects.exists()


def test_a_step_is_renamed_unless_another_has_the_name(anna, draft):
    do(anna, draft, "rename", step=step(draft, "Support").pk, name=" Help ")
    assert do(anna, draft, "rename", step=step(draft, "Help").pk, name="Bye", status=422)["text"] == "Another step has this name."
    do(anna, draft, "rename", step=step(draft, "Help").pk, name="", status=422)
    assert step(draft, "Help")


def test_first_step_and_step_after_a_fault_are_set_one_by_one(anna, draft):
    do(anna, draft, "entrance", start=step(draft, "Menu").pk)
    do(anna, draft, "entrance", default_exit="")
    draft.refresh_from_db()
    assert (str(draft.start), draft.default_exit) == ("Menu", None)


# -- the form in the panel


def test_a_form_saves_itself_and_says_what_became_of_its_rows(anna, draft):
    row = MenuStep.objects.get(version=draft)
    part = "choices-"
    answer = save(
        anna, row, revision=0, repeat=4,
        **{f"{part}TOTAL_FORMS": 3, f"{part}0-DELETE": "on", f"{part}2-digit": "5", f"{part}2-label": "Sales", f"{part}2-target": ""},
    )  # fmt: skip
    kept, new = row.choices.all()
    assert answer["rows"]["choices"] == [None, kept.pk, new.pk]
    row.refresh_from_db()
    assert (row.repeat, new.digit) == (4, "5")
    assert [port["label"] for box in answer["picture"]["boxes"] for port in box["ports"] if box["id"] == row.pk] == [
        "2 Bye",
        "5 Sales",
        "Maximum tries",
    ]


def test_errors_come_back_at_their_fields_and_nothing_is_saved(anna, draft):
    row = MenuStep.objects.get(version=draft)
    answer = save(anna, row, revision=0, status=422, name="Bye", repeat=99, **{"choices-0-label": ""})
    assert set(answer["errors"]) == {"", "repeat", "choices-0-label"} or set(answer["errors"]) == {"name", "repeat", "choices-0-label"}
    row.refresh_from_db()
    assert (row.name, row.repeat) == ("Menu", 2)
    assert not DraftChange.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_of_every_kind_comes_alone_and_saves_itself_unchanged(anna, draft, kind):
    """The panel knows no kinds: what admin shows, it shows."""
    made = do(anna, draft, "add", kind=kind)["step"]
    url = step_form_link(kind, made)
    html = anna.get(f"{url}?panel=1").content.decode()
    assert "<html" not in html
    assert f'action="{url}?panel=1"' in html
    assert 'name="name"' in html


def test_a_published_version_shows_its_forms_without_fields(anna, draft):
    services.publish(draft)
    html = anna.get(f"{step_form_link('menu', step(draft, 'Menu').pk)}?panel=1").content.decode()
    assert "<select" not in html
    assert "Maximum tries" in html


# -- who may


def test_a_version_that_callers_get_cannot_be_changed(anna, draft):
    """IV-06: a published version is frozen, also for a page that was open before."""
    row = step(draft, "Menu")
    form = filled_in(anna.get(step_form_link("menu", row.pk)).content.decode())
    services.publish(draft)
    for op in ("add", "wire", "rename", "remove", "entrance", "undo", "redo"):
        content = {"step": row.pk, "exit": "1", "kind": "message", "name": "x", "start": row.pk}
        assert do(anna, draft, op, status=409, **content)["code"] == "frozen"
    assert anna.post(f"{step_form_link('menu', row.pk)}?panel=1", form).status_code in (403, 409)
    assert look(anna, draft)["picture"]["editable"] is False


def test_who_may_not_change_flows_changes_none(client, team, draft):
    client.force_login(User.objects.create(username="per", team=team, role=Role.TEAM_LEADER, is_staff=True))
    row = step(draft, "Menu")
    assert client.post(reverse("admin:flows_flowversion_do", args=[draft.pk]), {"op": "remove", "step": row.pk}).status_code == 404
    assert client.get(reverse("admin:flows_flowversion_picture", args=[draft.pk])).status_code == 403
    assert client.post(f"{step_form_link('menu', row.pk)}?panel=1", {"name": "x"}).status_code == 403
    client.logout()
    assert client.post(reverse("admin:flows_flowversion_do", args=[draft.pk]), {"op": "remove", "step": row.pk}).status_code == 302
    assert Step.objects.filter(pk=row.pk).exists()


def test_a_change_without_the_pages_token_is_refused(client_class, team, draft):
    browser = client_class(enforce_csrf_checks=True)
    browser.force_login(administrator("anna", team))
    assert browser.post(reverse("admin:flows_flowversion_do", args=[draft.pk]), {"op": "undo"}).status_code == 403


# -- undo


def everything(draft: FlowVersion) -> object:
    from apps.flows import states

    return states.read(draft.pk)


def test_each_change_is_undone_and_done_again_in_turn(anna, draft):
    """All of them, in the opposite order, until nothing is left; then forward again. Ids stay what they were."""
    menu, support = step(draft, "Menu"), step(draft, "Support")
    states = [everything(draft)]

    def then(_answer: dict) -> None:
        states.append(everything(draft))

    then(do(anna, draft, "remove", step=support.pk))
    then(do(anna, draft, "add", kind="dial", source=menu.pk, exit="1"))
    then(do(anna, draft, "entrance", start=menu.pk, default_exit=menu.pk))
    then(save(anna, MenuStep.objects.get(pk=menu.pk), revision=99, repeat=5, **{"choices-0-DELETE": "on"}))
    then(save(anna, MessageStep.objects.get(version=draft), revision=99, name="Strike"))
    then(do(anna, draft, "wire", step=menu.pk, exit="2", target=""))
    then(do(anna, draft, "rename", step=menu.pk, name="Main menu"))
    for expected in states[-2::-1]:
        assert do(anna, draft, "undo")["picture"]["redo"]
        assert everything(draft) == expected
    assert do(anna, draft, "undo")["picture"]["undo"] == ""
    for expected in states[1:]:
        do(anna, draft, "redo")
        assert everything(draft) == expected


def test_undo_says_what_it_will_undo_and_whose_it_is(anna, ola, draft):
    do(ola, draft, "remove", step=step(draft, "Support").pk)
    picture = do(anna, draft, "rename", step=step(draft, "Bye").pk, name="End")["picture"]
    assert picture["undo"] == "“Bye” was renamed"
    picture = do(anna, draft, "undo")["picture"]
    assert (picture["undo"], picture["redo"]) == ("“Support” was removed (Ola)", "“Bye” was renamed")


def test_a_new_change_ends_what_could_be_done_again(anna, draft):
    do(anna, draft, "remove", step=step(draft, "Support").pk)
    do(anna, draft, "undo")
    assert do(anna, draft, "add", kind="message")["picture"]["redo"] == ""
    do(anna, draft, "redo")
    assert Step.objects.filter(version=draft, name="Support").exists()


def test_a_queue_that_is_gone_meanwhile_is_left_empty_by_undo(anna, draft):
    do(anna, draft, "remove", step=step(draft, "Support").pk)
    Queue.objects.all().delete()
    picture = do(anna, draft, "undo")["picture"]
    assert names(picture) == {"Welcome", "Menu", "Support", "Bye"}
    assert "No queue is chosen." in json.dumps(picture, ensure_ascii=False)


def test_only_the_newest_changes_are_kept(anna, draft, monkeypatch):
    monkeypatch.setattr(drafts, "KEPT", 3)
    bye = step(draft, "Bye")
    for number in range(5):
        do(anna, draft, "rename", step=bye.pk, name=f"Bye {number}")
    for _ in range(5):
        do(anna, draft, "undo")
    bye.refresh_from_db()
    assert bye.name == "Bye 1"


def test_publishing_forgets_the_changes(anna, draft):
    do(anna, draft, "rename", step=step(draft, "Bye").pk, name="End")
    services.publish(draft)
    assert not DraftChange.objects.exists()


def test_what_the_forms_outside_of_the_editor_change_can_be_undone_too(anna, draft):
    url = step_form_link("menu", step(draft, "Menu").pk)
    anna.post(url, filled_in(anna.get(url).content.decode()) | {"name": "Choices"})
    anna.post(reverse("admin:flows_queuestep_delete", args=[step(draft, "Support").pk]), {"post": "yes"})
    do(anna, draft, "undo")
    do(anna, draft, "undo")
    assert leads_to(step(draft, "Menu"))["1"] == "Support"


# -- two people, and a network that loses answers


def test_who_writes_over_somebody_elses_change_is_told_first(anna, ola, draft):
    """Nothing is lost silently: the second is told, sees the newest picture, and may insist."""
    menu = MenuStep.objects.get(version=draft)
    theirs = save(ola, menu, revision=0, repeat=7)["picture"]["revision"]
    refused = save(anna, menu, revision=0, repeat=3, status=409)
    assert (refused["code"], refused["text"]) == ("changed_meanwhile", "Ola has changed this step meanwhile.")
    assert refused["picture"]["revision"] == theirs
    menu.refresh_from_db()
    assert menu.repeat == 7
    save(anna, menu, revision=theirs, repeat=3)
    menu.refresh_from_db()
    assert menu.repeat == 3
    assert do(ola, draft, "wire", step=menu.pk, exit="1", target="", revision=theirs, status=409)["code"] == "changed_meanwhile"


def test_two_people_change_different_steps_without_being_stopped(anna, ola, draft):
    save(ola, MenuStep.objects.get(version=draft), revision=0, repeat=7)
    answer = do(anna, draft, "rename", step=step(draft, "Bye").pk, name="End", revision=0)
    assert answer["touched"] == sorted([step(draft, "Menu").pk, step(draft, "End").pk])


def test_a_page_does_not_stand_in_its_own_way(anna, draft):
    menu = MenuStep.objects.get(version=draft)
    do(anna, draft, "wire", step=menu.pk, exit="invalid", target=menu.pk, revision=0, request="page1.1")
    save(anna, menu, revision=0, request="page1.2", repeat=3)
    save(anna, menu, revision=0, request="page2.1", repeat=4, status=409)


@pytest.mark.parametrize(("op", "content"), [("add", {"kind": "message"}), ("undo", {})])
def test_a_request_whose_answer_was_lost_is_done_once(anna, draft, op, content):
    for _ in range(2):
        do(anna, draft, "add", kind="hang_up")
    before = len(look(anna, draft)["picture"]["boxes"])
    for _ in range(3):
        picture = do(anna, draft, op, request="page1.7", **content)["picture"]
    assert abs(len(picture["boxes"]) - before) == 1


def test_a_page_asks_cheaply_whether_anything_is_new(anna, ola, draft):
    known = look(anna, draft)["picture"]["revision"]
    assert look(anna, draft, revision=known, editable=1) == {}
    do(ola, draft, "rename", step=step(draft, "Bye").pk, name="End")
    news = look(anna, draft, revision=known, editable=1)
    assert (news["picture"]["by"], news["touched"]) == ("Ola", [step(draft, "End").pk])


def test_a_secret_of_a_step_is_not_readable_in_the_list_of_changes(anna, draft):
    do(anna, draft, "rename", step=step(draft, "Bye").pk, name="Kjempehemmelig")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM flows_draftchange")
        assert "Kjempehemmelig" not in cursor.fetchone()[0]


def test_an_answer_takes_the_same_queries_however_many_steps(anna, draft):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bye = step(draft, "Bye")
    for kind in KINDS:
        services.add_step(draft, kind, f"First {kind}")

    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            do(anna, draft, "rename", step=bye.pk, name=name)
        return len(captured)

    before = queries("End")
    for number in range(30):
        services.wire(services.add_step(draft, "message", f"Message {number}"), {"next": bye})
    assert queries("The end") == before
    assert Exit.objects.filter(target=bye).count() > 30


def test_saving_a_form_reads_what_belongs_to_its_step_and_writes_what_differs(anna, draft, django_assert_max_num_queries):
    """One more table of a kind costs one query in the picture, and none in the list of changes."""
    menu = step(draft, "Menu")
    fields = filled_in(anna.get(step_form_link("menu", menu.pk)).content.decode()) | {"revision": 0, "repeat": 7}
    with django_assert_max_num_queries(67 + len(TABLES)) as captured:
        assert anna.post(f"{step_form_link('menu', menu.pk)}?panel=1", fields).status_code == 200
    assert not [query["sql"] for query in captured if "flows_exit" in query["sql"] and not query["sql"].startswith(("SELECT", "DELETE"))]
    assert len([query for query in captured if "flows_voicemailstep" in query["sql"]]) == 1
