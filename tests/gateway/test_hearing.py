"""An engine whose commands are answered while it hears nobody."""

from collections.abc import Callable

import pytest

from apps.telephony.gateway import hearing
from apps.telephony.gateway.engine import Packets
from apps.telephony.gateway.hearing import AGAIN_SECONDS, Hearing
from tests.fakes.media_engine import FakeEngine
from tests.gateway.test_engine import CELL, OFFER


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(hearing, "LISTENING_SECONDS", 0.02)
    return Clock()


async def opened(*sessions: str) -> FakeEngine:
    engine = FakeEngine()
    for session in sessions:
        await engine.open(session, OFFER)
        await engine.connect(session, CELL)
    return engine


async def test_an_engine_that_hears_nobody_is_started_anew_and_not_again_at_once(clock: Clock) -> None:
    engine = await opened("proof", "silent")
    ears = Hearing(engine, lambda: engine.sessions, clock)
    engine.browsers["silent"] = 4_000  # it was heard once
    await ears.doubt("proof")
    assert engine.restarts == 1
    for seconds, restarts in ((1, 1), (AGAIN_SECONDS, 2)):
        await engine.open("next", OFFER)
        clock.now += seconds
        await ears.doubt("next")
        assert engine.restarts == restarts


async def test_while_anybody_is_heard_it_is_the_network_of_one(clock: Clock) -> None:
    engine = await opened("proof", "talks")
    ears = Hearing(engine, lambda: engine.sessions, clock)
    statistics = engine.statistics

    async def growing(session: str) -> Packets:
        engine.browsers["talks"] = engine.browsers.get("talks", 0) + 50
        return await statistics(session)

    engine.statistics = growing  # type: ignore[method-assign]
    await ears.doubt("proof")
    assert engine.restarts == 0


@pytest.mark.parametrize("what", ["it is heard", "it has left", "the engine is away"])
async def test_there_is_nothing_to_doubt(clock: Clock, what: str) -> None:
    engine = await opened("proof")
    doings: dict[str, Callable[[], object]] = {
        "it is heard": lambda: engine.browsers.update(proof=1),
        "it has left": engine.sessions.clear,
        "the engine is away": lambda: setattr(engine, "broken", True),
    }
    doings[what]()
    await Hearing(engine, lambda: engine.sessions, clock).doubt("proof")
    assert engine.restarts == 0
