"""Ports in a row for what tests start.

They lie below those that the kernel gives to anybody (from 32,768) and above those of products (20,000 to 29,999; in tests/page_lost 10,000
to 19,999), and each worker of bin/test has its own: nobody can take one after it was looked at and before it is bound.
"""

import contextlib
import os
import socket

FIRST = 30_000
WORKERS = 4
SHARE = 688  # ports of a worker


class Ports:
    def __init__(self, worker: int) -> None:
        self._low = FIRST + worker % WORKERS * SHARE
        self._next = 0

    def take(self, count: int) -> range:
        """`count` ports in a row, even first, that nobody has now. Round and round, so that ports rest before they are used again.

        Errors: OSError, there are none.
        """
        count += count % 2
        for begin in (*range(self._next, SHARE, 16), *range(0, self._next, 16)):
            ports = range(self._low + begin, self._low + begin + count)
            if begin + count <= SHARE and _unused(ports):
                self._next = (begin + count + 15) // 16 * 16 % SHARE
                return ports
        raise OSError(f"no {count} free ports in a row from {self._low}")


def _unused(ports: range) -> bool:
    with contextlib.ExitStack() as probes:
        for port in ports:
            try:
                probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


OURS = Ports(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
