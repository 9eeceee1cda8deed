"""The SIP front door in a process of its own; ``manage.py media`` runs it too."""

import asyncio

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.telephony import shares
from apps.telephony.frontdoor.server import FrontDoorSettings, serve


def front_door_settings() -> FrontDoorSettings:
    return FrontDoorSettings(
        redis_url=settings.REDIS_URL,
        address=settings.MEDIA_ADDRESS,
        port=settings.TRUNK_PORT,
        cells=(settings.INSIDE_ADDRESS,),
        cell_ports=shares.cells(settings.MEDIA_PORTS),  # the gateway is nothing that a trunk may reach
    )


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # it has no models
    help = "Run the SIP front door on the trunk port until SIGTERM."

    def handle(self, *args: object, **options: object) -> None:
        asyncio.run(serve(front_door_settings()))
