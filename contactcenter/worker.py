"""The worker of background jobs: rq's, which also tells every second that it lives, while it waits and while it works."""

from typing import Any

import rq
from redis.client import Pipeline

ALIVE = "cc:worker"  # lapses with the last worker
ALIVE_SECONDS = 4
BEAT_SECONDS = 1
RQ_MARGIN = 15  # seconds: rq waits that much shorter than its worker's time to live before it beats again


class Worker(rq.Worker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"worker_ttl": RQ_MARGIN + BEAT_SECONDS, "job_monitoring_interval": BEAT_SECONDS})

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        super().heartbeat(timeout, pipeline)
        self.connection.set(ALIVE, 1, ex=ALIVE_SECONDS)
