"""The child process in which rtp.io runs (the only place that imports it): commands in on stdin, replies out on stdout, line by line.

One command is not rtp.io's: `guard HOST PORT CELL-HOST CELL-PORT` lets nobody but that cell send to a session's inner port and its RTCP.

It is C code that talks to the network, so it gets a process of its own, which ends with its parent: no more stdin, no more process.

    python -m apps.telephony.gateway.rtpio OUTSIDE INSIDE PORT_MIN PORT_MAX
"""

import os
import socket
import sys
from ipaddress import IPv4Network

from rtp.io import rtpproxy

from apps.telephony import sockets
from apps.telephony.bpf import Source
from apps.telephony.gateway import GUARD

REPLY_SECONDS = 5.0  # the parent gives up earlier and ends us; this is for a parent that cannot
REPLY_BYTES = 65_536


def serve(engine: socket.socket) -> None:
    """Relay one command after the other. Errors: OSError, when the engine is gone."""
    engine.settimeout(REPLY_SECONDS)
    while command := sys.stdin.buffer.readline():
        if command.startswith(GUARD.encode()):
            reply = guard(*command.decode().split()[1:])
        else:
            engine.sendall(command)
            reply = b" ".join(engine.recv(REPLY_BYTES).splitlines())
        sys.stdout.buffer.write(reply + b"\n")
        sys.stdout.buffer.flush()


def guard(host: str, port: str, cell_host: str, cell_port: str) -> bytes:
    """RTCP is one port higher on both sides. `0`: done."""
    for further in (0, 1):
        descriptor = sockets.find((host, int(port) + further))
        if descriptor is None or not sockets.filters_work():
            return b"E"
        try:
            sockets.admit(descriptor, [Source(IPv4Network(cell_host), int(cell_port) + further)])
        except OSError:
            return b"E"
    return b"0"


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
