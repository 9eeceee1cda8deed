"""The switch as one pure machine: all calls, all agents, the distribution. `handle(message, now) -> Outcome`. PURE.

A message is a leg event, a request of a page, or one of the few inputs below. Each is dispatched to one function; then what
lies on the agenda is worked off (flows go on) and the distribution decides, until nothing more follows. Replaying the same
messages with the same times gives the same outcomes.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.flows.web.orders import WebResult
from apps.switch import (
    agent_phones,
    agents,
    calling,
    cells,
    consulting,
    ending,
    faults,
    flowing,
    legs,
    offering,
    passing_on,
    placing,
    presences,
    restoring,
    session,
    summing_up,
    talking,
    transferring,
    watching,
)
from apps.switch import requests as r
from apps.switch.configuration import Configuration
from apps.switch.state import Call
from apps.switch.world import AGENT_TIMERS, Outcome, Subject, World
from apps.telephony import protocol as t


class Configured(Struct, frozen=True):
    """From the shell: configuration was saved."""

    configuration: Configuration


class GatewaysSeen(Struct, frozen=True):
    """From the shell: the gateways that live, name -> SIP host:port."""

    gateways: dict[str, str]


class DayBegan(Struct, frozen=True):
    """From the shell: it is midnight in the company's time zone."""


Message = t.AnyLegEvent | r.AnyRequest | WebResult | Configured | GatewaysSeen | DayBegan
DRAFTS_KEPT = 20
TRIES_AGAIN = 1.0  # seconds until what was due for an agent is done, if a fault kept it from being done
REFUSED = (p.WrongState, session.WrongState)  # a request that cannot be done now


class Core:
    def __init__(self, configuration: Configuration) -> None:
        self.world = World(configuration)

    def handle(self, message: Message, now: float) -> Outcome:
        """What follows from one message at `now` (Unix seconds)."""
        self.world.now = now
        return faults.guarded(self.world, lambda: self._handle(message), lambda: self._give_up(message))

    def pass_time(self, now: float) -> Outcome:
        """Whatever is due at `now`."""
        self.world.now = now
        outcome = Outcome()
        while (due := self.world.timers.pop_due(now)) is not None:
            outcome.add(self._timer(*due))
        outcome.add(faults.guarded(self.world, self._let_go_on))
        return outcome

    def watch(self, now: float) -> Outcome:
        """What the watchdog does about agents and calls that do not agree; usually nothing."""
        self.world.now = now
        if not watching.findings(self.world) and presences.is_counted(self.world):
            return Outcome()
        return faults.guarded(self.world, self._mend)

    def _mend(self) -> None:
        watching.mend(self.world)
        self._follow_up()

    def next_timer(self) -> float | None:
        times = (self.world.timers.next(), self.world.engine.next_timer())
        return min((when for when in times if when is not None), default=None)

    def report(self, now: float) -> Outcome:
        """Messages were lost: ask every cell what is true."""
        self.world.now = now
        for call in self.world.calls.values():
            restoring.ask_cell(self.world, call)
        return self.world.take_outcome()

    def wait_for_cells(self, now: float) -> None:
        """They could not be asked until now, or could not be heard: nobody is given up for that."""
        self.world.now = now
        restoring.wait_anew(self.world)

    def sent_late(self, now: float) -> None:
        """What was decided reaches the cells only now."""
        self.wait_for_cells(now)
        offering.wait_anew(self.world)

    def _handle(self, message: Message) -> None:
        self.world.subject = Subject(getattr(message, "call", ""))
        if isinstance(message, r.Request):
            self._answer(message)
        elif isinstance(message, t.LegEvent):
            self._leg_event(message)
        else:
            _OTHERS[type(message)](self.world, message)
        self._follow_up()

    def _give_up(self, message: Message) -> None:
        """It failed for no call that is known; nothing of it is done."""
        if isinstance(message, t.LegArrived):
            ending.refuse(self.world, message, faults.SERVER_ERROR)
            restoring.call_later(self.world, message.call)
        elif isinstance(message, r.Request) and message.reply_to:
            self.world.outcome.replies.append((message.reply_to, r.Reply("fault")))

    def _timer(self, kind: str, name: str) -> Outcome:
        def elapse() -> None:
            self.world.subject = Subject("" if kind in AGENT_TIMERS else name)
            if kind in AGENT_TIMERS or name in self.world.calls:
                _TIMERS[kind](self.world, name)
            self._follow_up()

        def again() -> None:
            """It failed for no call: an agent must not be left in a status that nothing ends."""
            self.world.timers.set((kind, name), self.world.now + TRIES_AGAIN)

        return faults.guarded(self.world, elapse, again)

    def _let_go_on(self) -> None:
        offering.send_on_waiting(self.world)
        self._follow_up()

    def _leg_event(self, event: t.LegEvent) -> None:
        """Events of calls that are over come late, and are of no interest."""
        if isinstance(event, t.RecordingStopped):
            _recording_stopped(self.world, event)
        elif isinstance(event, t.LegArrived):
            if event.call not in self.world.calls:
                flowing.arrive(self.world, event)
                restoring.call_later(self.world, event.call)
        elif (call := self.world.calls.get(event.call)) is not None:
            _LEG_EVENTS[type(event)](self.world, call, event)
        elif isinstance(event, t.CellReport):
            cells.unknown_reported(self.world, event)

    def _answer(self, request: r.Request) -> None:
        try:
            code = _REQUESTS[type(request)](self.world, request)
        except p.Owing:
            code = "disposition_required"
        except p.NotExtendable:
            code = "wrap_up_limit"
        except REFUSED:
            code = "not_now"
        if request.reply_to:
            self.world.outcome.replies.append((request.reply_to, r.Reply(code)))

    def _follow_up(self) -> None:
        """Flows go on, and the distribution decides, until nothing more follows. Flows end after 500 steps, so this does."""
        world = self.world
        while world.agenda or world.fewer or (world.undecided and world.distributes):
            while world.agenda:
                call, happened = world.agenda.popleft()
                world.subject = Subject(call)
                flowing.advance(world, call, happened)
            transferring.bring_back(world)
            offering.decide(world)
            offering.send_on_stranded(world)


def _configured(world: World, message: Configured) -> None:
    world.configuration = message.configuration
    world.engine.configure(message.configuration.acd)
    presences.recount(world)
    summing_up.forgive(world)
    flowing.forget_orders(world)
    world.undecided = True


def _gateways_seen(world: World, message: GatewaysSeen) -> None:
    before = {agent: agent_phones.reachable(world, agent) for agent in world.agents}
    world.gateways = message.gateways
    for agent, was_reachable in before.items():
        presences.phone_changed(world, agent, was_reachable=was_reachable)


def _day_began(world: World, message: DayBegan) -> None:
    presences.forget_day(world)


def _recording_stopped(world: World, event: t.RecordingStopped) -> None:
    """Often it comes when the call is over and forgotten already; in mid-call it is a fault."""
    world.fact(
        v.RecordingFinished(
            at=event.at, call=event.call, recording=event.recording, path=event.path, seconds=event.seconds, error=event.error
        )
    )
    call = world.calls.get(event.call)
    if call and call.taping and call.taping.id == event.recording:
        talking.recording_failed(world, call)
    else:
        flowing.advance(world, event.call, f.Taped(event.recording, event.seconds, event.error))


def _test_draft(world: World, request: r.TestDraft) -> r.RefusalCode:
    newest = dict(list(world.drafts.items())[1 - DRAFTS_KEPT :])
    world.drafts = newest | {request.graph.version: request.graph}
    return ""


def _hang_up(world: World, request: r.HangUpCall) -> r.RefusalCode:
    """The one request whose fault ends the call: that is what was asked for."""
    call = world.calls.get(world.agent(request.agent).call)
    world.subject = Subject(call.id if call else "")
    if call and call.out and not call.talk:
        calling.cancel(world, call)
        return ""
    if passing_on.hang_up(world, request.agent):
        return ""
    return "" if ending.hang_up(world, request.agent) else "no_call"


def _flow_timer(world: World, call: str) -> None:
    flowing.advance(world, call, f.TimePassed())


_LEG_EVENTS: dict[type, Callable[[World, Call, Any], None]] = {
    t.LegRinging: legs.ringing,
    t.EarlyMedia: calling.early_media,
    t.LegAnswered: legs.answered,
    t.LegEnded: legs.ended,
    t.DigitPressed: legs.digit_pressed,
    t.PlaybackEnded: flowing.playback_ended,
    t.MediaLost: legs.media_lost,
    t.MediaBack: legs.media_back,
    t.CellReport: cells.reported,
}
_REQUESTS: dict[type, Callable[[World, Any], r.RefusalCode]] = {
    r.LogOn: agents.log_on,
    r.LogOff: agents.log_off,
    r.BecomeReady: agents.become_ready,
    r.Pause: agents.pause,
    r.ExtendWrapUp: agents.extend_wrap_up,
    r.RejectOffer: passing_on.reject,
    r.HangUpCall: _hang_up,
    r.Hold: talking.hold,
    r.Mute: talking.mute,
    r.PressKeys: talking.press_keys,
    r.SetRecording: talking.set_recording,
    r.MaskRecording: talking.mask_recording,
    r.ChooseDisposition: summing_up.choose,
    r.SoftphoneUp: agents.softphone_up,
    r.MediaAttached: agents.media_attached,
    r.SoftphoneDown: agents.softphone_down,
    r.TestDraft: _test_draft,
    r.PlaceCall: placing.place,
    r.CallOut: calling.call_out,
    r.Consult: passing_on.consult,
    r.JoinAll: passing_on.join_all,
    r.TakeBack: passing_on.take_back,
    r.CompleteTransfer: passing_on.complete,
    r.Transfer: passing_on.transfer,
}
_OTHERS: dict[type, Callable[[World, Any], None]] = {
    t.CellLost: cells.lost,
    t.SupervisorBegan: cells.supervisor_began,
    WebResult: flowing.web_answered,
    Configured: _configured,
    GatewaysSeen: _gateways_seen,
    DayBegan: _day_began,
}
_TIMERS: dict[str, Callable[[World, str], None]] = {
    "offer": offering.rang_out,
    "confirm": calling.not_confirmed,
    "flow": _flow_timer,
    "outgoing": flowing.dial_timed_out,
    "lost": legs.media_gone,
    "consult": consulting.time_over,
    "transfer": transferring.time_over,
    "silent": legs.silent,
    "agent": presences.timer,
    "away": presences.phone_given_up,
    "report": cells.no_report,
    "last_report": cells.no_last_report,
    "roll_call": cells.roll_call,
}
