"""What a person may see on the board, and which profiles he may log on with."""

from django.db.models import Q, QuerySet

from apps.accounts.models import Profile, Role, User
from apps.accounts.rights import agents_of
from apps.queues.models import Queue
from apps.switch import board

DESK_ROLES = frozenset({Role.AGENT, Role.TEAM_LEADER, Role.ADMINISTRATOR})


def profiles_of(user: User) -> QuerySet[Profile]:
    """His team's and his own."""
    return Profile.objects.filter(Q(user=user) | Q(team=user.team_id))


def has_desk(user: User) -> bool:
    """By his role; without a profile there is nothing to log on with."""
    return user.is_active and user.role in DESK_ROLES


def may_use_desk(user: User) -> bool:
    return has_desk(user) and profiles_of(user).exists()


def is_administrator(user: User) -> bool:
    return user.is_active and (user.is_superuser or user.role == Role.ADMINISTRATOR)


def topics_of(user: User, profile: int | None) -> list[str]:
    """His own document, and the queues that `profile` serves; while he is logged off, those of all his profiles."""
    mine = profiles_of(user).prefetch_related("skills")
    chosen = [one for one in mine if one.pk == profile] or list(mine)
    queues = Queue.objects.filter(active=True).prefetch_related("skills")
    served = [queue.pk for queue in queues if any(_serves(one, queue) for one in chosen)]
    return [board.agent_topic(user.pk), *map(board.queue_topic, served)]


def has_team(user: User) -> bool:
    return user.is_active and user.role in (Role.TEAM_LEADER, Role.ADMINISTRATOR)


def team_topics(user: User) -> list[str]:
    """What a team leader sees of his people, an administrator of all: the documents of those who take calls."""
    return [board.agent_topic(agent) for agent in agents_of(user).values_list("pk", flat=True)] if has_team(user) else []


def _serves(profile: Profile, queue: Queue) -> bool:
    """QU-01: the profile has every skill of the queue at the level asked. A queue without skills is open to all."""
    levels = {skill.skill_id: skill.level for skill in profile.skills.all()}
    return all(levels.get(skill.skill_id, 0) >= skill.minimum_level for skill in queue.skills.all())
