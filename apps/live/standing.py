"""Whether somebody who is connected may still be: a WebSocket outlives the session that it was opened with."""

from importlib import import_module

from channels.auth import get_user
from django.conf import settings

from apps.accounts.models import User


async def still_stands(session_key: str | None, user: User) -> bool:
    """False: he logged out, his password was changed, he was switched off, or he has another role. Errors: `DatabaseError`."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    now = await get_user({"session": session})
    return (now.pk, getattr(now, "role", "")) == (user.pk, user.role)
