"""Overload: more callers at once than cells, through a real front door to real cells; the test is the switch (PF-09)."""

import time
from pathlib import Path

import pytest

from apps.telephony import leases
from apps.telephony.frontdoor import published
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.protocol import Answer, LegAnswered, LegArrived, Play
from tests import tones
from tests.conftest import START_SECONDS
from tests.lasting import stolen
from tests.load.crowd import Callers
from tests.load.voices import Voices
from tests.sip.door import switch_says
from tests.telephony.media import NUMBER, Media
from tests.telephony.pools import eventually

pytestmark = [pytest.mark.media, pytest.mark.quiet]

CELLS, UP, RUSH = 6, 2, 10  # cells in all, calls that are up before, and callers who then come at once
HERTZ = 1000  # what callers hear
GAP = 0.04  # seconds


@pytest.fixture
def media(redis_url: str, tmp_path: Path):
    found = Media(redis_url, tmp_path, warm=CELLS, most=CELLS)
    trunk = TrunkConfig("1", "This machine", ("127.0.0.1",), max_calls=100)
    published.publish(found.redis, FrontDoorConfig(1, (NUMBER,), (trunk,)))
    switch_says(found.redis)
    eventually(lambda: found.redis.keys("cc:frontdoor:counts:*") and found.redis.zcard(leases.OFFERS) == CELLS, "all runs", START_SECONDS)
    yield found
    found.close()


def answer(media: Media, sound: Path, calls: int) -> None:
    """As the switch would: until so many callers in all hear the tone."""
    done: set[str] = set()

    def all_answered() -> bool:
        for arrived in media.heard(LegArrived):
            if arrived.call not in done:
                done.add(arrived.call)
                media.order(arrived.cell, Answer, arrived.call, leg=arrived.leg)
                media.order(arrived.cell, Play, arrived.call, leg=arrived.leg, playback="p", files=(str(sound),), loop=True)
        return len(media.heard(LegAnswered)) == calls

    eventually(all_answered, f"{calls} calls are up")


def test_of_more_callers_than_cells_exactly_the_excess_gets_503_and_those_who_are_let_in_hear_no_gap(media: Media, tmp_path: Path) -> None:
    """PF-09: calls that are up, and those of the rush that found a cell."""
    sound = tones.tone_wav(tmp_path / "tone.wav", HERTZ, 10)
    door = f"127.0.0.1:{media.port}"
    with Voices([440] * (UP + RUSH)) as voices, Callers(door, NUMBER, folder=tmp_path, ports=voices.ports[:UP]) as early:
        answer(media, sound, UP)
        early.wait_answered(UP)
        time.sleep(0.5)  # their tone is there
        voices.take()
        before = stolen()
        with Callers(door, NUMBER, folder=tmp_path, ports=voices.ports[UP:], rate=1_000) as rush:
            answer(media, sound, CELLS)
            rush.until(lambda: len(rush.finals()) == RUSH, "everybody has his answer", 10)
            time.sleep(1)  # of sound after the rush
            codes = rush.finals()
            refusals = {text for text in rush.messages() if text.startswith("SIP/2.0 503")}
        heard = voices.take()
        stood_still = stolen() - before
    excess = RUSH - (CELLS - UP)
    assert sorted(codes.values()) == [200] * (RUSH - excess) + [503] * excess
    assert len(refusals) >= excess and all("Retry-After: 5" in text for text in refusals)
    let_in = [*range(UP), *(UP + index for index, code in codes.items() if code == 200)]
    assert [heard[voice].lost() for voice in let_in] == [0] * CELLS
    assert max(heard[voice].longest_gap(HERTZ) for voice in let_in) <= GAP + stood_still
    assert all(heard[UP + index].seconds() == 0 for index, code in codes.items() if code == 503)
