"""The only writer of personal codes for the telephone (AU-02), and what the switch must know of them."""

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.codes import HOUR, LENGTH, MOST_WRONG, PhoneCodes, Wrong, digest
from apps.accounts.models import PhoneCode, User
from apps.events.models import Event
from contactcenter.lib.secrets import keys_for

PURPOSE = b"contactcenter: codes typed on telephones"
RIGHT = "audio.change_prompt"
DRAWS = 10  # of codes that somebody else has: with eight digits already the second one is rare


def renew(user: User) -> str:
    """A new code instead of the one that `user` had. It is told here and never again."""
    for _ in range(DRAWS):
        code = f"{secrets.randbelow(10**LENGTH):0{LENGTH}d}"
        try:
            with transaction.atomic():
                PhoneCode.objects.update_or_create(user=user, defaults={"digest": digest(keys_for(PURPOSE)[0], code)})
        except IntegrityError:
            continue
        return code
    raise RuntimeError("no free code was found")


def remove(user: User) -> None:
    for row in PhoneCode.objects.filter(user=user):
        row.delete()


def may_have_one(user: User) -> bool:
    """Whether a code of `user` would be accepted: who may not change sounds, or is not active, needs none."""
    return user.has_perm(RIGHT)


def load() -> PhoneCodes:
    """Those that are accepted; in two queries."""
    rows = PhoneCode.objects.select_related("user")
    accepted = {row.digest: row.user_id for row in rows if may_have_one(row.user)}
    return PhoneCodes(keys=keys_for(PURPOSE), users=accepted, wrong=tuple(_wrong()))


def all_blocked() -> bool:
    """Whether nobody's code is looked at now, because too many were wrong."""
    return len(_wrong()) >= MOST_WRONG


def _wrong() -> list[Wrong]:
    since = timezone.now() - timedelta(seconds=HOUR)
    facts = Event.objects.filter(kind="PhoneCodeRefused", at__gt=since, data__reason="wrong")
    return [(data["at"], call) for data, call in facts.values_list("data", "call")]
