"""How much later one trunk is served while another one and a stranger flood the trunk port: `python -m benchmarks.flood`.

OPTIONS of one trunk, fifty a second, answered by a real front door: first in peace, then while another trunk sends as many datagrams
(valid requests and nonsense) as a core can, hundreds of times its rate; then while a stranger does, then both. Told is what the 95th
percentile grows by.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from apps.telephony.frontdoor.configuration import TrunkConfig
from benchmarks.figures import tell
from tests.conftest import RedisServer
from tests.sip.door import Door
from tests.sip.floods import Flood, asked

FLOODER, ASKER, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.9"
TRUNKS = (TrunkConfig("1", "Telenor", (FLOODER,)), TrunkConfig("2", "Telia", (ASKER,)))
PER_SECOND = 0  # as many as a core can send
TIMES, PAUSE = 200, 0.02
GOAL = 20.0  # ms
FLOODS = {"a trunk": (FLOODER,), "a stranger": (STRANGER,), "both": (FLOODER, STRANGER)}


def main() -> None:
    server = RedisServer()
    try:
        with tempfile.TemporaryDirectory() as folder, Door(server.url, Path(folder), trunks=TRUNKS) as door:
            measure(door)
    finally:
        server.stop()


def measure(door: Door) -> None:
    peace, _ = asked(door.port, ASKER, times=TIMES, pause=PAUSE)
    for who, sources in FLOODS.items():
        with ExitStack() as floods:
            for source in sources:
                floods.enter_context(Flood(door.port, source, PER_SECOND))
            delays, lost = asked(door.port, ASKER, times=TIMES, pause=PAUSE)
        tell(f"front door: delay that a flood from {who} adds, 95th percentile", (late(delays) - late(peace)) * 1_000, "ms", GOAL)
        tell(f"front door: messages of others lost in a flood from {who}", lost, f"of {TIMES}", 0)


def late(delays: list[float]) -> float:
    return sorted(delays)[int(len(delays) * 0.95) - 1] if delays else float("inf")


if __name__ == "__main__":
    main()
