"""The child process in which rtp.io runs (the only place that imports it): commands in on stdin, replies out on stdout, line by line.

It is C code that talks to the network, so it gets a process of its own, which ends with its parent: no more stdin, no more process.

    python -m apps.telephony.gateway.rtpio OUTSIDE INSIDE PORT_MIN PORT_MAX
"""

import os
import socket
import sys

from rtp.io import rtpproxy

REPLY_SECONDS = 5.0  # the parent gives up earlier and ends us; this is for a parent that cannot
REPLY_BYTES = 65_536


def serve(engine: socket.socket) -> None:
    """Relay one command after the other. Errors: OSError, when the engine is gone."""
    engine.settimeout(REPLY_SECONDS)
    while command := sys.stdin.buffer.readline():
        engine.sendall(command)
        sys.stdout.buffer.write(b" ".join(engine.recv(REPLY_BYTES).splitlines()) + b"\n")
        sys.stdout.buffer.flush()


def main() -> None:
    outside, inside, low, high = sys.argv[1:]
    proxy = rtpproxy(
        modules=("dtls_gw", "ice_lite"),
        port_min=int(low),
        port_max=int(high),
        debug_level="err",
        extra_args=("-l", f"{outside}/{inside}", "-F"),
    )
    try:
        serve(proxy.rtpp_sock)
    finally:
        os._exit(0)  # its threads do not end by themselves


if __name__ == "__main__":
    main()
