"""What the switch and the media processes say to each other.

Commands are imperative and go from the switch to one cell (stream `bus.cell_stream(cell)`); leg events are past tense
and go from a cell, its supervisor or a gateway to the switch (`bus.INBOX`). Requests go from the web process to a gateway
(`bus.gateway_stream(gateway)`) and are answered. All are msgspec structs tagged with their name; `decode_*` refuses
anything else with `msgspec.ValidationError`.

Ids are opaque strings. Times are Unix seconds (UTC) as the sender saw them. PURE.
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from contactcenter.lib.reading import reader

VERSION = 1  # raised when an old process could misunderstand a new one

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Digits = Annotated[str, Meta(pattern=r"^[0-9A-D*#]{1,64}$")]
Sdp = Annotated[str, Meta(max_length=20_000)]

# Headers by which front door and gateway tell a cell about a call; the front door removes them from what comes from outside.
HEADER_TRUNK = "X-CC-Trunk"  # id of the trunk that the INVITE came from
HEADER_LEG = "X-CC-Leg"  # id of the leg, on INVITEs that a cell sends to a gateway
HEADER_CALL = "X-CC-Call"
HEADER_TEST = "X-CC-Test"  # a test call: TestMark
HEADER_MEDIA = "X-CC-Media"  # addresses and networks that RTP may come from if the SDP's address is behind NAT


_WHOLE = re.compile(r"-?[0-9]{1,18}")


class TestMark(Struct, frozen=True):
    """What HEADER_TEST says: `<token>;shift=<seconds>;draft=<flow version>`, the last two if they are not 0.

    `shift`: by how many seconds the call's own clock is ahead. `draft`: the version that the call runs, of those that
    requests.TestDraft has brought; 0: what callers get.
    """

    token: str
    shift: float = 0.0
    draft: int = 0

    def encode(self) -> str:
        return self.token + (f";shift={self.shift:.0f}" if self.shift else "") + (f";draft={self.draft}" if self.draft else "")

    @classmethod
    def decode(cls, text: str) -> "TestMark":
        """What it does not understand counts as not said."""
        token, *rest = text.split(";")
        said = dict(part.partition("=")[::2] for part in rest)
        shift, draft = (said.get(name, "") if _WHOLE.fullmatch(said.get(name, "")) else "0" for name in ("shift", "draft"))
        return cls(token, float(shift), int(draft))


class Command(Struct, frozen=True, tag=True, kw_only=True):
    """From the switch to the cell that owns `call`. A command for a leg that is gone is ignored."""

    call: Id


class Ring(Command, frozen=True, kw_only=True):
    """Answer the INVITE of `leg` with 180."""

    leg: Id


class Answer(Command, frozen=True, kw_only=True):
    """Answer the INVITE of `leg` with 200 and start its media."""

    leg: Id


class Proof(Struct, frozen=True):
    """With what a call out answers a challenge (RFC 3261 22). `sealed`: the password, see contactcenter/lib/secrets.py."""

    user: str
    sealed: str


class Dial(Command, frozen=True, kw_only=True):
    """Send an INVITE for a new leg. `timeout`: seconds until the cell gives up (LegEnded 408)."""

    leg: Id
    uri: str
    caller: str = ""  # number presented, E.164 or empty for anonymous
    caller_name: str = ""
    headers: dict[str, str] = {}
    timeout: float = 60.0
    route: str = ""  # SIP URI of an outbound proxy (the front door); empty: straight to `uri`
    home: str = ""  # domain of the number presented; empty: the cell's own address
    proof: Proof | None = None  # without it a challenge (401, 407) ends the leg


class HangUp(Command, frozen=True, kw_only=True):
    """End `leg`: CANCEL, a final `code`, or BYE, whatever its dialogue needs.

    `unless_answered`: a leg that has answered by now stays. LegAnswered or LegEnded tells which it was.
    """

    leg: Id
    code: int = 603
    unless_answered: bool = False


class Play(Command, frozen=True, kw_only=True):
    """Play WAV files (absolute paths, 8 or 16 kHz PCM16; of stereo the sum of both sides) to `leg`, without a gap between them.

    Playbacks of a leg are a stack: only the newest is heard; when it ends, the one below goes on where it was.
    A playback that loops never ends by itself. With `barge_in` the first digit of the leg stops it in the cell, at once.
    """

    leg: Id
    playback: Id
    files: tuple[str, ...]
    loop: bool = False
    barge_in: bool = False


class StopPlay(Command, frozen=True, kw_only=True):
    """Stop one playback of `leg`; unknown playbacks are ignored. No PlaybackEnded follows."""

    leg: Id
    playback: Id


class Mix(Command, frozen=True, kw_only=True):
    """The complete picture of who hears whom: pairs (from leg, to leg). What is not listed is disconnected."""

    edges: tuple[tuple[Id, Id], ...]


class Record(Command, frozen=True, kw_only=True):
    """Record to `path` (absolute, WAV, PCM16): the sum of `left` legs on the left channel, of `right` on the right one.

    Sent again with other legs, `running` or `masked`, it changes the recording that runs. Not running: nothing is written (the file has no
    gap for it). Masked: a tone on both channels, as long as it lasts, and nothing of what is said.
    """

    recording: Id
    path: str
    left: tuple[Id, ...]
    right: tuple[Id, ...]
    running: bool = True
    masked: bool = False


class StopRecord(Command, frozen=True, kw_only=True):
    """Close the file; RecordingStopped follows when it is complete on disk."""

    recording: Id


class SendDigits(Command, frozen=True, kw_only=True):
    """Send RFC 4733 telephone events to `leg`."""

    leg: Id
    digits: Digits


class Report(Command, frozen=True, kw_only=True):
    """Answer with CellReport. `legs`: those that the switch believes in; a leg that is dialled meanwhile is not missed."""

    legs: tuple[Id, ...] = ()


class Retire(Command, frozen=True, kw_only=True):
    """Hang up whatever is left and end the cell."""


AnyCommand = Ring | Answer | Dial | HangUp | Play | StopPlay | Mix | Record | StopRecord | SendDigits | Report | Retire


class LegEvent(Struct, frozen=True, tag=True, kw_only=True):
    """From a cell to the switch."""

    cell: Id
    call: Id
    at: float


class LegArrived(LegEvent, frozen=True, kw_only=True):
    """An INVITE reached a free cell, which from now on belongs to `call` (a new id). The cell has sent 100."""

    leg: Id
    caller: str  # user part of From / P-Asserted-Identity as sent; empty: withheld
    caller_name: str = ""
    dialled: str  # user part of the Request-URI as sent
    forwarded_from: str = ""  # Diversion or History-Info (RFC 5806, RFC 7044)
    trunk: str = ""  # HEADER_TRUNK
    test: str = ""  # HEADER_TEST


class LegRinging(LegEvent, frozen=True, kw_only=True):
    leg: Id


class EarlyMedia(LegEvent, frozen=True, kw_only=True):
    """The far end of a leg that we dial has audio: before it answers (tones, announcements), or with its answer."""

    leg: Id


class LegAnswered(LegEvent, frozen=True, kw_only=True):
    """200 and ACK are through, media flows."""

    leg: Id


class LegEnded(LegEvent, frozen=True, kw_only=True):
    """The dialogue is over. `code` is the SIP status that ended it: 200 after a BYE, 487 cancelled, 486 busy, 408 no answer …"""

    leg: Id
    code: int
    by_us: bool  # True: the switch asked for it
    quality: "LegQuality | None" = None


class LegQuality(Struct, frozen=True):
    """RTP figures of a leg, both ways: packets, packets lost, jitter in ms (mean), round trip in ms (mean).

    What came is as the cell saw it. What became of that which was sent is as the other end reports it (RTCP, RFC 3550, 6.4); `sent` 0: it
    reports nothing.
    """

    received: int = 0
    lost: int = 0
    jitter_ms: float = 0.0
    rtt_ms: float = 0.0
    sent: int = 0
    sent_lost: int = 0
    sent_jitter_ms: float = 0.0


class DigitPressed(LegEvent, frozen=True, kw_only=True):
    leg: Id
    digit: Annotated[str, Meta(pattern=r"^[0-9A-D*#]$")]


class PlaybackEnded(LegEvent, frozen=True, kw_only=True):
    """All files were played, or a digit stopped them, or `error` says why they could not be played."""

    leg: Id
    playback: Id
    error: str = ""


class RecordingStopped(LegEvent, frozen=True, kw_only=True):
    """The file is complete. `seconds` of audio it holds."""

    recording: Id
    path: str
    seconds: float
    error: str = ""


class MediaLost(LegEvent, frozen=True, kw_only=True):
    """No RTP packet of `leg` for `seconds` although it should send; MediaBack follows when packets come again."""

    leg: Id
    seconds: float


class MediaBack(LegEvent, frozen=True, kw_only=True):
    leg: Id


class LegStatus(Struct, frozen=True):
    leg: Id
    answered: bool


class CellReport(LegEvent, frozen=True, kw_only=True):
    """Inventory, on demand: the legs that the cell has now, and the recordings it writes. `asked`: those that Report named."""

    legs: tuple[LegStatus, ...]
    asked: tuple[Id, ...] = ()
    recordings: tuple[Id, ...] = ()


class CellLost(Struct, frozen=True, tag=True, kw_only=True):
    """From the supervisor: the process of `cell` is gone, and with it the call."""

    cell: Id
    call: str  # empty: it had none
    at: float


class SupervisorBegan(Struct, frozen=True, tag=True, kw_only=True):
    """From a supervisor of cells that has started: what died while there was none, nobody has told."""

    machine: str
    at: float


AnyLegEvent = (
    LegArrived
    | LegRinging
    | EarlyMedia
    | LegAnswered
    | LegEnded
    | DigitPressed
    | PlaybackEnded
    | RecordingStopped
    | MediaLost
    | MediaBack
    | CellReport
    | CellLost
    | SupervisorBegan
)


class GatewayRequest(Struct, frozen=True, tag=True, kw_only=True):
    """From the web process to a gateway. `connection` names the WebSocket it came by: media belong to a connection."""

    reply_to: Id
    connection: Id
    address: str  # SIP user of the person: "agent-17" or "test-<token>"


class TestMedia(GatewayRequest, frozen=True, kw_only=True):
    """Set up ICE and DTLS with the browser and nothing behind it, so that it can see whether its media path works. Lives 15 s.

    `echo`: the person hears himself; without a packet of his for 2 s it ends before.
    """

    offer: Sdp
    echo: bool = False


class AnswerOffer(GatewayRequest, frozen=True, kw_only=True):
    """The person answers `leg` with the browser's offer. Reply: MediaAnswer when the cell has its 200, or MediaRefused."""

    leg: Id
    offer: Sdp


class Reattach(GatewayRequest, frozen=True, kw_only=True):
    """New media for a leg that is up (the page was reloaded or the network changed)."""

    leg: Id
    offer: Sdp


class KeepMedia(GatewayRequest, frozen=True, kw_only=True):
    """The page lost its connection and not its audio: `leg` goes on and belongs to the new `connection`. Reply: MediaAnswer without SDP."""

    leg: Id


class TestCall(GatewayRequest, frozen=True, kw_only=True):
    """Call `number` from the browser: the gateway leases a cell itself and needs no trunk. `caller` is the number shown.

    `shift` and `draft` as in TestMark.
    """

    number: str
    caller: str
    offer: Sdp
    shift: float = 0.0
    draft: int = 0


class CloseMedia(GatewayRequest, frozen=True, kw_only=True):
    """The person hangs up a leg from his side (test calls), or his connection is gone. No reply. Empty `leg`: all of the connection."""

    leg: str = ""


AnyGatewayRequest = TestMedia | AnswerOffer | Reattach | KeepMedia | TestCall | CloseMedia


class MediaAnswer(Struct, frozen=True, tag=True):
    """The gateway's SDP answer. `leg` is the leg it belongs to (for a test call: the new leg's id)."""

    sdp: str
    leg: str = ""


class MediaRefused(Struct, frozen=True, tag=True):
    """Codes: gone (the leg is over), taken (another connection answered), busy (no free cell), bad_offer, unreachable, failed."""

    code: str
    detail: str = ""


AnyGatewayReply = MediaAnswer | MediaRefused

encode = msgspec.json.Encoder().encode
decode_command = reader(AnyCommand)
decode_leg_event = reader(AnyLegEvent)
decode_gateway_request = reader(AnyGatewayRequest)
decode_gateway_reply = reader(AnyGatewayReply)
