"""Media endpoints in memory and in virtual time, with real samples: what `pjsua` does over SIP and RTP, without either. PURE.

    network = FakeNetwork()
    caller = network.endpoint("10.0.0.1:5060", emit)
    …
    network.advance(2.5)   # seconds

Endpoints of a network reach each other by ``sip:anything@<address>``. Samples are made only while somebody records, so a day of telephony
passes quickly.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from apps.telephony import protocol
from apps.telephony.cell import invite
from apps.telephony.cell.fake_audio import RATE, FakeBridge, Samples
from apps.telephony.cell.mixer import Mixer
from apps.telephony.cell.patchbay import Port
from apps.telephony.cell.watchdog import PATIENCE
from apps.telephony.ports import Emit
from apps.telephony.protocol import (
    LegAnswered,
    LegArrived,
    LegEnded,
    LegQuality,
    LegRinging,
    LegStatus,
    MediaBack,
    MediaLost,
    RecordingStopped,
)

HOP = 0.002  # seconds that a SIP message takes
DIGIT = 0.2  # seconds between two digits that are sent
CAPACITY = 4
BUSY, NO_ANSWER, CANCELLED, UNREACHABLE, OK = 486, 408, 487, 503, 200


class FakeNetwork:
    """The wires and the clock."""

    def __init__(self) -> None:
        self.endpoints: dict[str, FakeEndpoint] = {}
        self._clock = 0  # samples since the beginning
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def now(self) -> float:
        return self._clock / RATE

    def endpoint(self, address: str, emit: Emit) -> "FakeEndpoint":
        self.endpoints[address] = FakeEndpoint(self, address, emit)
        return self.endpoints[address]

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._clock + round(seconds * RATE), next(self._order), what))

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, with all that falls due in them, in order."""
        end = self._clock + round(seconds * RATE)
        while True:
            moment = min(end, self._next())
            self._flow(moment - self._clock)
            self._clock = moment
            if not self._happen() and moment == end:
                return

    def _next(self) -> int:
        ends = [self._clock + bridge.ends_in() for bridge in self._bridges()]
        return min([self._due[0][0]] + ends) if self._due else min(ends, default=self._clock)

    def _flow(self, count: int) -> None:
        """All record what they hear now, and only then all players go on."""
        for bridge in self._bridges():
            bridge.write(count)
        for bridge in self._bridges():
            bridge.go_on(count)

    def _happen(self) -> bool:
        due = []
        while self._due and self._due[0][0] <= self._clock:
            due.append(heapq.heappop(self._due)[2])
        for what in due:
            what()
        over = [(endpoint, playback) for endpoint in self.endpoints.values() for playback in endpoint.bridge.over()]
        for endpoint, playback in over:
            endpoint.mixer.playback_over(playback)
        return bool(due or over)

    def _bridges(self) -> list["FakeBridge"]:
        return [endpoint.bridge for endpoint in self.endpoints.values()]


def _press(digit: str, leg: "_Leg") -> None:
    leg.home.digit(leg, digit)


@dataclass(slots=True, eq=False)
class _Leg:
    """One end of a call between two endpoints; `far` is the other one, as soon as the INVITE is through."""

    id: str
    home: "FakeEndpoint"
    incoming: bool
    far: "_Leg | None" = None
    ringing: bool = False
    answered: bool = False
    lost: bool = False
    by_us: bool = False

    def tell_far(self, seconds: float, what: Callable[["_Leg"], None]) -> None:
        """The far end's part of a message, unless it is over by then."""
        self.home.network.later(seconds, lambda: what(self.far) if self.far and self.far.lives() else None)

    def lives(self) -> bool:
        return self.home.legs.get(self.id) is self


class FakeEndpoint:
    """See `ports.MediaEndpoint`. `freeze` makes it fall silent in mid-call, on the wire and in SIP."""

    capacity = CAPACITY

    def __init__(self, network: FakeNetwork, address: str, emit: Emit) -> None:
        self.address = address
        self.network = network
        self.legs: dict[str, _Leg] = {}
        self.bridge = FakeBridge(self._far_says, self._stopped)
        self.mixer = Mixer(self.bridge, emit)
        self.play, self.stop_play, self.mix = self.mixer.play, self.mixer.stop_play, self.mixer.mix
        self.record, self.stop_record = self.mixer.record, self.mixer.stop_record
        self._emit = emit
        self._arrivals = itertools.count(1)
        self._frozen = False

    def step(self, seconds: float) -> None:
        self.network.advance(seconds)

    def wake(self) -> None:
        """Nobody waits in virtual time."""

    def report(self) -> tuple[tuple[LegStatus, ...], tuple[str, ...]]:
        return tuple(LegStatus(leg.id, leg.answered) for leg in self.legs.values()), self.mixer.recordings

    def dial(self, command: protocol.Dial) -> None:
        if command.leg in self.legs:
            return
        leg = self._add(_Leg(command.leg, self, incoming=False))
        target = self.network.endpoints.get(invite.host(command.route or command.uri))
        self.network.later(HOP, lambda: target.invited(leg, command) if target else self._end(leg, UNREACHABLE))
        self.network.later(command.timeout, lambda: None if leg.answered else self._hang_up(leg, NO_ANSWER, NO_ANSWER))

    def ring(self, command: protocol.Ring) -> None:
        if leg := self.legs.get(command.leg):
            leg.tell_far(HOP, lambda far: far.home.rings(far))

    def answer(self, command: protocol.Answer) -> None:
        leg = self.legs.get(command.leg)
        if leg and not leg.answered:
            leg.tell_far(HOP, lambda far: far.home.up(far))
            self.network.later(2 * HOP, lambda: self.up(leg))

    def hang_up(self, command: protocol.HangUp) -> None:
        leg = self.legs.get(command.leg)
        if leg and not (command.unless_answered and leg.answered):
            leg.by_us = True
            self._hang_up(leg, command.code if leg.incoming else CANCELLED, command.code)

    def send_digits(self, command: protocol.SendDigits) -> None:
        if leg := self.legs.get(command.leg):
            for place, digit in enumerate(command.digits):
                leg.tell_far(HOP + place * DIGIT, partial(_press, digit))

    def freeze(self) -> None:
        self._frozen = True
        for leg in self.legs.values():
            leg.tell_far(PATIENCE, lambda far: far.home.misses(far))

    def thaw(self) -> None:
        self._frozen = False
        for leg in self.legs.values():
            leg.tell_far(HOP, lambda far: far.home.has_back(far))

    def invited(self, far: _Leg, command: protocol.Dial) -> None:
        """From the network, as are the next ones: an INVITE. A frozen endpoint says nothing."""
        if self._frozen or not far.lives():
            return
        if len(self.legs) == self.capacity:
            far.home.ended(far, BUSY)
            return
        headers = invite.added(command)
        leg = self._add(_Leg(headers.get(protocol.HEADER_LEG) or f"in-{next(self._arrivals)}", self, incoming=True, far=far))
        far.far = leg
        self._emit(
            LegArrived,
            leg=leg.id,
            caller=command.caller,
            caller_name=command.caller_name if command.caller else "",
            dialled=invite.user(command.uri),
            trunk=headers.get(protocol.HEADER_TRUNK, ""),
            test=headers.get(protocol.HEADER_TEST, ""),
        )

    def rings(self, leg: _Leg) -> None:
        """180."""
        if not leg.ringing and not leg.answered:
            leg.ringing = True
            self._emit(LegRinging, leg=leg.id)

    def up(self, leg: _Leg) -> None:
        """200 or its ACK."""
        if leg.lives() and not leg.answered:
            leg.answered = True
            self.mixer.audio_up(leg.id)
            self._emit(LegAnswered, leg=leg.id)

    def ended(self, leg: _Leg, code: int) -> None:
        """BYE, CANCEL, or a final answer to our INVITE."""
        if leg.lives():
            self._end(leg, OK if leg.answered else code)

    def digit(self, leg: _Leg, digit: str) -> None:
        self._emit(protocol.DigitPressed, leg=leg.id, digit=digit)
        self.mixer.digit(leg.id)

    def misses(self, leg: _Leg) -> None:
        if leg.answered and leg.far and leg.far.home._frozen:
            leg.lost = True
            self._emit(MediaLost, leg=leg.id, seconds=PATIENCE)

    def has_back(self, leg: _Leg) -> None:
        if leg.lost:
            leg.lost = False
            self._emit(MediaBack, leg=leg.id)

    def _add(self, leg: _Leg) -> _Leg:
        self.legs[leg.id] = leg
        self.mixer.add_leg(leg.id)
        return leg

    def _hang_up(self, leg: _Leg, ours: int, theirs: int) -> None:
        """Our side of the dialogue is over at once; the far side is told."""
        if leg.lives():
            leg.tell_far(HOP, lambda far: far.home.ended(far, theirs if leg.incoming else CANCELLED))
            self._end(leg, OK if leg.answered else ours)

    def _end(self, leg: _Leg, code: int) -> None:
        if leg.lives():
            del self.legs[leg.id]
            self.mixer.drop_leg(leg.id)
            self.bridge.forget(leg.id)
            self._emit(LegEnded, leg=leg.id, code=code, by_us=leg.by_us, quality=LegQuality() if leg.answered else None)

    def _far_says(self, leg_id: str, count: int) -> Samples | None:
        """What the far end sends to this leg in the next `count` samples; None: nothing."""
        far = self.legs[leg_id].far
        return far.home.bridge.into(Port("leg", far.id), count) if far and far.lives() and not far.home._frozen else None

    def _stopped(self, recording: str, path: str, seconds: float) -> None:
        self.network.later(HOP, lambda: self._emit(RecordingStopped, recording=recording, path=path, seconds=seconds))
