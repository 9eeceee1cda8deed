"""What a cell costs, and how fast it is: `python -m benchmarks.cell [conversations]` prints one JSON object per line.

A conversation is a cell with two legs that hear each other, recorded in stereo; other cells are the telephones at both ends, so that RTP
flows as in a real call. CPU is the kernel's own account (schedstat), as a share of one core. Takes about half a minute.
"""

import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from apps.telephony.leases import FreeCell
from apps.telephony.protocol import Answer, Dial, LegAnswered, LegArrived, LegEnded, Mix, Record
from benchmarks.figures import tell
from contactcenter.lib import bus
from tests.conftest import RedisServer
from tests.telephony.pools import Office

CONVERSATIONS = 8
SECONDS = 10.0  # of measuring
DIALS = 30


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def private_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def connect(office: Office, source: FreeCell, call: str, leg: str, target: FreeCell) -> None:
    """`source` dials `target`, which answers."""
    office.order(source.cell, Dial, call, leg=leg, uri=f"sip:1@{target.address}")
    arrived = office.hear(LegArrived, cell=target.cell)
    office.order(target.cell, Answer, arrived.call, leg=arrived.leg)
    office.hear(LegAnswered, cell=source.cell, leg=leg)


def conversation(office: Office, folder: Path) -> FreeCell:
    cell, caller, agent = office.lease(), office.lease(), office.lease()
    call = bus.new_id()
    for leg, telephone in (("caller", caller), ("agent", agent)):
        connect(office, cell, call, leg, telephone)
    office.order(cell.cell, Mix, call, edges=(("caller", "agent"), ("agent", "caller")))
    office.order(cell.cell, Record, call, recording=call, path=str(folder / f"{call}.wav"), left=("caller",), right=("agent",))
    return cell


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


def shares(pids: list[int]) -> float:
    """Mean share of one core, in per cent, over `SECONDS`."""
    before = [cpu_seconds(pid) for pid in pids]
    time.sleep(SECONDS)
    after = [cpu_seconds(pid) for pid in pids]
    return statistics.mean((b - a) / SECONDS * 100 for a, b in zip(before, after, strict=True))


def measure(office: Office, folder: Path, conversations: int) -> None:
    idle = [office.pid(office.lease()) for _ in range(2)]  # on lease, but nobody calls them
    tell("private memory, warm cell", statistics.mean(map(private_megabytes, idle)), "MB", 10)
    tell("CPU, warm cell", shares(idle), "% of a core", 0.5)
    times = milliseconds_to_invite(office)
    tell("command to INVITE, median", statistics.median(times), "ms", 5)
    tell("command to INVITE, 95th percentile", statistics.quantiles(times, n=20)[-1], "ms", 5)
    busy = [office.pid(conversation(office, folder)) for _ in range(conversations)]
    tell(f"CPU, recorded conversation ({conversations} at once)", shares(busy), "% of a core", 1.5)
    tell("private memory, recorded conversation", statistics.mean(map(private_megabytes, busy)), "MB", 12)


def main() -> None:
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else CONVERSATIONS
    server = RedisServer()
    office = Office(server.url, warm=4, most=conversations * 3 + 10)
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(office, Path(folder), conversations)
    finally:
        office.close()
        server.stop()


if __name__ == "__main__":
    os.environ.setdefault("CC_LOG_LEVEL", "ERROR")
    main()
