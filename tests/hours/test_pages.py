"""Opening hours in admin: the form, the week, "what happens at …?", and closing early (TM-02, TM-04, TM-05)."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, Team, User
from apps.hours import services
from apps.hours.models import Calendar, Override
from apps.hours.opening import decide, exit_at
from tests.flows.flow_builder import FlowBuilder

NOON = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)  # ten o'clock in Oslo, a Wednesday


@pytest.fixture(autouse=True)
def wednesday(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    monkeypatch.setattr(timezone, "localdate", lambda *_: NOON.date())


@pytest.fixture
def team(db) -> Team:
    return Team.objects.create(name="Service")


@pytest.fixture
def administrator(client, team):
    client.force_login(User.objects.create_superuser("ingrid", password=None, team=team, language="en"))
    return client


@pytest.fixture
def kari(client, team) -> User:
    """A team leader, logged in."""
    user = User.objects.create(username="kari", first_name="Kari", last_name="Moen", team=team, role=Role.TEAM_LEADER, language="en")
    client.force_login(user)
    return user


def page(client, name: str, *args: object, **query: object) -> str:
    answer = client.get(reverse(f"admin:hours_calendar_{name}", args=args), query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def words(html: str) -> str:
    """The page's text, as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def now(calendar: Calendar) -> str:
    return exit_at(services.frozen(calendar.pk), NOON.timestamp())


# -- the form


def typed(**changes: object) -> dict[str, object]:
    """An administrator makes opening hours and types the first rows."""
    return {
        "name": "Sales", "time_zone": "Europe/Oslo", "open_exit": "Open", "closed_exit": "Closed", "default_exit": "Closed",
        "country": "NO", "subdivision": "", "holiday_exit": "Closed", "holiday_begin": "00:00", "holiday_end": "24:00", "key": "",
        "weekly-TOTAL_FORMS": "1", "weekly-INITIAL_FORMS": "0",
        "weekly-0-days": "mon_fri", "weekly-0-begin": "8", "weekly-0-end": "15.59", "weekly-0-exit": " open ",
        "dates-TOTAL_FORMS": "0", "dates-INITIAL_FORMS": "0",
    } | changes  # fmt: skip


def test_an_administrator_makes_opening_hours_with_their_rows_in_one_form(administrator):
    """TM-01, TM-02: hours as people write them, one spelling per exit, the holidays of the country ready to be switched off."""
    answer = administrator.post(reverse("admin:hours_calendar_add"), typed(public="on"))
    assert answer.status_code == 302, answer.context["errors"]
    calendar = Calendar.objects.get()
    row = calendar.weekly.get()
    assert (row.begin, row.end, row.exit) == (time(8), time(15, 59), "Open")
    assert (calendar.holiday_end, calendar.key) == (time(23, 59), "sales")
    assert answer.headers["Location"] == reverse("admin:hours_calendar_change", args=[calendar.pk])
    form = page(administrator, "change", calendar.pk)
    assert "Good Friday" in form and "Friday 26 March 2027" in form and "/open/sales.json" in form
    assert '<option value="Open">' in form  # exits that exist are offered for new rows


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"time_zone": "Europe/Olso"}, "Europe/Olso"),
        ({"country": "XX"}, "The public holidays of this country are not known."),
        ({"subdivision": "ENG"}, "The country has no such part."),
        ({"weekly-0-exit": "Error"}, "is the exit that a step takes after a fault"),
        ({"weekly-0-begin": "25:00"}, "Enter a valid time"),
        ({"closed_exit": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(administrator, changes, complaint):
    answer = administrator.post(reverse("admin:hours_calendar_add"), typed(**changes))
    assert answer.status_code == 200 and not Calendar.objects.exists()
    assert complaint in answer.content.decode()


def test_a_holiday_is_switched_off_in_the_form(administrator, service):
    """TM-02."""
    rules = list(service.holidays.all())
    off = next(number for number, rule in enumerate(rules) if rule.key == "Ascension Day")
    form = {
        f"holidays-{number}-{field}": value for number, rule in enumerate(rules) for field, value in [("id", rule.pk), ("active", "on")]
    }
    form |= {"holidays-TOTAL_FORMS": len(rules), "holidays-INITIAL_FORMS": len(rules)}
    del form[f"holidays-{off}-active"]
    own = {"name": service.name, "weekly-TOTAL_FORMS": "0", "weekly-0-days": ""}
    answer = administrator.post(reverse("admin:hours_calendar_change", args=[service.pk]), typed(**own) | form)
    assert answer.status_code == 302, answer.context["errors"]
    assert [rule.key for rule in service.holidays.filter(active=False)] == ["Ascension Day"]


def test_rows_that_can_never_apply_are_marked_at_the_row_and_the_page_stays(administrator, service):
    """TM-04."""
    twin = service.weekly.create(days="mon_fri", begin=time(9), end=time(10), exit="Meeting")
    service.weekly.create(days="mon_fri", begin=time(9), end=time(10), exit="Second meeting")
    service.dates.create(first=date(2026, 5, 1), exit="Over")
    form = {
        "name": service.name,
        "weekly-TOTAL_FORMS": "0",
        "dates-TOTAL_FORMS": "0",
        "holidays-TOTAL_FORMS": "0",
        "holidays-INITIAL_FORMS": "0",
    }
    answer = administrator.post(reverse("admin:hours_calendar_change", args=[service.pk]), typed(**form), follow=True)
    text = words(answer.content.decode())
    assert answer.redirect_chain[-1][0] == reverse("admin:hours_calendar_change", args=[service.pk])
    assert "2 rows can never apply; they say why." in text
    assert f"Never applies: at all its times “{twin}” wins." in text and "Never applies any more: it is over." in text


def test_a_row_past_midnight_says_so(administrator, service):
    service.weekly.create(days="4", begin=time(22), end=time(1, 59), exit="Open")
    assert "Until 01:59 the next day." in page(administrator, "change", service.pk)


def test_the_public_holidays_are_called_as_the_reader_calls_them(administrator, service):
    User.objects.update(language="nb")
    form = page(administrator, "change", service.pk)
    assert "Langfredag" in form and "Fredag 26. mars 2027" in form and "Utganger" in form


def test_opening_hours_in_use_cannot_be_deleted_and_the_page_says_where(administrator, service):
    """TM-04."""
    FlowBuilder("Main line").opening_hours("Office hours", service, {"Open": "Bye"}).hang_up("Bye").after_fault("Bye").save()
    assert "Office hours" in page(administrator, "change", service.pk)
    answer = administrator.post(reverse("admin:hours_calendar_delete", args=[service.pk]), {"post": "yes"})
    assert "Main line" in answer.content.decode() and Calendar.objects.exists()
    unused = Calendar.objects.create(name="Unused")
    administrator.post(reverse("admin:hours_calendar_delete", args=[unused.pk]), {"post": "yes"})
    assert not Calendar.objects.filter(pk=unused.pk).exists()


def test_the_list_says_what_holds_now_in_few_queries(administrator, service, django_assert_max_num_queries):
    for number in range(10):
        Calendar.objects.create(name=f"Calendar {number}").weekly.create(days="all", begin=time(0), end=time(9, 29), exit="Early")
    with django_assert_max_num_queries(16):
        text = words(page(administrator, "changelist"))
    assert "Open until 11:30" in text and text.count("Closed until Thu 11 Jun 00:00") == 10


# -- the page of a calendar


def test_the_page_shows_the_week_and_sixty_days_in_words(kari, client, service):
    service.dates.create(first=date(2026, 6, 12), begin=time(13), end=time(23, 59), exit="Closed", note="Summer party")
    html = page(client, "plan", service.pk)
    text = words(html)
    assert "Wed 10 Jun · today" in text and "08:00–11:29 Open 11:30–11:59 Lunch 12:00–15:59 Open" in text
    assert "Fri 12 Jun Summer party" in text and "12:00–12:59 Open" in text
    assert html.count("<time datetime=") == 60
    assert "Mon 15 Jun" in words(page(client, "plan", service.pk, week="2026-06-17"))


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("2026-06-10T11:45", "Wednesday 10 June 2026 11:45: Lunch The weekly hours “Monday to Friday 11:30–11:59” say so."),
        ("2026-06-10T17:00", "Closed No row applies."),
        ("2027-03-26T10:00", "Friday 26 March 2027 10:00: Closed The public holiday Good Friday says so."),
        ("2026-12-24T13:00", "Closed The own date “Christmas Eve, 12:00–23:59” says so."),
        ("2027-03-28T02:30", "This time does not exist: the clocks are put forward over it."),
        ("2026-10-25T02:30", "this time comes twice."),
        ("soon", "Enter a valid date/time."),
        ("0001-01-01T00:00", "Choose a year between 2000 and 2099."),
    ],
)
def test_what_happens_at(kari, client, service, at, answer):
    service.dates.create(first=date(2025, 12, 24), yearly=True, begin=time(12), exit="Closed", note="Christmas Eve")
    assert answer in words(page(client, "plan", service.pk, at=at))


@pytest.mark.parametrize("week", ["", "soon", "0001-01-01", "9999-12-31"])
def test_any_week_may_be_asked_for(kari, client, service, week):
    assert "Wed 10 Jun" in page(client, "plan", service.pk, week=week)


# -- the override (TM-05)


def test_a_team_leader_closes_early_with_one_click_and_takes_it_back(kari, client, service):
    """From the home page: no question, no form; the log keeps who."""
    home = client.get(reverse("admin:index")).content.decode()
    close, back = (reverse(f"admin:hours_calendar_{name}", args=[service.pk]) for name in ("close_early", "back"))
    assert f'action="{close}"' in home and f'action="{back}"' not in home and "Open until 11:30, then Lunch" in words(home)
    answer = client.post(close, {"next": "/admin/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert now(service) == "Closed"
    home = client.get("/admin/").content.decode()
    assert "Closed until Thu 11 Jun 08:00" in words(home) and "Kari Moen set it at 10:00." in words(home)
    assert f'action="{close}"' not in home and f'action="{back}"' in home
    client.post(back, {"next": "https://elsewhere.example/"})
    assert now(service) == "Open" and not Override.objects.exists()


def test_closed_for_today_ends_by_itself(kari, client, service):
    client.post(reverse("admin:hours_calendar_close_early", args=[service.pk]))
    frozen = services.frozen(service.pk)
    tomorrow = NOON + timedelta(days=1)
    assert decide(frozen, NOON.timestamp() + 3600).overridden
    assert not decide(frozen, tomorrow.timestamp()).overridden and exit_at(frozen, tomorrow.timestamp()) == "Open"


def test_a_team_leader_sets_any_exit_until_a_time_or_until_he_takes_it_back(kari, client, service):
    plan = reverse("admin:hours_calendar_plan", args=[service.pk])
    answer = client.post(plan, {"exit": "Lunch", "until": "2026-06-10T12:30"}, follow=True)
    assert "Customer service: Lunch until 12:30. The next call gets it." in words(answer.content.decode())
    frozen = services.frozen(service.pk)
    assert [exit_at(frozen, NOON.timestamp() + 3600 * hours) for hours in (0, 2.49, 2.5)] == ["Lunch", "Lunch", "Open"]
    client.post(plan, {"exit": "Open", "until": ""})
    assert exit_at(services.frozen(service.pk), NOON.timestamp() + 10**7) == "Open"


def test_an_exit_that_only_an_old_override_had_is_forgotten_on_saving(service):
    """Or flows would need a way for it for ever."""
    services.override(service, exit_name="Lunch", until=NOON + timedelta(minutes=1), by=None, now=NOON)
    service.weekly.filter(exit="Lunch").delete()
    services.settle(service)
    assert "Lunch" in services.frozen(service.pk).names
    Override.objects.update(until=NOON)
    services.settle(service)
    assert "Lunch" not in services.frozen(service.pk).names


@pytest.mark.parametrize(
    ("form", "complaint"), [({"exit": "Lunch", "until": "2026-06-10T09:59"}, "This time is over already."), ({"exit": "Party"}, "Party")]
)
def test_an_override_that_cannot_be_is_refused_in_words(kari, client, service, form, complaint):
    answer = client.post(reverse("admin:hours_calendar_plan", args=[service.pk]), form)
    assert answer.status_code == 200 and complaint in answer.content.decode() and not Override.objects.exists()


def test_a_team_leader_sees_the_rows_and_changes_none(kari, client, service):
    form = page(client, "change", service.pk)
    assert "Lunch" in form and 'name="name"' not in form
    assert client.post(reverse("admin:hours_calendar_change", args=[service.pk]), typed()).status_code == 403


def test_nobody_else_may_close(client, team, service):
    client.force_login(User.objects.create(username="anna", team=team, role=Role.AGENT))
    for name in ("close_early", "back", "plan"):
        client.post(reverse(f"admin:hours_calendar_{name}", args=[service.pk]), {"exit": "Closed"})
    assert now(service) == "Open"


def test_following_a_link_closes_nothing(kari, client, service):
    for name in ("close_early", "back"):
        assert client.get(reverse(f"admin:hours_calendar_{name}", args=[service.pk])).status_code == 405
    assert now(service) == "Open"
