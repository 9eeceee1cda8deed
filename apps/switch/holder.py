"""Which switch of this machine decides, and whether it has died: a file that it keeps locked with its token in it.

The kernel unlocks it in the moment in which its process ends, however that happens (flock(2)). So the switch that stands by need
not wait until the lease has lapsed. The lease alone says who decides: the file only tells of a death, and where there is none to
read (another machine, a full disk), the lease lapses.
"""

import fcntl
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

TOKEN_BYTES = 200  # of the file, at the most


class Holder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None  # locked by us
        self._said = False

    def hold(self, token: str) -> None:
        """Say that the switch with `token` decides, until this process ends.

        To be repeated: another one may be looking right now, or the disk be full.
        """
        if self._said:
            return
        try:
            if self._file is None:
                self._file = self._locked()
            if self._file is None:
                return
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, token.encode(), 0)
            self._said = True
        except OSError as error:
            log.debug("no file says who decides: %s", error)

    def died(self) -> str:
        """The token of the switch that decided here last, if its process has ended; '' if it lives or nothing is known."""
        try:
            if (file := self._locked()) is None:
                return ""
            try:
                return os.pread(file, TOKEN_BYTES, 0).decode(errors="replace")
            finally:
                os.close(file)
        except OSError:
            return ""

    def _locked(self) -> int | None:
        """The opened file, locked; None: another process has locked it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            if isinstance(error, BlockingIOError):
                return None
            raise
        return file
