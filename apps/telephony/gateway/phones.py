"""The SIP user agent towards the cells: every agent's softphone, and the callers of test calls. PURE: `handle(message, now) -> messages`.

One UDP port, cells one hop away, no proxies between: a dialogue's messages go where its first one came from. What state
a dialogue may be in and what moves it stands in dialogue.py; here a datagram becomes an event and an action becomes a datagram.
Tags and branches are made of the leg's id, which is random enough for both (80 bits).
"""

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from sipmessage import URI, Message, Request, Response

from apps.telephony.gateway import messages
from apps.telephony.gateway.dialogue import LIVE, PATIENCE, RESUMED, T2, TABLE, Event, State
from apps.telephony.gateway.talk import Accept, Answered, Call, Endpoint, HangUp, Input, Output, Over, Received, Send, Tick
from apps.telephony.protocol import HEADER_LEG, HEADER_TEST

LONGEST = 8_192  # bytes of a datagram; a cell's have 4,000 at most, and the library's patterns are quadratic in places
DIALOGUES_MAX = 2_000  # those of ended calls are kept for half a minute
Marks = dict[str, str] | None  # our own headers
_LEG = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ADDRESS = re.compile(r"agent-\d{1,18}", re.ASCII)


class Dialogue(Struct, kw_only=True):
    """One leg. Plain data, so that a gateway that starts again can take it up (see `Phones.adopt`)."""

    leg: str
    address: str
    peer: Endpoint
    call_id: str
    ours: str  # From or To value of our side, with tag
    theirs: str
    target: str  # their Contact
    invite: bytes  # the latest INVITE, theirs or ours
    last: bytes = b""  # what "repeat" sends
    sdp: str = ""  # ours
    cell_sdp: str = ""
    our_seq: int = 1
    their_seq: int = 0
    state: State = State.OVER
    due: float | None = None
    interval: float = 0.0
    expires: float | None = None

    @property
    def live(self) -> bool:
        return self.state in LIVE


class Phones:
    """`contact` is where cells find us; `trusted` are the addresses whose datagrams are read at all."""

    def __init__(self, contact: Endpoint, trusted: frozenset[str]) -> None:
        self.contact = contact
        self.trusted = trusted
        self.open = True  # False: new INVITEs get 503
        self._by_call: dict[str, Dialogue] = {}
        self._by_leg: dict[str, Dialogue] = {}

    def handle(self, message: Input, now: float) -> list[Output]:
        """What has to be done because of `message`. Datagrams that are not SIP are dropped."""
        match message:
            case Received():
                return list(self._received(message, now))
            case Accept(leg, sdp):
                self._by_leg[leg].sdp = sdp
                return self._move(self._by_leg[leg], Event.ACCEPT, None, now)
            case HangUp(leg):
                return self._move(self._by_leg[leg], Event.HANG_UP, None, now) if leg in self._by_leg else []
            case Call():
                return self._call(message, now)
            case Tick():
                return [output for dialogue in list(self._by_call.values()) for output in self._tick(dialogue, now)]

    def leg(self, leg: str) -> Dialogue | None:
        """The dialogue of `leg` while it is live."""
        dialogue = self._by_leg.get(leg)
        return dialogue if dialogue and dialogue.live else None

    def live_legs(self) -> list[Dialogue]:
        return [dialogue for dialogue in self._by_call.values() if dialogue.live]

    def resumable(self) -> list[Dialogue]:
        """What the process after this one needs."""
        return [dialogue for dialogue in self._by_call.values() if dialogue.state in RESUMED]

    def ending(self) -> list[Dialogue]:
        """Legs that are over for everybody but the SIP transactions."""
        return [dialogue for dialogue in self._by_call.values() if not dialogue.live and dialogue.state is not State.OVER]

    def next_timer(self) -> float | None:
        """When `Tick` is wanted."""
        times = (when for dialogue in self._by_call.values() for when in (dialogue.due, dialogue.expires))
        return min((when for when in times if when is not None), default=None)

    def adopt(self, dialogue: Dialogue) -> None:
        """Go on with a dialogue of the process before this one."""
        self._by_call[dialogue.call_id] = self._by_leg[dialogue.leg] = dialogue

    # What comes in

    def _received(self, message: Received, now: float) -> Iterator[Output]:
        if message.source[0] not in self.trusted or len(message.data) > LONGEST:
            return
        try:
            parsed = Message.parse(message.data)
            dialogue = self._by_call.get(parsed.call_id)
            seq = parsed.cseq
            tag = messages.tag_of(parsed.headers["To"])
            messages.check(parsed)
        except (ValueError, KeyError, IndexError):
            return
        if isinstance(parsed, Response):
            yield from self._response(dialogue, parsed, now)
        elif parsed.method == "INVITE" and not dialogue and not tag:
            yield from self._invited(parsed, message, now)
        elif dialogue and (event := _event(dialogue, parsed, seq.sequence, tag)):
            yield from self._move(dialogue, event, parsed, now)
        elif parsed.method != "ACK":  # an ACK is never answered
            yield Send(messages.respond(parsed, _stray(parsed.method), source=message.source, tag="gw"), message.source)

    def _response(self, dialogue: Dialogue | None, response: Response, now: float) -> list[Output]:
        if not dialogue:
            return []
        if response.cseq.method != "INVITE":
            return self._move(dialogue, Event.CONFIRMED, response, now) if response.code >= 200 else []
        if response.code < 200:
            return self._move(dialogue, Event.PROGRESSED, response, now)
        return self._move(dialogue, Event.SUCCEEDED if response.code < 300 else Event.FAILED, response, now)

    def _invited(self, request: Request, message: Received, now: float) -> list[Output]:
        leg = request.headers.get(HEADER_LEG) or ""
        address = request.uri.user or ""
        code = self._objection(request, leg, address)
        if code:
            return [Send(messages.respond(request, code, source=message.source, tag="gw"), message.source)]
        dialogue = Dialogue(
            leg=leg,
            address=address,
            peer=message.source,
            call_id=request.call_id,
            ours=f"{request.headers['To']};tag={leg}",
            theirs=request.headers["From"],
            target=str(request.contact[0].uri),
            invite=message.data,
            cell_sdp=request.body.decode(),
            their_seq=request.cseq.sequence,
        )
        self.adopt(dialogue)
        trying = Send(messages.respond(request, 100, source=message.source), message.source)
        ringing = self._answer(dialogue, request, 180)
        _enter(dialogue, State.RINGING, now)
        return [trying, ringing]

    def _objection(self, request: Request, leg: str, address: str) -> int:
        """The status to refuse a first INVITE with, or 0."""
        if leg in self._by_leg or not _complete(request, leg):
            return 400
        if not _ADDRESS.fullmatch(address):
            return 404
        return 0 if self.open and len(self._by_call) < DIALOGUES_MAX else 503

    def _call(self, call: Call, now: float) -> list[Output]:
        host, port = self.contact
        target = str(URI("sip", call.cell[0], user=call.number, port=call.cell[1]))
        caller = URI("sip", host, user=call.caller or "anonymous", port=port)
        dialogue = Dialogue(
            leg=call.leg,
            address=call.address,
            peer=call.cell,
            call_id=f"{call.leg}@{host}",
            ours=f"<{caller}>;tag={call.leg}",
            theirs=f"<{target}>",
            target=target,
            invite=b"",
            sdp=call.sdp,
        )
        self.adopt(dialogue)
        marks = {HEADER_TEST: call.token, HEADER_LEG: call.leg}
        dialogue.invite = dialogue.last = self._request(dialogue, "INVITE", 1, marks=marks, contact=self._uri(call.address), sdp=call.sdp)
        _enter(dialogue, State.CALLING, now)
        return [Send(dialogue.last, dialogue.peer)]

    def _tick(self, dialogue: Dialogue, now: float) -> list[Output]:
        if dialogue.expires is not None and dialogue.expires <= now:
            if dialogue.state is State.OVER:
                self._forget(dialogue)
                return []
            return self._move(dialogue, Event.EXPIRED, None, now)
        if dialogue.due is None or dialogue.due > now:
            return []
        dialogue.interval = min(2 * dialogue.interval, T2)
        dialogue.due = now + dialogue.interval
        return self._move(dialogue, Event.DUE, None, now)

    def _forget(self, dialogue: Dialogue) -> None:
        del self._by_call[dialogue.call_id]
        del self._by_leg[dialogue.leg]

    # What goes out

    def _move(self, dialogue: Dialogue, event: Event, message: Request | Response | None, now: float) -> list[Output]:
        step = TABLE[dialogue.state, event]
        outputs = [output for action in step.actions for output in getattr(self, f"_do_{action}")(dialogue, message)]
        was_live = dialogue.live
        if step.state is not dialogue.state:
            _enter(dialogue, step.state, now)
        if was_live and not dialogue.live:
            outputs.append(Over(dialogue.leg, _reason(event, message)))
        return outputs

    def _do_repeat(self, dialogue: Dialogue, message: object) -> list[Output]:
        return [Send(dialogue.last, dialogue.peer)]

    def _do_confirm(self, dialogue: Dialogue, request: Request) -> list[Output]:
        return [Send(messages.respond(request, 200, source=dialogue.peer, tag=dialogue.leg), dialogue.peer)]

    def _do_accept(self, dialogue: Dialogue, message: object) -> list[Output]:
        return [self._answer(dialogue, _invite_of(dialogue), 200, dialogue.sdp)]

    def _do_terminated(self, dialogue: Dialogue, message: object) -> list[Output]:
        return [self._answer(dialogue, _invite_of(dialogue), 487)]

    def _do_unavailable(self, dialogue: Dialogue, message: object) -> list[Output]:
        """Nobody has answered for very long."""
        return [self._answer(dialogue, _invite_of(dialogue), 480)]

    def _do_decline(self, dialogue: Dialogue, message: object) -> list[Output]:
        """We close: that the person did not answer is not his fault (480 would say so)."""
        return [self._answer(dialogue, _invite_of(dialogue), 503)]

    def _do_agree(self, dialogue: Dialogue, request: Request) -> list[Output]:
        """Nothing about the audio is negotiable: symmetric RTP follows a cell that moved (RFC 4961)."""
        dialogue.invite = bytes(request)
        dialogue.their_seq = request.cseq.sequence
        return [self._answer(dialogue, request, 200, dialogue.sdp)]

    def _do_established(self, dialogue: Dialogue, response: Response) -> list[Output]:
        dialogue.theirs = response.headers["To"]
        dialogue.cell_sdp = response.body.decode(errors="replace")
        if response.contact:
            dialogue.target = str(response.contact[0].uri)
        return [Answered(dialogue.leg, dialogue.cell_sdp)] if dialogue.live else []

    def _do_acknowledge(self, dialogue: Dialogue, response: Response) -> list[Output]:
        return [Send(self._request(dialogue, "ACK", response.cseq.sequence), dialogue.peer)]

    def _do_acknowledge_failure(self, dialogue: Dialogue, response: Response) -> list[Output]:
        """Part of the INVITE's transaction: its branch and its URI (RFC 3261, 17.1.1.3)."""
        return [Send(self._within_invite(dialogue, "ACK", response.headers["To"]), dialogue.peer)]

    def _do_cancel(self, dialogue: Dialogue, message: object) -> list[Output]:
        dialogue.last = self._within_invite(dialogue, "CANCEL", dialogue.theirs)
        return [Send(dialogue.last, dialogue.peer)]

    def _do_leave(self, dialogue: Dialogue, message: object) -> list[Output]:
        dialogue.our_seq += 1
        dialogue.last = self._request(dialogue, "BYE", dialogue.our_seq)
        return [Send(dialogue.last, dialogue.peer)]

    def _answer(self, dialogue: Dialogue, request: Request, code: int, sdp: str = "") -> Send:
        contact = self._uri(dialogue.address)
        dialogue.last = messages.respond(request, code, source=dialogue.peer, tag=dialogue.leg, contact=contact, sdp=sdp)
        return Send(dialogue.last, dialogue.peer)

    def _request(self, dialogue: Dialogue, method: str, seq: int, *, marks: Marks = None, contact: str = "", sdp: str = "") -> bytes:
        headers = self._headers(dialogue, method, seq, branch=f"z9hG4bK{dialogue.leg}-{seq}-{method}", theirs=dialogue.theirs)
        return messages.build(method, dialogue.target, headers | (marks or {}), contact=contact, sdp=sdp)

    def _within_invite(self, dialogue: Dialogue, method: str, theirs: str) -> bytes:
        """ACK to a refusal, or CANCEL: the branch, the number and the URI of our INVITE."""
        invite = _invite_of(dialogue)
        headers = self._headers(dialogue, method, invite.cseq.sequence, branch=messages.branch_of(invite), theirs=theirs)
        return messages.build(method, str(invite.uri), headers)

    def _headers(self, dialogue: Dialogue, method: str, seq: int, *, branch: str, theirs: str) -> dict[str, str]:
        return {
            "Via": "SIP/2.0/UDP {}:{};rport;branch={}".format(*self.contact, branch),
            "From": dialogue.ours,
            "To": theirs,
            "Call-ID": dialogue.call_id,
            "CSeq": f"{seq} {method}",
        }

    def _uri(self, user: str) -> str:
        return str(URI("sip", self.contact[0], user=user, port=self.contact[1]))


def _event(dialogue: Dialogue, request: Request, seq: int, tag: str) -> Event | None:
    """What `request` means to `dialogue`; None: it is none of its."""
    if tag and tag != messages.tag_of(dialogue.ours):
        return None
    if request.method == "INVITE":
        return Event.INVITED_AGAIN if seq <= dialogue.their_seq else Event.REINVITED
    if request.method == "CANCEL":
        return Event.CANCELLED if seq == dialogue.their_seq else None
    return {"ACK": Event.ACKNOWLEDGED, "BYE": Event.LEFT}.get(request.method)


def _complete(request: Request, leg: str) -> bool:
    """Whether a first INVITE has all that a dialogue is made of."""
    try:
        return bool(_LEG.fullmatch(leg) and request.contact and request.body.decode() and request.from_address)
    except (ValueError, KeyError):
        return False


def _stray(method: str) -> int:
    """The status for a request outside of all dialogues."""
    if method == "OPTIONS":
        return 200
    return 481 if method in ("INVITE", "CANCEL", "BYE") else 405


def _reason(event: Event, message: Request | Response | None) -> int:
    if isinstance(message, Response):
        return message.code
    return {Event.LEFT: 200, Event.CANCELLED: 487, Event.EXPIRED: 408}.get(event, 0)


def _invite_of(dialogue: Dialogue) -> Request:
    invite = Message.parse(dialogue.invite)
    assert isinstance(invite, Request)  # nothing else is ever stored there
    return invite


def _enter(dialogue: Dialogue, state: State, now: float) -> None:
    patience = PATIENCE[state]
    dialogue.state = state
    dialogue.interval = patience.repeat or 0.0
    dialogue.due = now + patience.repeat if patience.repeat else None
    dialogue.expires = now + patience.lasts if patience.lasts else None


encode_dialogue = msgspec.json.Encoder().encode
decode_dialogue = msgspec.json.Decoder(Dialogue).decode
