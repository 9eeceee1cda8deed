"""The supervisor's side of the warm parent (see warm.py): starting it, asking it for cells, ending it."""

import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from apps.telephony.cell.place import Plan

END_SECONDS = 5.0  # for the warm parent to end
ROOT = Path(__file__).resolve().parents[3]


class WarmParent:
    """The process that forks; see warm.py."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-m", "apps.telephony.cell.warm"], stdin=theirs.fileno(), cwd=ROOT)

    def fork(self, plan: Plan) -> socket.socket:
        """Ask for a cell; our end of its life line. Errors: OSError, the warm parent is gone."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self.control, [msgspec.json.encode(plan)], [theirs.fileno()])
        return ours

    def end(self) -> None:
        self.control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
