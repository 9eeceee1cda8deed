"""TM-02: public holidays from a maintained source, in the reader's language, switched off one by one, known for years."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.hours import public_holidays, services
from apps.hours.models import Calendar
from apps.hours.opening import exit_at
from apps.hours.rows import freeze
from apps.hours.services import with_rows

TODAY = date(2026, 11, 24)


def days(country: str, part: str = "") -> dict[str, str]:
    return {f"{holiday.day:%m-%d}": holiday.key for holiday in public_holidays.around(country, part, 2026) if holiday.day.year == 2026}


def test_norways_moving_holidays():
    """Easter Sunday of 2026 is 5 April."""
    found = days("NO")
    moving = {
        "04-02": "Maundy Thursday",
        "04-03": "Good Friday",
        "04-06": "Easter Monday",
        "05-14": "Ascension Day",
        "05-25": "Pentecost Monday",
    }
    assert moving.items() <= found.items()
    assert found["05-17"] == "Constitution Day" and found["12-25"] == "Christmas Day" and len(found) == 12


@pytest.mark.parametrize(
    ("country", "part", "day", "key"),
    [
        ("SE", "", "06-20", "Midsummer Day"),
        ("DK", "", "05-14", "Ascension Day"),
        ("FI", "", "12-06", "Independence Day"),
        ("GB", "SCT", "11-30", "Saint Andrew's Day"),
        ("GB", "ENG", "08-31", "Late Summer Bank Holiday"),
        ("GB", "ENG", "12-28", "Boxing Day"),  # the day that is off because the 26th is a Saturday
    ],
)
def test_the_neighbours_holidays(country, part, day, key):
    assert days(country, part).get(day) == key


def test_what_is_not_known_has_none():
    assert days("XX") == {} and days("NO", "ENG") == {}


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [("NO", "nb", "Langfredag"), ("NO", "en", "Good Friday"), ("SE", "nb", "Långfredagen"), ("GB", "en", "Good Friday")],
)
def test_names_are_the_readers_or_the_countrys(country, language, name):
    assert public_holidays.in_words("Good Friday", country, "", language, 2026) == name


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Oslo")).timestamp()


def exits(calendar: Calendar, *instants: str, today: date = TODAY) -> list[str]:
    made = freeze(with_rows().get(pk=calendar.pk), today)
    return [exit_at(made, at(instant)) for instant in instants]


def test_holidays_are_closed_this_year_and_the_two_to_come(service):
    """From one reading of the database: 17 May, Good Friday, Ascension Day."""
    days = ["2026-12-25T10:00", "2027-03-26T10:00", "2027-05-06T10:00", "2028-05-17T10:00", "2028-04-14T10:00"]
    assert exits(service, *days) == ["Closed"] * 5
    assert exits(service, "2027-03-24T10:00", "2028-05-18T10:00") == ["Open", "Open"]


def test_one_holiday_is_switched_off_and_the_others_stay(service):
    service.holidays.filter(key="Good Friday").update(active=False)
    assert exits(service, "2027-03-26T10:00", "2028-04-14T10:00", "2027-03-25T10:00") == ["Open", "Open", "Closed"]


def test_a_holiday_with_hours_and_an_exit_of_its_own(service):
    """TM-01: it covers only its own interval; the week is below it."""
    service.holidays.filter(key="Maundy Thursday").update(exit="Duty", begin=time(9), end=time(11, 59))
    assert exits(service, *(f"2027-03-25T{hour}:30" for hour in ("08", "09", "11", "12"))) == ["Open", "Duty", "Duty", "Open"]


def test_a_holiday_without_a_row_applies(service):
    """A country may get a new one with the next version of the source."""
    service.holidays.all().delete()
    assert exits(service, "2027-03-26T10:00") == ["Closed"]


def test_settling_offers_each_holiday_once_and_keeps_what_was_set(service):
    keys = list(service.holidays.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 12
    service.holidays.filter(key="Good Friday").update(active=False)
    service.country = "SE"
    service.save()
    services.settle(service)
    left = {rule.key: rule.active for rule in service.holidays.all()}
    assert left["Good Friday"] is False and "Constitution Day" not in left and left["Midsummer Day"] is True


def test_an_own_date_of_every_year(service):
    """Christmas Eve closes at noon each year from 2025 on; a range may go over New Year."""
    service.dates.create(first=date(2025, 12, 24), yearly=True, begin=time(12), exit="Closed")
    service.dates.create(first=date(2025, 12, 31), last=date(2026, 1, 2), yearly=True, begin=time(10), end=time(10, 59), exit="Few people")
    assert exits(service, "2026-12-24T11:00", "2026-12-24T12:00", "2027-12-24T12:00", "2028-12-24T12:00") == [
        "Open",
        "Closed",
        "Closed",
        "Closed",
    ]
    assert exits(service, "2026-12-31T10:30", "2027-01-02T10:30") == ["Few people", "Few people"]


def test_29_february_of_every_year_comes_in_leap_years(service):
    service.dates.create(first=date(2024, 2, 29), yearly=True, exit="Leap")
    assert exits(service, "2028-02-29T10:00", "2027-03-01T10:00") == ["Leap", "Open"]
