"""IV-06: draft, active, archived; publish, roll back, keep the newest ten. IV-09: sounds and queues in use stay."""

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from apps.accounts.models import Team, User
from apps.calls.models import Call
from apps.flows import services
from apps.flows.compile import compile_version
from apps.flows.models import TABLES, Exit, FlowVersion, MenuChoice, MenuStep, MessageSound, MessageStep, Step, VersionIsFrozen
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow_builder():
    welcome = a_sound("Welcome")
    return (
        FlowBuilder("Main line")
        .message("Welcome", welcome, welcome, next="Menu")
        .menu("Menu", welcome, {"1": ("Support", "Support"), "2": ("Bye", "Bye")}, maximum_tries="Bye", fields={"repeat": 1, "timeout": 7})
        .queue("Support", a_queue("Support"), full="Bye")
        .dial("Boss", "+4722334455", busy="Bye", no_answer="Bye")
        .hang_up("Bye")
        .after_fault("Boss")
    )


@pytest.fixture
def active(flow_builder):
    return flow_builder.publish()


@pytest.fixture
def anna():
    return User.objects.create(username="anna", team=Team.objects.create(name="All"))


def by_name(graph) -> dict:
    """A graph with names for ids, so that two versions can be compared."""
    names = {step.id: step.name for step in graph.steps.values()}
    fields = {step.name: {f: getattr(step, f) for f in step.__struct_fields__ if f not in ("id", "exits")} for step in graph.steps.values()}
    exits = {step.name: {name: names[target] for name, target in step.exits.items()} for step in graph.steps.values()}
    return {"start": names[graph.start], "fault": names[graph.default_exit], "fields": fields, "exits": exits}


def state(version) -> str:
    return FlowVersion.objects.get(pk=version.pk).state


def test_publishing_makes_the_draft_active_and_says_who_did_it(flow_builder, anna):
    version = services.publish(flow_builder.save(), anna)
    assert (version.state, version.published_by, version.number) == ("active", anna, 1)
    assert version.published_at is not None


def test_publishing_archives_the_version_before(active):
    draft = services.new_draft(active)
    services.publish(draft)
    assert (state(active), state(draft)) == ("archived", "active")


def test_a_refused_version_changes_nothing(active):
    draft = services.new_draft(active)
    Exit.objects.filter(step__version=draft, name="next").delete()
    with pytest.raises(services.PublishRefused) as refused:
        services.publish(draft)
    assert "unwired" in [problem.code for problem in refused.value.problems]
    assert (state(active), state(draft)) == ("active", "draft")


def test_an_active_version_is_not_published_again(active):
    with pytest.raises(VersionIsFrozen):
        services.publish(active)
    assert state(active) == "active"


def test_a_new_draft_has_the_same_steps_as_rows_of_its_own(active):
    draft = services.new_draft(active)
    assert (draft.number, draft.state) == (2, "draft")
    old, new = compile_version(active)[0], compile_version(draft)[0]
    assert by_name(old) == by_name(new)
    assert not set(old.steps) & set(new.steps)


def test_a_flow_has_one_draft_at_a_time(active):
    draft = services.new_draft(active)
    with pytest.raises(services.DraftExists) as refused:
        services.new_draft(active)
    assert refused.value.draft == draft


def test_editing_the_draft_does_not_touch_the_active_version(active):
    before = services.load()
    draft = services.new_draft(active)
    menu = MenuStep.objects.get(version=draft)
    services.set_choices(menu, {"5": "Five"})
    services.set_sounds(MessageStep.objects.get(version=draft), [])
    services.set_entrances(draft, start=menu, default_exit=None)
    menu.delete()
    assert services.load() == before


def test_choices_that_go_take_their_exits_along(flow_builder):
    draft = flow_builder.save()
    menu = MenuStep.objects.get(version=draft)
    services.set_choices(menu, {"1": "Support", "3": "New"})
    assert set(Exit.objects.filter(step=menu).values_list("name", flat=True)) == {"1", "maximum_tries"}


def test_what_is_published_cannot_be_changed(active):
    """IV-06: active and archived versions are immutable, for services and for whoever saves a row."""
    step, menu = MessageStep.objects.get(version=active), MenuStep.objects.get(version=active)
    attempts = [
        step.save,
        step.delete,
        Exit.objects.filter(step=step).first().save,
        Exit.objects.filter(step=step).first().delete,
        MenuChoice.objects.first().save,
        MessageSound.objects.first().delete,
        lambda: services.add_step(active, "hang_up", "New"),
        lambda: services.wire(step, {"next": None}),
        lambda: services.set_sounds(step, []),
        lambda: services.set_choices(menu, {}),
        lambda: services.set_entrances(active, start=None, default_exit=None),
    ]
    before = services.load()
    for attempt in attempts:
        with pytest.raises(VersionIsFrozen):
            attempt()
    assert services.load() == before


def test_rolling_back_publishes_an_old_version(active, anna):
    newer = services.publish(services.new_draft(active))
    assert services.roll_back(active, anna).published_by == anna
    assert (state(active), state(newer)) == ("active", "archived")


def test_only_archived_versions_are_rolled_back_to(active):
    draft = services.new_draft(active)
    for version in (active, draft):
        with pytest.raises(VersionIsFrozen):
            services.roll_back(version)


def test_rolling_back_checks_the_old_version_anew(active):
    from apps.queues.models import Queue

    newer = services.new_draft(active)
    services.wire(MenuStep.objects.get(version=newer), {"1": Step.objects.get(version=newer, name="Bye")})
    Step.objects.get(version=newer, name="Support").delete()
    services.publish(newer)
    Queue.objects.update(active=False)
    with pytest.raises(services.PublishRefused):
        services.roll_back(active)
    assert (state(active), state(newer)) == ("archived", "active")


def test_the_ten_newest_archived_versions_are_kept(active):
    for _ in range(14):
        active = services.publish(services.new_draft(active))
    numbers = list(FlowVersion.objects.filter(state="archived").values_list("number", flat=True))
    assert numbers == list(range(14, 4, -1))


def test_a_version_that_a_call_is_in_is_kept(active):
    """IV-06: a call keeps the version it started with."""
    first = active
    Call.objects.create(id="call-1", started_at=timezone.now(), dialled="+4722334455", flow_version=first)
    for _ in range(12):
        active = services.publish(services.new_draft(active))
    assert FlowVersion.objects.filter(pk=first.pk).exists()
    Call.objects.update(ended_at=timezone.now())
    assert services.prune(active.flow) == 1
    assert not FlowVersion.objects.filter(pk=first.pk).exists()


def test_new_calls_get_the_active_versions(active, flow_builder):
    services.new_draft(active)
    flow_builder.name = "Other"
    services.create_flow(name="Empty")
    loaded = services.load()
    assert list(loaded) == [active.flow_id]
    assert loaded[active.flow_id].version == active.pk


def test_versions_that_running_calls_need_can_be_loaded(active):
    services.publish(services.new_draft(active))
    assert services.load_versions([active.pk, 10_000]).keys() == {active.pk}


def test_loading_takes_the_same_few_queries_however_many_flows(active, django_assert_num_queries):
    from apps.audio.models import Prompt

    for number in range(5):
        FlowBuilder(f"Flow {number}").message("M", Prompt.objects.get(), next="Bye").hang_up("Bye").after_fault("Bye").publish()
    with django_assert_num_queries(4 + len(TABLES)):  # versions, exits, sounds, choices, tables of kinds
        assert len(services.load()) == 6


@pytest.mark.parametrize("used", ["sound", "queue"])
def test_what_a_flow_uses_cannot_be_deleted(active, used):
    """AU-04."""
    from apps.audio.models import Prompt
    from apps.queues.models import Queue

    with pytest.raises(ProtectedError):
        (Prompt if used == "sound" else Queue).objects.get().delete()


def test_the_switch_is_told_after_the_commit(flow_builder, redis, settings, redis_url, monkeypatch, django_capture_on_commit_callbacks):
    """QU-17: publishing takes effect for the next call."""
    from contactcenter.lib import bus

    monkeypatch.setattr(bus, "client", lambda: redis)
    hears = redis.pubsub()
    hears.subscribe(bus.CONFIGURATION)
    assert hears.get_message(timeout=2)["type"] == "subscribe"
    draft = flow_builder.save()
    with django_capture_on_commit_callbacks(execute=True):
        services.publish(draft)
    assert hears.get_message(timeout=2)["data"] == b"changed"
