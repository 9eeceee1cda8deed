"""What the gateway does for browsers: it joins a browser's audio to a leg of the SIP user agent, and lets go of it.

The web process has authorised who asks; it says which `address` the person has. A leg is answered only by the address that it
was sent to, and only once. Requests are handled one after the other, so no two can answer one leg; a cell may cancel at any
`await`, so a leg is looked at again after each.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from apps.telephony import protocol
from apps.telephony.gateway import sdp
from apps.telephony.gateway.dialogue import State
from apps.telephony.gateway.echo import Echo
from apps.telephony.gateway.engine import Endpoint, Engine, EngineFailed
from apps.telephony.gateway.hearing import HEARD_SECONDS, Hearing
from apps.telephony.gateway.phones import Dialogue, Phones
from apps.telephony.gateway.talk import Accept, Answered, Call, HangUp, Input, Over
from apps.telephony.leases import ASK_AGAIN_SECONDS, WARMING_SECONDS, FreeCell, NoCell
from contactcenter.lib import bus

log = logging.getLogger(__name__)

TEST_SECONDS = 15.0  # life of a TestMedia
TEST_PAUSE = 0.1  # between two packets that its browser hears
ECHOES = 10  # at once: each is 100 packets a second for this process
ECHO_SILENCE = 2.0  # seconds without a packet of its browser after which an echo ends
CALL_SECONDS = 4.5  # a test call must be answered while its asker still waits (bus.REPLY_TIMEOUT)
SILENCE_SECONDS = 30.0  # a cell always sends; after so long without a packet it is dead
LONELY_SECONDS = 120.0  # a leg without a browser for so long has been forgotten
TEST_AUDIO = sdp.Audio((8, 0), None)
_TOKEN = re.compile(r"(?:agent-\d{1,18}|test-[A-Za-z0-9_-]{1,64})", re.ASCII)
_NUMBER = re.compile(r"[0-9A-D*#+]{1,32}", re.ASCII)

Reply = protocol.MediaAnswer | protocol.MediaRefused


class Refused(Exception):  # noqa: N818 - reads as what happened
    """A request that is answered with MediaRefused."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.reply = protocol.MediaRefused(code, detail)


@dataclass(slots=True)
class Line:
    """The audio of a leg. `session`: at the media engine, empty while no browser is there. Times as `clock` gives them."""

    connection: str
    session: str = ""
    offer: sdp.BrowserOffer | None = None  # of a test call that is not answered yet
    asker: protocol.TestCall | None = None
    packets: int = 0  # received from the cell when last looked at
    heard: float = 0.0  # when they last were more


class Quiet(Protocol):
    """Somebody who sends silence; see silence.py."""

    address: Endpoint

    def say(self, to: Endpoint, payload: int) -> None: ...


@dataclass(slots=True)
class Lines:
    """`tell` gives an input to the SIP user agent; `lease` takes a free cell; `reply` answers a request."""

    engine: Engine
    phones: Phones
    tell: Callable[[Input], None]
    lease: Callable[[], Awaitable[FreeCell | NoCell]]
    reply: Callable[[str, Reply], Awaitable[None]]
    clock: Callable[[], float]
    quiet: Quiet
    _lines: dict[str, Line] = field(default_factory=dict)
    _tests: dict[str, str] = field(default_factory=dict)  # session -> connection
    _echoes: dict[str, Echo] = field(default_factory=dict)  # likewise, of the tests that are heard
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _hearing: Hearing = field(init=False)
    _over: bool = False

    def __post_init__(self) -> None:
        self._hearing = Hearing(self.engine, self._sessions, self.clock)

    def _sessions(self) -> set[str]:
        return {line.session for line in self._lines.values() if line.session} | self._tests.keys()

    async def handle(self, request: protocol.AnyGatewayRequest) -> None:
        """Do what is asked, and answer. Raises nothing that a request could cause."""
        try:
            answer = await self._handle(request)
        except Refused as refusal:
            answer = refusal.reply
        except sdp.OfferRefused as refusal:
            answer = protocol.MediaRefused("bad_offer", refusal.code)
        except EngineFailed as failure:
            answer = protocol.MediaRefused("failed", str(failure))
        if answer:
            await self.reply(request.reply_to, answer)

    async def _handle(self, request: protocol.AnyGatewayRequest) -> Reply | None:
        if not _TOKEN.fullmatch(request.address):
            raise Refused("failed", "address")
        match request:
            case protocol.AnswerOffer():
                return await self._answer(request)
            case protocol.Reattach():
                return await self._reattach(request)
            case protocol.KeepMedia():
                return self._keep(request)
            case protocol.TestMedia():
                return await self._test_media(request)
            case protocol.TestCall():
                leg = bus.new_id()
                line = self._lines[leg] = Line(request.connection, asker=request, heard=self.clock())
                self._later(self._test_call(leg, line, request))
            case protocol.CloseMedia():
                await self._close(request)
        return None

    # Agents

    async def _answer(self, request: protocol.AnswerOffer) -> Reply:
        dialogue = self._own(request)
        if dialogue.state is not State.RINGING:
            raise Refused("taken")
        offer, cell = sdp.parse_browser_offer(request.offer), sdp.parse_plain(dialogue.cell_sdp)
        audio = sdp.common_audio(cell.audio, offer.audio)
        session = bus.new_id()
        inside, side = await self._join(session, offer, (cell.host, cell.port))
        if dialogue.state is not State.RINGING:
            await self.engine.close(session)
            raise Refused("gone")
        self._lines[request.leg] = Line(request.connection, session, heard=self.clock())
        self.tell(Accept(request.leg, sdp.plain(sdp.PlainSide(*inside, audio))))
        return protocol.MediaAnswer(sdp.browser_answer(offer, side, audio), request.leg)

    async def _reattach(self, request: protocol.Reattach) -> Reply:
        dialogue = self._own(request)
        if dialogue.state not in (State.UP, State.ACCEPTED):
            raise Refused("failed", "not answered")
        offer, cell = sdp.parse_browser_offer(request.offer), sdp.parse_plain(dialogue.cell_sdp)
        audio = sdp.common_audio(self._audio(dialogue), offer.audio)
        await self._let_go(request.leg)
        session = bus.new_id()
        _, side = await self._join(session, offer, (cell.host, cell.port))  # the cell follows the packets (symmetric RTP, RFC 4961)
        if not dialogue.live:
            await self.engine.close(session)
            raise Refused("gone")
        self._lines[request.leg] = Line(request.connection, session, heard=self.clock())
        return protocol.MediaAnswer(sdp.browser_answer(offer, side, audio), request.leg)

    def _keep(self, request: protocol.KeepMedia) -> Reply:
        self._own(request)
        line = self._lines.get(request.leg)
        if not line or not line.session:
            raise Refused("failed", "no audio")
        line.connection = request.connection
        return protocol.MediaAnswer("", request.leg)

    def _own(self, request: protocol.AnswerOffer | protocol.Reattach | protocol.KeepMedia) -> Dialogue:
        """The leg, if it is the asker's. Somebody else's is as good as none."""
        dialogue = self.phones.leg(request.leg)
        if not dialogue or dialogue.address != request.address:
            raise Refused("gone")
        return dialogue

    @staticmethod
    def _audio(dialogue: Dialogue) -> sdp.Audio:
        """The codec agreed with the cell: what the one that answered said."""
        ours, cells = sdp.parse_plain(dialogue.sdp).audio, sdp.parse_plain(dialogue.cell_sdp).audio
        return sdp.common_audio(cells, ours)

    async def _join(self, session: str, offer: sdp.BrowserOffer, cell: Endpoint) -> tuple[Endpoint, sdp.GatewaySide]:
        joined = await self.engine.open(session, offer), await self.engine.connect(session, cell)
        asyncio.get_running_loop().call_later(HEARD_SECONDS, self._doubt, session)
        return joined

    def _doubt(self, session: str) -> None:
        if session in self._sessions() and not self._over:
            self._later(self._hearing.doubt(session))

    # Tests

    async def _test_media(self, request: protocol.TestMedia) -> Reply:
        offer = sdp.parse_browser_offer(request.offer)
        audio = sdp.common_audio(TEST_AUDIO, offer.audio)
        session = bus.new_id()
        if request.echo:
            side = await self._begin_echo(session, offer)
        else:
            inside, side = await self._join(session, offer, self.quiet.address)
            self._later(self._test(session, inside, audio.payloads[0]))
        self._tests[session] = request.connection
        return protocol.MediaAnswer(sdp.browser_answer(offer, side, audio))

    async def _begin_echo(self, session: str, offer: sdp.BrowserOffer) -> sdp.GatewaySide:
        """Errors: Refused("busy")."""
        if len(self._echoes) >= ECHOES:
            raise Refused("busy")
        echo = self._echoes[session] = await Echo.open(self.quiet.address[0])
        try:
            inside, side = await self._join(session, offer, echo.address)
        except BaseException:
            self._echoes.pop(session).close()
            raise
        echo.hear(inside)
        self._later(self._echo(session, echo))
        return side

    async def _echo(self, session: str, echo: Echo) -> None:
        """Its life."""
        now = asyncio.get_running_loop().time
        end = now() + TEST_SECONDS
        try:
            while now() < min(end, echo.heard + ECHO_SILENCE):
                await asyncio.sleep(TEST_PAUSE)
                if session not in self._tests:
                    break
        finally:
            self._echoes.pop(session).close()
        await self._end_test(session)

    async def _test(self, session: str, inside: Endpoint, payload: int) -> None:
        """Its life: the browser hears that it is let in."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TEST_SECONDS):
                while session in self._tests:
                    self.quiet.say(inside, payload)
                    await asyncio.sleep(TEST_PAUSE)
        await self._end_test(session)

    async def _end_test(self, session: str) -> None:
        if self._tests.pop(session, None):
            await self.engine.close(session)

    async def _test_call(self, leg: str, line: Line, request: protocol.TestCall) -> None:
        """Runs beside other requests: a cell may be slow to come."""
        deadline = self.clock() + CALL_SECONDS
        try:
            await self._place(leg, line, request)
        except (Refused, sdp.OfferRefused, EngineFailed) as error:
            await self._fail(leg, _refusal(error))
            return
        await asyncio.sleep(deadline - self.clock())
        if line.asker:
            self.tell(HangUp(leg))

    async def _place(self, leg: str, line: Line, request: protocol.TestCall) -> None:
        if not _NUMBER.fullmatch(request.number) or (request.caller and not _NUMBER.fullmatch(request.caller)):
            raise Refused("failed", "number")
        line.offer = sdp.parse_browser_offer(request.offer)
        cell = await self._free_cell(leg)
        session = line.session = bus.new_id()
        inside = await self.engine.open(session, line.offer)
        if leg not in self._lines:
            await self.engine.close(session)
            raise Refused("gone")
        host, _, port = cell.address.rpartition(":")
        self.tell(
            Call(
                leg=leg,
                cell=(host, int(port)),
                number=request.number,
                caller=request.caller,
                address=request.address,
                token=protocol.TestMark(request.address.removeprefix("test-"), request.shift, request.draft).encode(),
                sdp=sdp.plain(sdp.PlainSide(*inside, line.offer.audio)),
            )
        )

    async def _free_cell(self, leg: str) -> FreeCell:
        """Errors: Refused("busy"), and Refused("gone") when the page has left meanwhile."""
        deadline = self.clock() + WARMING_SECONDS
        while True:
            if leg not in self._lines:
                raise Refused("gone")
            cell = await self.lease()
            if isinstance(cell, FreeCell):
                return cell
            if cell == "full" or self.clock() >= deadline:
                raise Refused("busy")
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    def answered(self, fact: Answered) -> None:
        """The cell took a test call."""
        self._later(self._connect(fact))

    async def _connect(self, fact: Answered) -> None:
        line = self._lines.get(fact.leg)
        if not line or not line.offer or not line.asker:
            return
        try:
            cell = sdp.parse_plain(fact.sdp)
            audio = sdp.common_audio(cell.audio, line.offer.audio)
            side = await self.engine.connect(line.session, (cell.host, cell.port))
        except (sdp.OfferRefused, EngineFailed) as error:
            await self._fail(fact.leg, _refusal(error))
            self.tell(HangUp(fact.leg))
            return
        line.heard = self.clock()
        await self._reply_once(line, protocol.MediaAnswer(sdp.browser_answer(line.offer, side, audio), fact.leg))

    async def _fail(self, leg: str, reason: protocol.MediaRefused) -> None:
        line = self._lines.pop(leg, None)
        if not line:
            return
        await self.engine.close(line.session)
        await self._reply_once(line, reason)

    async def _reply_once(self, line: Line, reply: Reply) -> None:
        """To whom waits for his test call, if he still does."""
        asker, line.asker = line.asker, None
        if asker:
            await self.reply(asker.reply_to, reply)

    # Ends

    def over(self, fact: Over) -> None:
        """A leg is over: so is its audio."""
        code = "busy" if fact.code in (486, 503) else "unreachable"
        self._later(self._fail(fact.leg, protocol.MediaRefused(code, str(fact.code))))

    async def _close(self, request: protocol.CloseMedia) -> None:
        mine = [leg for leg, line in self._lines.items() if line.connection == request.connection and request.leg in ("", leg)]
        for leg in mine:
            await self._let_go(leg)
        if not request.leg:
            for session in [session for session, connection in self._tests.items() if connection == request.connection]:
                await self._end_test(session)

    async def _let_go(self, leg: str) -> None:
        """End the browser's side. A test call ends with it; what becomes of an agent's leg is for the switch to say."""
        line = self._lines.get(leg)
        if not line:
            return
        session, line.session, line.heard = line.session, "", self.clock()
        dialogue = self.phones.leg(leg)
        if not dialogue:
            self._lines.pop(leg, None)  # a test call for which no cell was called yet: none will be
        elif not dialogue.address.startswith("agent-") or line.offer:
            self.tell(HangUp(leg))
        await self._reply_once(line, protocol.MediaRefused("gone"))
        await self.engine.close(session)

    def lost(self, sessions: frozenset[str]) -> None:
        """The media engine crashed. Browsers notice within seconds and reattach."""
        for line in self._lines.values():
            if line.session in sessions:
                line.session, line.heard = "", self.clock()
        for session in sessions:
            self._tests.pop(session, None)

    async def look_around(self) -> None:
        """Every few seconds: hang up legs whose cell is dead, or which nobody came back to."""
        for dialogue in self.phones.live_legs():
            if dialogue.state is State.UP and await self._is_dead(dialogue.leg):
                log.warning("Leg %s has no audio from its cell, or no browser, for too long: hung up", dialogue.leg)
                self.tell(HangUp(dialogue.leg))

    async def _is_dead(self, leg: str) -> bool:
        line = self._lines.setdefault(leg, Line("", heard=self.clock()))
        if not line.session:
            return self.clock() - line.heard > LONELY_SECONDS
        try:
            packets = (await self.engine.statistics(line.session)).from_cell
        except EngineFailed:
            return False
        if packets > line.packets:
            line.packets, line.heard = packets, self.clock()
        return self.clock() - line.heard > SILENCE_SECONDS

    async def stop(self) -> None:
        """End all tasks; the sessions end with the engine."""
        self._over = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A task of the gateway failed", exc_info=error)


def _refusal(error: Exception) -> protocol.MediaRefused:
    if isinstance(error, Refused):
        return error.reply
    if isinstance(error, sdp.OfferRefused):
        return protocol.MediaRefused("bad_offer", error.code)
    return protocol.MediaRefused("failed", str(error))
