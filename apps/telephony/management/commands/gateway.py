"""`manage.py gateway`: browsers' audio to plain RTP, until SIGTERM."""

import asyncio
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.telephony import shares
from apps.telephony.gateway.server import Place, serve


class Command(BaseCommand):
    help = "Runs the WebRTC gateway: agents' browsers look like SIP phones to the cells."
    requires_system_checks: list[str] = []  # it has no models, and after a crash every tenth of a second counts

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default=f"gateway-{socket.gethostname()}", help="unique among all gateways; the same after a restart")
        parser.add_argument("--drain", type=float, default=3.0, help="seconds that conversations get to end by themselves after SIGTERM")

    def handle(self, *args: Any, name: str, drain: float, **options: Any) -> None:
        place = Place(name, settings.GATEWAY_ADDRESS, settings.INSIDE_ADDRESS, shares.gateway(settings.MEDIA_PORTS), drain)
        asyncio.run(serve(place, settings.REDIS_URL))
