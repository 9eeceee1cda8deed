"""The process of a cell: endpoint, mail and life line around `cell.Cell`, in one loop.

The life line is a socket pair with the supervisor. The cell says there `born <pid>`, `ready`, `call <id>` and, when it ends by itself,
`bye`. It reads there only the end: no supervisor wants it any more. A free cell then ends, a cell with a call ends after it. SIGTERM and
SIGINT hang up.
"""

import contextlib
import gc
import logging
import os
import signal
import socket
import time

from apps.telephony.cell.cell import Cell
from apps.telephony.cell.mail import Mail
from apps.telephony.cell.pjsua import PjsuaEndpoint
from apps.telephony.cell.place import Plan
from apps.telephony.ports import MediaEndpoint
from apps.telephony.protocol import AnyCommand
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

STEP_SECONDS = 1.0  # longest wait of the loop
MAIL_SECONDS = 2.0  # longest wait for the last events to go out
ABANDONED_SECONDS = 30.0  # without supervisor and Redis: the whole product is down, nobody will ever end this call


def main(plan: Plan, lifeline: socket.socket) -> None:
    """Live and end. Never returns: pjsua2 does not survive being taken apart."""
    status = 1
    try:
        _Process(plan, lifeline).run()
        status = 0
    except Exception:
        log.exception("cell %s failed", plan.name)
    finally:
        os._exit(status)


class _Process:
    def __init__(self, plan: Plan, lifeline: socket.socket) -> None:
        self._lifeline = lifeline
        self._say(f"born {os.getpid()}")
        gc.disable()  # a collection on a thread of the mail would destroy objects of pjsua2 there
        self._wanted = True
        self._told_to_end = self._retiring = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        address = f"{plan.place.sip_address}:{plan.place.sip_port}"
        self._mail = Mail(plan.redis_url, plan.name, address, self._wake)
        self._cell = Cell(
            plan.name,
            lambda emit: PjsuaEndpoint(plan.place, emit),
            post=self._mail.post,
            taken=self._on_taken,
            now=clock.now,
            new_id=bus.new_id,
        )
        self._endpoint: MediaEndpoint = self._cell.endpoint

    def run(self) -> None:
        """One that was ordered before the supervisor began to drain is not wanted any more when it is born: it never offers itself."""
        self._say("ready")
        if self._has_supervisor():
            self._live()
        self._say("bye")

    def _live(self) -> None:
        self._mail.open()
        while not self._cell.over(clock.now(), wanted=self._wanted):
            self._endpoint.step(STEP_SECONDS)
            while not self._mail.commands.empty():
                self._obey(self._mail.commands.get())
            self._look_around()
        self._mail.close(MAIL_SECONDS)

    def _obey(self, command: AnyCommand) -> None:
        """A command that fails in a way that nobody foresaw must not end the call."""
        try:
            self._cell.obey(command)
        except Exception:
            log.exception("cell %s could not obey %s", self._cell.name, type(command).__name__)

    def _look_around(self) -> None:
        self._mail.beat()
        self._wanted = self._wanted and self._has_supervisor()
        if (self._told_to_end or self._abandoned()) and not self._retiring:
            self._retiring = True
            self._cell.retire()

    def _abandoned(self) -> bool:
        away = self._mail.away_since
        return not self._wanted and away is not None and time.monotonic() - away > ABANDONED_SECONDS

    def _has_supervisor(self) -> bool:
        try:
            return self._lifeline.recv(1, socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # no supervisor: it will not miss it
            self._lifeline.send(text.encode(), socket.MSG_DONTWAIT)

    def _on_taken(self, call: str) -> None:
        self._mail.busy()
        self._say(f"call {call}")

    def _on_signal(self, *_: object) -> None:
        self._told_to_end = True

    def _wake(self) -> None:
        self._endpoint.wake()
