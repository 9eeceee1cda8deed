"""The process of a cell: endpoint, mail and life line around `cell.Cell`, in one loop.

The life line (see lifeline.py) is a socket pair with the supervisor. Told to end there, a free cell ends, and a cell with a call ends after
it. When the supervisor dies, the cell goes on and looks for the next one, which adopts it. SIGTERM and SIGINT hang up.
"""

import contextlib
import gc
import logging
import os
import signal
import socket
import time

from apps.telephony.cell.cell import Cell
from apps.telephony.cell.lifeline import END, Born, Bye, Debt, Here, Owes, Ready, Taken, Word, encode
from apps.telephony.cell.mail import Mail
from apps.telephony.cell.pjsua import PjsuaEndpoint
from apps.telephony.cell.place import Plan
from apps.telephony.ports import MediaEndpoint
from apps.telephony.protocol import AnyCommand
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

STEP_SECONDS = 1.0  # longest wait of the loop
MAIL_SECONDS = 2.0  # longest wait for the last events to go out
ORPHAN_SECONDS = 10.0  # a free cell waits so long for another supervisor; it may be given a call meanwhile
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
        self._plan = plan
        self._lifeline: socket.socket | None = lifeline
        self._say(Born(os.getpid()))
        gc.disable()  # a collection on a thread of the mail would destroy objects of pjsua2 there
        self._wanted = True
        self._orphan_since: float | None = None  # monotonic time
        self._debts: dict[str, Debt] = {}
        self._told_to_end = self._retiring = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        address = f"{plan.place.sip_address}:{plan.place.sip_port}"
        self._mail = Mail(plan.redis_url, plan.name, address, self._wake)
        self._cell = Cell(
            plan.name,
            lambda emit: PjsuaEndpoint(plan.place, emit, self._owe),
            post=self._mail.post,
            taken=self._on_taken,
            now=clock.now,
            new_id=bus.new_id,
        )
        self._endpoint: MediaEndpoint = self._cell.endpoint

    def run(self) -> None:
        """One that was ordered before the supervisor began to drain is not wanted any more when it is born: it never offers itself."""
        self._say(Ready())
        self._listen()
        if self._wanted:
            self._live()
        self._say(Bye())

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
        self._listen()
        if self._lifeline is None and self._orphan_since is not None:
            self._seek(time.monotonic() - self._orphan_since)
        if (self._told_to_end or self._abandoned()) and not self._retiring:
            self._retiring = True
            self._cell.retire()

    def _abandoned(self) -> bool:
        away = self._mail.away_since
        return self._lifeline is None and away is not None and time.monotonic() - away > ABANDONED_SECONDS

    # The life line

    def _listen(self) -> None:
        """Its one word, or its end."""
        if self._lifeline is None:
            return
        try:
            word = self._lifeline.recv(len(END), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            word = b""
        if word == END:
            self._wanted = False
        else:
            self._lifeline.close()
            self._lifeline, self._orphan_since = None, time.monotonic()

    def _seek(self, alone: float) -> None:
        """The next supervisor opens the door of the one before."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            line.connect(self._plan.door)
        except OSError:  # nobody yet
            line.close()
            self._wanted = self._wanted and alone < ORPHAN_SECONDS
            return
        self._lifeline = line
        self._say(Here(name=self._plan.name, pid=os.getpid(), place=self._plan.place, call=self._cell.call, debts=self._debts))

    def _say(self, word: Word) -> None:
        if self._lifeline:
            with contextlib.suppress(OSError):  # no supervisor: the next one will hear of it
                self._lifeline.send(encode(word), socket.MSG_DONTWAIT)

    def _owe(self, leg: str, debt: Debt | None) -> None:
        self._debts.pop(leg, None)
        if debt:
            self._debts[leg] = debt
        self._say(Owes(leg, debt))

    def _on_taken(self, call: str) -> None:
        self._mail.busy()
        self._say(Taken(call))

    def _on_signal(self, *_: object) -> None:
        self._told_to_end = True

    def _wake(self) -> None:
        self._endpoint.wake()
