"""What the switch must know of people: a frozen picture of them, read in one go."""

from msgspec import Struct

from apps.accounts.models import PauseReason, Profile, Role, Team, User
from apps.accounts.presence import AgentRules

AGENT_ROLES = (Role.AGENT, Role.TEAM_LEADER)


class AgentRecord(Struct, frozen=True):
    """`profiles`: ids of those he may log on with, his team's and his own. `calls_out`: how many he may begin in a day.

    `recording_out`: mode in which they are recorded (apps/recordings/policy.py). `confirms`: his external phone must, with a key.
    """

    id: int
    name: str
    team: int
    calls_out: int
    recording_out: str
    rules: AgentRules
    profiles: tuple[int, ...]
    auto_answer: bool
    language: str
    confirms: bool


class ProfileRecord(Struct, frozen=True):
    """`levels`: skill id -> level, 1 to 9. `wrap_up` and `wrap_up_extension` in seconds."""

    id: int
    name: str
    levels: dict[int, int]
    wrap_up: int
    wrap_up_extension: int
    wrap_up_out: bool
    best_level_only: bool


class Roster(Struct, frozen=True):
    agents: dict[int, AgentRecord]
    profiles: dict[int, ProfileRecord]
    pause_reasons: tuple[str, ...]  # the active ones, in the order that agents see


def rules_of(team: Team) -> AgentRules:
    return AgentRules(
        busy_seconds=team.busy_seconds,
        no_answer_seconds=team.no_answer_seconds,
        log_off_after_unanswered=team.log_off_after_unanswered,
        log_off_after_errors=team.log_off_after_errors,
        log_off_at_midnight=team.log_off_at_midnight,
    )


def profiles_of(user: User) -> list[Profile]:
    """Those that `user` may log on with, by name."""
    return list(Profile.objects.filter(team_id=user.team_id) | Profile.objects.filter(user=user))


def load() -> Roster:
    """Everybody who may take calls, in four queries."""
    profiles = list(Profile.objects.prefetch_related("skills"))
    people = User.objects.filter(is_active=True, role__in=AGENT_ROLES).select_related("team")
    return Roster(
        agents={user.id: _agent(user, profiles) for user in people},
        profiles={profile.id: _profile(profile) for profile in profiles},
        pause_reasons=tuple(PauseReason.objects.filter(active=True).values_list("name", flat=True)),
    )


def _agent(user: User, profiles: list[Profile]) -> AgentRecord:
    return AgentRecord(
        id=user.id,
        name=str(user),
        team=user.team_id,
        calls_out=user.team.calls_out_a_day,
        recording_out=user.team.record_calls_out,
        rules=rules_of(user.team),
        profiles=tuple(profile.id for profile in profiles if profile.user_id == user.id or profile.team_id == user.team_id),
        auto_answer=user.auto_answer,
        language=user.language,
        confirms=user.team.confirm_external,
    )


def _profile(profile: Profile) -> ProfileRecord:
    return ProfileRecord(
        id=profile.id,
        name=profile.name,
        levels={skill.skill_id: skill.level for skill in profile.skills.all()},
        wrap_up=profile.wrap_up,
        wrap_up_extension=profile.wrap_up_extension,
        wrap_up_out=profile.wrap_up_calls_out,
        best_level_only=profile.best_level_only,
    )
