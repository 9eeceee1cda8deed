"""`manage.py media` for tests: cells and the front door, as in the product; the test is the switch."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from apps.telephony import leases
from apps.telephony.frontdoor import published
from tests.conftest import START_SECONDS, free_port
from tests.ports import OURS
from tests.sip.door import config, switch_says
from tests.telephony.pools import ROOT, Office, eventually

NUMBER = "+4722334455"
MEDIA_PORTS = 400  # the last fifth would be a gateway's


class Media(Office):
    """`manage.py media` in a process group of its own."""

    def __init__(self, redis_url: str, folder: Path, *, warm: int = 2, most: int = 6) -> None:
        self.port, ports = free_port(), OURS.take(MEDIA_PORTS)
        self._environment = os.environ | {
            "CC_VAR": str(folder / "var"),
            "SECRET_KEY": settings.SECRET_KEY,  # what a test seals, its cells open
            "REDIS_URL": redis_url,
            "CC_TRUNK_PORT": str(self.port),
            "CC_MEDIA_PORTS": f"{ports[0]},{ports[-1]}",
            "CC_CELLS_WARM": str(warm),
            "CC_CELLS_MAX": str(most),
        }
        super().__init__(redis_url)

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "media"]
        self.supervisor = subprocess.Popen(command, cwd=ROOT, env=self._environment, start_new_session=True)
        self._sessions.add(self.supervisor.pid)
        return self.supervisor

    def wait_until_it_runs(self) -> None:
        published.publish(self.redis, config(numbers=(NUMBER,)))
        switch_says(self.redis)
        eventually(lambda: self.redis.keys("cc:frontdoor:*") and self.redis.zcard(leases.OFFERS) >= 2, "everything runs", START_SECONDS)
