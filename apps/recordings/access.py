"""Who may hear what: administrators all, a team leader the conversations of his team and the messages that it looks after (AR-05)."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from apps.accounts.models import Role, User
from apps.accounts.rights import of_own_team


def audible(recordings: QuerySet, user: User | AnonymousUser) -> QuerySet:
    """The `recordings` that `user` may hear."""
    if isinstance(user, User) and user.role == Role.TEAM_LEADER and user.team_id is not None:
        return recordings.filter(Q(agent__team=user.team_id) | Q(voicemail__team=user.team_id))
    return of_own_team(recordings, user)
