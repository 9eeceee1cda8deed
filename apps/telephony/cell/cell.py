"""A cell: the owner of the legs of one call. It obeys, and decides nothing but when it is over. PURE.

While it is free it offers itself; an INVITE or a first Dial gives it a call. It ends when the switch retires it, some time after its last
leg, or when nobody needs it any more; but not before its recordings are complete.
"""

from collections.abc import Callable
from typing import Any

from apps.telephony import ports
from apps.telephony.ports import MediaEndpoint
from apps.telephony.protocol import AnyCommand, CellReport, Dial, HangUp, LegArrived, LegEnded, LegEvent, Report, Retire

LINGER_SECONDS = 30.0  # after the last leg, if the switch says nothing: it may dial again in this call
FAREWELL_SECONDS = 0.5  # after a retired cell's last leg: its BYE or CANCEL gets through, or is sent once more
MERGE_SECONDS = 60.0  # longest wait for recordings; what is not complete then stays on the disk in parts, see stereo.recover
BUSY_HERE, DECLINE = 486, 603


class Cell:
    """`post` sends an event to the switch, `taken` hears once, with the call's id, that the cell is no longer free."""

    def __init__(
        self,
        name: str,
        make: Callable[[ports.Emit], MediaEndpoint],
        *,
        post: Callable[[LegEvent], None],
        taken: Callable[[str], None],
        now: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self.name = name
        self.call = ""  # empty: free
        self._post, self._taken, self._now, self._new_id = post, taken, now, new_id
        self._legs: set[str] = set()
        self._refused: set[str] = set()
        self._alone_since = now()
        self._retired = False
        self.endpoint = make(self._emit)

    def obey(self, command: AnyCommand) -> None:
        """Commands for another call came too late or too early: this cell is not, or no longer, what their sender thinks."""
        if not self.call and isinstance(command, Dial):
            self._take(command.call)
        if command.call != self.call:
            return
        if isinstance(command, Report):
            legs, recordings = self.endpoint.report()
            self._emit(CellReport, legs=legs, asked=command.legs, recordings=recordings)
        elif isinstance(command, Retire):
            self.retire()
        else:
            if isinstance(command, Dial):
                self._legs.add(command.leg)
            ports.obey(self.endpoint, command)

    def retire(self) -> None:
        """Hang up whatever is left; `over` says when that is done."""
        self._retired = True
        for leg in sorted(self._legs):
            self.endpoint.hang_up(HangUp(call=self.call or "none", leg=leg, code=DECLINE))

    def over(self, now: float, *, wanted: bool) -> bool:
        """Whether the process may end. `wanted`: there is somebody who would give a free cell a call."""
        alone = now - self._alone_since
        if self._legs:
            return False
        if not self.call:
            return self._retired or not wanted
        if alone < (FAREWELL_SECONDS if self._retired or not wanted else LINGER_SECONDS):
            return False
        return not self.endpoint.report()[1] or alone > MERGE_SECONDS

    def _take(self, call: str) -> None:
        self.call = call
        self._taken(call)

    def _emit(self, kind: type[LegEvent], /, **fields: Any) -> None:
        leg = fields.get("leg", "")
        if kind is LegArrived and (self.call or self._retired):
            self._refused.add(leg)
            self.endpoint.hang_up(HangUp(call=self.call or "none", leg=leg, code=BUSY_HERE))
        elif leg not in self._refused:
            self._follow(kind, leg)
            self._post(kind(cell=self.name, call=self.call, at=self._now(), **fields))
        elif kind is LegEnded:
            self._refused.discard(leg)

    def _follow(self, kind: type[LegEvent], leg: str) -> None:
        if kind is LegArrived:
            self._take(self._new_id())
            self._legs.add(leg)
        elif kind is LegEnded:
            self._legs.discard(leg)
            self._alone_since = self._now()
