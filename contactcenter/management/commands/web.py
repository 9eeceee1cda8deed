"""The web process: Daphne on the address and port of the settings."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand


def options() -> list[str]:
    """No access log: addresses and searched numbers are personal data."""
    proxied = ["--proxy-headers"] if settings.BEHIND_PROXY else []
    return [
        *("--bind", settings.WEB_ADDRESS, "--port", str(settings.WEB_PORT)),
        *("--verbosity", "0", "--access-log", os.devnull, "--no-server-name"),
        *("--websocket-max-message-size", str(settings.WEBSOCKET_MESSAGE_BYTES)),
        *proxied,
    ]


class Command(BaseCommand):
    help = "Runs the web process (pages, admin, WebSockets)."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **kwargs: object) -> None:
        os.execv(sys.executable, [sys.executable, "-m", "contactcenter.web_server", *options(), "contactcenter.asgi:application"])
