"""What the switch learns of people."""

import pytest
from django.core.exceptions import ValidationError

from apps.accounts.models import PauseReason, Profile, ProfileSkill, Role, Skill, Team, User
from apps.accounts.presence import AgentRules
from apps.accounts.services import load, profiles_of
from tests.accounts.conftest import person

pytestmark = pytest.mark.django_db


def test_an_agent_may_log_on_with_his_teams_profiles_and_his_own(team: Team, anna: User):
    """AS-06"""
    of_team = Profile.objects.create(name="Support", team=team)
    own = Profile.objects.create(name="Anna's", user=anna)
    Profile.objects.create(name="Others", team=Team.objects.create(name="Another"))
    assert set(load().agents[anna.id].profiles) == {of_team.id, own.id} == {profile.id for profile in profiles_of(anna)}


def test_the_teams_rules_are_the_agents(team: Team, anna: User):
    """AS-03, AL-01 to AL-03"""
    Team.objects.update(busy_seconds=4, no_answer_seconds=6, log_off_after_unanswered=3, log_off_after_errors=2, log_off_at_midnight=True)
    rules = AgentRules(busy_seconds=4, no_answer_seconds=6, log_off_after_unanswered=3, log_off_after_errors=2, log_off_at_midnight=True)
    assert load().agents[anna.id].rules == rules


def test_a_profile_tells_its_levels(team: Team):
    """QU-02"""
    profile = Profile.objects.create(name="Support", team=team, wrap_up=45, best_level_only=True)
    skill = Skill.objects.create(name="Support")
    ProfileSkill.objects.create(profile=profile, skill=skill, level=7)
    record = load().profiles[profile.id]
    assert (record.levels, record.wrap_up, record.best_level_only) == ({skill.id: 7}, 45, True)


def test_only_active_people_who_take_calls_are_on_the_roster(team: Team, anna: User, leader: User, administrator: User):
    person(team, "gone", is_active=False)
    person(team, "screen", Role.WALLBOARD)
    assert set(load().agents) == {anna.id, leader.id}


def test_pause_reasons_come_in_their_order(db):
    """AS-04"""
    for position, name in enumerate(["Lunch", "Coffee", "Old"]):
        PauseReason.objects.create(name=name, position=position, active=name != "Old")
    assert load().pause_reasons == ("Lunch", "Coffee")


def test_the_number_of_queries_does_not_grow_with_the_people(team: Team, django_assert_num_queries):
    for number in range(20):
        Profile.objects.create(name="own", user=person(team, f"agent{number}", password="x"))
    with django_assert_num_queries(4):
        load()


def test_a_profile_belongs_to_a_team_or_to_a_user(client, team: Team, anna: User, administrator: User):
    """AS-06: said beside the form, not by a fault of the database."""
    client.force_login(administrator)
    inlines = {"skills-TOTAL_FORMS": 0, "skills-INITIAL_FORMS": 0}
    page = client.post("/admin/accounts/profile/add/", {"name": "Both", "team": team.pk, "user": anna.pk, "wrap_up": 30, **inlines})
    assert "either to a team or to one user" in page.content.decode() and not Profile.objects.exists()


def test_a_new_team_has_the_rules_that_everybody_expects(team: Team, anna: User):
    """AL-01 and AL-02 off, AL-03 after five, AS-03 ten seconds."""
    assert load().agents[anna.id].rules == AgentRules(
        busy_seconds=10, no_answer_seconds=10, log_off_after_unanswered=0, log_off_after_errors=5, log_off_at_midnight=False
    )
    assert Profile(name="Any").wrap_up == 30


@pytest.mark.parametrize("field", ["busy_seconds", "no_answer_seconds"])
def test_nobody_is_kept_away_for_longer_than_thirty_seconds(team: Team, field: str):
    """AS-03: 0 to 30, said at the field."""
    for seconds, wrong in ((0, False), (30, False), (31, True)):
        setattr(team, field, seconds)
        try:
            team.full_clean()
        except ValidationError as refused:
            assert wrong and list(refused.message_dict) == [field]
        else:
            assert not wrong
