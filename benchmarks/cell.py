"""What a cell costs, and how fast it is: `python -m benchmarks.cell [conversations]` prints one JSON object per line, in a minute.

A conversation is a cell with two legs that hear each other, recorded in stereo: a telephone has called it, it has called another one, and
both speak all the time.
"""

import os
import socket
import statistics
import sys
import time

from apps.telephony.protocol import Dial, LegEnded
from benchmarks.calls import Stage, audible, stage
from benchmarks.figures import tell
from benchmarks.processes import memory, share
from tests.telephony.pools import Office

CONVERSATIONS = 25
WARM = 4
DIALS = 30


def milliseconds_to_invite(office: Office) -> list[float]:
    """From the command in Redis to the INVITE on the wire, `DIALS` times in one call."""
    cell, times = office.lease(), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as telephone:
        telephone.bind(("127.0.0.1", 0))
        telephone.settimeout(5)
        uri = f"sip:1@127.0.0.1:{telephone.getsockname()[1]}"
        for number in range(DIALS):
            start = time.perf_counter()
            office.order(cell.cell, Dial, "dials", leg=f"leg{number}", uri=uri)
            invite, source = telephone.recvfrom(4096)
            times.append((time.perf_counter() - start) * 1000)
            telephone.sendto(_busy(invite), source)
            office.hear(LegEnded, leg=f"leg{number}")
            telephone.recvfrom(4096)  # ACK
    return times


def _busy(invite: bytes) -> bytes:
    kept = [line for line in invite.split(b"\r\n") if line.split(b":")[0] in (b"Via", b"From", b"To", b"Call-ID", b"CSeq")]
    lines = [line + b";tag=1" if line.startswith(b"To:") else line for line in kept]
    return b"\r\n".join([b"SIP/2.0 486 Busy Here", *lines, b"Content-Length: 0", b"", b""])


def measure(world: Stage, conversations: int) -> None:
    idle = [world.office.pid(world.office.lease()) for _ in range(WARM)]  # on lease, but nobody calls them: they stay warm
    tell("cell: private memory, warm", memory(idle), "MB", 10)
    tell("cell: CPU, warm", share(idle), "% of a core", 0.2)
    times = milliseconds_to_invite(world.office)
    tell("cell: command to INVITE, median", statistics.median(times), "ms", 5)
    tell("cell: command to INVITE, 95th percentile", statistics.quantiles(times, n=20)[-1], "ms", 5)
    busy = world.pids([world.conversation() for _ in range(conversations)])
    with audible(world.telephones, 2 * conversations):
        tell(f"cell: CPU, recorded conversation ({conversations} at once)", share(busy), "% of a core", 1.5)
    tell("cell: private memory, recorded conversation", memory(busy), "MB", 10)


def main() -> None:
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else CONVERSATIONS
    with stage(conversations + WARM + 6) as world:
        measure(world, conversations)


if __name__ == "__main__":
    os.environ.setdefault("CC_LOG_LEVEL", "ERROR")
    main()
