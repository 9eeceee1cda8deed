"""The media endpoint on pjsua2."""

import logging
import math
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any

import pjsua2 as pj

from apps.telephony import protocol
from apps.telephony.cell import guard, invite
from apps.telephony.cell.lifeline import Debt
from apps.telephony.cell.mixer import Mixer
from apps.telephony.cell.pjsua.bridge import Bridge
from apps.telephony.cell.pjsua.callbacks import Account, Call, Player
from apps.telephony.cell.pjsua.gate import Gate
from apps.telephony.cell.pjsua.leg import Leg
from apps.telephony.cell.pjsua.library import identity, parameters, start
from apps.telephony.cell.pjsua.receiving import Receiver
from apps.telephony.cell.place import Place
from apps.telephony.cell.watchdog import Watchdog
from apps.telephony.ports import Emit, MediaError
from apps.telephony.protocol import EarlyMedia, LegAnswered, LegArrived, LegEnded, LegQuality, LegRinging, LegStatus, RecordingStopped
from contactcenter.lib.secrets import CannotOpenError

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks at the RTP counters
SOON = 0.05  # the same while a leg waits for whoever speaks first: others would be heard meanwhile
CLOSING = 0.02  # seconds between two looks at a recorder that closes: pjmedia tells nobody when it has
WAKE = b"\r\n"  # a keep-alive (RFC 5626 3.5.1) to our own SIP port: select returns, pjsip ignores it
WITH_AUDIO = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
DIGITS = frozenset("0123456789ABCD*#")
OK, NO_ANSWER, CANCELLED, UNREACHABLE = 200, 408, 487, 503  # codes of SIP that we report by ourselves


class PjsuaEndpoint:
    """See `ports.MediaEndpoint`. One per process, in the thread that made it."""

    def __init__(self, place: Place, emit: Emit, owe: Callable[[str, Debt | None], None] = lambda *_: None) -> None:
        """`owe` hears of each leg what its far end must be told if this process dies; None: the leg is over."""
        self._place = place
        self._emit = emit
        self._owe = owe
        self._told: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self._thread = threading.get_ident()
        self._legs: dict[str, Leg] = {}
        self._completing: set[str] = set()  # recordings that are stopped, but not complete on disk
        self._past: list[Call] = []  # ended, never destroyed
        self._next_tick = math.inf
        self._waker = socket(AF_INET, SOCK_DGRAM)
        self._library, transport_id = start(place)
        self.address = f"{place.sip_address}:{place.sip_port}"
        self.capacity: int = pj.EpConfig().uaConfig.maxCalls  # PJSUA_MAX_CALLS of this build
        self._transport_id = transport_id
        self._accounts: dict[tuple[str, protocol.Proof | None], Account] = {}
        self._account("")
        self._receiver = Receiver(self._library)
        self._bridge = Bridge(self._library, self._tell, self._on_closing)
        self._mixer = Mixer(self._bridge, emit)
        self._watchdog = Watchdog(emit)

    def wake(self) -> None:
        self._waker.sendto(WAKE, (self._place.sip_address, self._place.sip_port))

    def _tell(self, *news: Any) -> None:
        self._told.put(news)
        if threading.get_ident() != self._thread:
            self.wake()

    def step(self, seconds: float) -> None:
        seconds = min(seconds, self._next_tick - time.monotonic()) if self._told.empty() else 0.0
        self._library.libHandleEvents(max(0, math.ceil(seconds * 1000)))
        while not self._told.empty():
            what, *values = self._told.get()
            getattr(self, f"_on_{what}")(*values)
        if time.monotonic() >= self._next_tick:
            self._tick(time.monotonic())

    def report(self) -> tuple[tuple[LegStatus, ...], tuple[str, ...]]:
        legs = tuple(LegStatus(leg.id, leg.answered) for leg in self._legs.values())
        return legs, (*self._mixer.recordings, *self._completing)

    def ring(self, command: protocol.Ring) -> None:
        self._respond(command.leg, pj.PJSIP_SC_RINGING)

    def answer(self, command: protocol.Answer) -> None:
        self._respond(command.leg, pj.PJSIP_SC_OK)

    def _respond(self, leg_id: str, code: int) -> None:
        if leg := self._legs.get(leg_id):
            try:
                leg.call.answer(parameters(code))
                leg.gate.shut()
            except pj.Error as error:  # it was cancelled in this moment; its LegEnded is under way
                log.info("an INVITE could not be answered with %d: %s", code, error.reason)

    def dial(self, command: protocol.Dial) -> None:
        if command.leg in self._legs:
            return
        try:
            call = Call(self._account(command.route, command.proof), command.leg, self._tell)
            gate = Gate(command.leg, call, (), moves=not command.route)  # straight: to the gateway
            self._add(Leg(command.leg, call, incoming=False, gate=gate, give_up=time.monotonic() + command.timeout))
            call.makeCall(command.uri, self._invitation(command))
            gate.shut()
        except pj.Error as error:
            log.warning("an INVITE could not be sent: %s", error.reason)
            self._fail(command.leg)
        except CannotOpenError:
            log.error("an INVITE was not sent: the password of its trunk cannot be opened, enter it anew")
            self._fail(command.leg)

    def _invitation(self, command: protocol.Dial) -> pj.CallOpParam:
        prm = parameters(0)
        home = command.home or f"{self._place.media_address}:{self._place.sip_port}"
        prm.txOption.localUri, lines = invite.identity(command.caller, command.caller_name, home)
        for name, value in {**lines, **invite.added(command)}.items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, invite.clean(value)
            prm.txOption.headers.append(header)
        return prm

    def _fail(self, leg_id: str) -> None:
        if leg := self._legs.get(leg_id):
            self._end(leg, UNREACHABLE)
        else:
            self._emit(LegEnded, leg=leg_id, code=UNREACHABLE, by_us=False)

    def _account(self, route: str, proof: protocol.Proof | None = None) -> Account:
        """One for each proxy and password that was asked for, and one for none."""
        if (route, proof) not in self._accounts:
            account = Account(self._tell)
            account.create(identity(self._place, self._transport_id, route, proof), not route)
            self._accounts[route, proof] = account
        return self._accounts[route, proof]

    def hang_up(self, command: protocol.HangUp) -> None:
        leg = self._legs.get(command.leg)
        if leg and not (command.unless_answered and leg.answered):
            leg.by_us = True
            self._hang_up(leg, OK if leg.answered else command.code if leg.incoming else CANCELLED, command.code)

    def _hang_up(self, leg: Leg, reported: int, sent: int) -> None:
        leg.code, leg.give_up = reported, math.inf
        self._mixer.leave(leg.id)
        try:
            leg.call.hangup(parameters(sent))
        except pj.Error as error:
            log.info("a leg was over before it was hung up: %s", error.reason)
            self._end(leg, reported)

    def play(self, command: protocol.Play) -> None:
        self._mixer.play(command)

    def stop_play(self, command: protocol.StopPlay) -> None:
        self._mixer.stop_play(command)

    def mix(self, command: protocol.Mix) -> None:
        self._mixer.mix(command)

    def record(self, command: protocol.Record) -> None:
        self._mixer.record(command)

    def stop_record(self, command: protocol.StopRecord) -> None:
        self._mixer.stop_record(command)

    def send_digits(self, command: protocol.SendDigits) -> None:
        if leg := self._legs.get(command.leg):
            prm = pj.CallSendDtmfParam()
            prm.method, prm.digits = pj.PJSUA_DTMF_METHOD_RFC2833, command.digits
            try:
                leg.call.sendDtmf(prm)
            except pj.Error as error:
                log.info("digits could not be sent: %s", error.reason)

    def _add(self, leg: Leg) -> None:
        self._legs[leg.id] = leg
        self._receiver.start()
        self._mixer.add_leg(leg.id)
        self._tick_by(min(time.monotonic() + LOOK, leg.give_up))

    def _tick_by(self, moment: float) -> None:
        self._next_tick = min(self._next_tick, moment)

    def _on_arrived(self, call: Call, leg_id: str, said: invite.Invite, near: str, through_door: bool) -> None:
        gate = Gate(leg_id, call, guard.networks(near), moves=not through_door)
        gate.shut()
        self._add(Leg(leg_id, call, incoming=True, gate=gate))
        self._emit(
            LegArrived,
            leg=leg_id,
            caller=said.caller,
            caller_name=said.caller_name,
            dialled=said.dialled,
            forwarded_from=said.forwarded_from,
            trunk=said.trunk,
            test=said.test,
        )

    def _on_dialogue(self, leg_id: str, ours: bool, message: str) -> None:
        """The INVITE, then the 200 to it. What later INVITEs change is of no importance for a BYE."""
        leg = self._legs.get(leg_id)
        if not leg or (leg.debt and leg.debt.answer):
            return
        leg.debt = Debt(leg.debt.invite, ours, message) if leg.debt else Debt(message, ours)
        self._owe(leg_id, leg.debt)

    def _on_state(self, leg_id: str, state: int, code: int, quality: LegQuality | None) -> None:
        leg = self._legs.get(leg_id)
        if not leg:
            return
        if state == pj.PJSIP_INV_STATE_EARLY and not leg.incoming and not leg.ringing:
            leg.ringing = True
            self._emit(LegRinging, leg=leg_id)
        elif state == pj.PJSIP_INV_STATE_CONFIRMED and not leg.answered:
            leg.answered, leg.give_up = True, math.inf
            self._emit(LegAnswered, leg=leg_id)
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            leg.streams += [quality] if quality else []
            self._end(leg, leg.code or code)

    def _on_signalling(self, leg_id: str, near: str) -> None:
        if leg := self._legs.get(leg_id):
            leg.gate.hear_from(guard.networks(near))

    def _on_media(self, leg_id: str, status: int) -> None:
        leg = self._legs.get(leg_id)
        if not leg:
            return
        leg.expected = status == pj.PJSUA_CALL_MEDIA_ACTIVE
        try:
            audio = leg.call.getAudioMedia(-1) if status in WITH_AUDIO else None
            if audio:
                leg.gate.meet(time.monotonic())
        except pj.Error:
            audio = None  # a re-INVITE took it away again; the next event says so
        if audio:
            self._bridge.add_leg(leg_id, audio)
            self._mixer.audio_up(leg_id)
            if not leg.incoming and not leg.answered:
                self._emit(EarlyMedia, leg=leg_id)
            self._tick_by(time.monotonic() + self._pause())
        else:
            self._mixer.audio_down(leg_id)
            self._bridge.drop_leg(leg_id)

    def _on_stream_over(self, leg_id: str, quality: LegQuality | None) -> None:
        if (leg := self._legs.get(leg_id)) and quality:
            leg.streams.append(quality)

    def _on_digit(self, leg_id: str, digit: str) -> None:
        if leg_id in self._legs and digit in DIGITS:
            self._emit(protocol.DigitPressed, leg=leg_id, digit=digit)
            self._mixer.digit(leg_id)

    def _on_file_over(self, playback: str, player: Player) -> None:
        try:
            more = self._bridge.run_over(playback, player)
        except MediaError as error:
            self._mixer.playback_over(playback, str(error))
            return
        if more is False:
            self._mixer.playback_over(playback)
        elif more:
            self._mixer.player_changed(playback)

    def _on_closing(self, recording: str) -> None:
        self._completing.add(recording)
        self._tick_by(time.monotonic() + CLOSING)

    def _on_merged(self, recording: str, path: str, seconds: float, error: str) -> None:
        self._completing.discard(recording)
        self._emit(RecordingStopped, recording=recording, path=path, seconds=round(seconds, 2), error=error)

    def _end(self, leg: Leg, code: int) -> None:
        del self._legs[leg.id]
        self._past.append(leg.call)
        self._mixer.drop_leg(leg.id)
        self._bridge.drop_leg(leg.id)
        self._watchdog.forget(leg.id)
        leg.gate.tell()
        self._owe(leg.id, None)
        self._emit(LegEnded, leg=leg.id, code=code, by_us=leg.by_us, quality=leg.quality())

    def _tick(self, now: float) -> None:
        for leg in [leg for leg in self._legs.values() if now >= leg.give_up]:
            self._hang_up(leg, NO_ANSWER, pj.PJSIP_SC_REQUEST_TIMEOUT)
        for leg in self._legs.values():
            self._watch(leg, now)
        self._bridge.tidy(now)
        if not self._legs:
            self._receiver.stop()
        if not self._legs and not self._bridge.closing:
            self._bridge.stop_clock()
        self._schedule(now)

    def _schedule(self, now: float) -> None:
        moments = [leg.give_up for leg in self._legs.values()]
        moments += [now + self._pause()] if self._legs else []
        moments += [now + CLOSING] if self._bridge.closing else []
        self._next_tick = min(moments, default=math.inf)

    def _pause(self) -> float:
        return SOON if any(leg.gate.waits for leg in self._legs.values()) else LOOK

    def _watch(self, leg: Leg, now: float) -> None:
        quality = leg.call.quality() if leg.answered else None
        if quality:
            leg.gate.look(quality.received, now)
        if quality and leg.expected:
            self._watchdog.look(leg.id, quality.received, now)
        else:
            self._watchdog.excuse(leg.id)
