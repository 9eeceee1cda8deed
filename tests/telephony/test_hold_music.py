"""Music is a playlist: each caller hears it from its start, piece after piece and round again, without a gap (AU-06)."""

import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from apps.telephony.frontdoor import published
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.protocol import Answer, LegAnswered, LegArrived, Play
from tests import tones
from tests.lasting import stolen
from tests.sip.rtp import RtpEndpoint
from tests.sip.sipp import Caller
from tests.telephony.media import NUMBER, Media
from tests.telephony.pools import eventually

pytestmark = [pytest.mark.media, pytest.mark.quiet]

PIECES, SECONDS = (400, 700, 1100), 0.5  # Hz, and length of each
ROUNDS = 6  # so many times the whole list: more than a cell's player has in one go
LATER = 0.7  # seconds that the second caller comes after the first
FRAME = 0.02  # seconds in a packet
LATE = 0.06  # seconds between two packets on a busy machine


@pytest.fixture
def media(redis_url: str, tmp_path: Path) -> Iterator[Media]:
    found = Media(redis_url, tmp_path, warm=2)
    found.wait_until_it_runs()
    published.publish(found.redis, FrontDoorConfig(2, (NUMBER,), (TrunkConfig("1", "This machine", ("127.0.0.1",), max_calls=9),)))
    yield found
    found.close()


def plays_music(media: Media, files: tuple[str, ...], callers: int) -> None:
    """As the switch does for one who waits."""
    eventually(lambda: len(media.heard(LegArrived)) == callers, "the call arrives")
    arrived = media.heard(LegArrived)[-1]
    media.order(arrived.cell, Answer, arrived.call, leg=arrived.leg)
    eventually(lambda: len(media.heard(LegAnswered)) == callers, "it is up")
    media.order(arrived.cell, Play, arrived.call, leg=arrived.leg, playback="music", files=files, loop=True)


def pieces(audio: RtpEndpoint) -> list[tuple[float, float]]:
    """(Hz, seconds) as they were heard, from the first sound; what is between two pieces is counted with the nearer one, silence
    with the one before."""
    pcm = audio.heard()
    pcm = pcm[int(np.flatnonzero(np.abs(pcm) > 1_000)[0]) :]
    size = int(FRAME * tones.RATE)
    windows = [pcm[at : at + size] for at in range(0, len(pcm) - size, size)]
    nearest = [max(PIECES, key=lambda hertz: tones.strength(window, hertz)) for window in windows]
    for at in range(1, len(windows)):
        if tones.rms(windows[at]) < 1_000:
            nearest[at] = nearest[at - 1]
    return [(hertz, len(list(run)) * FRAME) for hertz, run in groupby(nearest)]


def silences(audio: RtpEndpoint) -> list[float]:
    """Lengths, in seconds, of what was not loud after the first sound, looked at in 5 ms."""
    pcm, size = audio.heard(), tones.RATE // 200
    pcm = pcm[int(np.flatnonzero(np.abs(pcm) > 1_000)[0]) :]
    quiet = [tones.rms(pcm[at : at + size]) < 1_000 for at in range(0, len(pcm) - size, size)]
    return [len(list(run)) * 0.005 for is_quiet, run in groupby(quiet) if is_quiet]


def test_each_caller_hears_the_playlist_from_its_start_and_nobody_hears_a_gap(media: Media, tmp_path: Path) -> None:
    files = tuple(str(tones.tone_wav(tmp_path / f"{hertz}.wav", hertz, SECONDS)) for hertz in PIECES)
    door, seconds = f"127.0.0.1:{media.port}", ROUNDS * len(PIECES) * SECONDS
    before = stolen()
    with Caller(door, NUMBER, folder=tmp_path, hertz=0) as first:
        plays_music(media, files, 1)
        first.wait_answered()
        time.sleep(LATER)
        with Caller(door, NUMBER, folder=tmp_path, hertz=0) as second:
            plays_music(media, files, 2)
            second.wait_answered()
            time.sleep(seconds + 0.5)
            stood_still = stolen() - before
            for caller in (first, second):
                heard = pieces(caller.audio)
                assert [hertz for hertz, _ in heard[: ROUNDS * len(PIECES)]] == list(PIECES) * ROUNDS
                assert all(length == pytest.approx(SECONDS, abs=FRAME) for _, length in heard[1 : ROUNDS * len(PIECES) - 1])
                assert caller.audio.lost() == 0 and max(silences(caller.audio), default=0) <= FRAME + stood_still
                arrivals = np.diff([packet.at for packet in caller.audio.packets][5:])
                assert np.median(arrivals) == pytest.approx(FRAME, abs=0.002) and np.percentile(arrivals, 99) < LATE + stood_still
