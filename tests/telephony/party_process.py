"""A media endpoint of pjsua2 in a process of its own: commands come by standard input, events go to standard output.

Arguments: SIP port, first RTP port.
"""

import os
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any

from apps.telephony import ports, protocol
from apps.telephony.cell.pjsua import PjsuaEndpoint
from apps.telephony.cell.place import Place
from apps.telephony.protocol import CellReport, LegEvent


def main() -> None:
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # pjlib says hello on standard output

    def emit(kind: type[LegEvent], /, **fields: Any) -> None:
        out.write(protocol.encode(kind(cell="cell", call="call", at=time.time(), **fields)) + b"\n")

    sip_port, rtp_port = int(sys.argv[1]), int(sys.argv[2])
    endpoint = PjsuaEndpoint(Place("127.0.0.1", sip_port, "127.0.0.1", rtp_port), emit)
    commands: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            commands.put(line)
            endpoint.wake()
        commands.put(b"")
        endpoint.wake()

    out.write(b"ready\n")
    threading.Thread(target=listen, daemon=True).start()
    while True:
        endpoint.step(5.0)
        while not commands.empty():
            line = commands.get()
            if not line:
                os._exit(0)
            _obey(endpoint, protocol.decode_command(line), emit)


def _obey(endpoint: PjsuaEndpoint, command: protocol.AnyCommand, emit: ports.Emit) -> None:
    if isinstance(command, protocol.Report):
        legs, recordings = endpoint.report()
        emit(CellReport, legs=legs, recordings=recordings)
    else:
        ports.obey(endpoint, command)


if __name__ == "__main__":
    main()
