"""What agents write about calls is kept once, whoever writes first, and by nobody else."""

import logging

import pytest

from apps.accounts.models import Role, Team, User
from apps.notes import services
from apps.notes.models import LONGEST, Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    team = Team.objects.create(name="Support")
    return User.objects.create_user("anna", password="a long password", team=team, role=Role.AGENT)


def test_a_note_is_written_before_the_calls_own_row_is_there(anna):
    """The journal may be behind; what a person has typed does not wait for it."""
    assert services.write(call="call-1", agent=anna, text="Wants", revision=0) == 1
    assert services.write(call="call-1", agent=anna, text="Wants the blue one", revision=1) == 2
    assert services.read("call-1", anna).text == "Wants the blue one"


@pytest.mark.parametrize("revision", [0, 1, 7])
def test_who_has_not_seen_the_newest_changes_nothing_and_is_told_it(anna, revision):
    """Two windows of one agent."""
    services.write(call="call-1", agent=anna, text="one", revision=0)
    services.write(call="call-1", agent=anna, text="two", revision=1)
    with pytest.raises(services.Stale) as stale:
        services.write(call="call-1", agent=anna, text="other", revision=revision)
    assert (stale.value.note.text, stale.value.note.revision) == ("two", 2)
    assert Note.objects.get().text == "two"


def test_a_note_that_was_deleted_meanwhile_can_be_begun_again(anna):
    with pytest.raises(services.Stale) as stale:
        services.write(call="call-1", agent=anna, text="one", revision=3)
    assert (stale.value.note.text, stale.value.note.revision) == ("", 0)
    assert not Note.objects.exists()


def test_length_is_bounded_and_what_no_database_keeps_is_left_out(anna):
    services.write(call="call-1", agent=anna, text="x" * LONGEST, revision=0)
    with pytest.raises(ValueError, match="too long"):
        services.write(call="call-1", agent=anna, text="x" * (LONGEST + 1), revision=1)
    services.write(call="call-2", agent=anna, text="a\x00b", revision=0)
    assert services.read("call-2", anna).text == "ab"


def test_two_agents_of_a_call_have_a_note_each_and_the_newest_is_shown_first(anna):
    per = User.objects.create_user("per", password="a long password", team=anna.team, role=Role.AGENT)
    services.write(call="call-1", agent=anna, text="from Anna", revision=0)
    services.write(call="call-1", agent=per, text="from Per", revision=0)
    services.write(call="call-2", agent=per, text="", revision=0)
    assert services.newest(["call-1", "call-2", "call-3"]) == {"call-1": "from Per"}


def test_the_text_is_in_no_log(anna, caplog):
    caplog.set_level(logging.DEBUG)
    services.write(call="call-1", agent=anna, text="secret words", revision=0)
    with pytest.raises(services.Stale):
        services.write(call="call-1", agent=anna, text="more secret words", revision=0)
    assert "secret" not in "".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
