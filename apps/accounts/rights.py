"""What each role may do in admin: one table, no boxes to tick per user (PF-02)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import Role, User

RIGHTS: dict[str, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(),  # may do everything: Django asks no backend for a superuser
    Role.TEAM_LEADER: frozenset(
        {
            "calls.view_call",
            "calls.view_leg",
            "calls.view_timelineentry",
            "calls.view_surveyanswer",
            *(f"directory.{may}_{row}" for may in ("view", "add", "change", "delete") for row in ("contact", "contactnumber")),
            "recordings.view_recording",
            "hours.view_calendar",
            "hours.view_owndate",
            "hours.view_holidayrule",
            "hours.view_weeklyhours",
            "hours.override_calendar",
            "recordings.view_voicemail",
            "queues.view_queue",
            "queues.view_queueskill",
            "queues.view_disposition",
            "accounts.view_user",
            "accounts.view_team",
            "accounts.view_profile",
            "accounts.view_profileskill",
            "accounts.view_skill",
        }
    ),
    Role.AGENT: frozenset(),
    Role.WALLBOARD: frozenset(),
    Role.API: frozenset({"flows.view_flow"}),
}


class RoleBackend(ModelBackend):
    """Password log-in as Django does it; permissions from the table, without a query."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return set(RIGHTS[user_obj.role])

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(right.partition(".")[0] == app_label for right in self.get_all_permissions(user_obj))


def who(request: HttpRequest) -> User:
    """Who asks. Errors: `PermissionDenied` if nobody is logged in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def agents_of(user: User) -> QuerySet[User]:
    """Those for whom `user` may do what they may do themselves: an administrator all, a team leader or a program those of the team.

    An agent himself.
    """
    agents = User.objects.filter(is_active=True, role__in=(Role.AGENT, Role.TEAM_LEADER))
    narrowed = {
        Role.ADMINISTRATOR: {},
        Role.TEAM_LEADER: {"team": user.team_id},
        Role.API: {"team": user.team_id},
        Role.AGENT: {"pk": user.pk},
    }
    return agents.filter(**narrowed[Role(user.role)]) if user.role in narrowed else agents.none()


def of_own_team(rows: QuerySet, user: User | AnonymousUser, field: str = "agent__team") -> QuerySet:
    """The rows that `user` may see: an administrator all, a team leader those of his team, anybody else none.

    `field` leads from a row to the team.
    """
    if not isinstance(user, User):
        return rows.none()
    if user.role == Role.ADMINISTRATOR:
        return rows
    if user.role == Role.TEAM_LEADER:
        return rows.filter(**{field: user.team_id})
    return rows.none()
