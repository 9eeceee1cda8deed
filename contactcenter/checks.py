"""What `manage.py check` says about settings that cannot work."""

import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

SOCKET_PATH_BYTES = 107  # sun_path of unix(7), less the closing zero
PORTS_PER_CALL = 8  # SIP, and RTP with RTCP of three legs, even numbers


@checks.register()
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [message for check in (_socket, _media_ports, _data_folder, _ports, _cells, _reachable) for message in check()]


def _socket() -> Iterator[CheckMessage]:
    path = settings.REDIS_URL.removeprefix("unix://").partition("?")[0]
    if settings.REDIS_URL.startswith("unix://") and len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        yield Error(
            f"The path of the Redis socket is longer than {SOCKET_PATH_BYTES} bytes: {path}",
            hint="Set TMPDIR to a shorter folder, or REDIS_URL to a Redis of your own.",
            id="contactcenter.E001",
        )


def _media_ports() -> Iterator[CheckMessage]:
    ports = settings.MEDIA_PORTS
    if len(ports) != 2 or not 1024 <= ports[0] < ports[1] <= 65535:
        yield Error(
            f"CC_MEDIA_PORTS is {','.join(map(str, ports))}: it must be the first and the last port, between 1024 and 65535.",
            hint="For instance CC_MEDIA_PORTS=20000,29999",
            id="contactcenter.E002",
        )
    elif ports[1] - ports[0] + 1 < settings.CELLS_MAX * PORTS_PER_CALL:
        yield Error(
            f"CC_MEDIA_PORTS has too few ports for CC_CELLS_MAX={settings.CELLS_MAX} calls: {PORTS_PER_CALL} are needed for each.",
            id="contactcenter.E003",
        )


def _data_folder() -> Iterator[CheckMessage]:
    if not os.access(settings.VAR_DIR, os.R_OK | os.W_OK | os.X_OK):
        yield Error(f"The data folder {settings.VAR_DIR} cannot be read and written.", hint="Set CC_VAR.", id="contactcenter.E004")


def _ports() -> Iterator[CheckMessage]:
    own = {"CC_WEB_PORT": settings.WEB_PORT, "CC_TRUNK_PORT": settings.TRUNK_PORT}
    for name, port in own.items():
        if not 1 <= port <= 65535:
            yield Error(f"{name} is {port}: a port is between 1 and 65535.", id="contactcenter.E005")
        elif len(settings.MEDIA_PORTS) == 2 and settings.MEDIA_PORTS[0] <= port <= settings.MEDIA_PORTS[1]:
            yield Error(f"{name}={port} lies inside CC_MEDIA_PORTS, which belong to the calls.", id="contactcenter.E006")


def _cells() -> Iterator[CheckMessage]:
    if not 0 < settings.CELLS_WARM <= settings.CELLS_MAX:
        yield Error("CC_CELLS_WARM must be at least 1 and not above CC_CELLS_MAX.", id="contactcenter.E007")


def _reachable() -> Iterator[CheckMessage]:
    if settings.DEBUG and not settings.ONLY_THIS_MACHINE:
        yield Error("CC_DEBUG shows internals and must be off where others can reach the pages.", id="contactcenter.E008")
    if not settings.ONLY_THIS_MACHINE and not settings.BEHIND_PROXY:
        yield checks.Warning(
            "Pages are reachable without TLS: browsers give them no microphone, and passwords travel in the clear.",
            hint="Put a TLS proxy in front, and set CC_BEHIND_PROXY=1 and CC_TRUSTED_ORIGINS.",
            id="contactcenter.W001",
        )
