"""Who may answer which leg, and what becomes of audio when somebody leaves: the gateway's decisions, without processes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from sipmessage import Message, Request, Response

from apps.telephony import protocol
from apps.telephony.gateway import echo as echo_module
from apps.telephony.gateway import lines as lines_module
from apps.telephony.gateway.lines import Lines, Reply
from apps.telephony.gateway.phones import Phones
from apps.telephony.gateway.talk import Answered, Input, Over, Received, Send
from apps.telephony.leases import FreeCell, NoCell
from tests.fakes.media_engine import FakeEngine
from tests.gateway.offers import CELL, CHROMIUM

CELL_AT = ("127.0.0.1", 20_000)
FREE = FreeCell("cell-1", "127.0.0.1:20000")


class Desk:
    """Lines with a fake engine, a cell whose messages the test writes, and a clock that the test turns."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.phones = Phones(("127.0.0.1", 28_000), frozenset({"127.0.0.1"}))
        self.lines = Lines(self.engine, self.phones, self.tell, self.lease, self.reply, lambda: self.now, self)
        self.now = 1000.0
        self.sent: list[Request | Response] = []
        self.replies: dict[str, Reply] = {}
        self.address, self.said = ("127.0.0.1", 4), []  # of the silence that media tests hear
        self.cells: list[FreeCell | NoCell] = []

    def say(self, to: tuple[str, int], payload: int) -> None:
        self.said.append((to, payload))

    def tell(self, message: Input) -> None:
        for output in self.phones.handle(message, self.now):
            match output:
                case Send(data):
                    self.sent.append(Message.parse(data))
                case Answered():
                    self.lines.answered(output)
                case Over():
                    self.lines.over(output)

    async def lease(self) -> FreeCell | NoCell:
        self.now += 0.05
        return self.cells.pop(0) if len(self.cells) > 1 else self.cells[0]

    async def reply(self, reply_to: str, answer: Reply) -> None:
        self.replies[reply_to] = answer

    def cell_says(self, method: str, *, seq: int = 1, user: str = "agent-17") -> None:
        tag = ";tag=leg-1" if method != "INVITE" else ""
        body = CELL if method == "INVITE" else ""
        text = (
            f"{method} sip:{user}@127.0.0.1:28000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:20000;rport;branch=z9hG4bK-{seq}\r\n"
            f"From: <sip:cell@127.0.0.1>;tag=cell\r\nTo: <sip:{user}@127.0.0.1:28000>{tag}\r\nCall-ID: c1\r\nCSeq: {seq} {method}\r\n"
            f"Contact: <sip:cell@127.0.0.1:20000>\r\nX-CC-Leg: leg-1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        self.tell(Received(text.encode(), CELL_AT))

    def cell_replies(self, code: int) -> None:
        """To the gateway's INVITE."""
        invite = self.last("INVITE")
        response = Response(code, "Some", CELL.encode() if code == 200 else b"")
        for name in ("Via", "From", "Call-ID", "CSeq"):
            response.headers.set(name, invite.headers[name])
        response.headers.set("To", f"{invite.headers['To']};tag=cell")
        self.tell(Received(bytes(response), CELL_AT))

    def last(self, method: str) -> Request:
        return [message for message in self.sent if isinstance(message, Request) and message.method == method][-1]

    def methods(self) -> list[str | int]:
        return [message.method if isinstance(message, Request) else message.code for message in self.sent]

    async def ask(
        self, kind: type[protocol.GatewayRequest], *, connection: str = "page-1", address: str = "agent-17", **fields: str
    ) -> Reply | None:
        request = kind(reply_to="r", connection=connection, address=address, **fields)
        self.replies.pop("r", None)
        await self.lines.handle(request)  # type: ignore[arg-type]  # one of the union's members
        return self.replies.get("r")

    async def answer(self, **fields: str) -> Reply | None:
        return await self.ask(protocol.AnswerOffer, leg="leg-1", offer=CHROMIUM, **fields)

    async def talk(self) -> None:
        self.cell_says("INVITE")
        assert isinstance(await self.answer(), protocol.MediaAnswer)
        self.cell_says("ACK")

    async def call(self, **fields: str) -> None:
        await self.ask(protocol.TestCall, address="test-abc", number="80012345", caller="+4722334455", offer=CHROMIUM, **fields)

    async def until(self, true: Callable[[], object]) -> None:
        """Let all tasks run until it is so."""
        for _ in range(10_000):
            if true():
                return
            await asyncio.sleep(0)
        raise AssertionError("it never became true")


@pytest_asyncio.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(lines_module, "ASK_AGAIN_SECONDS", 0)
    desk = Desk()
    yield desk
    await desk.lines.stop()


async def test_answer_joins_browser_and_cell(desk: Desk) -> None:
    """SP-04."""
    desk.cell_says("INVITE")
    answer = await desk.answer()
    assert isinstance(answer, protocol.MediaAnswer) and answer.leg == "leg-1"
    assert "a=rtpmap:120 telephone-event" in answer.sdp
    assert desk.methods() == [100, 180, 200]
    assert "m=audio 40002 RTP/AVP 8 120" in desk.sent[-1].body.decode()
    assert list(desk.engine.sessions.values()) == [("127.0.0.1", 20_010)]


async def test_second_answer_is_refused_as_taken(desk: Desk) -> None:
    """SP-08: one call is never answered by two."""
    desk.cell_says("INVITE")
    await desk.answer()
    assert await desk.answer(connection="page-2") == protocol.MediaRefused("taken")
    assert len(desk.engine.sessions) == 1


async def test_somebody_elses_leg_is_as_good_as_none(desk: Desk) -> None:
    desk.cell_says("INVITE")
    assert await desk.answer(address="agent-18") == protocol.MediaRefused("gone")
    assert await desk.ask(protocol.AnswerOffer, leg="leg-2", offer=CHROMIUM) == protocol.MediaRefused("gone")


async def test_leg_that_the_caller_gave_up_is_gone(desk: Desk) -> None:
    """SP-08."""
    desk.cell_says("INVITE")
    desk.cell_says("CANCEL")
    assert await desk.answer() == protocol.MediaRefused("gone")


async def test_caller_gives_up_while_the_answer_is_made(desk: Desk) -> None:
    desk.cell_says("INVITE")
    desk.engine.before_connect = lambda: desk.cell_says("CANCEL")
    assert await desk.answer() == protocol.MediaRefused("gone")
    assert desk.engine.sessions == {}
    assert 200 not in desk.methods()[3:]


async def test_bad_offer_is_refused_and_the_leg_rings_on(desk: Desk) -> None:
    desk.cell_says("INVITE")
    assert await desk.ask(protocol.AnswerOffer, leg="leg-1", offer="v=0") == protocol.MediaRefused("bad_offer", "audio")
    assert isinstance(await desk.answer(), protocol.MediaAnswer)


async def test_broken_engine_is_said_and_the_leg_rings_on(desk: Desk) -> None:
    desk.cell_says("INVITE")
    desk.engine.broken = True
    assert await desk.answer() == protocol.MediaRefused("failed", "broken")
    desk.engine.broken = False
    assert isinstance(await desk.answer(), protocol.MediaAnswer)


async def test_address_that_is_none_is_refused(desk: Desk) -> None:
    refusal = await desk.ask(protocol.TestMedia, address="agent-1\r\nX: y", offer=CHROMIUM)
    assert refusal == protocol.MediaRefused("failed", "address")


async def test_page_that_leaves_takes_its_audio_and_leaves_the_leg(desk: Desk) -> None:
    """SP-07: what becomes of the customer is for the switch to say."""
    await desk.talk()
    await desk.ask(protocol.CloseMedia)
    assert desk.engine.sessions == {}
    assert desk.phones.leg("leg-1") and "BYE" not in desk.methods()


async def test_page_that_comes_back_gets_audio_again(desk: Desk) -> None:
    """SP-07."""
    await desk.talk()
    before = set(desk.engine.sessions)
    await desk.ask(protocol.CloseMedia)
    answer = await desk.ask(protocol.Reattach, connection="page-2", leg="leg-1", offer=CHROMIUM)
    assert isinstance(answer, protocol.MediaAnswer) and "8 120" in answer.sdp
    assert len(desk.engine.sessions) == 1 and before.isdisjoint(desk.engine.sessions)


async def test_old_page_that_leaves_late_does_not_take_the_new_ones_audio(desk: Desk) -> None:
    """SP-07: a second tab takes over the phone."""
    await desk.talk()
    await desk.ask(protocol.Reattach, connection="page-2", leg="leg-1", offer=CHROMIUM)
    await desk.ask(protocol.CloseMedia, connection="page-1")
    assert len(desk.engine.sessions) == 1


async def test_audio_outlives_its_pages_connection(desk: Desk) -> None:
    """SP-07: it belongs to the new one; what the old one says late is nothing to it."""
    await desk.talk()
    before = set(desk.engine.sessions)
    assert await desk.ask(protocol.KeepMedia, connection="page-2", leg="leg-1") == protocol.MediaAnswer("", "leg-1")
    await desk.ask(protocol.CloseMedia, connection="page-1")
    assert set(desk.engine.sessions) == before
    await desk.ask(protocol.CloseMedia, connection="page-2")
    refusal = await desk.ask(protocol.KeepMedia, connection="page-3", leg="leg-1")
    assert (desk.engine.sessions, refusal) == ({}, protocol.MediaRefused("failed", "no audio"))


async def test_leg_that_only_rings_cannot_be_reattached(desk: Desk) -> None:
    desk.cell_says("INVITE")
    refusal = await desk.ask(protocol.Reattach, leg="leg-1", offer=CHROMIUM)
    assert refusal == protocol.MediaRefused("failed", "not answered")


async def test_cell_that_hangs_up_ends_the_audio(desk: Desk) -> None:
    await desk.talk()
    desk.cell_says("BYE", seq=2)
    await desk.until(lambda: not desk.engine.sessions)
    assert await desk.ask(protocol.Reattach, leg="leg-1", offer=CHROMIUM) == protocol.MediaRefused("gone")


async def test_media_test_lives_for_a_while_only(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """SP-03."""
    monkeypatch.setattr(lines_module, "TEST_SECONDS", 0)
    assert isinstance(await desk.ask(protocol.TestMedia, offer=CHROMIUM), protocol.MediaAnswer)
    await desk.until(lambda: not desk.engine.sessions)


async def test_media_test_hears_silence_until_it_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """SP-03: what the browser receives proves that it is let in."""
    monkeypatch.setattr(lines_module, "TEST_PAUSE", 0)
    await desk.ask(protocol.TestMedia, offer=CHROMIUM)
    await desk.until(lambda: len(desk.said) > 2)
    assert set(desk.said) == {(("127.0.0.1", 40_002), 8)} and list(desk.engine.sessions.values()) == [desk.address]
    await desk.ask(protocol.CloseMedia)
    await desk.until(lambda: not desk.lines._tasks)


async def test_media_test_ends_with_its_page(desk: Desk) -> None:
    await desk.ask(protocol.TestMedia, offer=CHROMIUM)
    await desk.ask(protocol.CloseMedia)
    assert desk.engine.sessions == {}


async def test_echo_sends_sound_back_to_its_session_alone_and_ends_without_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """SP-03: under an SSRC of its own, the rest as it came; what is no sound, and what comes from elsewhere, is dropped."""
    monkeypatch.setattr(echo_module, "DELAY", 0.01)
    monkeypatch.setattr(lines_module, "ECHO_SILENCE", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as engine, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for one in (engine, stranger):
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
        monkeypatch.setattr(desk.engine, "open", lambda session, offer: _at(desk, session, engine.getsockname()))
        await desk.ask(protocol.TestMedia, offer=CHROMIUM, echo=True)
        assert desk.said == []
        (to,) = desk.engine.sessions.values()
        packet = b"\x80\x08\x00\x07\x00\x00\x01\x40mine" + b"\xd5" * 160
        for data in (b"", packet[:12], b"\x80\xc8" + packet[2:], b"\x00" + packet[1:], packet):
            stranger.sendto(packet, to)
            engine.sendto(data, to)
        back = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(engine, 2048), 5)
        assert (back[:8], back[12:]) == (packet[:8], packet[12:]) and back[8:12] != b"mine"
        await asyncio.wait_for(asyncio.gather(*desk.lines._tasks), 5)
        assert desk.engine.sessions == {}
        for one in (engine, stranger):
            with pytest.raises(BlockingIOError):
                one.recv(2048)


async def _at(desk: Desk, session: str, inside: tuple[str, int]) -> tuple[str, int]:
    desk.engine.sessions[session] = ("", 0)
    return inside


async def test_only_so_many_hear_themselves_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "ECHOES", 1)
    monkeypatch.setattr(lines_module, "TEST_PAUSE", 0)
    assert isinstance(await desk.ask(protocol.TestMedia, offer=CHROMIUM, echo=True), protocol.MediaAnswer)
    assert await desk.ask(protocol.TestMedia, offer=CHROMIUM, echo=True) == protocol.MediaRefused("busy", "")
    await desk.ask(protocol.CloseMedia)
    await desk.until(lambda: not desk.lines._tasks)
    assert isinstance(await desk.ask(protocol.TestMedia, offer=CHROMIUM, echo=True), protocol.MediaAnswer)


async def test_test_call_waits_for_a_cell_that_warms_up_and_is_answered(desk: Desk) -> None:
    desk.cells = ["warming", "warming", FREE]
    await desk.call()
    await desk.until(lambda: "INVITE" in desk.methods())
    assert desk.last("INVITE").headers["X-CC-Test"] == "abc"
    desk.cell_replies(200)
    await desk.until(lambda: desk.replies)
    answer = desk.replies["r"]
    assert isinstance(answer, protocol.MediaAnswer)
    assert answer.leg == desk.last("INVITE").headers["X-CC-Leg"]
    assert "8 120" in answer.sdp
    assert list(desk.engine.sessions.values()) == [("127.0.0.1", 20_010)]


@pytest.mark.parametrize("cells", [["full"], ["warming"]])
async def test_test_call_without_a_cell_is_busy(desk: Desk, cells: list[NoCell]) -> None:
    desk.cells = list(cells)
    await desk.call()
    await desk.until(lambda: desk.replies)
    assert desk.replies["r"] == protocol.MediaRefused("busy")


@pytest.mark.parametrize(("code", "reason"), [(486, "busy"), (503, "busy"), (404, "unreachable"), (603, "unreachable")])
async def test_test_call_that_is_refused_says_so(desk: Desk, code: int, reason: str) -> None:
    desk.cells = [FREE]
    await desk.call()
    await desk.until(lambda: "INVITE" in desk.methods())
    desk.cell_replies(code)
    await desk.until(lambda: desk.replies)
    assert desk.replies["r"] == protocol.MediaRefused(reason, str(code))
    assert desk.engine.sessions == {}


@pytest.mark.parametrize("number", ["", "0800\r\nX: y", "sip:me@example.org", "1" * 33])
async def test_test_call_to_what_is_no_number_is_refused(desk: Desk, number: str) -> None:
    desk.cells = [FREE]
    await desk.ask(protocol.TestCall, address="test-abc", number=number, caller="", offer=CHROMIUM)
    await desk.until(lambda: desk.replies)
    assert desk.replies["r"] == protocol.MediaRefused("failed", "number")
    assert desk.sent == []


async def test_page_that_leaves_ends_its_test_call(desk: Desk) -> None:
    desk.cells = [FREE]
    await desk.call()
    await desk.until(lambda: "INVITE" in desk.methods())
    desk.cell_replies(200)
    await desk.until(lambda: desk.replies)
    await desk.ask(protocol.CloseMedia, address="test-abc")
    assert desk.methods()[-1] == "BYE"
    assert desk.engine.sessions == {}


async def test_page_that_leaves_while_its_test_call_is_set_up_cancels_it(desk: Desk) -> None:
    desk.cells = [FREE]
    await desk.call()
    await desk.until(lambda: "INVITE" in desk.methods())
    desk.cell_replies(180)
    await desk.ask(protocol.CloseMedia, address="test-abc")
    assert desk.methods()[-1] == "CANCEL"
    await desk.until(lambda: not desk.engine.sessions)


async def test_test_call_that_is_hung_up_before_its_cell_says_anything_is_cancelled_as_soon_as_it_may_be(desk: Desk) -> None:
    """RFC 3261, 9.1: a CANCEL waits for the first response."""
    desk.cells = [FREE]
    await desk.call()
    await desk.until(lambda: "INVITE" in desk.methods())
    assert await desk.ask(protocol.CloseMedia, address="test-abc") == protocol.MediaRefused("gone"), "who waits for an answer is told"
    assert "CANCEL" not in desk.methods()
    desk.cell_replies(100)
    assert desk.methods()[-1] == "CANCEL"
    await desk.until(lambda: not desk.engine.sessions)


async def test_test_call_that_is_hung_up_as_its_cell_answers_is_left_at_once_and_nobody_is_told_that_it_is_up(desk: Desk) -> None:
    desk.cells = [FREE]
    await desk.call()
    await desk.until(lambda: "INVITE" in desk.methods())
    assert await desk.ask(protocol.CloseMedia, address="test-abc") == protocol.MediaRefused("gone")
    desk.replies.clear()
    desk.cell_replies(200)
    assert desk.methods()[-2:] == ["ACK", "BYE"]
    await desk.until(lambda: not desk.engine.sessions)
    assert desk.replies == {}


async def test_test_call_that_is_hung_up_while_the_engine_opens_its_audio_calls_nobody(desk: Desk) -> None:
    desk.cells = [FREE]
    desk.engine.at_open.clear()
    await desk.call()
    await desk.until(lambda: [line for line in desk.lines._lines.values() if line.session])
    assert await desk.ask(protocol.CloseMedia, address="test-abc") == protocol.MediaRefused("gone")
    desk.engine.at_open.set()
    await desk.until(lambda: not desk.lines._tasks)
    assert (desk.sent, desk.engine.sessions) == ([], {})


async def test_page_that_leaves_before_there_is_a_cell_takes_none(desk: Desk) -> None:
    desk.cells = ["warming", "warming", "warming", FREE]
    await desk.call()
    assert await desk.ask(protocol.CloseMedia, address="test-abc") == protocol.MediaRefused("gone"), "not only when its patience ends"
    await desk.until(lambda: not desk.lines._tasks)
    assert desk.sent == [] and desk.engine.sessions == {}


async def test_leg_whose_cell_is_dead_is_hung_up(desk: Desk) -> None:
    await desk.talk()
    [session] = desk.engine.sessions
    desk.engine.packets[session] = 50
    await desk.lines.look_around()
    desk.now += lines_module.SILENCE_SECONDS - 1
    await desk.lines.look_around()
    assert "BYE" not in desk.methods()
    desk.now += 2
    await desk.lines.look_around()
    assert desk.methods()[-1] == "BYE"


async def test_leg_that_nobody_comes_back_to_is_hung_up(desk: Desk) -> None:
    await desk.talk()
    await desk.ask(protocol.CloseMedia)
    desk.now += lines_module.LONELY_SECONDS - 1
    await desk.lines.look_around()
    assert "BYE" not in desk.methods()
    desk.now += 2
    await desk.lines.look_around()
    assert desk.methods()[-1] == "BYE"


async def test_engine_that_crashed_leaves_the_leg_for_reattaching(desk: Desk) -> None:
    await desk.talk()
    desk.lines.lost(frozenset(desk.engine.sessions))
    desk.engine.sessions.clear()
    assert isinstance(await desk.ask(protocol.Reattach, leg="leg-1", offer=CHROMIUM), protocol.MediaAnswer)
