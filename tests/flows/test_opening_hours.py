"""The step "opening hours": a caller leaves by the exit that the calendar gives when he comes to it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from msgspec.structs import replace

from apps.accounts.models import Role, Team, User
from apps.events.vocabulary import StepFailed, StepLeft
from apps.flows import services
from apps.flows.compile import compile_version
from apps.flows.interpreter import Begin, handle, start, waiting
from apps.flows.known import NOTHING, Known
from apps.flows.models import Exit, OpeningHoursStep
from apps.flows.run import JoinQueue, PlayPrompts
from apps.hours import services as hours
from apps.hours.models import Calendar
from apps.hours.opening import Calendar as Frozen
from apps.hours.opening import Row
from contactcenter.problems import found
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound

OSLO = ZoneInfo("Europe/Oslo")
TEN, TWENTY = (datetime(2026, 6, 10, hour, tzinfo=OSLO).timestamp() for hour in (10, 20))
OPEN, CLOSED, FAULT = 1, 2, 3  # sounds


def known(*rows: Row) -> Known:
    calendar = Frozen(id=7, name="Service", zone="Europe/Oslo", default="Closed", open_exit="Open", closed_exit="Closed", rows=rows)
    return Known(calendars={7: calendar})


OFFICE = known(Row(layer="week", id=1, exit="Open", begin=480, end=959, weekdays=frozenset(range(5))))
LUNCH = known(Row(layer="week", id=1, exit="Lunch", weekdays=frozenset(range(7))))


def line(calendar: object = 7, **error: str) -> FlowBuilder:
    return (
        FlowBuilder("Line")
        .opening_hours("Hours", calendar, {"Open": "Welcome", "Closed": "Sorry"} | error)
        .message("Welcome", OPEN)
        .message("Sorry", CLOSED)
        .message("Oops", FAULT)
        .after_fault("Oops")
    )


def heard(actions: list) -> list[int]:
    return [action.prompts[0] for action in actions if isinstance(action, PlayPrompts)]


def left(actions: list) -> StepLeft:
    return next(action for action in actions if isinstance(action, StepLeft))


@pytest.mark.parametrize(("now", "sound", "exit_name"), [(TEN, OPEN, "Open"), (TWENTY, CLOSED, "Closed")])
def test_a_caller_leaves_by_the_exit_that_holds_now(now, sound, exit_name):
    """TM-01, IV-05."""
    _run, actions = start(line().graph(), now, "c1", known=OFFICE)
    assert heard(actions) == [sound]
    assert (left(actions).exit, left(actions).result) == (exit_name, "opening_hours")


def test_a_test_call_is_made_at_the_time_that_was_chosen():
    """IV-07: at 20 o'clock, with a clock that is ten hours behind."""
    run = replace(waiting(line().graph(), TWENTY, "c1"), shift=-10 * 3600.0)
    _run, actions = handle(line().graph(), run, Begin(), TWENTY, OFFICE)
    assert heard(actions) == [OPEN]
    assert left(actions).at == TWENTY  # facts tell when it happened


@pytest.mark.parametrize(
    ("around", "exits", "sound"),
    [(LUNCH, {}, FAULT), (LUNCH, {"error": "Sorry"}, CLOSED), (NOTHING, {}, FAULT), (NOTHING, {"error": "Sorry"}, CLOSED)],
)
def test_an_exit_that_came_later_or_a_calendar_that_is_gone_is_a_fault(around, exits, sound):
    """IV-09: the error exit, else the step after a fault; nobody is dropped."""
    _run, actions = start(line(**exits).graph(), TEN, "c1", known=around)
    assert heard(actions) == [sound]
    assert [action.step for action in actions if isinstance(action, StepFailed)] == [1]


def problems(version) -> list[str]:
    return [problem.text for problem in compile_version(version)[1]]


@pytest.fixture
def calendar(db) -> Calendar:
    calendar = Calendar.objects.create(name="Service", time_zone="Europe/Oslo")
    calendar.weekly.create(days="mon_fri", begin=time(8), end=time(15, 59), exit="Open")
    return calendar


def saved(calendar: Calendar | None, exits: dict[str, str]) -> FlowBuilder:
    return (
        FlowBuilder("Line")
        .opening_hours("Hours", calendar, exits)
        .message("Welcome", a_sound("Hello"), next="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
    )


def test_each_exit_of_the_calendar_must_lead_somewhere(calendar):
    """IV-06. A row that gives a new exit makes the flow incomplete."""
    version = saved(calendar, {"Open": "Welcome", "Closed": "Bye"}).save()
    assert problems(version) == []
    calendar.dates.create(first=date(2026, 12, 24), exit="Christmas")
    assert problems(version) == ["The exit “Christmas” leads nowhere."]


def test_the_home_page_says_that_a_published_flow_does_not_know_a_new_exit(calendar):
    """IV-09: before a caller meets the fault."""
    saved(calendar, {"Open": "Welcome", "Closed": "Bye"}).publish()
    before = {problem.text for problem in found()}
    calendar.dates.create(first=date(2026, 12, 24), exit="Christmas")
    assert {problem.text for problem in found()} - before == {"Line, Hours: The exit “Christmas” leads nowhere."}


def test_without_a_calendar_it_is_not_published(db):
    assert "No opening hours are chosen." in problems(saved(None, {}).save())


def test_a_circle_through_opening_hours_asks_nobody(calendar):
    version = saved(calendar, {"Open": "Welcome", "Closed": "Hours"}).save()
    assert problems(version) == ["The caller would go round without being asked: Hours → Hours."]


def test_the_saved_flow_runs_with_the_newest_calendar(calendar):
    """TM-05: the flow is as it was loaded, the calendar is new."""
    flow = saved(calendar, {"Open": "Welcome", "Closed": "Bye"}).flow()
    graph = services.load()[flow.pk]
    now = datetime.fromtimestamp(TEN, UTC)
    assert left(start(graph, TEN, "c1", known=Known(calendars=hours.load()))[1]).exit == "Open"
    hours.override(calendar, exit_name="Closed", until=None, by=None, now=now)
    assert left(start(graph, TEN, "c2", known=Known(calendars=hours.load()))[1]).exit == "Closed"


def test_a_calendar_in_use_cannot_be_deleted(calendar):
    """TM-04."""
    saved(calendar, {"Open": "Welcome", "Closed": "Bye"}).save()
    with pytest.raises(ProtectedError):
        calendar.delete()


def test_many_steps_take_no_more_queries(calendar):
    def queries(number: int) -> int:
        flow = FlowBuilder(f"Line {number}")
        for extra in range(number):
            flow.opening_hours(f"Hours {extra}", calendar, {"Open": "Bye", "Closed": "Bye"})
        version = flow.hang_up("Bye").after_fault("Bye").save()
        with CaptureQueriesContext(connection) as captured:
            compile_version(version)
        return len(captured)

    assert queries(1) == queries(7)


# -- the form


@pytest.fixture
def administrator(client, db):
    team = Team.objects.create(name="All")
    client.force_login(User.objects.create_superuser(username="anna", password=None, team=team, role=Role.ADMINISTRATOR, language="en"))
    return client


@pytest.fixture
def other(db) -> Calendar:
    other = Calendar.objects.create(name="Night", time_zone="Europe/Oslo")
    other.weekly.create(days="all", begin=time(22), end=time(5, 59), exit="Duty")
    return other


def test_calendar_and_exits_are_chosen_in_one_go(administrator, calendar, other):
    """The form offers the exits of all calendars and says whose they are; only those of the chosen one are wired."""
    version = FlowBuilder("Line").hang_up("Bye").after_fault("Bye").save()
    bye = version.steps.get(name="Bye")
    address = f"{reverse('admin:flows_openinghoursstep_add')}?version={version.pk}"
    page = administrator.get(address).content.decode()
    assert 'name="exit_Open"' in page and 'name="exit_Duty"' in page and "Exit of Night." in page and "Exit of Service." not in page
    fields = {"name": "Hours", "calendar": calendar.pk, "exit_Open": "new:message", "exit_Closed": bye.pk, "exit_Duty": bye.pk}
    assert administrator.post(address, fields).status_code == 302
    step = OpeningHoursStep.objects.get()
    assert dict(Exit.objects.filter(step=step).values_list("name", "target__name")) == {"Open": "Message", "Closed": "Bye"}


def test_another_calendar_keeps_the_exits_that_it_has_too(administrator, calendar, other):
    version = FlowBuilder("Line").opening_hours("Hours", other, {"Open": "Bye", "Duty": "Bye"}).hang_up("Bye").after_fault("Bye").save()
    step, bye = OpeningHoursStep.objects.get(), version.steps.get(name="Bye")
    address = reverse("admin:flows_openinghoursstep_change", args=[step.pk])
    fields = {"name": "Hours", "calendar": calendar.pk, "exit_Open": bye.pk, "exit_Duty": bye.pk, "exit_Closed": ""}
    assert administrator.post(address, fields).status_code == 302
    assert set(Exit.objects.filter(step=step).values_list("name", flat=True)) == {"Open"}


def test_a_published_step_can_be_read(administrator, calendar):
    saved(calendar, {"Open": "Welcome", "Closed": "Bye"}).publish()
    page = administrator.get(reverse("admin:flows_openinghoursstep_change", args=[OpeningHoursStep.objects.get().pk])).content.decode()
    assert "Open: " in page and "Service" in page and 'name="exit_Open"' not in page


# -- a queue with opening hours


def queue_line(**exits: str) -> FlowBuilder:
    return FlowBuilder("Line").queue("Support", 3, **exits).message("Sorry", CLOSED).message("Oops", FAULT).after_fault("Oops")


@pytest.mark.parametrize(
    ("now", "exits", "sounds"), [(TEN, {"closed": "Sorry"}, []), (TWENTY, {"closed": "Sorry"}, [CLOSED]), (TWENTY, {}, [FAULT])]
)
def test_outside_its_opening_hours_a_queue_takes_nobody(now, exits, sounds):
    """TM-04: he leaves by its own exit, else it is a fault; within them he waits as ever."""
    _run, actions = start(queue_line(**exits).graph(), now, "c1", known=replace(OFFICE, queue_hours={3: 7}))
    assert heard(actions) == sounds
    assert any(isinstance(action, JoinQueue) for action in actions) is not bool(sounds)


def test_a_test_call_sees_the_queue_at_the_time_that_was_chosen():
    """IV-07."""
    run = replace(waiting(queue_line(closed="Sorry").graph(), TWENTY, "c1"), shift=-10 * 3600.0)
    _run, actions = handle(queue_line(closed="Sorry").graph(), run, Begin(), TWENTY, replace(OFFICE, queue_hours={3: 7}))
    assert any(isinstance(action, JoinQueue) for action in actions)


def test_a_queue_without_opening_hours_is_always_open():
    _run, actions = start(queue_line().graph(), TWENTY, "c1", known=OFFICE)
    assert any(isinstance(action, JoinQueue) for action in actions)


def test_a_queue_with_opening_hours_needs_the_exit_for_it(calendar):
    """IV-06, and its calendar is known to the switch."""
    support = a_queue("Support", calendar=calendar)
    version = FlowBuilder("Line").queue("Wait", support, no_agents="Bye").hang_up("Bye").after_fault("Bye").save()
    assert problems(version) == ["The queue “Support” has opening hours, and the exit “Outside opening hours” leads nowhere."]
    services.wire(version.steps.get(name="Wait"), {"closed": version.steps.get(name="Bye")})
    assert problems(version) == []
    assert services.load_known().queue_hours == {support.pk: calendar.pk}
    with pytest.raises(ProtectedError):
        calendar.delete()
