"""A small switch for the tests of pages: hears INBOX, answers, and writes the board as the real one does.

It knows one thing only: how an agent's document changes by what his page asks. No calls, no queues, no media.
"""

import threading
import time

import msgspec
import redis

from apps.switch import board, requests
from contactcenter.lib import bus

WRAP_UP = 30.0
EXTENDABLE = 40.0


class PagesSwitch(threading.Thread):
    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.redis = redis.Redis.from_url(url)
        self.heard: list[requests.Request] = []
        self.agents: dict[int, board.AgentDocument] = {}
        self.refuse: dict[type, str] = {}  # request -> code it is refused with
        self.silent = False
        self.dispositions: tuple[board.DispositionChoice, ...] = ()
        self.demands = False  # a disposition, before the wrap-up ends
        self._seq = int(time.time() * 1_000_000)
        self._lock = threading.RLock()
        self._stop_it = threading.Event()

    # -- what a test does

    def put(self, topic: str, document: msgspec.Struct | None) -> int:
        """Write a document as the switch does: hash and feed in one commit."""
        with self._lock:
            self._seq += 1
            entry = board.BoardEntry(self._seq, topic, msgspec.Raw(msgspec.json.encode(document)))
            with self.redis.pipeline(transaction=True) as pipe:
                if document is None:
                    pipe.hdel(bus.BOARD, topic)
                else:
                    pipe.hset(bus.BOARD, topic, board.encode(entry))
                pipe.xadd(bus.BOARD_FEED, {"m": board.encode(entry)}, maxlen=20_000, approximate=True)
                pipe.execute()
            return self._seq

    def change(self, agent: int, **fields: object) -> board.AgentDocument:
        with self._lock:
            before = self.agents.get(agent) or board.AgentDocument(agent=agent, status="logged_off", since=time.time())
            if "status" in fields:
                fields = {"since": time.time(), "until": None, "reason": "", **fields}
            self.agents[agent] = after = msgspec.structs.replace(before, **fields)
            self.put(board.agent_topic(agent), after)
            return after

    def ring(self, agent: int, **card: object) -> board.CallCard:
        """A call is offered to `agent`."""
        now = time.time()
        ids = {"call": bus.new_id(), "leg": bus.new_id()}
        caller = {"caller": "+4722334455", "caller_name": "Kari Nordmann", "dialled": "+4780012345", "number_name": "Customer service"}
        queue = {"queue": 1, "queue_name": "Support", "entered_at": now - 42, "waited": 42.0}
        path = (board.PassedStep("Welcome"), board.PassedStep("Main menu", "1 Invoice"))
        shown = board.CallCard(**{"state": "ringing", "since": now, "path": path, **ids, **caller, **queue, **card})
        self.change(agent, status="offered", card=shown)
        return shown

    def connect(self, agent: int) -> None:
        """The agent's leg was answered."""
        now = time.time()
        card = self._card(agent, state="talking", since=now, answered_at=now)
        about = board.Summary(card.call, card.caller, card.caller_name, card.queue_name, self.dispositions, self.demands)
        self.change(agent, status="connected", card=card, summary=about)

    def caller_hangs_up(self, agent: int) -> None:
        talked = self.agents[agent].card.answered_at
        if talked is None:
            self.change(agent, status="ready", card=None)
        else:
            self._wrap_up(agent)

    def asked(self, kind: type) -> list[requests.Request]:
        return [request for request in self.heard if isinstance(request, kind)]

    def __enter__(self) -> "PagesSwitch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_it.set()
        self.join(5)

    # -- the process

    def run(self) -> None:
        cursor = "0-0"
        while not self._stop_it.is_set():
            try:
                for entry_id, message in bus.read(self.redis, bus.INBOX, cursor, block_ms=100):
                    cursor = entry_id
                    self._hear(requests.decode(message))
            except redis.ConnectionError:  # a test stops Redis
                self._stop_it.wait(0.1)

    def _hear(self, request: requests.Request) -> None:
        self.heard.append(request)
        if self.silent:
            return
        code = self.refuse.get(type(request), "") or self._do(request)
        if request.reply_to:
            bus.reply(self.redis, request.reply_to, requests.Reply(code))

    def _do(self, request: requests.Request) -> str:
        return getattr(self, f"_{type(request).__name__}")(request) or ""

    def _card(self, agent: int, **fields: object) -> board.CallCard:
        return msgspec.structs.replace(self.agents[agent].card, **fields)

    def _wrap_up(self, agent: int) -> None:
        now = time.time()
        me = self.agents[agent]
        figures = {"calls_today": me.calls_today + 1, "talked_today": me.talked_today + 90}
        owes = bool(me.summary and me.summary.required and me.summary.disposition is None)
        self.change(
            agent, status="wrap_up", until=now + WRAP_UP, card=None, pending="", owes=owes, extendable=EXTENDABLE, extended=0.0, **figures
        )

    def _LogOn(self, request: requests.LogOn) -> None:
        is_on = request.agent in self.agents and self.agents[request.agent].status != "logged_off"
        status = {"status": "pause", "reason": request.pause} if request.pause else {} if is_on else {"status": "ready"}
        self.change(request.agent, profile=request.profile, phone=request.phone, **status)

    def _LogOff(self, request: requests.LogOff) -> None:
        self.change(request.agent, status="logged_off", phone="", profile=None, card=None)

    def _BecomeReady(self, request: requests.BecomeReady) -> str | None:
        if self.agents[request.agent].owes:
            return "disposition_required"
        self.change(request.agent, status="ready")
        return None

    def _ChooseDisposition(self, request: requests.ChooseDisposition) -> None:
        summary = msgspec.structs.replace(self.agents[request.agent].summary, disposition=request.disposition)
        self.change(request.agent, summary=summary, owes=False)

    def _Pause(self, request: requests.Pause) -> None:
        if self.agents[request.agent].card:
            self.change(request.agent, pending=f"pause:{request.reason}")
        else:
            self.change(request.agent, status="pause", reason=request.reason)

    def _ExtendWrapUp(self, request: requests.ExtendWrapUp) -> str | None:
        me = self.agents[request.agent]
        if request.seconds > me.extendable:
            return "wrap_up_limit"
        left, used = me.extendable - request.seconds, me.extended + request.seconds
        self.change(request.agent, until=me.until + request.seconds, extendable=left, extended=used)
        return None

    def _RejectOffer(self, request: requests.RejectOffer) -> str | None:
        card = self.agents[request.agent].card
        if card is None or card.leg != request.leg:
            return "gone"
        self.change(request.agent, status="busy", reason="rejected", until=time.time() + 10, card=None)
        return None

    def _HangUpCall(self, request: requests.HangUpCall) -> str | None:
        card = self.agents[request.agent].card
        if card is None or card.state == "ringing":  # a page that hears of the end late asks for it once more
            return "no_call"
        self._wrap_up(request.agent)
        return None

    def _CallOut(self, request: requests.CallOut) -> None:
        now = time.time()
        who = {"caller": request.number, "caller_name": "", "dialled": "+4721000001", "number_name": ""}
        none = {"queue": None, "queue_name": "", "entered_at": now, "waited": 0.0}
        card = board.CallCard(call=request.call, leg=f"{request.call}-l2", state="phone", since=now, out=True, **who, **none)
        self.change(request.agent, status="connected", card=card)

    def _Hold(self, request: requests.Hold) -> None:
        self.change(request.agent, card=self._card(request.agent, state="held" if request.on else "talking", since=time.time()))

    def _Mute(self, request: requests.Mute) -> None:
        self.change(request.agent, card=self._card(request.agent, muted=request.on))

    def _Consult(self, request: requests.AgentRequest) -> None:
        """What follows, the test says with `change`."""

    _Transfer = _JoinAll = _TakeBack = _CompleteTransfer = _Consult

    def _PressKeys(self, request: requests.PressKeys) -> None:
        pass

    def _SetRecording(self, request: requests.SetRecording) -> None:
        card = self.agents[request.agent].card
        now = time.time()
        recorded = card.recorded_seconds + (now - card.recording_since if card.recording_since else 0)
        recording = {"recording": "on", "recording_since": now} if request.on else {"recording": "paused", "recording_since": None}
        self.change(request.agent, card=self._card(request.agent, recorded_seconds=recorded, **recording))

    def _MaskRecording(self, request: requests.MaskRecording) -> None:
        self.change(request.agent, card=self._card(request.agent, masked=request.on))

    def _SoftphoneUp(self, request: requests.SoftphoneUp) -> str | None:
        me = self.agents.get(request.agent)
        if not request.claims and me and me.connection not in ("", request.connection):
            return "gone"
        self.change(request.agent, connection=request.connection, softphone="online" if request.ready else "not_ready")
        return None

    def _MediaAttached(self, request: requests.MediaAttached) -> None:
        pass

    def _SoftphoneDown(self, request: requests.SoftphoneDown) -> None:
        me = self.agents.get(request.agent)
        if me and me.connection == request.connection:
            self.change(request.agent, connection="", softphone="offline")

    def _TestDraft(self, request: requests.TestDraft) -> None:
        pass
