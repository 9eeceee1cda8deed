"""The media engine's contract, on rtp.io and on the fake; and what only a real process can do: crash."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from apps.telephony.gateway import sdp
from apps.telephony.gateway.engine import Engine, EngineFailed, Packets, RtpEngine
from tests.fakes.media_engine import FakeEngine
from tests.gateway.offers import CHROMIUM
from tests.ports import OURS
from tests.sip.rtp import HEADER
from tests.telephony.threads import policies

OFFER = sdp.parse_browser_offer(CHROMIUM)
CELL = ("127.0.0.1", 40_000)


class Losses(list[frozenset[str]]):
    """Sessions that crashes took."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()

    def append(self, sessions: frozenset[str]) -> None:
        super().append(sessions)
        self.told.set()


@pytest_asyncio.fixture
async def rtp_engine() -> AsyncIterator[tuple[RtpEngine, Losses]]:
    losses = Losses()
    ports = OURS.take(100)
    engine = RtpEngine("127.0.0.1", "127.0.0.1", (ports[0], ports[-2]), losses.append)
    await engine.start()
    yield engine, losses
    await engine.stop()


@pytest_asyncio.fixture(params=["fake", pytest.param("rtp.io", marks=pytest.mark.media)])
async def engine(request: pytest.FixtureRequest, rtp_engine: tuple[RtpEngine, Losses]) -> Engine:
    return FakeEngine() if request.param == "fake" else rtp_engine[0]


async def test_session_has_a_port_for_the_cell_and_another_for_the_browser(engine: Engine) -> None:
    inside = await engine.open("s1", OFFER)
    outside = await engine.connect("s1", CELL)
    assert inside[0] == outside.host == "127.0.0.1"
    assert inside[1] != outside.port
    assert outside.role == "passive"
    assert any(str(outside.port) in candidate for candidate in outside.candidates)


async def test_answer_made_of_it_is_one_that_its_own_grammar_accepts(engine: Engine) -> None:
    await engine.open("s1", OFFER)
    side = await engine.connect("s1", CELL)
    answer = sdp.browser_answer(OFFER, side, sdp.Audio((8,), 120))
    read = sdp.parse_browser_offer(answer)
    assert (read.ufrag, read.pwd, read.fingerprint) == (side.ufrag, side.pwd, side.fingerprint)


async def test_session_is_counted_until_it_is_closed(engine: Engine) -> None:
    await engine.open("s1", OFFER)
    await engine.connect("s1", CELL)
    assert (await engine.statistics("s1")).from_cell == 0
    await engine.close("s1")
    with pytest.raises(EngineFailed):
        await engine.statistics("s1")


@pytest.mark.media
async def test_only_the_cell_itself_is_heard_and_counted(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    """Another process of this machine cannot speak to the agent: neither from another port nor from another address, early or late."""
    engine, _ = rtp_engine
    with Parties() as parties:
        inside = await engine.open("s1", OFFER)
        await engine.connect("s1", parties.address("cell"))
        expected = 0
        for name in ("neighbour", "stranger", "cell", "neighbour", "stranger", "cell"):
            parties.speak(name, inside, packets=10)
            parties.speak("cell", inside, packets=1)  # when it has been read, so has what was sent before
            expected += 11 if name == "cell" else 1
            counted = await counted_of_the_cell(engine, expected)
        assert (counted.from_cell, counted.from_browser) == (expected, 0)


async def counted_of_the_cell(engine: RtpEngine, packets: int) -> Packets:
    """When it is so many at least."""
    async with asyncio.timeout(10):
        while True:
            counted = await engine.statistics("s1")  # an answer takes its time
            if counted.from_cell >= packets:
                return counted


class Parties:
    """A cell, and two who are none: on its address, and on another."""

    ADDRESSES = {"cell": "127.0.0.1", "neighbour": "127.0.0.1", "stranger": "127.0.0.2"}

    def __enter__(self) -> "Parties":
        self.sockets = {name: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for name in self.ADDRESSES}
        for name, address in self.ADDRESSES.items():
            self.sockets[name].bind((address, 0))
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.sockets.values():
            one.close()

    def address(self, name: str) -> tuple[str, int]:
        return self.sockets[name].getsockname()

    def speak(self, name: str, to: tuple[str, int], *, packets: int) -> None:
        for number in range(packets):
            self.sockets[name].sendto(HEADER.pack(0x80, 8, number, 160 * number, 1) + bytes(160), to)


async def test_unknown_session_cannot_be_connected_but_closed(engine: Engine) -> None:
    await engine.close("nobody")
    with pytest.raises(EngineFailed):
        await engine.connect("nobody", CELL)


@pytest.mark.media
async def test_refused_part_leaves_no_session(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    engine, _ = rtp_engine
    with pytest.raises(EngineFailed):
        await engine.open("s1", replace(OFFER, fingerprint="nonsense"))
    with pytest.raises(EngineFailed):
        await engine.statistics("s1")


@pytest.mark.media
async def test_sessions_that_are_closed_give_their_ports_back(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    """98 ports are enough for 24 sessions at a time, and for 200 one after the other."""
    engine, losses = rtp_engine
    for number in range(200):
        await engine.open(f"s{number}", OFFER)
        await engine.connect(f"s{number}", CELL)
        await engine.close(f"s{number}")
        await asyncio.sleep(0.005)  # rtp.io frees the ports of closed sessions when it opens the next
    assert losses == []


@pytest.mark.media
@pytest.mark.parametrize("how", ["it crashes", "it is started anew"])
async def test_what_is_lost_is_told_and_the_engine_works_again(how: str, rtp_engine: tuple[RtpEngine, Losses]) -> None:
    engine, losses = rtp_engine
    await engine.open("s1", OFFER)
    assert engine.pid
    if how == "it crashes":
        os.kill(engine.pid, signal.SIGSEGV)
    else:
        engine.restart()
    async with asyncio.timeout(10):
        await losses.told.wait()  # one that is opened meanwhile would be lost as well
    assert losses == [frozenset({"s1"})]
    await _until_it_works(engine)


@pytest.mark.media
async def test_engine_that_hangs_is_replaced(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    engine, losses = rtp_engine
    assert engine.pid
    os.kill(engine.pid, signal.SIGSTOP)
    with pytest.raises(EngineFailed, match="no reply"):
        await engine.open("s1", OFFER)
    await _until_it_works(engine)
    assert losses == [frozenset()]


@pytest.mark.media
async def test_engine_that_is_late_keeps_its_conversations(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    """A second and a half in which the machine stood still: all of them would pay for one answer."""
    engine, losses = rtp_engine
    await engine.open("s1", OFFER)
    pid = engine.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    asyncio.get_running_loop().call_later(1.5, os.kill, pid, signal.SIGCONT)
    assert (await engine.statistics("s1")).from_cell == 0
    await engine.connect("s1", CELL)
    assert losses == [] and engine.pid == pid


@pytest.mark.media
async def test_its_threads_stay_among_equals(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    """Decision 62: as each hands every packet on to the next, precedence would cost half as much again for a leg."""
    assert rtp_engine[0].pid
    found = policies(rtp_engine[0].pid)
    assert len(found) > 1 and set(found) == {(os.SCHED_OTHER, 0)}


@pytest.mark.media
async def test_stop_leaves_no_process(rtp_engine: tuple[RtpEngine, Losses]) -> None:
    engine, _ = rtp_engine
    pid = engine.pid
    assert pid
    await engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def _until_it_works(engine: RtpEngine) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await engine.open("after", OFFER)
            except EngineFailed:
                await asyncio.sleep(0.05)
            else:
                return
